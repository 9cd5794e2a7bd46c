-- scores in words: the strongest reasons for and against

CREATE FUNCTION reasons_in_words(labels text[], contributions float8[], top_reasons integer DEFAULT 3) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN (
    WITH reason AS (
        SELECT label, contribution, CASE WHEN contribution > 0 THEN ' (odds x ' ELSE ' (odds / ' END || round(exp(least(abs(contribution), 300))::numeric, 1) || ')' AS effect,
               row_number() OVER (PARTITION BY contribution > 0 ORDER BY abs(contribution) DESC, label COLLATE "C") AS rank
          FROM unnest(labels, contributions) r (label, contribution)
         WHERE abs(contribution) >= 0.05 AND label IS NOT NULL)
    SELECT coalesce('for: ' || string_agg(label || effect, ', ' ORDER BY rank) FILTER (WHERE contribution > 0), 'nothing for')
           || '; ' || coalesce('against: ' || string_agg(label || effect, ', ' ORDER BY rank) FILTER (WHERE contribution < 0), 'nothing against')
      FROM reason WHERE rank <= top_reasons);
COMMENT ON FUNCTION reasons_in_words(text[], float8[], integer) IS
    'the strongest contributions to log-odds as a sentence, for and against, each with the factor on the odds: for: source web (odds x 3.2); against: country DE (odds / 1.4). What changes the odds by less than 5 percent is left out, and what has no label';

CREATE FUNCTION naive_bayes_words(model naive_bayes, features jsonb, alpha float8 DEFAULT 0.1, of_all text[] DEFAULT '{}', top_reasons integer DEFAULT 3) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200
RETURN (SELECT reasons_in_words(array_agg(feature || ' ' || value), array_agg(contribution), top_reasons) FROM naive_bayes_reasons(model, features, alpha, of_all));
COMMENT ON FUNCTION naive_bayes_words(naive_bayes, jsonb, float8, text[], integer) IS
    'naive_bayes_reasons as a sentence, see reasons_in_words; up to top_reasons for and as many against. Arguments and errors as naive_bayes_score';

CREATE FUNCTION points_words(points points, at timestamptz, kinds text[] DEFAULT NULL, caps jsonb DEFAULT NULL, zone text DEFAULT 'UTC', top_reasons integer DEFAULT 3) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 200
RETURN (
    WITH reason AS (
        SELECT kind, round(sum(contribution), 1) AS worth, sum(events) AS events,
               row_number() OVER (PARTITION BY sum(contribution) > 0 ORDER BY abs(sum(contribution)) DESC, kind COLLATE "C") AS rank
          FROM points_ledger(points, at, kinds, caps, zone)
         GROUP BY kind
        HAVING round(sum(contribution), 1) <> 0)
    SELECT coalesce('for: ' || string_agg(kind || ' ' || worth || ' (' || events || ')', ', ' ORDER BY rank) FILTER (WHERE worth > 0), 'nothing for')
           || '; ' || coalesce('against: ' || string_agg(kind || ' ' || worth || ' (' || events || ')', ', ' ORDER BY rank) FILTER (WHERE worth < 0), 'nothing against')
      FROM reason WHERE rank <= top_reasons);
COMMENT ON FUNCTION points_words(points, timestamptz, text[], jsonb, text, integer) IS
    'points_ledger as a sentence: what the kinds of events are worth at the time, the largest first, and in brackets how many there were: for: visit 12.4 (3); against: complaint -5.0 (1). Arguments and errors as points_at';

CREATE FUNCTION logistic_words(model logistic_model, features float8[], top_reasons integer DEFAULT 3) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200
RETURN (SELECT reasons_in_words(array_agg(feature || ' ' || value), array_agg(contribution), top_reasons) FROM logistic_reasons(model, features));
COMMENT ON FUNCTION logistic_words(logistic_model, float8[], integer) IS 'logistic_reasons as a sentence, see reasons_in_words; up to top_reasons for and as many against. Errors as logistic_score';

CREATE FUNCTION logistic_words(model logistic_case_model, features jsonb, top_reasons integer DEFAULT 3) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200
RETURN (SELECT reasons_in_words(array_agg(feature || coalesce(' ' || value, ' missing')), array_agg(contribution), top_reasons) FROM logistic_reasons(model, features));
COMMENT ON FUNCTION logistic_words(logistic_case_model, jsonb, integer) IS 'logistic_reasons as a sentence, see reasons_in_words; up to top_reasons for and as many against. Errors as logistic_score';

-- A selection as one SQL statement.
--
-- All customers are judged at once. Each rule is a bit, set where it removes the person, and so are
-- the rows of the piece that he has already; what permission says is the reason beside them. The rules
-- that come first get the credit for whom they remove, and because all of them are asked, it is also
-- known whom a rule alone removes. A quiet time of day is asked about when it comes to sending. What is left goes through the household and the limit, is put in
-- the order of a hash, and cut into the test groups.
--
-- The words and numbers of rules are quoted; SQL comes from selection_relation and selection_attribute
-- only, where nobody but the owner may write.

-- What a person gets, by name: with the period in which he may get it again.
CREATE OR REPLACE FUNCTION selection_piece(plan selection, as_of timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    day timestamp := as_of AT TIME ZONE setting_value('time_zone');
BEGIN
    RETURN concat_ws(' ', coalesce(plan.campaign || ' ' || plan.medium, plan.selection),
        CASE plan.repeats WHEN 'year' THEN to_char(day, 'YYYY') WHEN 'quarter' THEN to_char(day, 'YYYY-"Q"Q') WHEN 'month' THEN to_char(day, 'YYYY-MM')
                          WHEN 'week' THEN to_char(day, 'IYYY-"W"IW') WHEN 'day' THEN to_char(day, 'YYYY-MM-DD') END);
END
$$;
COMMENT ON FUNCTION selection_piece(selection, timestamptz) IS 'name of what the people of a selection get: its campaign and medium (else the selection), and the period of selection.repeats. A part of select_list()';

CREATE OR REPLACE FUNCTION selection_rule_text(rule selection_rule) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN concat_ws(' ', (rule).kind, (rule).attribute, array_to_string((rule).words, ', '), 'from ' || (rule).at_least, 'below ' || (rule).below);
COMMENT ON FUNCTION selection_rule_text(selection_rule) IS 'a rule in words, as explanations show it. A part of select_list()';

-- The condition of a rule on the relations that the statement joins.
CREATE OR REPLACE FUNCTION selection_condition(rule selection_rule) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    asked selection_attribute;
    wrong text;
BEGIN
    SELECT a.* INTO asked FROM selection_attribute a WHERE a.attribute = rule.attribute;
    wrong := CASE WHEN asked.kind = 'number' AND num_nonnulls(rule.at_least, rule.below) = 0 THEN 'needs at_least or below'
                  WHEN asked.kind <> 'number' AND num_nonnulls(rule.at_least, rule.below) > 0 THEN 'takes no numbers'
                  WHEN asked.kind IN ('number', 'yes or no') AND rule.words IS NOT NULL THEN 'takes no words'
                  WHEN asked.kind = 'people' AND strpos(asked.expression, '{words}') > 0 AND rule.words IS NULL THEN 'needs words'
                  WHEN asked.kind = 'people' AND strpos(asked.expression, '{words}') = 0 AND rule.words IS NOT NULL THEN 'takes no words' END;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'rule % of selection "%": attribute "%" %', rule.rule_no, rule.selection, rule.attribute, wrong
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s (%s).', CASE asked.kind WHEN 'people' THEN 'a set of people' ELSE 'a ' || asked.kind END, asked.description),
                  HINT = 'Table selection_rule: at_least and below are for numbers, words for texts and for people.';
    END IF;
    RETURN CASE asked.kind WHEN 'number' THEN concat_ws(' AND ', format('(%s) >= ', asked.expression) || quote_literal(rule.at_least::text) || '::float8', format('(%s) < ', asked.expression) || quote_literal(rule.below::text) || '::float8')
                           WHEN 'text' THEN CASE WHEN rule.words IS NULL THEN format('(%s) IS NOT NULL', asked.expression) ELSE format('(%s) = ANY (%L::text[])', asked.expression, rule.words::text) END
                           WHEN 'yes or no' THEN format('(%s)', asked.expression)
                           ELSE format('rule%s.customer_id IS NOT NULL', rule.rule_no) END;
END
$$;
COMMENT ON FUNCTION selection_condition(selection_rule) IS 'the condition of a rule as SQL; 22023 where its operands do not go with its attribute. A part of select_list()';

-- Each relation is joined once, each set of people once for its rule, and only where they are asked.
CREATE OR REPLACE FUNCTION selection_joins(plan selection, rules selection_rule[]) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    unknown text;
    result  text;
BEGIN
    SELECT n.relation INTO unknown
      FROM selection_attribute a CROSS JOIN unnest(a.relations) n (relation)
     WHERE (a.attribute = plan.order_by OR a.attribute IN (SELECT r.attribute FROM unnest(rules) r)) AND NOT EXISTS (SELECT FROM selection_relation s WHERE s.relation = n.relation);
    IF FOUND THEN
        RAISE EXCEPTION 'there is no relation "%" for selections', unknown
            USING ERRCODE = 'undefined_object', HINT = 'The owner of the schema adds it to table selection_relation.';
    END IF;
    SELECT string_agg(format(E'\n LEFT JOIN (%s) %s ON %2$s.customer_id = c.customer_id', j.query, j.name), '' ORDER BY j.name) INTO result
      FROM (SELECT s.query, s.relation AS name FROM selection_relation s
             WHERE EXISTS (SELECT FROM selection_attribute a WHERE s.relation = ANY (a.relations) AND (a.attribute = plan.order_by OR a.attribute IN (SELECT r.attribute FROM unnest(rules) r)))
            UNION ALL
            SELECT format('SELECT p.customer_id FROM (%s) p GROUP BY p.customer_id', replace(a.expression, '{words}', format('%L::text[]', r.words::text))), 'rule' || r.rule_no
              FROM unnest(rules) r JOIN selection_attribute a ON a.attribute = r.attribute AND a.kind = 'people') j;
    RETURN coalesce(result, '');
END
$$;
COMMENT ON FUNCTION selection_joins(selection, selection_rule[]) IS 'what the rules and the order of a selection look at, as joins to the customer (c). A part of select_list()';

-- $1 as_of, $2 its day, $3 channel, $4 runs of the same piece, $5 and $6 the refusals: people and reasons
CREATE OR REPLACE FUNCTION selection_statement(plan selection, rules selection_rule[], has_runs boolean) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    piece_bit  constant bigint := 1::bigint << coalesce(cardinality(rules), 0);
    in_force   constant text := '(''chosen'', ''waiting'', ''taken'', ''done'', ''held out'')';
    conditions text;
    joins      text := selection_joins(plan, rules);
    rank_value text := 'NULL::float8';
    household  text := '';
    housed     text := '';
BEGIN
    SELECT coalesce(string_agg(format(CASE (rules[n]).kind WHEN 'include' THEN E'\n         + CASE WHEN %s THEN 0 ELSE %s END' ELSE E'\n         + CASE WHEN %s THEN %s ELSE 0 END' END,
                                      selection_condition(rules[n]), 1::bigint << (n - 1)), '' ORDER BY n), '') INTO conditions FROM generate_subscripts(rules, 1) n;
    IF plan.order_by IS NOT NULL THEN
        SELECT format(CASE WHEN plan.is_ascending THEN '-(%s)::float8' ELSE '(%s)::float8' END, a.expression) INTO rank_value FROM selection_attribute a WHERE a.attribute = plan.order_by AND a.kind = 'number';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'selection "%" cannot be ordered by "%"', plan.selection, plan.order_by
                USING ERRCODE = 'invalid_parameter_value', HINT = 'selection.order_by is an attribute of kind number.';
        END IF;
    END IF;
    IF has_runs THEN
        conditions := conditions || format(E'\n         + CASE WHEN had.customer_id IS NULL THEN 0 ELSE %s END', piece_bit);
        joins := joins || format(E'\n LEFT JOIN (SELECT m.customer_id FROM selection_member m WHERE m.selection_run_id = ANY ($4) AND m.status IN %s GROUP BY m.customer_id) had ON had.customer_id = c.customer_id', in_force);
    END IF;
    IF plan.place IS NOT NULL THEN
        conditions := conditions || format(E'\n         + CASE WHEN at_place.customer_id IS NULL THEN %s ELSE 0 END', piece_bit * 2);
        joins := joins || format(E'\n LEFT JOIN (SELECT p.customer_id FROM contact_point p WHERE p.kind = ANY (ARRAY(SELECT unnest(h.address_kinds) FROM contact_channel h WHERE h.channel = $3)) AND p.place = %L'
            ' AND p.status NOT IN (''bounced'', ''refused'') AND (p.ended_on IS NULL OR p.ended_on > $2) AND coalesce(p.key_hash <> %L, contact_match_key(p.kind, p.value) IS NOT NULL) GROUP BY p.customer_id) at_place ON at_place.customer_id = c.customer_id', plan.place, '');
    END IF;
    IF plan.per_household IS NOT NULL THEN
        household := ', CASE WHEN k.household_id IS NULL THEN 1 ELSE coalesce(h.n, 0) + row_number() OVER (PARTITION BY k.household_id ORDER BY k.rank_value DESC NULLS LAST, k.hash, k.customer_id) END AS household_no';
        housed := format(E'\n      LEFT JOIN (SELECT c.household_id, count(*) AS n FROM selection_member m JOIN customer c ON c.customer_id = m.customer_id AND c.household_id IS NOT NULL AND NOT c.is_seed'
            ' WHERE m.selection_run_id = ANY ($4) AND m.status IN %s GROUP BY c.household_id) h ON h.household_id = k.household_id', in_force);
    END IF;
    RETURN format($query$
WITH judged AS MATERIALIZED (
    SELECT c.customer_id, %1$s AS household_id, %2$s AS rank_value, f.reason, 0::bigint%3$s AS removed_by
      FROM customer c LEFT JOIN unnest($5, $6) f (customer_id, reason) ON f.customer_id = c.customer_id%4$s
     WHERE c.customer_id <> 0 AND NOT c.is_seed
), counted AS MATERIALIZED (
    SELECT j.removed_by, j.reason, count(*) AS n FROM judged j GROUP BY j.removed_by, j.reason
), housed AS MATERIALIZED (
    SELECT k.customer_id, k.rank_value, k.hash%5$s
      FROM (SELECT j.customer_id, j.household_id, j.rank_value, hashint8extended(j.customer_id, %6$s) AS hash FROM judged j WHERE j.removed_by = 0 AND j.reason IS NULL) k%7$s
), chosen AS MATERIALIZED (
    SELECT h.customer_id, h.rank_value, h.hash FROM housed h%8$s
)
SELECT ARRAY(SELECT c.removed_by FROM counted c ORDER BY c.removed_by, c.reason) AS removed_by, ARRAY(SELECT c.reason FROM counted c ORDER BY c.removed_by, c.reason) AS reasons,
       ARRAY(SELECT c.n FROM counted c ORDER BY c.removed_by, c.reason) AS numbers, (SELECT count(*) FROM housed h%9$s) AS housed,
       ARRAY(SELECT c.customer_id FROM chosen c ORDER BY c.hash, c.customer_id) AS chosen, ARRAY(SELECT c.rank_value FROM chosen c ORDER BY c.hash, c.customer_id) AS ranks$query$,
        CASE WHEN plan.per_household IS NULL THEN 'NULL::bigint' ELSE 'c.household_id' END, rank_value, conditions, joins, household, hashtextextended(plan.selection, 0), housed,
        concat(' WHERE h.household_no <= ' || plan.per_household, CASE WHEN plan.max_people IS NOT NULL THEN format(' ORDER BY h.rank_value DESC NULLS LAST, h.hash, h.customer_id LIMIT %s', plan.max_people) END),
        coalesce(' WHERE h.household_no <= ' || plan.per_household, ''));
END
$$;
COMMENT ON FUNCTION selection_statement(selection, selection_rule[], boolean) IS 'a selection as one statement, which returns how many people each combination of rules and refusals removes, how many are left by households, and the people chosen, in the order of a hash, with their rank. A part of select_list()';

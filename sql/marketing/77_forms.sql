-- Reception forms: scoring, recording, and the reports on them.

-- A date as yyyy-mm-dd; NULL when it is none.
CREATE OR REPLACE FUNCTION form_date(value text) RETURNS date
    LANGUAGE plpgsql IMMUTABLE STRICT SET search_path FROM CURRENT AS
$$
BEGIN
    IF value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        RETURN NULL;
    END IF;
    RETURN make_date(left(value, 4)::int, substr(value, 6, 2)::int, right(value, 2)::int);
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION form_date(text) IS 'a date written as yyyy-mm-dd; NULL for anything else. A part of form_value_problem()';

CREATE OR REPLACE FUNCTION form_value_problem(field form_field, value text, entered_on date) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
DECLARE
    day date;
BEGIN
    IF field.value_kind = 'number' THEN
        IF value !~ '^[+-]?[0-9]{1,15}(\.[0-9]{1,9})?$' THEN
            RETURN 'is no number';
        ELSIF value::numeric < field.minimum THEN
            RETURN format('is below %s', field.minimum);
        ELSIF value::numeric > field.maximum THEN
            RETURN format('is above %s', field.maximum);
        END IF;
    ELSIF field.value_kind IN ('date', 'past date') THEN
        day := form_date(value);
        IF day IS NULL THEN
            RETURN 'is no date';
        ELSIF day < field.earliest_on THEN
            RETURN format('is before %s', to_char(field.earliest_on, 'YYYY-MM-DD'));
        ELSIF day > field.latest_on THEN
            RETURN format('is after %s', to_char(field.latest_on, 'YYYY-MM-DD'));
        ELSIF field.value_kind = 'past date' AND day > entered_on THEN
            RETURN 'is in the future';
        END IF;
    ELSIF field.value_kind = 'yes or no' AND value NOT IN ('true', 'false', 'yes', 'no') THEN
        RETURN 'is neither yes nor no';
    END IF;
    IF value !~ field.pattern THEN
        RETURN 'does not look right';
    ELSIF value <> ALL (field.choices) THEN
        RETURN 'is none of the choices';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION form_value_problem(form_field, text, date) IS 'what is implausible in a value of a field, in words; NULL when nothing. A part of form_check()';

-- One row per field that is required or filled in.
CREATE OR REPLACE FUNCTION form_check(form jsonb, form_kind text, party_size int, entered_on date)
    RETURNS TABLE (field text, is_required boolean, is_filled boolean, is_checked boolean, problem text)
    LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT AS
$$
BEGIN
    RETURN QUERY
    SELECT a.label, f.is_required, v.is_filled, v.is_filled AND c.can_be_checked,
           CASE WHEN v.is_filled THEN form_value_problem(f, v.value, form_check.entered_on) WHEN f.is_required THEN 'is missing' END
      FROM form_field f,
           LATERAL (SELECT f.field, form_check.form, 0 WHERE f.applies_to = 'visitor'
                    UNION ALL
                    SELECT format('companion %s: %s', n, f.field), form_check.form -> 'companions' -> (n - 1), n FROM generate_series(1, form_check.party_size - 1) n
                     WHERE f.applies_to = 'companion') a(label, part, companion_no),
           LATERAL (SELECT btrim(a.part ->> f.field), coalesce(btrim(a.part ->> f.field) NOT IN ('', '[]', '{}'), false)) v(value, is_filled),
           LATERAL (SELECT f.value_kind <> 'text' OR num_nonnulls(f.pattern, f.choices) > 0) c(can_be_checked)
     WHERE f.form_kind = form_check.form_kind AND (f.is_required OR v.is_filled)
     ORDER BY a.companion_no, f.field_no, f.field;
END
$$;
COMMENT ON FUNCTION form_check(jsonb, text, int, date) IS 'the fields of a form that are required or filled in, for a party of that size, with what is missing or implausible. A part of check_form() and write_form()';

-- Which form it is: the one that it names, else by whether somebody has visited the lead before, or
-- the customer has been received before.
CREATE OR REPLACE FUNCTION form_kind_of(form jsonb, customer bigint, lead bigint, at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    is_return boolean := lead IS NOT NULL
        AND (EXISTS (SELECT FROM visit v WHERE v.customer_id = form_kind_of.customer AND v.lead_id = form_kind_of.lead AND v.status = 'completed' AND v.visited_at < form_kind_of.at)
             OR EXISTS (SELECT FROM reception r WHERE r.customer_id = form_kind_of.customer AND r.customer_id <> 0 AND r.received_at < form_kind_of.at));
    wanted    text := coalesce(form ->> 'form_kind', CASE WHEN is_return THEN 'return visit' END);
BEGIN
    RETURN coalesce((SELECT k.form_kind FROM form_kind k WHERE k.form_kind = wanted), (SELECT k.form_kind FROM form_kind k WHERE k.form_kind = 'first visit'));
END
$$;
COMMENT ON FUNCTION form_kind_of(jsonb, bigint, bigint, timestamptz) IS 'the kind of a form: what it says under "form_kind", else return visit when it is about a lead that was visited, or a customer who was received, before, else first visit; NULL when there is no such kind. A part of write_form()';

CREATE OR REPLACE FUNCTION write_form(taken reception, form jsonb, form_kind text, entered_at timestamptz, gift text, gift_cost numeric, request_id text) RETURNS reception_form
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    result reception_form;
    given  text := coalesce(write_form.gift, (SELECT g.gift FROM gift g WHERE g.gift = form ->> 'gift'));
BEGIN
    result.form_kind := coalesce(write_form.form_kind, form_kind_of(form, taken.customer_id, taken.lead_id, taken.received_at));
    SELECT count(*) FILTER (WHERE c.is_required), count(*) FILTER (WHERE c.is_required AND c.is_filled), count(*) FILTER (WHERE c.is_checked),
           count(*) FILTER (WHERE c.is_checked AND c.problem IS NULL), string_agg(format('%s %s', c.field, c.problem), '; ') FILTER (WHERE c.problem IS NOT NULL)
      INTO result.required_fields, result.filled_fields, result.checked_fields, result.plausible_fields, result.problems
      FROM form_check(write_form.form, result.form_kind, taken.party_size, (write_form.entered_at AT TIME ZONE setting_value('time_zone'))::date) c;
    INSERT INTO reception_form (customer_id, reception_id, form_kind, form, entered_at, required_fields, filled_fields, checked_fields, plausible_fields, problems,
                                gift, gift_cost, request_id)
    VALUES (taken.customer_id, taken.reception_id, result.form_kind, write_form.form, write_form.entered_at, result.required_fields, result.filled_fields,
            result.checked_fields, result.plausible_fields, result.problems, given,
            coalesce(write_form.gift_cost, (SELECT g.cost FROM gift g WHERE g.gift = given), 0), write_form.request_id)
    RETURNING reception_form.* INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION write_form(reception, jsonb, text, timestamptz, text, numeric, text) IS 'scores a form and writes it; returns its row. A part of record_reception(), record_reception_form() and score_forms()';

CREATE OR REPLACE FUNCTION record_reception_form(
    customer bigint DEFAULT NULL, reception bigint DEFAULT NULL, form jsonb DEFAULT NULL, request_id text DEFAULT NULL, at timestamptz DEFAULT now(),
    form_kind text DEFAULT NULL, gift text DEFAULT NULL, gift_cost numeric DEFAULT NULL,
    customer_system text DEFAULT NULL, customer_number text DEFAULT NULL,
    OUT customer_id bigint, OUT reception_form_id bigint, OUT completeness numeric, OUT correctness numeric, OUT required_fields integer, OUT filled_fields integer,
    OUT checked_fields integer, OUT plausible_fields integer, OUT problems text, OUT was_already_recorded boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS
$$
DECLARE
    answer jsonb := request_begin('record_reception_form', record_reception_form.request_id, jsonb_build_present(
        'customer', customer, 'reception', reception, 'form', form, 'at', request_time(at), 'form_kind', form_kind, 'gift', gift, 'gift_cost', gift_cost,
        'customer_system', customer_system, 'customer_number', customer_number));
    taken  reception;
    made   reception_form;
BEGIN
    IF answer IS NULL THEN
        at := check_time(at);
        gift_cost := check_amount('gift_cost', gift_cost);
        customer_id := (request_customer(customer, customer_system, customer_number, false)).customer_id;
        IF jsonb_typeof(form) <> 'object' OR form IS NULL THEN
            RAISE EXCEPTION 'the form is %', coalesce('a JSON ' || jsonb_typeof(form), 'missing')
                USING ERRCODE = CASE WHEN form IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END, COLUMN = 'form',
                      HINT = 'It is a JSON object: the fields of table form_field with their values, those of the companions in an array "companions".';
        ELSIF form_kind IS NOT NULL AND NOT EXISTS (SELECT FROM form_kind k WHERE k.form_kind = record_reception_form.form_kind) THEN
            PERFORM refuse_dimension('form_kind', form_kind);
        ELSIF gift IS NOT NULL AND NOT EXISTS (SELECT FROM gift g WHERE g.gift = record_reception_form.gift) THEN
            PERFORM refuse_dimension('gift', gift);
        END IF;
        SELECT r.* INTO taken FROM reception r WHERE r.customer_id = record_reception_form.customer_id AND r.reception_id = record_reception_form.reception;
        IF NOT FOUND THEN
            RAISE EXCEPTION '%', CASE WHEN reception IS NULL THEN 'the reception is missing' ELSE format('customer %s has no reception %s', customer_id, reception) END
                USING ERRCODE = CASE WHEN reception IS NULL THEN 'null_value_not_allowed' ELSE 'foreign_key_violation' END, TABLE = 'reception', COLUMN = 'reception_id',
                      HINT = 'record_reception() returns its number.';
        ELSIF at < taken.received_at THEN
            RAISE EXCEPTION 'reception % was at %, after "%"', reception, taken.received_at, at USING ERRCODE = 'datetime_field_overflow', HINT = 'Look at the time.';
        END IF;
        made := write_form(taken, form, form_kind, at, gift, gift_cost, record_reception_form.request_id);
        answer := to_jsonb(made) - '{form,gift,request_id,recorded_at,recorded_xid}'::text[];
        PERFORM request_end(record_reception_form.request_id, answer);
        was_already_recorded := false;
    END IF;
    SELECT a.*, coalesce(was_already_recorded, true)
      INTO record_reception_form.customer_id, record_reception_form.reception_form_id, record_reception_form.required_fields, record_reception_form.filled_fields,
           record_reception_form.checked_fields, record_reception_form.plausible_fields, record_reception_form.problems, was_already_recorded
      FROM jsonb_to_record(answer) a (customer_id bigint, reception_form_id bigint, required_fields int, filled_fields int, checked_fields int, plausible_fields int, problems text);
    completeness := round(filled_fields / nullif(required_fields, 0)::numeric, 4);
    correctness := round(plausible_fields / nullif(checked_fields, 0)::numeric, 4);
END
$$;
COMMENT ON FUNCTION record_reception_form(bigint, bigint, jsonb, text, timestamptz, text, text, numeric, text, text) IS 'records the form of a reception, entered at a time after it, or a better one later: the last one counts. form has the fields of form_field (an array "companions" for the others of the party); form_kind is the kind of reception where the form does not name it; gift is what the visitor got, gift_cost what it cost (gift.cost where it is not said). Returns the form with completeness and correctness (0 to 1, NULL when nothing was required or could be checked), their numerators and denominators, what is missing or implausible, and whether the call is a repetition. 22004 for what is missing, 22023 for a form that is no object, 23503 for an unknown reception, kind or gift, 22008 for a time before the reception; see request_begin()';

CREATE OR REPLACE FUNCTION check_form(form jsonb, form_kind text DEFAULT NULL, party_size int DEFAULT 1)
    RETURNS TABLE (field text, problem text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5 SET search_path FROM CURRENT AS
$$
DECLARE
    kind text := coalesce(form_kind, form_kind_of(form, NULL, NULL, now()));
BEGIN
    IF NOT EXISTS (SELECT FROM form_kind k WHERE k.form_kind = kind) THEN
        PERFORM refuse_dimension('form_kind', kind);
    ELSIF jsonb_typeof(form) <> 'object' OR form IS NULL OR party_size IS NULL OR party_size NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'the form is no JSON object, or the party is not of 1 to 1000 people' USING ERRCODE = 'invalid_parameter_value', HINT = 'Fields and values, and an array "companions".';
    END IF;
    RETURN QUERY
    SELECT c.field, c.problem FROM form_check(check_form.form, kind, check_form.party_size, (now() AT TIME ZONE setting_value('time_zone'))::date) c WHERE c.problem IS NOT NULL;
END
$$;
COMMENT ON FUNCTION check_form(jsonb, text, int) IS 'what is missing or implausible in a form, before it is recorded: one row per field; nothing when all is well. 23503 for an unknown kind, 22023 for a form that is no object';

CREATE OR REPLACE FUNCTION score_forms(as_of timestamptz DEFAULT now(), max_forms int DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    taken  reception;
    scored bigint := 0;
BEGIN
    PERFORM check_as_of(as_of);
    IF max_forms < 1 THEN
        RAISE EXCEPTION 'max_forms must be at least 1, not %', max_forms
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave it away to score all forms in one transaction.';
    END IF;
    PERFORM lead_move_lock();
    FOR taken IN
        SELECT r.* FROM reception r
         WHERE jsonb_typeof(r.form) = 'object' AND r.received_at <= as_of
           AND NOT EXISTS (SELECT FROM reception_form f WHERE f.customer_id = r.customer_id AND f.reception_id = r.reception_id)
         ORDER BY r.customer_id, r.reception_id LIMIT max_forms
    LOOP
        PERFORM write_form(taken, taken.form, NULL, coalesce(taken.form_entered_at, taken.recorded_at), NULL, NULL, format('form of reception %s', taken.reception_id));
        scored := scored + 1;
    END LOOP;
    RETURN scored;
END
$$;
COMMENT ON FUNCTION score_forms(timestamptz, int) IS 'scores the forms that stand in table reception only, as loads leave them: at most max_forms of them (NULL: all); returns how many. Call it until it returns 0. 22004, 22023 for wrong arguments';

-- One row per reception, with the form that counts, the gifts, and the lead that came of it. A lead
-- counts once: with the first complete form of its customer that belongs to it.
CREATE OR REPLACE VIEW reception_quality AS
SELECT q.customer_id, q.reception_id, q.date_day, q.store, q.salesperson_id, q.salesperson, q.party_size, q.has_form AS is_with_form, q.form_kind, q.problems,
       q.required_fields, q.filled_fields, q.checked_fields, q.plausible_fields, q.is_complete, q.minutes_to_entry, coalesce(q.minutes_to_entry <= q.target, false) AS is_entered_in_time,
       q.gift_cost, q.lead_id, q.counts_lead AS is_lead_counted, CASE WHEN q.counts_lead THEN o.orders ELSE 0 END AS orders,
       (CASE WHEN q.counts_lead THEN o.revenue ELSE 0 END)::numeric(20,4) AS revenue
  FROM (SELECT p.*, p.is_complete AND p.lead_id IS NOT NULL
               AND row_number() OVER (PARTITION BY p.customer_id, p.lead_id, p.is_complete ORDER BY p.received_at, p.reception_id) = 1 AS counts_lead
          FROM (SELECT r.customer_id, r.reception_id, r.received_at, (r.received_at AT TIME ZONE z.value)::date AS date_day, r.store, r.salesperson_id, s.name AS salesperson,
                       r.party_size, f.reception_form_id IS NOT NULL AS has_form, f.form_kind, f.problems, f.required_fields, f.filled_fields, f.checked_fields, f.plausible_fields,
                       coalesce(f.filled_fields = f.required_fields AND f.filled_fields > 0, false) AS is_complete,
                       (extract(epoch FROM f.first_entered_at - r.received_at) / 60)::numeric(14,2) AS minutes_to_entry, m.value::numeric AS target,
                       coalesce(f.gift_cost, 0)::numeric(18,4) AS gift_cost, coalesce(r.lead_id, l.lead_id) AS lead_id
                  FROM reception r JOIN setting z ON z.setting = 'time_zone' JOIN setting m ON m.setting = 'form_entry_minutes'
                  JOIN customer c ON c.customer_id = r.customer_id AND NOT c.is_seed
                  LEFT JOIN salesperson s ON s.salesperson_id = r.salesperson_id
                  LEFT JOIN LATERAL (SELECT t.reception_form_id, t.form_kind, t.problems, t.required_fields, t.filled_fields, t.checked_fields, t.plausible_fields,
                                            min(t.entered_at) OVER () AS first_entered_at, sum(t.gift_cost) OVER () AS gift_cost
                                       FROM reception_form t WHERE t.customer_id = r.customer_id AND t.reception_id = r.reception_id
                                      ORDER BY t.reception_form_id DESC LIMIT 1) f ON true
                  LEFT JOIN LATERAL (SELECT d.lead_id FROM lead d WHERE d.customer_id = r.customer_id AND r.customer_id <> 0 AND r.lead_id IS NULL
                                        AND d.opened_at BETWEEN r.received_at - interval '1 hour' AND r.received_at + interval '1 day'
                                      ORDER BY d.opened_at, d.lead_id LIMIT 1) l ON true) p) q
  LEFT JOIN LATERAL (SELECT count(*) AS orders, coalesce(sum(b.revenue), 0) AS revenue FROM customer_order b
                      WHERE q.counts_lead AND b.customer_id = q.customer_id
                        AND (b.lead_id = q.lead_id OR b.customer_order_id = (SELECT w.customer_order_id FROM lead w WHERE w.customer_id = q.customer_id AND w.lead_id = q.lead_id))) o ON true;
COMMENT ON VIEW reception_quality IS 'receptions with their forms and scores, one row each; what the reports on forms are made from';
COMMENT ON COLUMN reception_quality.customer_id IS 'the customer; 0 when unidentified';
COMMENT ON COLUMN reception_quality.reception_id IS 'key of the reception within the customer';
COMMENT ON COLUMN reception_quality.date_day IS 'the day';
COMMENT ON COLUMN reception_quality.store IS 'the store';
COMMENT ON COLUMN reception_quality.salesperson_id IS 'who received them';
COMMENT ON COLUMN reception_quality.salesperson IS 'name of that salesperson';
COMMENT ON COLUMN reception_quality.party_size IS 'how many came together';
COMMENT ON COLUMN reception_quality.is_with_form IS 'a form was entered';
COMMENT ON COLUMN reception_quality.form_kind IS 'kind of reception, by which the form was scored';
COMMENT ON COLUMN reception_quality.problems IS 'what is missing or implausible in the form';
COMMENT ON COLUMN reception_quality.required_fields IS 'fields required';
COMMENT ON COLUMN reception_quality.filled_fields IS 'of these, filled in';
COMMENT ON COLUMN reception_quality.checked_fields IS 'fields filled in that can be checked';
COMMENT ON COLUMN reception_quality.plausible_fields IS 'of these, plausible';
COMMENT ON COLUMN reception_quality.is_complete IS 'all required fields are filled in';
COMMENT ON COLUMN reception_quality.minutes_to_entry IS 'minutes from the reception until a form was first entered';
COMMENT ON COLUMN reception_quality.is_entered_in_time IS 'within the setting form_entry_minutes';
COMMENT ON COLUMN reception_quality.gift_cost IS 'cost of the gifts, in the currency of the database';
COMMENT ON COLUMN reception_quality.lead_id IS 'the lead that was continued, or opened by the customer within a day';
COMMENT ON COLUMN reception_quality.is_lead_counted IS 'the lead counts here: this is its first complete form';
COMMENT ON COLUMN reception_quality.orders IS 'orders of the lead, where it counts here';
COMMENT ON COLUMN reception_quality.revenue IS 'value of these orders, before returns';

CREATE OR REPLACE VIEW form_quality_day AS
SELECT q.date_day, q.store, q.salesperson_id, min(q.salesperson) AS salesperson, count(*) AS receptions, sum(q.party_size) AS visitors, count(*) FILTER (WHERE q.is_with_form) AS forms,
       count(*) FILTER (WHERE q.is_complete) AS complete_forms, coalesce(sum(q.required_fields), 0) AS required_fields, coalesce(sum(q.filled_fields), 0) AS filled_fields,
       coalesce(sum(q.checked_fields), 0) AS checked_fields, coalesce(sum(q.plausible_fields), 0) AS plausible_fields, coalesce(sum(q.minutes_to_entry), 0)::numeric(20,2) AS minutes_to_entry,
       count(*) FILTER (WHERE q.is_entered_in_time) AS entered_in_time, sum(q.gift_cost)::numeric(20,4) AS gift_cost, count(*) FILTER (WHERE q.is_lead_counted) AS leads,
       sum(q.orders)::bigint AS orders, sum(q.revenue)::numeric(20,4) AS revenue
  FROM reception_quality q GROUP BY q.date_day, q.store, q.salesperson_id;
COMMENT ON VIEW form_quality_day IS 'reception forms by day, store and salesperson: numerators and denominators; form_quality has the ratios';
COMMENT ON COLUMN form_quality_day.date_day IS 'day of the reception';
COMMENT ON COLUMN form_quality_day.store IS 'the store';
COMMENT ON COLUMN form_quality_day.salesperson_id IS 'who received';
COMMENT ON COLUMN form_quality_day.salesperson IS 'name of that salesperson';
COMMENT ON COLUMN form_quality_day.receptions IS 'receptions';
COMMENT ON COLUMN form_quality_day.visitors IS 'people received, companions included';
COMMENT ON COLUMN form_quality_day.forms IS 'receptions with a form';
COMMENT ON COLUMN form_quality_day.complete_forms IS 'forms in which all required fields are filled in';
COMMENT ON COLUMN form_quality_day.required_fields IS 'fields required';
COMMENT ON COLUMN form_quality_day.filled_fields IS 'of these, filled in';
COMMENT ON COLUMN form_quality_day.checked_fields IS 'fields filled in that can be checked';
COMMENT ON COLUMN form_quality_day.plausible_fields IS 'of these, plausible';
COMMENT ON COLUMN form_quality_day.minutes_to_entry IS 'sum of the minutes from the reception until the form was entered';
COMMENT ON COLUMN form_quality_day.entered_in_time IS 'forms entered within the setting form_entry_minutes';
COMMENT ON COLUMN form_quality_day.gift_cost IS 'cost of the gifts, in the currency of the database';
COMMENT ON COLUMN form_quality_day.leads IS 'leads that came from complete forms, each counted once';
COMMENT ON COLUMN form_quality_day.orders IS 'orders of these leads';
COMMENT ON COLUMN form_quality_day.revenue IS 'value of these orders, before returns';

CREATE OR REPLACE VIEW form_quality AS
SELECT d.store, d.salesperson_id, min(d.salesperson) AS salesperson, sum(d.receptions)::bigint AS receptions, sum(d.visitors)::bigint AS visitors, sum(d.forms)::bigint AS forms,
       sum(d.complete_forms)::bigint AS complete_forms, (sum(d.forms) / nullif(sum(d.receptions), 0))::numeric(12,6) AS form_rate,
       sum(d.required_fields)::bigint AS required_fields, sum(d.filled_fields)::bigint AS filled_fields,
       (sum(d.filled_fields) / nullif(sum(d.required_fields), 0))::numeric(12,6) AS completeness_rate,
       sum(d.checked_fields)::bigint AS checked_fields, sum(d.plausible_fields)::bigint AS plausible_fields,
       (sum(d.plausible_fields) / nullif(sum(d.checked_fields), 0))::numeric(12,6) AS correctness_rate,
       sum(d.minutes_to_entry)::numeric(20,2) AS minutes_to_entry, (sum(d.minutes_to_entry) / nullif(sum(d.forms), 0))::numeric(14,2) AS mean_minutes_to_entry,
       sum(d.entered_in_time)::bigint AS entered_in_time, (sum(d.entered_in_time) / nullif(sum(d.forms), 0))::numeric(12,6) AS in_time_rate,
       sum(d.gift_cost)::numeric(20,4) AS gift_cost, (sum(d.gift_cost) / nullif(sum(d.complete_forms), 0))::numeric(20,4) AS gift_cost_per_complete_form,
       sum(d.leads)::bigint AS leads, sum(d.orders)::bigint AS orders, sum(d.revenue)::numeric(20,4) AS revenue,
       (sum(d.revenue) / nullif(sum(d.complete_forms), 0))::numeric(20,4) AS value_per_complete_form
  FROM form_quality_day d GROUP BY d.store, d.salesperson_id;
COMMENT ON VIEW form_quality IS 'reception forms by store and salesperson: how many visitors they are entered for, how complete, correct and quick, what they cost and what they brought';
COMMENT ON COLUMN form_quality.store IS 'the store';
COMMENT ON COLUMN form_quality.salesperson_id IS 'who received';
COMMENT ON COLUMN form_quality.salesperson IS 'name of that salesperson';
COMMENT ON COLUMN form_quality.receptions IS 'receptions';
COMMENT ON COLUMN form_quality.visitors IS 'people received, companions included';
COMMENT ON COLUMN form_quality.forms IS 'receptions with a form';
COMMENT ON COLUMN form_quality.complete_forms IS 'forms in which all required fields are filled in';
COMMENT ON COLUMN form_quality.form_rate IS 'registration rate of the salesperson: forms / receptions; that of the store is in registration_day';
COMMENT ON COLUMN form_quality.required_fields IS 'fields required';
COMMENT ON COLUMN form_quality.filled_fields IS 'of these, filled in';
COMMENT ON COLUMN form_quality.completeness_rate IS 'filled_fields / required_fields';
COMMENT ON COLUMN form_quality.checked_fields IS 'fields filled in that can be checked';
COMMENT ON COLUMN form_quality.plausible_fields IS 'of these, plausible';
COMMENT ON COLUMN form_quality.correctness_rate IS 'plausible_fields / checked_fields';
COMMENT ON COLUMN form_quality.minutes_to_entry IS 'sum of the minutes from the reception until the form was entered';
COMMENT ON COLUMN form_quality.mean_minutes_to_entry IS 'minutes_to_entry / forms';
COMMENT ON COLUMN form_quality.entered_in_time IS 'forms entered within the setting form_entry_minutes';
COMMENT ON COLUMN form_quality.in_time_rate IS 'entered_in_time / forms';
COMMENT ON COLUMN form_quality.gift_cost IS 'cost of the gifts, in the currency of the database';
COMMENT ON COLUMN form_quality.gift_cost_per_complete_form IS 'gift_cost / complete_forms';
COMMENT ON COLUMN form_quality.leads IS 'leads that came from complete forms, each counted once';
COMMENT ON COLUMN form_quality.orders IS 'orders of these leads';
COMMENT ON COLUMN form_quality.revenue IS 'value of these orders, before returns';
COMMENT ON COLUMN form_quality.value_per_complete_form IS 'revenue / complete_forms';

-- Who came in, by the counter at the door, and who was written down. Where nobody counted, or fewer
-- than were received, the people received are the visitors.
CREATE OR REPLACE VIEW registration_day AS
SELECT x.date_day, x.store, sum(x.counted)::bigint AS counted_visitors, sum(x.received)::bigint AS received_visitors,
       greatest(sum(x.counted), sum(x.received))::bigint AS visitors, sum(x.registered)::bigint AS registered_visitors,
       (sum(x.registered) / nullif(greatest(sum(x.counted), sum(x.received)), 0))::numeric(12,6) AS registration_rate
  FROM (SELECT d.date_day, d.store, d.visitors AS counted, 0 AS received, 0 AS registered FROM door_count d
        UNION ALL
        SELECT f.date_day, f.store, 0, f.party_size, CASE WHEN f.is_with_form AND f.filled_fields > 0 THEN f.party_size ELSE 0 END FROM reception_quality f WHERE f.store IS NOT NULL) x
 GROUP BY x.date_day, x.store;
COMMENT ON VIEW registration_day IS 'registration rate of the stores by day: visitors of whom there is a form, of all who came in';
COMMENT ON COLUMN registration_day.date_day IS 'the day';
COMMENT ON COLUMN registration_day.store IS 'the store';
COMMENT ON COLUMN registration_day.counted_visitors IS 'visitors counted at the door';
COMMENT ON COLUMN registration_day.received_visitors IS 'people whom a salesperson received, companions included';
COMMENT ON COLUMN registration_day.visitors IS 'the larger of both: the denominator';
COMMENT ON COLUMN registration_day.registered_visitors IS 'people of whose party there is a form with something filled in';
COMMENT ON COLUMN registration_day.registration_rate IS 'registered_visitors / visitors';

CREATE OR REPLACE VIEW registration AS
SELECT d.store, sum(d.counted_visitors)::bigint AS counted_visitors, sum(d.received_visitors)::bigint AS received_visitors, sum(d.visitors)::bigint AS visitors,
       sum(d.registered_visitors)::bigint AS registered_visitors, (sum(d.registered_visitors) / nullif(sum(d.visitors), 0))::numeric(12,6) AS registration_rate
  FROM registration_day d GROUP BY d.store;
COMMENT ON VIEW registration IS 'registration rate of the stores';
COMMENT ON COLUMN registration.store IS 'the store';
COMMENT ON COLUMN registration.counted_visitors IS 'visitors counted at the door';
COMMENT ON COLUMN registration.received_visitors IS 'people whom a salesperson received, companions included';
COMMENT ON COLUMN registration.visitors IS 'sum over the days of the larger of both: the denominator';
COMMENT ON COLUMN registration.registered_visitors IS 'people of whose party there is a form with something filled in';
COMMENT ON COLUMN registration.registration_rate IS 'registered_visitors / visitors';

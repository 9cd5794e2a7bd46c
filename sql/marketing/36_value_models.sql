-- The models of purchases: when they are fitted, to whom, and which one is believed.
--
-- All four models of purchases are fitted to the same customers. Which one scores them is not
-- decided by the likelihood alone, which tells how well a model describes what it has seen, but by
-- how well it forecasts what it has not: each is also fitted to the first two thirds of the time
-- and forecasts, customer by customer, the last third. Where customers hardly leave, models become
-- one and the same but for rounding: errors that are the same to six decimals are equal, and the least
-- BIC decides, by which the model with fewer parameters wins.

CREATE OR REPLACE FUNCTION value_models_are_due(as_of timestamptz, customers bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    growth float8 := setting_number('value_refit_growth', 0, 100);
    days   float8 := setting_number('value_refit_days', 0, 100000);
    last   value_model;
BEGIN
    IF value_models_are_due.customers = 0 THEN
        RETURN false;
    END IF;
    SELECT * INTO last FROM value_model m WHERE m.model <> 'gamma_gamma' ORDER BY m.value_model_id DESC LIMIT 1;
    RETURN NOT FOUND OR last.unit <> setting_value('value_unit')
        OR abs(value_models_are_due.customers - last.customers) > growth * last.customers
        OR value_models_are_due.as_of >= last.as_of + days * interval '1 day';
END
$$;
COMMENT ON FUNCTION value_models_are_due(timestamptz, bigint) IS 'whether the models are to be fitted anew: none there, another unit of time, the number of customers changed by more than the setting value_refit_growth, or the last fit is value_refit_days old. A part of refresh_value()';

-- The end of the day, in the time zone of the business, at which two thirds of the time were over;
-- NULL where that leaves no week on either side.
CREATE OR REPLACE FUNCTION value_hold_out_at(as_of timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS
$$
DECLARE
    zone     text := setting_value('time_zone');
    first_on date;
    last_on  date := (value_hold_out_at.as_of AT TIME ZONE zone)::date;
    split_on date;
BEGIN
    SELECT (min((purchase_totals(p.order_history, value_hold_out_at.as_of)).first_ordered_at) AT TIME ZONE zone)::date INTO first_on
      FROM customer_purchases p JOIN customer c ON c.customer_id = p.customer_id AND NOT c.is_seed;
    IF first_on IS NULL OR last_on - first_on < 21 THEN
        RETURN NULL;
    END IF;
    split_on := first_on + 2 * (last_on - first_on) / 3;
    RETURN ((split_on + 1)::timestamp AT TIME ZONE zone) - interval '1 microsecond';
END
$$;
COMMENT ON FUNCTION value_hold_out_at(timestamptz) IS 'until when the models are fitted that are tested by their forecasts until as_of; NULL: the time is too short. A part of refresh_value()';

-- What the models see of the customers, at one time or at two.
CREATE OR REPLACE FUNCTION value_summaries(as_of timestamptz, hold_out_at timestamptz)
    RETURNS TABLE (frequency float8, recency float8, age float8, mean_value float8, later_orders float8, later_time float8)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path FROM CURRENT AS
$$
DECLARE
    unit text := setting_value('value_unit');
    zone text := setting_value('time_zone');
BEGIN
    RETURN QUERY
    SELECT (s.early).frequency, (s.early).recency, (s.early).age, (s.early).mean_value, (s.whole).frequency - (s.early).frequency, (s.whole).age - (s.early).age
      FROM (SELECT purchase_summary(p.order_history, coalesce(value_summaries.hold_out_at, value_summaries.as_of), unit, zone) AS early,
                   purchase_summary(p.order_history, CASE WHEN value_summaries.hold_out_at IS NOT NULL THEN value_summaries.as_of END, unit, zone) AS whole
              FROM customer_purchases p JOIN customer c ON c.customer_id = p.customer_id AND NOT c.is_seed
             WHERE p.order_history IS NOT NULL
            OFFSET 0) s
     WHERE (s.early).frequency IS NOT NULL;
END
$$;
COMMENT ON FUNCTION value_summaries(timestamptz, timestamptz) IS 'frequency, recency, age and mean value of each customer as of hold_out_at, and purchases and time from then to as_of; without hold_out_at those as of as_of. A part of refresh_value()';

-- How well models of the first two thirds forecast the last third.
CREATE OR REPLACE FUNCTION test_value_models(as_of timestamptz)
    RETURNS TABLE (model text, hold_out_customers bigint, hold_out_orders float8, hold_out_expected float8, hold_out_error float8)
    LANGUAGE plpgsql STABLE ROWS 4 SET search_path FROM CURRENT AS
$$
DECLARE
    hold_out_at timestamptz := value_hold_out_at(test_value_models.as_of);
    unit        text        := setting_value('value_unit');
    counts      purchase_counts;
BEGIN
    IF hold_out_at IS NULL THEN
        RETURN;
    END IF;
    SELECT purchase_counts_agg(s.frequency, s.recency, s.age, 1) INTO counts FROM value_summaries(hold_out_at, NULL) s;
    RETURN QUERY
    WITH fit AS MATERIALIZED (SELECT bgnbd_fit(counts, unit) AS bgnbd, mbgnbd_fit(counts, unit) AS mbgnbd, pareto_nbd_fit(counts, unit) AS pareto, nbd_fit(counts, unit) AS nbd)
    SELECT e.model, sum(e.weight)::bigint, sum(e.actual * e.weight), sum(e.expected * e.weight), sqrt(sum(power(e.expected - e.actual, 2) * e.weight) / sum(e.weight))
      -- where nobody has bought again a model may expect 1e-180, whose square is below the range of numbers: an error
      FROM (SELECT v.model, CASE WHEN v.expected < 1e-100 THEN 0 ELSE v.expected END AS expected, f.actual, f.weight
              -- customers alike together, in an order, so that the sums are the same each time
              FROM (SELECT s.frequency, s.recency, s.age, s.later_orders AS actual, s.later_time AS horizon, count(*)::float8 AS weight
                      FROM value_summaries(test_value_models.as_of, hold_out_at) s
                     GROUP BY s.frequency, s.recency, s.age, s.later_orders, s.later_time
                     ORDER BY s.frequency, s.recency, s.age, s.later_orders, s.later_time) f
             CROSS JOIN LATERAL (VALUES ('bgnbd', bgnbd_expected((SELECT m.bgnbd FROM fit m), f.frequency, f.recency, f.age, f.horizon)),
                                        ('mbgnbd', mbgnbd_expected((SELECT m.mbgnbd FROM fit m), f.frequency, f.recency, f.age, f.horizon)),
                                        ('pareto_nbd', pareto_nbd_expected((SELECT m.pareto FROM fit m), f.frequency, f.recency, f.age, f.horizon)),
                                        ('nbd', nbd_expected((SELECT m.nbd FROM fit m), f.frequency, f.recency, f.age, f.horizon))) v (model, expected)) e
     GROUP BY e.model;
END
$$;
COMMENT ON FUNCTION test_value_models(timestamptz) IS 'fits the models of purchases to the first two thirds of the time until as_of and compares their forecasts of the last third with the purchases; no row where the time is too short. A part of refresh_value()';

-- Results go through text, so a float keeps all its digits only if none are cut off.
CREATE OR REPLACE FUNCTION fit_value_models(as_of timestamptz) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT SET extra_float_digits = 1 AS
$$
DECLARE
    unit   text := setting_value('value_unit');
    counts purchase_counts;
    spends spend_counts;
    fitted bigint;
BEGIN
    SELECT purchase_counts_agg(s.frequency, s.recency, s.age, 1), gamma_gamma_agg(s.frequency, s.mean_value, 1)
      INTO counts, spends FROM value_summaries(fit_value_models.as_of, NULL) s;
    INSERT INTO value_model (as_of, model, unit, parameters, status, log_likelihood, bic, customers, hold_out_customers, hold_out_orders, hold_out_expected, hold_out_error, is_best)
    SELECT fit_value_models.as_of, f.model, CASE WHEN f.model <> 'gamma_gamma' THEN unit END, f.fit, f.fit ->> 'status',
           (f.fit ->> 'log_likelihood')::float8, (f.fit ->> 'bic')::float8, (f.fit ->> 'customers')::float8,
           t.hold_out_customers, t.hold_out_orders, t.hold_out_expected, t.hold_out_error,
           f.model = 'gamma_gamma' OR row_number() OVER (PARTITION BY f.model = 'gamma_gamma' ORDER BY round(t.hold_out_error::numeric, 6) NULLS LAST, (f.fit ->> 'bic')::float8, f.model COLLATE "C") = 1
      FROM (VALUES ('bgnbd', to_jsonb(bgnbd_fit(counts, unit))), ('mbgnbd', to_jsonb(mbgnbd_fit(counts, unit))), ('pareto_nbd', to_jsonb(pareto_nbd_fit(counts, unit))),
                   ('nbd', to_jsonb(nbd_fit(counts, unit))), ('gamma_gamma', to_jsonb(gamma_gamma_fit(spends)))) f (model, fit)
      LEFT JOIN test_value_models(fit_value_models.as_of) t ON t.model = f.model
     WHERE f.fit ->> 'status' IS NOT NULL
     ORDER BY f.model COLLATE "C";
    GET DIAGNOSTICS fitted = ROW_COUNT;
    RETURN fitted;
END
$$;
COMMENT ON FUNCTION fit_value_models(timestamptz) IS 'fits all models to the purchases until as_of, tests how they forecast, and writes them into value_model; returns how many. A part of refresh_value()';

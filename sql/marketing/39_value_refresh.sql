-- refresh_value() and rebuild_value(): the customers' value, night by night.
--
-- A round of scoring belongs to one as_of. It begins with what concerns all customers: what is new
-- is taken in, the models are fitted when that is due, the forecast is made, and it is found out where the fifths
-- and hundredths of the customers begin. Then the customers are scored in batches, in order of
-- their numbers; value_state says how far. Each call is one transaction and takes its turn by
-- updating the row of value_state, as refresh_reports() does. So a call that is killed leaves
-- nothing behind, and the next one goes on. A call for an as_of that is done with does nothing,
-- unless facts from before that time or other rules have come meanwhile: then all are scored again.

CREATE OR REPLACE FUNCTION begin_value_round(as_of timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    census    value_census;
    customers bigint;
BEGIN
    PERFORM value_unit_days();                  -- a setting that is none is found before anything else asks for it
    SELECT count(*) INTO customers FROM value_summaries(begin_value_round.as_of, NULL) s;
    IF value_models_are_due(begin_value_round.as_of, customers) THEN
        PERFORM fit_value_models(begin_value_round.as_of);
    END IF;
    census := take_value_census(begin_value_round.as_of);
    UPDATE value_state s
       SET as_of = begin_value_round.as_of, scored_to = -1, customers = census.customers, rules = value_rules(), recency_cuts = census.recency_cuts,
           frequency_cuts = census.frequency_cuts, monetary_cuts = census.monetary_cuts, value_cuts = census.value_cuts, growth_cuts = census.growth_cuts
     WHERE s.report = 'customer_value';
    PERFORM write_forecast(census, begin_value_round.as_of);
END
$$;
COMMENT ON FUNCTION begin_value_round(timestamptz) IS 'fits the models if that is due, takes the census, writes the forecast, and sets the scoring for as_of to its beginning. A part of refresh_value()';

CREATE OR REPLACE FUNCTION refresh_value_in_turn(state value_state, as_of timestamptz, max_customers int) RETURNS bigint
    LANGUAGE plpgsql SET search_path FROM CURRENT AS
$$
DECLARE
    visible pg_snapshot := snapshot_without_own();
    news    bigint;
BEGIN
    IF state.era IS DISTINCT FROM transaction_era() THEN
        -- numbers of transactions of another cluster: the reports' rebuild puts the facts in order
        IF NOT EXISTS (SELECT FROM report_state r WHERE r.era = transaction_era()) THEN
            PERFORM refresh_reports(refresh_value_in_turn.as_of);
        END IF;
        DELETE FROM customer_purchases;
        state.snapshot := NULL;
        state.scored_to := NULL;
        state.as_of := NULL;
    END IF;
    IF state.scored_to IS NULL OR state.as_of IS DISTINCT FROM refresh_value_in_turn.as_of THEN
        news := take_in_purchases(coalesce(state.snapshot, '1:1:'), visible, refresh_value_in_turn.as_of);
        UPDATE value_state s SET snapshot = visible, era = transaction_era() WHERE s.report = state.report;
        IF state.as_of IS NOT DISTINCT FROM refresh_value_in_turn.as_of AND news = 0 AND state.rules = value_rules() THEN
            RETURN 0;
        END IF;
        IF state.snapshot IS NULL THEN
            ANALYZE customer_purchases;
        END IF;
        PERFORM begin_value_round(refresh_value_in_turn.as_of);
    END IF;
    SELECT * INTO state FROM value_state s WHERE s.report = state.report;
    RETURN score_batch(state, max_customers);
END
$$;
COMMENT ON FUNCTION refresh_value_in_turn(value_state, timestamptz, int) IS 'the work of refresh_value() once it is our turn';

-- Plans are made anew each time: a session that stays may have made its own when the tables were empty.
CREATE OR REPLACE FUNCTION refresh_value(as_of timestamptz DEFAULT now(), max_customers int DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    state value_state;
BEGIN
    IF refresh_value.as_of IS NULL OR NOT isfinite(refresh_value.as_of) THEN
        RAISE EXCEPTION 'customers cannot be scored as of %', coalesce(refresh_value.as_of::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a time, or leave it out for now.';
    ELSIF max_customers < 1 THEN
        RAISE EXCEPTION 'a batch of % customers is none', max_customers
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a number above 0, or leave it out for all.';
    END IF;
    UPDATE value_state s SET refreshed_at = clock_timestamp() WHERE s.report = 'customer_value' RETURNING * INTO state;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table value_state has lost its row' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'INSERT INTO value_state (report) VALUES (''customer_value''), then run rebuild_value().';
    ELSIF state.as_of > refresh_value.as_of AND state.era = transaction_era() THEN
        RAISE NOTICE 'customers are scored as of % already: nothing done', state.as_of
            USING HINT = 'rebuild_value() scores as of an earlier time.';
        RETURN 0;
    END IF;
    RETURN refresh_value_in_turn(state, refresh_value.as_of, max_customers);
END
$$;
COMMENT ON FUNCTION refresh_value(timestamptz, int) IS 'brings into the value of customers what was committed since the last refresh, late orders and returns included, fits the models when that is due, forecasts the revenue and scores every customer as of as_of. With max_customers it scores so many and returns; call it until it returns 0. Returns how many customers it looked at. Run again for the same time it does nothing, unless something from before that time, or a rule, has changed. Two at once wait for each other; writers are not blocked. 22023 for no time, a batch below 1 and settings that are none';

CREATE OR REPLACE FUNCTION rebuild_value(as_of timestamptz DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
DECLARE
    state value_state;
    at    timestamptz;
BEGIN
    IF NOT isfinite(rebuild_value.as_of) THEN
        RAISE EXCEPTION 'customers cannot be scored as of %', rebuild_value.as_of
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a time, or leave it out for that of the last refresh.';
    END IF;
    INSERT INTO value_state (report) VALUES ('customer_value') ON CONFLICT (report) DO NOTHING;
    UPDATE value_state s SET refreshed_at = clock_timestamp(), rebuilt_at = clock_timestamp() WHERE s.report = 'customer_value' RETURNING * INTO state;
    at := coalesce(rebuild_value.as_of, state.as_of, now());
    DELETE FROM customer_purchases;
    state.snapshot := NULL;
    state.scored_to := NULL;
    state.as_of := NULL;
    RETURN refresh_value_in_turn(state, at, NULL);
END
$$;
COMMENT ON FUNCTION rebuild_value(timestamptz) IS 'makes the histories of the customers again from all orders and returns, and scores them as of a time, by default that of the last refresh: the same as refreshing gives. The histories of models, segments and forecasts go on. Returns the number of customers it looked at';

-- The arithmetic of direct marketing: what an effort must bring, and what it may cost.
--
-- Money and shares are numeric, so that cents stay exact; what is undefined (nothing was sent,
-- there is no margin that could pay for it) is NULL. Shares are from 0 to 1.

CREATE FUNCTION economics_share(share numeric, name text) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$
BEGIN
    IF share < 0 OR share > 1 OR share = 'NaN' THEN
        RAISE EXCEPTION 'argument % is %', name, share
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'It is a share from 0 to 1.', HINT = 'Write 0.2 for 20 percent.';
    END IF;
    RETURN share;
END
$$;
COMMENT ON FUNCTION economics_share(numeric, text) IS 'the share itself; 22023 unless it is from 0 to 1. A part of the functions on economics';

CREATE FUNCTION economics_amount(amount numeric, name text) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$
BEGIN
    IF amount < 0 OR amount IN ('NaN', 'infinity') THEN
        RAISE EXCEPTION 'argument % is %', name, amount
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'It is a finite number, not negative.';
    END IF;
    RETURN amount;
END
$$;
COMMENT ON FUNCTION economics_amount(numeric, text) IS 'the amount itself; 22023 unless it is finite and not negative. A part of the functions on economics';

CREATE FUNCTION cost_per_order(expense numeric, orders numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN expense / nullif(economics_amount(orders, 'orders'), 0);
COMMENT ON FUNCTION cost_per_order(numeric, numeric) IS 'CPO: expense / orders; NULL without an order. 22023 for a negative number of orders';

CREATE FUNCTION cost_per_lead(expense numeric, leads numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN expense / nullif(economics_amount(leads, 'leads'), 0);
COMMENT ON FUNCTION cost_per_lead(numeric, numeric) IS 'CPL: expense / leads; NULL without a lead. 22023 for a negative number of leads';

CREATE FUNCTION cost_per_order_of_leads(cost_per_lead numeric, conversion_rate numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN cost_per_lead / nullif(economics_share(conversion_rate, 'conversion_rate'), 0);
COMMENT ON FUNCTION cost_per_order_of_leads(numeric, numeric) IS 'CPO in two steps: cost of a lead / share of leads that order; NULL where none does. 22023 for a rate outside of 0 to 1';

CREATE FUNCTION break_even_response(margin_per_order numeric, pieces numeric, fixed_cost numeric DEFAULT 0, cost_per_piece numeric DEFAULT 0) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN margin_per_order > 0 AND economics_amount(pieces, 'pieces') > 0
                THEN (economics_amount(fixed_cost, 'fixed_cost') / pieces + economics_amount(cost_per_piece, 'cost_per_piece')) / margin_per_order END;
COMMENT ON FUNCTION break_even_response(numeric, numeric, numeric, numeric) IS
    'orders per piece at which a mailing pays for itself: (fixed_cost / pieces + cost_per_piece) / margin_per_order; above 1 it cannot. NULL without pieces or without a margin. 22023 for negative pieces or costs';

CREATE FUNCTION break_even_index(response_rate numeric, break_even numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN 100 * (response_rate - break_even) / nullif(break_even, 0);
COMMENT ON FUNCTION break_even_index(numeric, numeric) IS 'by how many percent a response rate is above the one that breaks even (negative: below); 0 breaks even. NULL where that is 0';

CREATE FUNCTION break_even_er_ratio(revenue numeric, cost_of_goods numeric, other_costs numeric DEFAULT 0) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (revenue - cost_of_goods - other_costs) / nullif(revenue, 0);
COMMENT ON FUNCTION break_even_er_ratio(numeric, numeric, numeric) IS
    'the E:R at which an effort breaks even: its contribution margin before advertising, (revenue - cost_of_goods - other_costs) / revenue. other_costs: fulfilment, payment, returns. Negative where every order loses money; NULL without revenue';

CREATE FUNCTION break_even_revenue(expense numeric, margin_share numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN expense / nullif(economics_share(margin_share, 'margin_share'), 0);
COMMENT ON FUNCTION break_even_revenue(numeric, numeric) IS
    'revenue that an expense must bring to pay for itself: expense / margin_share; of one more page, what the page must sell beyond what would be sold without it. NULL with a margin of 0. 22023 for a share outside of 0 to 1';

CREATE FUNCTION break_even_revenue_per_piece(cost_per_piece numeric, margin_share numeric, return_share numeric DEFAULT 0, order_cost_share numeric DEFAULT 0) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN economics_share(margin_share, 'margin_share') > economics_share(order_cost_share, 'order_cost_share') AND economics_share(return_share, 'return_share') < 1
                THEN economics_amount(cost_per_piece, 'cost_per_piece') / ((1 - return_share) * (margin_share - order_cost_share)) END;
COMMENT ON FUNCTION break_even_revenue_per_piece(numeric, numeric, numeric, numeric) IS
    'revenue per piece, before returns, at which a mailing pays for itself: cost_per_piece / ((1 - return_share) * (margin_share - order_cost_share)). return_share: of the revenue, sent back; order_cost_share: of the revenue, spent on handling orders. NULL where no revenue could pay. 22023 for a share outside of 0 to 1 or a negative cost';

CREATE FUNCTION allowable_cost_per_order(revenue numeric, cost_of_goods numeric, other_costs numeric DEFAULT 0, required_profit numeric DEFAULT 0) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN revenue - cost_of_goods - other_costs - required_profit;
COMMENT ON FUNCTION allowable_cost_per_order(numeric, numeric, numeric, numeric) IS
    'allowable CPO: what may be spent to win one order, revenue - cost_of_goods - other_costs - required_profit, each per order; revenue with what is charged for handling. Negative where nothing may';

CREATE FUNCTION allowable_cost_per_lead(allowable_cost_per_order numeric, conversion_rate numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN allowable_cost_per_order * economics_share(conversion_rate, 'conversion_rate');
COMMENT ON FUNCTION allowable_cost_per_lead(numeric, numeric) IS 'allowable CPL: the allowable CPO times the share of leads that order. 22023 for a rate outside of 0 to 1';

CREATE FUNCTION profit_per_piece(revenue_per_piece numeric, margin_share numeric, cost_per_piece numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN revenue_per_piece * economics_share(margin_share, 'margin_share') - cost_per_piece;
COMMENT ON FUNCTION profit_per_piece(numeric, numeric, numeric) IS 'what one piece earns: revenue_per_piece * margin_share - cost_per_piece. 22023 for a share outside of 0 to 1';

CREATE FUNCTION return_on_marketing(contribution numeric, expense numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (contribution - expense) / nullif(economics_amount(expense, 'expense'), 0);
COMMENT ON FUNCTION return_on_marketing(numeric, numeric) IS
    'return on marketing investment: (contribution - expense) / expense, where contribution is the margin that the effort added; 0 breaks even. NULL without an expense. 22023 for a negative one';

-- How the answers to a mailing come in.

CREATE FUNCTION campaign_doubling_day(responses float8[], total float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_sql_campaign_doubling_day';
COMMENT ON FUNCTION campaign_doubling_day(float8[], float8) IS
    'the doubling day: days from the first response on until half of all responses are in, evenly within a day, so 8.1 is early on the ninth. responses: of each day, NULL is none; days before the first response are not counted. total: of the final response, where the campaign is not over (NULL: the sum). NULL without responses, and where half is not reached. 22023 for negative or infinite numbers, 22003 where they are so large that the result is none, 54000 for more than 10000 days';

CREATE FUNCTION campaign_share_in(responses float8[], day int, total float8 DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_sql_campaign_share_in';
COMMENT ON FUNCTION campaign_share_in(float8[], int, float8) IS
    'the share of the final response that was in at the end of a day, counted from that of the first response, which is 1. total: of the final response, where the campaign is not over (NULL: the sum); then NULL for days to come. NULL without responses. 22023 for negative or infinite numbers, 22003 where they are so large that the result is none, 54000 for more than 10000 days';

CREATE FUNCTION campaign_forecast(responses float8[], mailed float8 DEFAULT NULL, model text DEFAULT 'beta_geometric', confidence float8 DEFAULT 0.95,
    OUT so_far float8, OUT expected float8, OUT lower float8, OUT upper float8, OUT share_in float8, OUT doubling_day float8, OUT delay_rate float8,
    OUT delivery_days float8, OUT ultimate_rate float8, OUT heterogeneity float8, OUT dispersion float8, OUT log_likelihood float8, OUT status text)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 AS 'MODULE_PATHNAME', 'dupex_sql_campaign_forecast';
COMMENT ON FUNCTION campaign_forecast(float8[], float8, text, float8) IS
    'the final response of a campaign that still runs, with limits, by maximum likelihood (Chun and Jung; Potter and Parker). responses: of each day from the first day of the campaign to the last one that is over; mailed: pieces, where known. Models: geometric (fewer each day, from the first response on), delayed (delivery takes a Poisson number of days as well) and beta_geometric (delayed, and people differ in how long they wait, as a beta distribution: a longer tail and wider limits; for up to 1000 days; with a log-normal prior of the heterogeneity, median 0.25 and standard deviation 1, since the first days tell little of it). expected, lower, upper: final response; share_in: of it so far; doubling_day: from the first response on; delay_rate: of those who will respond, the share that waits one more day; delivery_days: mean delivery time (geometric: days before the first response); ultimate_rate: expected / mailed; heterogeneity: of beta_geometric, by how much the reciprocal of the daily probability to respond grows from day to day, 0 where all wait alike; dispersion: by how much days scatter beyond chance; status says in words what it is worth, the numbers are NULL where there is no forecast. 22023 for another model and for negative or infinite numbers, 22003 where they are so large that the result is none, 54000 for more than 10000 days';

CREATE FUNCTION campaign_forecast_like(responses float8[], reference float8[], confidence float8 DEFAULT 0.95,
    OUT so_far float8, OUT expected float8, OUT lower float8, OUT upper float8, OUT share_in float8, OUT status text)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_sql_campaign_forecast_like';
COMMENT ON FUNCTION campaign_forecast_like(float8[], float8[], float8) IS
    'the final response of a campaign that still runs, if it goes on as those before: responses so far / share that was in after as many days in reference, the responses of each day of campaigns that are over, added up. Both are counted from their first response. The limits hold the chance in all three counts, not that campaigns differ. 22023 for negative or infinite numbers, 22003 where they are so large that the result is none, 54000 for more than 10000 days';

CREATE FUNCTION campaign_model_share(day int, delay_rate float8, delivery_days float8, model text DEFAULT 'delayed', heterogeneity float8 DEFAULT 0) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'dupex_sql_campaign_model_share';
COMMENT ON FUNCTION campaign_model_share(int, float8, float8, text, float8) IS
    'the share of the final response that a model of campaign_forecast() has in at the end of a day, counted from the first day of the campaign. 22023 for a day that is not from 0 to 10000, a delay_rate that is not from 0 to 1, a negative delivery time or heterogeneity, another model, or heterogeneity in one without';

-- Before and after a dated change.

CREATE FUNCTION ratio_change(before_amounts float8[], before_bases float8[], after_amounts float8[], after_bases float8[], confidence float8 DEFAULT 0.95,
    OUT before float8, OUT after float8, OUT difference float8, OUT lower float8, OUT upper float8, OUT p_value float8)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'dupex_sql_ratio_change';
COMMENT ON FUNCTION ratio_change(float8[], float8[], float8[], float8[], float8) IS
    'what a change did: sum of amounts / sum of bases in the blocks of time (weeks) before and after it, the difference with its limits (after less before) and the probability of such a difference by chance, from the spread between the blocks (ratio estimator, Welch). amounts / bases: expense / revenue, responses / pieces; NULL bases: the mean of the amounts. A NULL element is 0. Limits are NULL with fewer than two blocks on a side or without any spread, a ratio is NULL without a base. 22023 for bases that are negative or of another number, numbers that are not finite, a confidence that is not between 0 and 1';

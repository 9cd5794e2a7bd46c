-- calibration: do those with a score of 0.3 respond in 30 of 100 cases?
--
-- Read from type gains (33_gains), where the scores are probabilities.

CREATE FUNCTION gains_calibration(gains gains, bins integer DEFAULT 10,
    OUT bin integer, OUT score_from float8, OUT score_to float8, OUT people bigint, OUT responders bigint, OUT expected_responders float8,
    OUT response_rate float8, OUT predicted_rate float8, OUT lower float8, OUT upper float8) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_gains_get_calibration';
COMMENT ON FUNCTION gains_calibration(gains, integer) IS
    'predicted against actual response by bins of about equal numbers of people, the highest scores first. People of equal scores stay together, in the bin where their middle falls, so bins can differ in size, and be fewer. lower and upper: 95 % Wilson interval of the response rate. Raises 22023 when scores are not from 0 to 1, and for bins below 1 or above 1000';

CREATE FUNCTION gains_brier(gains) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_brier';
COMMENT ON FUNCTION gains_brier(gains) IS 'Brier score: mean squared difference between score and outcome (1 or 0), the smaller the better; NULL without people. Raises 22023 when scores are not from 0 to 1';

CREATE FUNCTION gains_log_loss(gains) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_log_loss';
COMMENT ON FUNCTION gains_log_loss(gains) IS 'mean of -ln(probability of what happened), the smaller the better; NULL without people and when something happened whose probability was 0. Raises 22023 when scores are not from 0 to 1';

CREATE FUNCTION gains_calibration_error(gains gains, bins integer DEFAULT 10) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_calibration_error';
COMMENT ON FUNCTION gains_calibration_error(gains, integer) IS 'expected calibration error: mean absolute difference between predicted and actual rate over the bins of gains_calibration, weighted by people; NULL without people. Errors as gains_calibration';

CREATE FUNCTION gains_hosmer_lemeshow(gains gains, bins integer DEFAULT 10, fitted boolean DEFAULT true, OUT statistic float8, OUT df integer, OUT p_value float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'dupex_gains_get_hosmer_lemeshow';
COMMENT ON FUNCTION gains_hosmer_lemeshow(gains, integer, boolean) IS
    'test of Hosmer and Lemeshow over the bins of gains_calibration: chi-square with bins - 2 degrees of freedom where the scores were fitted to these same people, with as many as bins where they come from elsewhere (fitted false: a model of last year, a hold-out); a small p_value says that predicted and actual rates differ. All NULL with fewer than three bins and when a bin has a predicted rate of 0 or 1. Raises 22023 when scores are not from 0 to 1, and for bins below 3 or above 1000';

CREATE FUNCTION gains_calibration_line(gains gains, OUT intercept float8, OUT slope float8, OUT slope_standard_error float8)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'dupex_gains_get_calibration_line';
COMMENT ON FUNCTION gains_calibration_line(gains) IS
    'the calibration line of Cox: logistic regression of the outcome on the log-odds of the score. Intercept 0 and slope 1 are right; a slope below 1 says that high scores are too high and low ones too low. All NULL when a score is 0 or 1, with fewer than two scores, and when there is no such line (one outcome only, or scores that separate the outcomes). Raises 22023 when scores are not from 0 to 1';

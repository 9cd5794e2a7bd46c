-- Grading: the rules of the house, the model of purchase, and the scores that it gives.
--
-- A lead has two grades, the salesperson's (lead.lead_grade) and the model's (lead.model_grade). The
-- rules of the house propose a grade from what is known of a lead: rows that an analyst copies,
-- changes, tests on the past and only then switches on. The model is naive Bayes, counted by
-- train_lead_model(); its counts are kept with it, and each score keeps the features that it was
-- made of, so that it can be explained for ever.

CREATE TABLE grading_version (
    version     integer PRIMARY KEY CHECK (version >= 1),
    description text,
    is_enabled  boolean NOT NULL DEFAULT false,
    enabled_at  timestamptz
);
COMMENT ON TABLE grading_version IS 'versions of the grading rules: one is in force, the others are drafts or past';
COMMENT ON COLUMN grading_version.version IS 'number of the version';
COMMENT ON COLUMN grading_version.description IS 'what is different in it';
COMMENT ON COLUMN grading_version.is_enabled IS 'the version in force; changed by enable_grading_rules()';
COMMENT ON COLUMN grading_version.enabled_at IS 'when it was switched on last; NULL for a draft. Leave its rules alone from then on';
CREATE UNIQUE INDEX grading_version_enabled ON grading_version (is_enabled) WHERE is_enabled;

CREATE TABLE grading_threshold (
    version        integer NOT NULL REFERENCES grading_version,
    lead_grade     text NOT NULL REFERENCES lead_grade,
    minimum_points float8 NOT NULL,
    PRIMARY KEY (version, lead_grade)
);
COMMENT ON TABLE grading_threshold IS 'points from which the rules of a version propose a grade; the last grade needs no row';
COMMENT ON COLUMN grading_threshold.version IS 'version of the rules';
COMMENT ON COLUMN grading_threshold.lead_grade IS 'the grade';
COMMENT ON COLUMN grading_threshold.minimum_points IS 'points, at least';

CREATE TABLE grading_rule (
    version      integer NOT NULL REFERENCES grading_version,
    grading_rule text NOT NULL,
    signal       text NOT NULL CHECK (signal = ANY ('{answer,visit,outcome,call,response,registration,attendance,basket,lead}')),
    field        text,
    operator     text NOT NULL DEFAULT 'is there' CHECK (operator = ANY ('{is there,is,is one of,at least,at most,matches}')),
    operand      text,
    points       float8 CHECK (points BETWEEN -1e6 AND 1e6),
    lead_grade   text REFERENCES lead_grade,
    half_life    interval CHECK (half_life > interval '0'),
    look_back    interval CHECK (look_back > interval '0'),
    cap_per_day  float8 CHECK (cap_per_day >= 0),
    is_enabled   boolean NOT NULL DEFAULT true,
    PRIMARY KEY (version, grading_rule),
    CHECK (num_nonnulls(points, lead_grade) = 1),
    CHECK ((operator = 'is there') = (operand IS NULL)),
    CHECK ((signal IN ('answer', 'lead')) = (field IS NOT NULL))
);
COMMENT ON TABLE grading_rule IS 'rules of the house: what a signal is worth, in points or as a grade, one row per version and rule';
COMMENT ON COLUMN grading_rule.version IS 'version of the rules';
COMMENT ON COLUMN grading_rule.grading_rule IS 'name of the rule, which reasons and reports show';
COMMENT ON COLUMN grading_rule.signal IS 'what it looks at: answer (on a reception form, the last one to each question), visit (its kind), outcome (of a visit), call (its result), response (its channel), registration and attendance (kind of the event), basket (added, abandoned, completed), lead (what it is known by when opened)';
COMMENT ON COLUMN grading_rule.field IS 'the question of the form for an answer; product, category, medium, channel or region for a lead; otherwise NULL';
COMMENT ON COLUMN grading_rule.operator IS 'how its value is compared: is there, is, is one of (separated by commas), at least, at most (numbers), matches (a regular expression)';
COMMENT ON COLUMN grading_rule.operand IS 'what it is compared with; NULL for is there';
COMMENT ON COLUMN grading_rule.points IS 'points for each such signal, negative where it speaks against buying; NULL for a rule that gives a grade';
COMMENT ON COLUMN grading_rule.lead_grade IS 'grade that the lead has at least when the rule applies; NULL for a rule that gives points';
COMMENT ON COLUMN grading_rule.half_life IS 'time in which the points lose half their worth; NULL: never';
COMMENT ON COLUMN grading_rule.look_back IS 'older signals do not count; NULL: all of the lead, and of the customer those of the last six months';
COMMENT ON COLUMN grading_rule.cap_per_day IS 'most points of this rule on one day; NULL: no limit';
COMMENT ON COLUMN grading_rule.is_enabled IS 'false: the rule is left out of its version';

INSERT INTO grading_version VALUES (1, 'rules to begin with', true, now());
INSERT INTO grading_threshold VALUES (1, 'prospective', 40), (1, 'intention', 15);
INSERT INTO grading_rule (version, grading_rule, signal, field, operator, operand, points, lead_grade, half_life, cap_per_day) VALUES
    (1, 'wants to buy within three months', 'answer', 'when', 'is', 'prospective', NULL, 'prospective', NULL, NULL),
    (1, 'wants to buy within six months', 'answer', 'when', 'is', 'intention',   NULL, 'intention',   NULL, NULL),
    (1, 'test drive',               'visit',        NULL, 'is',        'test drive',                          25,  NULL, '3 months', 25),
    (1, 'visit',                    'visit',        NULL, 'is one of', 'reception, return visit, field call', 10,  NULL, '2 months', 10),
    (1, 'wants an offer',           'outcome',      NULL, 'matches',   'offer|price|contract',                15,  NULL, '2 months', 15),
    (1, 'spoken to',                'call',         NULL, 'is one of', 'reached, answered',                   5,   NULL, '2 months', 5),
    (1, 'promise',                  'call',         NULL, 'is',        'promise',                             15,  NULL, '1 month',  15),
    (1, 'refused',                  'call',         NULL, 'is',        'refused',                             -20, NULL, '6 months', 20),
    (1, 'response',                 'response',     NULL, 'is there',  NULL,                                  5,   NULL, '1 month',  10),
    (1, 'registration',             'registration', NULL, 'is there',  NULL,                                  8,   NULL, '2 months', 8),
    (1, 'attendance',               'attendance',   NULL, 'is there',  NULL,                                  12,  NULL, '2 months', 12),
    (1, 'basket',                   'basket',       NULL, 'is one of', 'added, abandoned',                    10,  NULL, '14 days',  10);

CREATE TABLE lead_model_feature (
    feature     text PRIMARY KEY,
    form_field  text,
    description text NOT NULL,
    is_enabled  boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE lead_model_feature IS 'features that the model looks at: the built-in ones, and answers on reception forms that an analyst adds';
COMMENT ON COLUMN lead_model_feature.feature IS 'name of the feature, which reasons and reports show';
COMMENT ON COLUMN lead_model_feature.form_field IS 'the question of the reception form whose last answer it is; NULL for a built-in feature';
COMMENT ON COLUMN lead_model_feature.description IS 'what it is';
COMMENT ON COLUMN lead_model_feature.is_enabled IS 'false: the next model does without it';

INSERT INTO lead_model_feature (feature, description) VALUES
    ('age',        'days since the lead was opened, in bands'),
    ('basket',     'web baskets filled in the last 30 days: yes or no'),
    ('calls',      'calls on the lead in which somebody was spoken to, in bands'),
    ('channel',    'response channel of the answer that opened it'),
    ('contact',    'days since the last completed contact on the lead, in bands'),
    ('customer',   'person or organisation'),
    ('history',    'orders of the customer before: none, one, more'),
    ('medium',     'medium of the source code of the lead or of its answer'),
    ('product',    'product asked for'),
    ('referred',   'recommended by another customer: yes or no'),
    ('region',     'region of the customer'),
    ('registered', 'registrations for events in the last 180 days: yes or no'),
    ('responses',  'answers of the customer in the last 90 days, in bands'),
    ('test drive', 'has had one: yes or no'),
    ('visits',     'completed visits on the lead, in bands');

CREATE TABLE lead_model (
    lead_model_id   bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    trained_at      timestamptz NOT NULL,
    opened_from_at  timestamptz NOT NULL,
    opened_until_at timestamptz NOT NULL,
    horizon3        interval NOT NULL,
    horizon6        interval NOT NULL,
    features        text[] NOT NULL,
    half_life_days  float8,
    alpha           float8 NOT NULL,
    team_strength   float8 NOT NULL,
    leads           bigint NOT NULL,
    snapshots3      bigint NOT NULL,
    bought3         bigint NOT NULL,
    censored3       bigint NOT NULL,
    snapshots6      bigint NOT NULL,
    bought6         bigint NOT NULL,
    censored6       bigint NOT NULL,
    brier3          float8,
    auc3            float8,
    ks3             float8,
    brier6          float8,
    auc6            float8,
    ks6             float8,
    threshold3      float8 NOT NULL,
    threshold6      float8 NOT NULL,
    threshold_basis text NOT NULL,
    is_enabled      boolean NOT NULL DEFAULT true,
    recorded_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE lead_model IS 'models of purchase, one row per training; its key is the version of the model that scores name. Probabilities, counts and quality with 3 are of the first horizon (three months), with 6 of the second (six)';
COMMENT ON COLUMN lead_model.lead_model_id IS 'key: the version of the model';
COMMENT ON COLUMN lead_model.trained_at IS 'time as of which it was trained: nothing later was looked at';
COMMENT ON COLUMN lead_model.opened_from_at IS 'training period: leads opened from here';
COMMENT ON COLUMN lead_model.opened_until_at IS 'training period: the last lead looked at was opened then';
COMMENT ON COLUMN lead_model.horizon3 IS 'the first horizon: that of the best grade';
COMMENT ON COLUMN lead_model.horizon6 IS 'the second horizon: that of the second grade';
COMMENT ON COLUMN lead_model.features IS 'names of its features';
COMMENT ON COLUMN lead_model.half_life_days IS 'days in which an outcome loses half its weight; NULL: all weigh the same';
COMMENT ON COLUMN lead_model.alpha IS 'smoothing: what is added to each count';
COMMENT ON COLUMN lead_model.team_strength IS 'outcomes of the company that count towards the model of each team';
COMMENT ON COLUMN lead_model.leads IS 'leads that it was trained on, for either horizon';
COMMENT ON COLUMN lead_model.snapshots3 IS 'times at which a lead was looked at, some days after it was opened, with known outcome';
COMMENT ON COLUMN lead_model.bought3 IS 'of which bought within the horizon after that time';
COMMENT ON COLUMN lead_model.censored3 IS 'times left out: not observed that long';
COMMENT ON COLUMN lead_model.snapshots6 IS 'likewise, second horizon';
COMMENT ON COLUMN lead_model.bought6 IS 'likewise';
COMMENT ON COLUMN lead_model.censored6 IS 'likewise';
COMMENT ON COLUMN lead_model.brier3 IS 'Brier score, the smaller the better: mean squared difference between probability and outcome, for customers that the model had not seen (five folds)';
COMMENT ON COLUMN lead_model.auc3 IS 'area under the ROC curve, likewise: .5 is chance, 1 perfect';
COMMENT ON COLUMN lead_model.ks3 IS 'statistic of Kolmogorov and Smirnov, likewise';
COMMENT ON COLUMN lead_model.brier6 IS 'likewise, second horizon';
COMMENT ON COLUMN lead_model.auc6 IS 'likewise';
COMMENT ON COLUMN lead_model.ks6 IS 'likewise';
COMMENT ON COLUMN lead_model.threshold3 IS 'the best grade from this probability of the first horizon';
COMMENT ON COLUMN lead_model.threshold6 IS 'the second grade from this probability of the second horizon';
COMMENT ON COLUMN lead_model.threshold_basis IS 'where the thresholds come from, in words';
COMMENT ON COLUMN lead_model.is_enabled IS 'false: scores come from the enabled model before it';
COMMENT ON COLUMN lead_model.recorded_at IS 'when it was trained';

CREATE TABLE lead_model_counts (
    lead_model_id bigint NOT NULL,
    horizon_no    smallint NOT NULL CHECK (horizon_no IN (1, 2)),
    team          text NOT NULL,
    counts        naive_bayes NOT NULL,
    PRIMARY KEY (lead_model_id, horizon_no, team)
);
COMMENT ON TABLE lead_model_counts IS 'what a model knows: outcomes by feature and value, of the company and of each team';
COMMENT ON COLUMN lead_model_counts.lead_model_id IS 'the model';
COMMENT ON COLUMN lead_model_counts.horizon_no IS '1: bought within the first horizon, 2: within the second';
COMMENT ON COLUMN lead_model_counts.team IS 'the team; empty for the whole company';
COMMENT ON COLUMN lead_model_counts.counts IS 'the counts, see type naive_bayes';

-- Derived from lead and lead_model, and as large as all nights together: without foreign keys, which
-- cost more than the row itself.
CREATE TABLE lead_score (
    customer_id   bigint NOT NULL,
    lead_id       bigint NOT NULL,
    scored_at     timestamptz NOT NULL,
    lead_model_id bigint NOT NULL,
    team          text NOT NULL,
    log_odds      float8 NOT NULL,
    p3            float8 NOT NULL CHECK (p3 BETWEEN 0 AND 1),
    p6            float8 NOT NULL CHECK (p6 BETWEEN p3 AND 1),
    score         numeric(5,2) NOT NULL,
    model_grade   text NOT NULL,
    features      jsonb NOT NULL,
    PRIMARY KEY (customer_id, lead_id, scored_at)
);
COMMENT ON TABLE lead_score IS 'scores of leads by the model, one row where grade or probability has changed; the last row of a lead holds';
COMMENT ON COLUMN lead_score.customer_id IS 'the customer';
COMMENT ON COLUMN lead_score.lead_id IS 'the lead';
COMMENT ON COLUMN lead_score.scored_at IS 'time as of which it was scored';
COMMENT ON COLUMN lead_score.lead_model_id IS 'the model: its version';
COMMENT ON COLUMN lead_score.team IS 'the team by whose counts it was scored; empty: the company''s';
COMMENT ON COLUMN lead_score.log_odds IS 'logarithm of the odds of buying within the first horizon: the sum of its parts, see explain_lead()';
COMMENT ON COLUMN lead_score.p3 IS 'probability of buying within the first horizon (three months), from scored_at on';
COMMENT ON COLUMN lead_score.p6 IS 'probability of buying within the second horizon (six months); never below p3';
COMMENT ON COLUMN lead_score.score IS 'p3 in percent';
COMMENT ON COLUMN lead_score.model_grade IS 'the grade that this means by the thresholds of the model';
COMMENT ON COLUMN lead_score.features IS 'the features as they were then';
CREATE INDEX lead_score_scored ON lead_score (scored_at);

CREATE TABLE lead_score_run (
    as_of            timestamptz PRIMARY KEY,
    lead_model_id    bigint NOT NULL,
    last_customer_id bigint NOT NULL,
    last_lead_id     bigint NOT NULL,
    leads            bigint NOT NULL,
    changed          bigint NOT NULL,
    regraded         bigint NOT NULL,
    ended_at         timestamptz
);
COMMENT ON TABLE lead_score_run IS 'runs of score_leads(), one row per time as of which it scored: how far it has come';
COMMENT ON COLUMN lead_score_run.as_of IS 'time as of which it scores';
COMMENT ON COLUMN lead_score_run.lead_model_id IS 'the model that it uses';
COMMENT ON COLUMN lead_score_run.last_customer_id IS 'customer of the last lead done, in order of customer and lead';
COMMENT ON COLUMN lead_score_run.last_lead_id IS 'the last lead done';
COMMENT ON COLUMN lead_score_run.leads IS 'leads scored';
COMMENT ON COLUMN lead_score_run.changed IS 'of which got a new row in lead_score';
COMMENT ON COLUMN lead_score_run.regraded IS 'of which got another grade';
COMMENT ON COLUMN lead_score_run.ended_at IS 'when all were done; NULL while there are more';

INSERT INTO setting VALUES
    ('lead_model_months',          '24',  'training looks at leads opened in so many months before'),
    ('lead_model_max_leads',       '200000', 'training looks at no more leads than this: of more, at an even sample of the customers'),
    ('lead_model_snapshot_days',   '0,7,30,90,180', 'training looks at a lead so many days after it was opened, while it was open'),
    ('lead_model_young_buyers',    'leave out', 'leads that have bought but are younger than the horizon: leave out, or count (then probabilities come out too high: those of the same age that have not bought are left out)'),
    ('lead_model_half_life_days',  '365', 'days in which an outcome loses half its weight in training; 0: all weigh the same'),
    ('lead_model_alpha',           '1',   'smoothing of the model: added to the counts of each value; 0.1 is Odoo''s'),
    ('lead_model_team_strength',   '50',  'outcomes of the company that count towards the model of a team'),
    ('lead_model_minimum',         '20',  'a model needs at least so many outcomes bought and as many not bought'),
    ('lead_model_train_days',      '7',   'run_daily() trains the model anew after so many days'),
    ('lead_model_threshold3',      'capacity', 'the best grade from this probability of buying within three months; capacity: so that each salesperson has lead_model_leads3 leads of it, but not below the average'),
    ('lead_model_threshold6',      'capacity', 'the second grade from this probability of buying within six months, likewise by lead_model_leads6'),
    ('lead_model_leads3',          '20',  'leads of the best grade that a salesperson can look after (a visit a week)'),
    ('lead_model_leads6',          '60',  'leads of the second grade that a salesperson can look after (a visit a month)');

INSERT INTO job_step (job, step_no, step, command, is_repeated) VALUES
    ('run_daily', 12, 'train lead model', 'SELECT train_lead_model_when_due($1)', false),
    ('run_daily', 14, 'score leads',      'SELECT score_leads($1, 50000)', true);

-- Rows that the life of a list starts with: settings, signals, steps of the jobs.

INSERT INTO setting VALUES
    ('list_response_days',      '28',    'days that people have to answer: who was contacted later is not yet counted in the judgement of a list'),
    ('list_response_threshold', '0.005', 'rate of answers under which a bought list is retired, where list.response_threshold does not say: 0.005 is 5 of 1,000; break-even: the rate at which a piece pays for itself; 0: never'),
    ('list_cost_per_piece',     '0',     'what one piece costs, where neither list.cost_per_piece nor import_list() says: for the money that cleaning saves'),
    ('list_repair_typos',       'yes',   'yes: an e-mail address with a plain slip in its domain (gmial.com) is repaired by import_list(); no: it is not used'),
    ('keep_list_rows_days',     '400',   'days after which run_daily() deletes the rows of imported files (list_import_row); the counts stay'),
    ('two_strikes',             '2',     'contacts without feedback after which an external person is not contacted any more, where list.strikes does not say; 0: no such rule');

INSERT INTO strike_signal VALUES
    ('opened',     false, 'touch_event opened: unreliable, mail programs open pieces by themselves'),
    ('clicked',    true,  'touch_event clicked'),
    ('forwarded',  true,  'touch_event forwarded'),
    ('responded',  true,  'a row of response'),
    ('visited',    true,  'a row of reception'),
    ('registered', true,  'a row of event_registration'),
    ('attended',   true,  'a row of event_attendance'),
    ('ordered',    true,  'a row of customer_order'),
    ('called',     true,  'a call of theirs: a row of call, inbound');

INSERT INTO two_strikes_state (report) VALUES ('two_strikes');

INSERT INTO job_step (job, step_no, step, command, is_repeated) VALUES
    ('run_hourly', 30, 'apply two strikes', 'SELECT apply_two_strikes($1)', false),
    ('run_daily',  30, 'apply two strikes', 'SELECT apply_two_strikes($1)', false),
    ('run_daily',  56, 'retire lists',      'SELECT retire_lists($1)', false),
    ('run_daily',  94, 'purge list rows',   'SELECT purge_list_rows($1)', false);

INSERT INTO selection_attribute (attribute, kind, relations, expression, description) VALUES
    ('test of list', 'people', '{}', 'SELECT s.customer_id FROM list_sample s WHERE s.list = ANY ({words}) AND s.purpose = ''test'' AND s.drawn_at <= $1', 'was drawn by test_list() for the test of one of these lists');

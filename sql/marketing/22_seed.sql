-- Rows that every marketing database starts with. All of them may be changed, but for the two
-- reserved ones: the unidentified customer 0 and the source code UNSOURCED.

INSERT INTO setting VALUES
    ('currency',           'EUR',  'currency of all amounts: a name for people, nothing is converted'),
    ('time_zone',          current_setting('TimeZone'), 'time zone of the business: what happens counts on the day it has there. After a change the next refresh_reports() makes all reports again'),
    ('source_code_layout', '{medium}{group}{list:2}{month:2}{year:1}', 'layout of the source codes, see source_read()'),
    ('match_back_days',    '90', 'days, from the one on which the piece reaches people, in which an order without a code may be matched to an effort that has no answers_until and whose list has no earlier drop; 0: to none of these'),
    ('confidence',         '0.95', 'confidence of the limits in the views, between 0 and 1'),
    ('account_visit_interval',     '3 months', 'customers with an owner and no open lead are to be visited or called at least this often'),
    ('key_account_visit_interval', '1 month',  'likewise, for key accounts'),
    ('first_response_minutes', '60',    'minutes of working time within which an enquiry is to be answered, for channels that have no row in response_target'),
    ('working_day_starts',  '09:00',    'time of day from which working time counts, on days that are no day off (table calendar)'),
    ('working_day_ends',    '18:00',    'time of day until which working time counts'),
    ('form_entry_minutes',  '60',       'minutes after a reception within which its form is to be entered'),
    ('busy_minutes',        '60',       'minutes after which a salesperson who was marked busy without an end counts as free again'),
    ('job_daily_schedule',  '15 2 * * *', 'when pg_cron runs run_daily(): minute, hour, day, month, weekday, in GMT. Run schedule_jobs() after a change'),
    ('job_hourly_schedule', '5 * * * *',  'when pg_cron runs run_hourly(), likewise'),
    ('keep_job_runs_days',  '400',        'days after which run_daily() deletes rows of job_run'),
    ('value_unit',          'week', 'unit of time of the models of customers'' purchases: day, week, month or year'),
    ('value_discount_rate', '0.15', 'discount a year of the revenue that is expected of a customer: 0.15 is 15 percent'),
    ('value_refit_growth',  '0.05', 'the models of customers'' purchases are fitted anew when the number of customers has changed by this share'),
    ('value_refit_days',    '30',   'and when the last fit is so many days old'),
    ('retention_change',    '0.05', 'points of retention whose worth value_of_retention tells: 0.05 is 5 of 100'),
    ('allowable_share',     '1',    'share of the margin after the first order that may be spent to win a customer (value_allowable_cost)'),
    ('attribution_report_days',    '90', 'days before the last refresh whose orders attribution_by_medium shares out, a whole number'),
    ('attribution_lookback_days',  '90', 'days before an order in which a contact may have led to it (attribution_by_medium, attribution_by_model())'),
    ('attribution_half_life_days', '7',  'days after which a contact counts half as much in the model time_decay'),
    ('attribution_direct_media',   'F,W', 'media, with commas between, through which people come by themselves: the model last_non_direct passes over them'),
    ('basket_call_hours',          '1',  'hours after which an abandoned basket is due to be called about (basket_call_list())'),
    ('basket_recovery_days',       '7',  'days after a basket was abandoned in which what is ordered counts as recovered, and in which the person is called'),
    ('test_expected_difference',   '0.01', 'difference of response or order rates that tests are made to find: what a look at a running test (view running_test) goes by. Set it before the test begins'),
    ('keep_request_days',  '90',  'days for which a call of a recording function may be repeated with its request_id and gets the first answer; then run_daily() forgets it');

INSERT INTO calendar
SELECT d::date, extract(year FROM d), extract(quarter FROM d), extract(month FROM d), date_trunc('month', d)::date,
       extract(isoyear FROM d), extract(week FROM d), extract(isodow FROM d), extract(isodow FROM d) >= 6, NULL
  FROM generate_series(timestamp '2000-01-01', timestamp '2049-12-31', interval '1 day') d;

INSERT INTO medium VALUES
    ('A', 'print ad', false),
    ('B', 'broadcast ad', false),
    ('C', 'blog and community', false),
    ('D', 'e-mail', true),
    ('E', 'meeting or course', false),
    ('F', 'field sales and store', false),
    ('I', 'instant messaging', true),
    ('K', 'catalogue', false),
    ('M', 'direct mail', false),
    ('P', 'public relations', false),
    ('S', 'search', false),
    ('T', 'call centre', false),
    ('V', 'TV ad', false),
    ('W', 'web site', false),
    ('X', 'text message', true);

INSERT INTO response_channel VALUES
    ('call',   'inbound call'),
    ('coupon', 'coupon'),
    ('fax',    'fax'),
    ('email',  'e-mail'),
    ('web',    'web'),
    ('visit',  'visit');

INSERT INTO lead_grade VALUES
    ('prospective', 1, 'will buy within three months', '3 months', '1 week',  'sales'),
    ('intention',   2, 'will buy within six months',   '6 months', '1 month', 'sales'),
    ('potential',   3, 'will buy, time unknown',       NULL,       NULL,      'marketing');

INSERT INTO stale_rule VALUES
    ('prospective', 1, '3 months', 'deal', 'to senior'),
    ('prospective', 2, '3 months', 'deal', 'defeat'),
    ('intention',   1, '3 months', 'deal', 'reassign');

INSERT INTO customer (customer_id, kind, entered_as, name)
VALUES (0, 'internal', 'internal', 'unidentified customer');

INSERT INTO source (source_code) VALUES ('UNSOURCED');

INSERT INTO report_state (report) VALUES ('source_day');

INSERT INTO job_step (job, step_no, step, command, is_repeated) VALUES
    ('run_daily', 20, 'move stale leads', 'SELECT move_stale_leads($1, 2000)', true),
    ('run_hourly', 10, 'assign leads',    'SELECT assign_leads($1, 500)', true),
    ('run_daily', 18, 'assign leads',     'SELECT assign_leads($1, 500)', true),
    ('run_daily', 16, 'score forms',      'SELECT score_forms($1, 5000)', true),
    ('run_daily', 24, 'plan visits',      'SELECT plan_visits($1, 2000)', true),
    ('run_daily', 50, 'refresh reports',  'SELECT refresh_reports($1)', false),
    ('run_daily', 54, 'refresh value',    'SELECT refresh_value($1, 50000)', true),
    ('run_daily', 90, 'purge job runs',   'SELECT purge_job_runs($1)', false),
    ('run_daily', 92, 'purge requests',   'SELECT purge_requests($1)', false);

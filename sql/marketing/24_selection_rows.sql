-- What selections may ask of a customer to begin with. The owner of the schema adds rows of his own.

INSERT INTO selection_relation VALUES
    ('score',   'SELECT s.* FROM customer_score s', 'what the customer has brought and is expected to bring, at the last refresh_value(); a row for whoever has ordered'),
    ('lead',    'SELECT DISTINCT ON (l.customer_id) l.customer_id, l.status, l.lead_grade, l.model_grade, l.product, l.team, l.opened_at
                   FROM lead l LEFT JOIN lead_grade g ON g.lead_grade = l.lead_grade
                  WHERE l.opened_at <= $1 ORDER BY l.customer_id, l.status <> ''open'', g.grade_no, l.opened_at DESC, l.lead_id DESC',
                'the lead of the customer: the best open one, else the last one'),
    ('contact', 'SELECT k.customer_id, max(k.at) AS last_at
                   FROM (SELECT t.customer_id, t.sent_at AS at FROM touch t
                         UNION ALL SELECT l.customer_id, l.called_at FROM call l WHERE l.direction = ''outbound''
                         UNION ALL SELECT v.customer_id, v.visited_at FROM visit v WHERE v.status = ''completed'') k
                  WHERE k.at <= $1 GROUP BY k.customer_id',
                'the last contact from our side: piece, call or visit'),
    ('pieces',  'SELECT t.customer_id, count(*) AS pieces FROM touch t WHERE t.sent_at > $1 - interval ''30 days'' AND t.sent_at <= $1 GROUP BY t.customer_id',
                'pieces sent in the last 30 days'),
    ('answer',  'SELECT r.customer_id, max(r.responded_at) AS last_at, count(*) FILTER (WHERE r.responded_at > $1 - interval ''365 days'') AS answers
                   FROM response r WHERE r.responded_at <= $1 GROUP BY r.customer_id',
                'the last answer, and the answers of the last 365 days');

INSERT INTO selection_attribute (attribute, kind, relations, expression, description) VALUES
    ('kind',               'text',       '{}', 'c.kind', 'internal or external'),
    ('organisation',       'yes or no',  '{}', 'c.is_organisation', 'an organisation and no person'),
    ('key account',        'yes or no',  '{}', 'c.is_key_account', 'a key account'),
    ('region',             'text',       '{}', 'c.region', 'sales region'),
    ('account owner',      'text',       '{}', 'c.salesperson_id::text', 'salesperson_id of the owner of the account'),
    ('preferred channel',  'text',       '{}', 'c.preferred_channel', 'channel that the customer prefers'),
    ('role in decision',   'text',       '{}', 'c.role_in_decision', 'role in the decision to buy'),
    ('birthday month',     'number',     '{}', 'extract(month FROM c.birthday)', 'month of the birthday, 1 to 12'),
    ('birthday day',       'number',     '{}', 'extract(day FROM c.birthday)', 'day of the month of the birthday, 1 to 31'),
    ('age',                'number',     '{}', 'extract(year FROM age($2, c.birthday))', 'age in years'),
    ('days known',         'number',     '{}', 'extract(epoch FROM $1 - c.recorded_at) / 86400', 'days since the customer was recorded'),
    ('segment',            'text',       '{score}', 'score.segment', 'segment by value'),
    ('alive',              'number',     '{score}', 'score.alive', 'probability that the customer is still one, 0 to 1'),
    ('churn',              'number',     '{score}', 'score.churn', 'probability of no order within twelve months, 0 to 1'),
    ('expected orders',    'number',     '{score}', 'score.expected_orders', 'orders expected within twelve months'),
    ('expected revenue',   'number',     '{score}', 'score.expected_revenue', 'revenue expected within twelve months'),
    ('expected margin',    'number',     '{score}', 'score.expected_margin', 'margin expected within twelve months'),
    ('expected profit',    'number',     '{score}', 'score.expected_profit', 'margin expected less the cost to serve'),
    ('value percentile',   'number',     '{score}', 'score.value_percentile', 'share of the customers who are worth less, 0 to 1'),
    ('growth percentile',  'number',     '{score}', 'score.growth_percentile', 'share of the customers who grow less, 0 to 1'),
    ('orders',             'number',     '{score}', 'coalesce(score.orders, 0)', 'orders so far, 0 for who has none'),
    ('revenue',            'number',     '{score}', 'coalesce(score.revenue, 0)', 'revenue so far before returns, 0 for who has none'),
    ('margin',             'number',     '{score}', 'score.margin', 'margin so far'),
    ('months since order', 'number',     '{score}', 'score.months_since_order', 'months since the last order'),
    ('recency score',      'number',     '{score}', 'score.recency_score', 'R of the RFM cell, 1 to 5'),
    ('frequency score',    'number',     '{score}', 'score.frequency_score', 'F of the RFM cell, 1 to 5'),
    ('monetary score',     'number',     '{score}', 'score.monetary_score', 'M of the RFM cell, 1 to 5'),
    ('grade',              'text',       '{lead}', 'CASE WHEN lead.status = ''open'' THEN lead.lead_grade END', 'grade of the best open lead'),
    ('model grade',        'text',       '{lead}', 'CASE WHEN lead.status = ''open'' THEN lead.model_grade END', 'grade that the model gives it'),
    ('lead status',        'text',       '{lead}', 'lead.status', 'status of the best open lead, else of the last one: open, won, lost or defeated'),
    ('lead product',       'text',       '{lead}', 'lead.product', 'product that this lead is about'),
    ('life stage',         'text',       '{score,lead}', 'CASE WHEN score.months_since_order >= 12 THEN ''sleeping'' WHEN score.orders >= 2 THEN ''regular'' WHEN score.orders = 1 THEN ''new customer''
        WHEN lead.status = ''open'' THEN ''lead'' WHEN lead.status IN (''lost'', ''defeated'') THEN ''lost lead'' WHEN c.kind = ''internal'' THEN ''interested'' ELSE ''stranger'' END',
                                             'stranger, interested (has answered or registered), lead (open), lost lead, new customer (one order), regular (two or more), sleeping (no order for twelve months)'),
    ('days since contact', 'number',     '{contact}', 'extract(epoch FROM $1 - contact.last_at) / 86400', 'days since the last piece, call or visit from our side; not known for who had none'),
    ('pieces in 30 days',  'number',     '{pieces}', 'coalesce(pieces.pieces, 0)', 'pieces sent in the last 30 days'),
    ('days since answer',  'number',     '{answer}', 'extract(epoch FROM $1 - answer.last_at) / 86400', 'days since the last answer; not known for who never answered'),
    ('answers in 365 days', 'number',    '{answer}', 'coalesce(answer.answers, 0)', 'answers in the last 365 days'),
    ('list',               'people',     '{}', 'SELECT m.customer_id FROM list_member m WHERE m.list = ANY ({words}) AND (m.joined_on IS NULL OR m.joined_on <= $2) AND (m.left_on IS NULL OR m.left_on > $2)',
                                             'is on one of these lists'),
    ('bought product',     'people',     '{}', 'SELECT l.customer_id FROM order_line l JOIN customer_order o ON o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id WHERE l.product = ANY ({words}) AND o.ordered_at <= $1',
                                             'has ordered one of these products'),
    ('bought category',    'people',     '{}', 'SELECT l.customer_id FROM order_line l JOIN product p ON p.product = l.product JOIN customer_order o ON o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id
        WHERE p.category = ANY ({words}) AND o.ordered_at <= $1', 'has ordered a product of one of these groups'),
    ('ordered',            'people',     '{}', 'SELECT o.customer_id FROM customer_order o WHERE o.ordered_at <= $1', 'has ordered, by the orders themselves and not by the last refresh_value()'),
    ('contacted by campaign', 'people',  '{}', 'SELECT t.customer_id FROM touch t JOIN source s ON s.source_code = t.source_code WHERE s.campaign = ANY ({words}) AND t.sent_at <= $1',
                                             'was sent a piece of one of these campaigns'),
    ('contacted by source', 'people',    '{}', 'SELECT t.customer_id FROM touch t WHERE t.source_code = ANY ({words}::source_code[]) AND t.sent_at <= $1', 'was sent a piece under one of these source codes'),
    ('clicked campaign',   'people',     '{}', 'SELECT e.customer_id FROM touch_event e JOIN touch t ON t.customer_id = e.customer_id AND t.touch_id = e.touch_id JOIN source s ON s.source_code = t.source_code
        WHERE e.kind = ''clicked'' AND s.campaign = ANY ({words}) AND e.happened_at <= $1', 'has clicked in a piece of one of these campaigns'),
    ('answered campaign',  'people',     '{}', 'SELECT r.customer_id FROM response r LEFT JOIN touch t ON t.customer_id = r.customer_id AND t.touch_id = r.touch_id JOIN source s ON s.source_code = coalesce(r.source_code, t.source_code)
        WHERE s.campaign = ANY ({words}) AND r.responded_at <= $1', 'has answered one of these campaigns'),
    ('answered source',    'people',     '{}', 'SELECT r.customer_id FROM response r LEFT JOIN touch t ON t.customer_id = r.customer_id AND t.touch_id = r.touch_id
        WHERE coalesce(r.source_code, t.source_code) = ANY ({words}::source_code[]) AND r.responded_at <= $1', 'has answered one of these source codes'),
    ('registered for event', 'people',   '{}', 'SELECT r.customer_id FROM event_registration r WHERE r.event_id::text = ANY ({words}) AND r.registered_at <= $1', 'is registered for one of these events (event_id)'),
    ('attended event',     'people',     '{}', 'SELECT a.customer_id FROM event_attendance a WHERE a.event_id::text = ANY ({words}) AND a.attended_at <= $1', 'has attended one of these events (event_id)');

INSERT INTO setting VALUES
    ('outbox_attempts',            '5',  'how often a row of the outbox or of a call list is handed out before it counts as failed'),
    ('outbox_reservation_minutes', '15', 'minutes for which a sending app keeps what take_from_outbox() handed out'),
    ('outbox_retry_minutes',       '30', 'minutes after which what could not be sent is tried again; twice as long each further time'),
    ('call_reservation_minutes',   '60', 'minutes for which an agent keeps the names that call_list() handed out'),
    ('call_back_minutes',          '30', 'minutes for which a promised call-back waits for the agent who promised it; then anybody gets it'),
    ('callable_names_days',        '5',  'a call list is low when its names last for fewer working days than this (callable_names())');

-- what comes on the call lists by itself: see queue_enquiries() and queue_baskets()
INSERT INTO selection (selection, name, channel, delivery, priority, place, valid_days, script) VALUES
    ('enquiries', 'enquiry',          'call', 'calls', 90, NULL,     30, 'Answer what was asked, and say when somebody will be back.'),
    ('baskets',   'abandoned basket', 'call', 'calls', 80, 'office', 7,  'Ask whether anything was unclear, and help to order.');

INSERT INTO job_step (job, step_no, step, command, is_repeated) VALUES
    ('run_hourly', 40, 'queue enquiries',   'SELECT queue_enquiries($1)', false),
    ('run_hourly', 42, 'queue baskets',     'SELECT queue_baskets($1)', false),
    ('run_daily',  58, 'expire selections', 'SELECT expire_selections($1, 10000)', true),
    ('run_daily',  60, 'run selections',    'SELECT run_selections($1)', true);

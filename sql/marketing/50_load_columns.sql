-- What the bulk loads can read: one row per kind of load and column of its staging table.
--
-- A view of constants, so that the columns are described in one place for the loader, for the
-- manual and for whoever prepares a sheet.

CREATE OR REPLACE VIEW load_column AS
WITH columns (kinds, column_name, read_as, is_needed, words, registered_in, refers_to, meaning) AS (VALUES
    -- who
    ('customers touches touch_events responses leads visits orders', 'customer_id', 'number', false, NULL, NULL, NULL,
     'the customer''s number here'),
    ('customers touches touch_events responses leads visits orders', 'system', 'text', false, NULL, NULL, NULL,
     'the other system that gave the customer a number'),
    ('customers touches touch_events responses leads visits orders', 'number', 'text', false, NULL, NULL, NULL,
     'the customer''s number in that system'),

    -- customers
    ('customers names', 'name',                  'text',      false, NULL, NULL, NULL, 'name of the person or organisation'),
    ('customers', 'kind',                  'text',      false, 'internal,external', NULL, NULL, 'internal (answered or registered) or external; external where it is not said'),
    ('customers names', 'is_organisation',       'boolean',   false, NULL, NULL, NULL, 'an organisation, not a person; no where it is not said'),
    ('customers', 'household_id',          'number',    false, NULL, NULL, NULL, 'people of one household share this number'),
    ('customers', 'organisation_id',       'number',    false, NULL, NULL, NULL, 'customer_id of the organisation that the person works for'),
    ('customers', 'organisation_number',   'text',      false, NULL, NULL, NULL, 'its number in the same system, where organisation_id is not given; it may stand in the same sheet'),
    ('customers', 'role_in_decision',      'text',      false, 'decides,influences,uses,pays,gatekeeper', NULL, NULL, 'role in the organisation''s decision to buy'),
    ('customers', 'recommended_by',        'number',    false, NULL, NULL, NULL, 'customer_id of who recommended us'),
    ('customers', 'recommended_by_number', 'text',      false, NULL, NULL, NULL, 'the number of who recommended us in the same system, where recommended_by is not given'),
    ('customers', 'is_key_account',        'boolean',   false, NULL, NULL, NULL, 'a key account; no where it is not said'),
    ('customers', 'is_seed',               'boolean',   false, NULL, NULL, NULL, 'a seed name, never counted; no where it is not said'),
    ('customers names', 'birthday',              'date',      false, NULL, NULL, NULL, 'date of birth'),
    ('customers', 'region',                'text',      false, NULL, 'region.region', NULL, 'region'),
    ('customers', 'preferred_channel',     'text',      false, NULL, NULL, NULL, 'how the person wants to be contacted'),
    ('customers', 'became_internal_at',    'timestamp', false, NULL, NULL, NULL, 'when the person first answered or registered'),
    ('customers names', 'email',                 'text',      false, NULL, NULL, NULL, 'an e-mail address'),
    ('customers names', 'phone',                 'text',      false, NULL, NULL, NULL, 'a telephone number'),
    ('customers names', 'mobile',                'text',      false, NULL, NULL, NULL, 'a mobile number'),
    ('customers names', 'postal',                'text',      false, NULL, NULL, NULL, 'a postal address'),
    ('customers names', 'messenger',             'text',      false, NULL, NULL, NULL, 'a name at a messenger service'),
    ('customers', 'place',                 'text',      false, 'office,home', NULL, NULL, 'where these addresses are'),
    ('customers', 'lists',                 'text',      false, NULL, NULL, NULL, 'lists that the customer is on, separated by commas, each registered in list'),
    ('customers', 'joined_on',             'date',      false, NULL, NULL, NULL, 'when the name came onto these lists'),

    -- sources
    ('sources', 'source_code',   'code',    true,  NULL, NULL, NULL, 'the code'),
    ('sources', 'campaign',      'text',    false, NULL, 'campaign.campaign', NULL, 'campaign of the effort'),
    ('sources', 'medium',        'text',    false, NULL, 'medium.medium', NULL, 'medium of the effort'),
    ('sources', 'test_group',    'text',    false, NULL, NULL, NULL, 'group of the split test, registered in test_group with the campaign'),
    ('sources', 'list',          'text',    false, NULL, 'list.list', NULL, 'list that is mailed or called'),
    ('sources', 'offer',         'text',    false, NULL, 'offer.offer', NULL, 'offer of this cell'),
    ('sources', 'issued_on',     'date',    false, NULL, NULL, NULL, 'first day of the month of issue'),
    ('sources', 'in_home_on',    'date',    false, NULL, NULL, NULL, 'day on which the piece reaches people'),
    ('sources', 'answers_until', 'date',    false, NULL, NULL, NULL, 'last day on which an order without a code may be matched to this effort'),
    ('sources', 'quantity',      'amount',  false, NULL, NULL, NULL, 'pieces planned or printed'),
    ('sources', 'is_control',    'boolean', false, NULL, NULL, NULL, 'control cell of the test; no where it is not said'),
    ('sources', 'is_hold_out',   'boolean', false, NULL, NULL, NULL, 'hold-out cell; no where it is not said'),
    ('sources', 'inbound_phone', 'text',    false, NULL, NULL, NULL, 'telephone number printed for this code only'),
    ('sources', 'retired_on',    'date',    false, NULL, NULL, NULL, 'no longer used since'),

    -- touches and what became of them
    ('touches', 'source_code', 'code',      true,  NULL, 'source.source_code', NULL, 'the cell of the effort; people of a hold-out cell are recorded in hold_out'),
    ('touches', 'sent_at',     'timestamp', true,  NULL, NULL, NULL, 'when it was sent, or held out'),
    ('touches', 'address',     'text',      false, NULL, NULL, 'contact_point', 'the address it was sent to: a contact point of the customer'),
    ('touch_events', 'touch_id',         'number', false, NULL, NULL, 'touch', 'the touch, by its key'),
    ('touch_events', 'touch_request_id', 'text',   false, NULL, NULL, 'touch', 'the touch, by the request_id with which it was recorded'),
    ('touch_events', 'source_code',      'code',   false, NULL, NULL, 'touch', 'the touch, by its source code: the customer''s last one before the event'),
    ('touch_events', 'kind',             'text',   true, 'delivered,opened,clicked,forwarded,bounced,complained,unsubscribed', NULL, NULL, 'what happened'),
    ('touch_events', 'happened_at',      'timestamp', true, NULL, NULL, NULL, 'when it happened'),
    ('touch_events', 'detail',           'text',   false, NULL, NULL, NULL, 'what the sender reported: link, bounce code'),

    -- responses, leads, visits
    ('responses', 'responded_at', 'timestamp', true,  NULL, NULL, NULL, 'when the answer came in'),
    ('leads',     'opened_at',    'timestamp', true,  NULL, NULL, NULL, 'when the lead was opened'),
    ('visits',    'visited_at',   'timestamp', true,  NULL, NULL, NULL, 'when it took place or is planned'),
    ('responses', 'touch_id',         'number', false, NULL, NULL, 'touch', 'the touch it answers, by its key'),
    ('responses', 'touch_request_id', 'text',   false, NULL, NULL, 'touch', 'the touch it answers, by the request_id with which it was recorded'),
    ('responses', 'message',          'text',   false, NULL, NULL, NULL, 'what the customer said'),
    ('leads',     'team',             'text',   false, NULL, 'team.team', NULL, 'team in charge'),
    ('leads',     'lead_grade',       'text',   false, NULL, 'lead_grade.lead_grade', NULL, 'grade by the salesperson'),
    ('leads',     'clock_started_at', 'timestamp', false, NULL, NULL, NULL, 'since when the lead has this grade and owner; opened_at where it is not said'),
    ('leads',     'next_visit_on',    'date',   false, NULL, NULL, NULL, 'next planned visit'),
    ('leads',     'status',           'text',   false, 'open,won,lost,defeated', NULL, NULL, 'open where it is not said'),
    ('leads',     'closed_at',        'timestamp', false, NULL, NULL, NULL, 'when it was won, lost or defeated: needed for these'),
    ('leads',     'lost_reason',      'text',   false, NULL, NULL, NULL, 'why it was lost'),
    ('leads',     'competitor',       'text',   false, NULL, NULL, NULL, 'who won it instead'),
    ('leads',     'competitor_price', 'amount', false, NULL, NULL, NULL, 'at what price'),
    ('visits',    'kind',             'text',   false, 'reception,return visit,return call,test drive,field call', NULL, NULL, 'field call where it is not said'),
    ('visits',    'status',           'text',   false, 'planned,completed,cancelled', NULL, NULL, 'completed where it is not said'),
    ('visits',    'outcome',          'text',   false, NULL, NULL, NULL, 'what came of it'),
    ('visits',    'grade_before',     'text',   false, NULL, 'lead_grade.lead_grade', NULL, 'grade of the lead before the visit'),
    ('visits',    'grade_after',      'text',   false, NULL, 'lead_grade.lead_grade', NULL, 'grade of the lead after the visit'),

    -- orders
    ('orders', 'order_number',  'text',      false, NULL, NULL, NULL, 'number of the order in the system it comes from'),
    ('orders', 'ordered_at',    'timestamp', true,  NULL, NULL, NULL, 'when it was ordered, or sent back'),
    ('orders', 'revenue',       'amount',    false, NULL, NULL, NULL, 'value of the order; needed where there are no lines'),
    ('orders', 'cost_of_goods', 'amount',    false, NULL, NULL, NULL, 'what the goods cost us: of the order, or of the line; 0 where it is not said'),
    ('orders', 'reason',        'text',      false, NULL, NULL, NULL, 'why the customer bought, or sent back'),
    ('orders', 'is_return',     'boolean',   false, NULL, NULL, NULL, 'goods sent back, not an order; no where it is not said'),
    ('orders', 'return_of',     'text',      false, NULL, NULL, NULL, 'order_number of the order that is sent back: makes the row a return'),
    ('orders', 'product',       'text',      false, NULL, NULL, NULL, 'line: the product; where it is not registered it becomes the description'),
    ('orders', 'description',   'text',      false, NULL, NULL, NULL, 'line: what was sold'),
    ('orders', 'quantity',      'amount',    false, NULL, NULL, NULL, 'line: pieces; 1 where it is not said'),
    ('orders', 'unit_price',    'amount',    false, NULL, NULL, NULL, 'line: price of one'),
    ('orders', 'amount',        'amount',    false, NULL, NULL, NULL, 'line: its value; quantity times unit_price where it is not said'),

    -- expenses
    ('expenses', 'spent_on',    'date',   true,  NULL, NULL, NULL, 'the day on which it counts'),
    ('expenses', 'amount',      'amount', true,  NULL, NULL, NULL, 'money'),
    ('expenses', 'source_code', 'code',   false, NULL, 'source.source_code', NULL, 'what it was spent on: a cell'),
    ('expenses', 'campaign',    'text',   false, NULL, 'campaign.campaign', NULL, 'what it was spent on: a whole campaign'),
    ('expenses', 'medium',      'text',   false, NULL, 'medium.medium', NULL, 'what it was spent on: a whole medium'),
    ('expenses', 'kind',        'text',   false, NULL, NULL, NULL, 'list, print, postage, media, call, creative, gift, ...'),
    ('expenses', 'supplier',    'text',   false, NULL, NULL, NULL, 'who was paid'),

    -- addresses that must not be used
    ('suppressions', 'email',     'text', false, NULL, NULL, NULL, 'an e-mail address'),
    ('suppressions', 'phone',     'text', false, NULL, NULL, NULL, 'a telephone number, mobile or not'),
    ('suppressions', 'postal',    'text', false, NULL, NULL, NULL, 'a postal address'),
    ('suppressions', 'messenger', 'text', false, NULL, NULL, NULL, 'a name at a messenger service'),
    ('suppressions', 'channel',   'text', false, NULL, 'contact_channel.channel', NULL, 'the channel that is stopped; all where it is not said'),
    ('suppressions', 'purpose',   'text', false, NULL, 'contact_purpose.purpose', NULL, 'the purpose that is stopped; all that are not exempt where it is not said'),
    ('suppressions', 'reason',    'text', true,  NULL, NULL, NULL, 'why, such as the name of the list'),
    ('suppressions', 'since',     'timestamp', false, NULL, NULL, NULL, 'from when; now where it is not said or to come'),
    ('suppressions', 'until',     'timestamp', false, NULL, NULL, NULL, 'until when; for ever where it is not said'),

    -- common to several
    ('responses orders', 'response_channel', 'text', false, NULL, 'response_channel.response_channel', NULL, 'how it arrived'),
    ('responses leads', 'product', 'text', false, NULL, 'product.product', NULL, 'product asked about'),
    ('responses visits orders', 'store', 'text', false, NULL, 'store.store', NULL, 'where'),
    ('customers responses leads visits orders', 'salesperson_id', 'number', false, NULL, 'salesperson.salesperson_id', NULL, 'who: owner, taker, visitor or seller'),
    ('customers responses leads visits orders', 'salesperson', 'text', false, NULL, NULL, 'salesperson', 'the same by name, where salesperson_id is not given'),
    ('leads orders', 'response_id', 'number', false, NULL, NULL, 'response', 'the answer it followed, by its key'),
    ('leads orders', 'response_request_id', 'text', false, NULL, NULL, 'response', 'the answer it followed, by the request_id with which it was recorded'),
    ('visits orders', 'lead_id', 'number', false, NULL, NULL, 'lead', 'the lead, by its key'),
    ('visits orders', 'lead_request_id', 'text', false, NULL, NULL, 'lead', 'the lead, by the request_id with which it was recorded'),
    ('responses leads visits orders', 'quoted_code', 'text', false, NULL, NULL, NULL, 'the source code as the customer quoted it'),
    ('touches touch_events responses leads visits orders expenses', 'request_id', 'text', false, NULL, NULL, NULL,
     'idempotency key; where it is not given, one is made of the contents of the row')
)
SELECT kind, column_name, read_as, is_needed, words, registered_in, refers_to, meaning
  FROM columns, string_to_table(kinds, ' ') AS kind;
COMMENT ON VIEW load_column IS 'columns that the staging tables of the bulk loads may have, one row per kind of load and column';
COMMENT ON COLUMN load_column.kind IS 'the kind of load: load_customers reads the kind customers';
COMMENT ON COLUMN load_column.column_name IS 'name of the column';
COMMENT ON COLUMN load_column.read_as IS 'what a cell is read as: text, number (whole), amount, boolean, date, timestamp, code (a source code)';
COMMENT ON COLUMN load_column.is_needed IS 'the staging table must have it, and no cell may be empty';
COMMENT ON COLUMN load_column.words IS 'the words that a cell may hold, separated by commas; NULL for any';
COMMENT ON COLUMN load_column.registered_in IS 'the table and column in which the cell must be found';
COMMENT ON COLUMN load_column.refers_to IS 'the table of which the cell names a row';
COMMENT ON COLUMN load_column.meaning IS 'what it means';

-- Rules about several columns of a row, as SQL over level x of load_read().
CREATE OR REPLACE VIEW load_rule (kind, condition, reason) AS VALUES
    ('customers',    'x.system IS NULL AND num_nonnulls(x.number, x.organisation_number, x.recommended_by_number) > 0', 'system is missing'),
    ('customers',    'x.number IS NULL AND x.system IS NOT NULL', 'number is missing'),
    ('customers',    'x.customer_id <= 0', 'customer_id "%s" is not positive'),
    ('customers',    'x.customer_id >= 1e18', 'customer_id "%s" has more than 18 digits'),      -- the numbers that follow must fit, too
    ('customers',    'EXISTS (SELECT FROM string_to_table(x.lists, '','') AS l WHERE btrim(l) <> '''' AND btrim(l) NOT IN (SELECT list FROM list))', 'lists "%s" names a list that is not registered'),
    ('sources',      'x.source_code = ''UNSOURCED''', 'source_code "UNSOURCED" is reserved'),
    ('sources',      'x.campaign IS NULL AND x.test_group IS NOT NULL', 'campaign is missing: a test group belongs to a campaign'),
    ('sources',      'x.test_group IS NOT NULL AND x.campaign IN (SELECT campaign FROM campaign) AND (x.campaign, x.test_group) NOT IN (SELECT campaign, test_group FROM test_group)', 'test_group "%s" is not registered in this campaign'),
    ('sources',      'x.is_control AND x.is_hold_out', 'is_control and is_hold_out cannot both be'),
    ('sources',      'x.answers_until < x.in_home_on', 'answers_until "%s" is before in_home_on'),
    ('sources',      'x.quantity <> trunc(x.quantity)', 'quantity "%s" is no whole number'),
    ('sources',      'x.quantity < 0', 'quantity "%s" is negative'),
    ('suppressions', 'num_nonnulls(x.email, x.phone, x.postal, x.messenger) = 0', 'email is missing, and phone, postal and messenger'),
    ('suppressions', 'x.until <= least(coalesce(x.since, now()), now())', 'until "%s" is not after since'),
    ('touch_events', 'x."touch_id cell" IS NULL AND x.touch_request_id IS NULL AND x."source_code cell" IS NULL', 'touch_id is missing, and touch_request_id and source_code'),
    ('leads',        'x.status <> ''open'' AND x."closed_at cell" IS NULL', 'closed_at is missing for a lead that is not open'),
    ('leads',        'coalesce(x.status, ''open'') = ''open'' AND x."closed_at cell" IS NOT NULL', 'closed_at "%s" is given for a lead that is open'),
    ('leads',        'x.closed_at < x.opened_at', 'closed_at "%s" is before opened_at'),
    ('leads',        'x.competitor_price < 0', 'competitor_price "%s" is negative'),
    ('orders',       'x."revenue cell" IS NULL AND x."amount cell" IS NULL AND x."unit_price cell" IS NULL', 'revenue is missing, and amount and unit_price'),
    ('orders',       'NOT x.is_return AND x.return_of IS NOT NULL', 'return_of "%s" is given for what is no return'),
    ('orders',       'abs(coalesce(x.quantity, 1) * x.unit_price) >= 1e14', 'unit_price times quantity has more than 14 digits'),
    ('expenses',     'num_nonnulls(x."source_code cell", x.campaign, x.medium) = 0', 'source_code is missing, and campaign and medium'),
    ('expenses',     'num_nonnulls(x."source_code cell", x.campaign, x.medium) > 1', 'source_code, campaign and medium: only one may be given');
COMMENT ON VIEW load_rule IS 'rules of the bulk loads about several columns of a row: a row that meets the condition is rejected';
COMMENT ON COLUMN load_rule.kind IS 'the kind of load';
COMMENT ON COLUMN load_rule.condition IS 'SQL, in which x is the row as it was read and "x cell" what stood there';
COMMENT ON COLUMN load_rule.reason IS 'the reason in load_reject; it begins with the name of a column, whose value stands for %s';

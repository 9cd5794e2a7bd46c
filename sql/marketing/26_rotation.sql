-- Rotation: who is there, who can take what, and whose turn it is.
--
-- duty_roster, absence and busy_spell say who could take a visitor at a given time; rotation_rule
-- and salesperson_skill say to which team a lead goes and who of it is best suited;
-- rotation_member holds the balance of each member of a team's rotation, and rotation_turn every
-- visitor and lead that was given to somebody, with the reason. Each is a rule or a state that
-- the manager can read and change, but for the last two, which the functions of 76_rotation.sql write.

CREATE TABLE duty_roster (
    salesperson_id bigint NOT NULL REFERENCES salesperson,
    weekday_no     smallint NOT NULL CHECK (weekday_no BETWEEN 1 AND 7),
    starts_after   interval NOT NULL CHECK (starts_after >= interval '0' AND starts_after < interval '24 hours'),
    ends_after     interval NOT NULL,
    valid_from_on  date NOT NULL DEFAULT '2000-01-01',
    valid_until_on date,
    PRIMARY KEY (salesperson_id, weekday_no, starts_after, valid_from_on),
    CHECK (ends_after > starts_after AND ends_after <= interval '24 hours'),
    CHECK (valid_until_on >= valid_from_on)
);
COMMENT ON TABLE duty_roster IS 'hours of duty by weekday, one row per shift. Who has no row for a day''s period of validity is on duty whenever salesperson.is_on_duty says so; who has some is on duty in these hours only, and not on holidays (calendar.holiday_name)';
COMMENT ON COLUMN duty_roster.salesperson_id IS 'who';
COMMENT ON COLUMN duty_roster.weekday_no IS 'day of the week, 1 Monday to 7 Sunday';
COMMENT ON COLUMN duty_roster.starts_after IS 'beginning of the shift, as time after midnight where the business is';
COMMENT ON COLUMN duty_roster.ends_after IS 'end of the shift, likewise; a shift past midnight is two rows';
COMMENT ON COLUMN duty_roster.valid_from_on IS 'first day on which the row holds';
COMMENT ON COLUMN duty_roster.valid_until_on IS 'last day on which it holds; NULL: until further notice';

CREATE TABLE absence (
    salesperson_id bigint NOT NULL REFERENCES salesperson,
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    reason         text,
    PRIMARY KEY (salesperson_id, starts_at),
    CHECK (ends_at > starts_at)
);
COMMENT ON TABLE absence IS 'when a salesperson is away: holidays, illness, courses. Who is away takes nothing, and neither gains nor loses a turn by it';
COMMENT ON COLUMN absence.salesperson_id IS 'who';
COMMENT ON COLUMN absence.starts_at IS 'from when';
COMMENT ON COLUMN absence.ends_at IS 'until when; back at that moment';
COMMENT ON COLUMN absence.reason IS 'why';

CREATE TABLE busy_spell (
    salesperson_id bigint NOT NULL REFERENCES salesperson,
    started_at     timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    reason         text,
    PRIMARY KEY (salesperson_id, started_at),
    CHECK (ends_at >= started_at)
);
COMMENT ON TABLE busy_spell IS 'when a salesperson is busy with a customer, one row per spell, written by mark_busy() and mark_free(). Who is busy is passed over and keeps the turn';
COMMENT ON COLUMN busy_spell.salesperson_id IS 'who';
COMMENT ON COLUMN busy_spell.started_at IS 'from when';
COMMENT ON COLUMN busy_spell.ends_at IS 'until when; free again at that moment. While the spell lasts, the latest end: nobody stays busy for ever because a click was forgotten';
COMMENT ON COLUMN busy_spell.reason IS 'with what';

CREATE TABLE salesperson_skill (
    salesperson_id bigint NOT NULL REFERENCES salesperson,
    skill          text NOT NULL,
    PRIMARY KEY (salesperson_id, skill)
);
COMMENT ON TABLE salesperson_skill IS 'what a salesperson can do that not all can: products, languages, territories, as rotation_rule.skill names them';
COMMENT ON COLUMN salesperson_skill.salesperson_id IS 'who';
COMMENT ON COLUMN salesperson_skill.skill IS 'the skill, a word of the house';
CREATE INDEX salesperson_skill_skill ON salesperson_skill (skill);

CREATE TABLE rotation_rule (
    rule_no          smallint PRIMARY KEY,
    product          text REFERENCES product,
    category         text,
    region           text REFERENCES region,
    response_channel text REFERENCES response_channel,
    is_organisation  boolean,
    is_key_account   boolean,
    team             text NOT NULL REFERENCES team,
    skill            text,
    version          integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE rotation_rule IS 'which team a lead or visitor goes to, and which skill is wanted: the first rule, by number, of which every condition that is not NULL holds. The last rule is the fallback: one without any condition';
COMMENT ON COLUMN rotation_rule.rule_no IS 'order of the rules';
COMMENT ON COLUMN rotation_rule.product IS 'condition: product inquired about';
COMMENT ON COLUMN rotation_rule.category IS 'condition: product group of that product (product.category)';
COMMENT ON COLUMN rotation_rule.region IS 'condition: region of the customer';
COMMENT ON COLUMN rotation_rule.response_channel IS 'condition: channel of the answer that opened the lead';
COMMENT ON COLUMN rotation_rule.is_organisation IS 'condition: the customer is an organisation, or is none';
COMMENT ON COLUMN rotation_rule.is_key_account IS 'condition: the customer is a key account, or is none';
COMMENT ON COLUMN rotation_rule.team IS 'the team it goes to; a lead that has a team stays there, and the rules of that team say which skill';
COMMENT ON COLUMN rotation_rule.skill IS 'skill wanted (salesperson_skill): only members with it take part, unless none of them is there and free; then the whole team does. NULL: everybody';
COMMENT ON COLUMN rotation_rule.version IS 'raise it when you change the rule: lead_move.rule says which version gave a lead away';

CREATE TABLE rotation_member (
    team           text NOT NULL REFERENCES team,
    salesperson_id bigint NOT NULL REFERENCES salesperson,
    owed           numeric(30,20) NOT NULL DEFAULT 0,
    turns          bigint NOT NULL DEFAULT 0,
    last_turn_at   timestamptz,
    PRIMARY KEY (team, salesperson_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE rotation_member IS 'the state of the rotation: the balance of each member of a team. Written by next_salesperson(), record_turn() and assign_leads() while they hold the lock on the row of the team';
COMMENT ON COLUMN rotation_member.team IS 'the team';
COMMENT ON COLUMN rotation_member.salesperson_id IS 'the member';
COMMENT ON COLUMN rotation_member.owed IS 'turns that the member was entitled to, less those received: above 0 the team owes him one, below 0 he is ahead. The balances of all members of a team add up to 0';
COMMENT ON COLUMN rotation_member.turns IS 'turns received since he is a member';
COMMENT ON COLUMN rotation_member.last_turn_at IS 'when he received the last one';

CREATE TABLE rotation_turn (
    customer_id      bigint NOT NULL REFERENCES customer,
    rotation_turn_id bigint GENERATED BY DEFAULT AS IDENTITY,
    team             text NOT NULL REFERENCES team,
    turned_at        timestamptz NOT NULL,
    salesperson_id   bigint NOT NULL REFERENCES salesperson,
    kind             text NOT NULL CHECK (kind = ANY ('{turn,owner}')),
    lead_id          bigint,
    why              text NOT NULL,
    request_id       text,
    recorded_at      timestamptz NOT NULL DEFAULT now(),
    recorded_xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (customer_id, rotation_turn_id)
);
COMMENT ON TABLE rotation_turn IS 'visitors and leads that were given to a salesperson by rotation, one row each';
COMMENT ON COLUMN rotation_turn.customer_id IS 'the customer; 0 when unidentified';
COMMENT ON COLUMN rotation_turn.rotation_turn_id IS 'key within the customer';
COMMENT ON COLUMN rotation_turn.team IS 'the team asked';
COMMENT ON COLUMN rotation_turn.turned_at IS 'when';
COMMENT ON COLUMN rotation_turn.salesperson_id IS 'who takes it';
COMMENT ON COLUMN rotation_turn.kind IS 'turn: by rotation, it counts as a turn; owner: the customer had an owner, nobody''s turn was used';
COMMENT ON COLUMN rotation_turn.lead_id IS 'the lead that was assigned; NULL for a visitor at the door';
COMMENT ON COLUMN rotation_turn.why IS 'why this salesperson, in words';
COMMENT ON COLUMN rotation_turn.request_id IS 'idempotency key of the call or load that recorded it; a repetition records nothing';
COMMENT ON COLUMN rotation_turn.recorded_at IS 'when it was recorded';
COMMENT ON COLUMN rotation_turn.recorded_xid IS 'transaction that recorded it, for refresh_reports()';
CREATE INDEX rotation_turn_team ON rotation_turn (team, turned_at);
CREATE INDEX rotation_turn_recorded_xid ON rotation_turn (recorded_xid);
CREATE UNIQUE INDEX rotation_turn_request ON rotation_turn (customer_id, request_id);

CREATE TABLE response_target (
    response_channel text PRIMARY KEY REFERENCES response_channel,
    target_minutes   integer NOT NULL CHECK (target_minutes >= 0)
);
COMMENT ON TABLE response_target IS 'within what time an enquiry is to be answered, by the channel it came by; for others the setting first_response_minutes holds';
COMMENT ON COLUMN response_target.response_channel IS 'how the enquiry came';
COMMENT ON COLUMN response_target.target_minutes IS 'minutes of working time (settings working_day_starts, working_day_ends; table calendar) until somebody has spoken to the customer';

INSERT INTO response_target VALUES ('call', 30), ('coupon', 1620), ('fax', 240), ('email', 240), ('web', 60), ('visit', 15);

-- what a lead received in this month is counted by: see rotation_pool_at() and salesperson_pool_at()
CREATE INDEX lead_move_received ON lead_move (to_salesperson_id, moved_at) WHERE to_salesperson_id IS NOT NULL;

-- what waits for an owner: see assign_leads()
CREATE INDEX lead_open_waiting ON lead (lead_grade, opened_at, customer_id, lead_id) WHERE status = 'open' AND salesperson_id IS NULL;

CREATE TYPE rotation_pool AS (
    person        bigint[],
    name          text[],
    tier          int[],
    weight        numeric[],
    owed          numeric[],
    turns         bigint[],
    present       boolean[],
    busy          boolean[],
    taken         bigint[],
    capacity      numeric[]
);
COMMENT ON TYPE rotation_pool IS 'the members of a team''s rotation and their state, in arrays of one length: see rotation_pool_at()';
COMMENT ON COLUMN rotation_pool.person IS 'salesperson_id, in ascending order';
COMMENT ON COLUMN rotation_pool.name IS 'name';
COMMENT ON COLUMN rotation_pool.tier IS '1 salespeople of the team, 2 its managers, 3 managers without a team';
COMMENT ON COLUMN rotation_pool.weight IS 'what turns are shared in proportion to: the capacity; who has no limit counts as the one with the largest';
COMMENT ON COLUMN rotation_pool.owed IS 'balance: see rotation_member.owed';
COMMENT ON COLUMN rotation_pool.turns IS 'turns received';
COMMENT ON COLUMN rotation_pool.present IS 'present at the time asked for';
COMMENT ON COLUMN rotation_pool.busy IS 'busy at that time';
COMMENT ON COLUMN rotation_pool.taken IS 'leads received in the month of that time';
COMMENT ON COLUMN rotation_pool.capacity IS 'leads in a month; NULL: no limit';

CREATE TYPE waiting_lead AS (
    customer_id bigint,
    lead_id     bigint,
    team        text,
    skill       text,
    rule        text,
    owner_id    bigint,
    why         text
);
COMMENT ON TYPE waiting_lead IS 'a lead that waits for an owner, before it is given to somebody: see leads_waiting()';
COMMENT ON COLUMN waiting_lead.customer_id IS 'the customer';
COMMENT ON COLUMN waiting_lead.lead_id IS 'the lead';
COMMENT ON COLUMN waiting_lead.team IS 'the team that it goes to';
COMMENT ON COLUMN waiting_lead.skill IS 'the skill wanted';
COMMENT ON COLUMN waiting_lead.rule IS 'the rule that says so, with its version';
COMMENT ON COLUMN waiting_lead.owner_id IS 'who has the customer, and gets the lead; NULL: it goes by rotation';
COMMENT ON COLUMN waiting_lead.why IS 'why the owner gets it, or does not';

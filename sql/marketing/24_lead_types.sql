-- Composite types that the functions on stale leads hand to each other (70_stale_leads.sql).
-- A pool's arrays are of three lengths: per person, per place in the queues, per group.

CREATE TYPE salesperson_pool AS (
    person           bigint[],
    capacity         float8[],
    weight           float8[],
    taken            int[],
    queue            int[],
    group_team       text[],
    group_is_manager boolean[],
    group_seniority  int[],
    group_first      int[],
    group_last       int[],
    group_employed   int[],
    group_person     bigint[]
);
COMMENT ON TYPE salesperson_pool IS 'who can take leads, and how loaded they are: see salesperson_pool_at()';
COMMENT ON COLUMN salesperson_pool.person IS 'who is employed, group by group: salesperson_id';
COMMENT ON COLUMN salesperson_pool.capacity IS 'per person: leads in a month; infinity when there is no limit';
COMMENT ON COLUMN salesperson_pool.weight IS 'per person: what the leads taken are divided by to compare loads';
COMMENT ON COLUMN salesperson_pool.taken IS 'per person: leads received in this month';
COMMENT ON COLUMN salesperson_pool.queue IS 'who can take a lead now, group by group, the least loaded first: places in person';
COMMENT ON COLUMN salesperson_pool.group_team IS 'per group: team; empty for people without one';
COMMENT ON COLUMN salesperson_pool.group_is_manager IS 'per group: managers';
COMMENT ON COLUMN salesperson_pool.group_seniority IS 'per group: seniority';
COMMENT ON COLUMN salesperson_pool.group_first IS 'per group: first place in the queue';
COMMENT ON COLUMN salesperson_pool.group_last IS 'per group: last place in the queue; before the first when nobody is free';
COMMENT ON COLUMN salesperson_pool.group_employed IS 'per group: number of people, free or not';
COMMENT ON COLUMN salesperson_pool.group_person IS 'per group: one of them';

CREATE TYPE stale_move AS (
    customer_id          bigint,
    lead_id              bigint,
    team                 text,
    lead_grade           text,
    model_grade          text,
    from_salesperson_id  bigint,
    to_salesperson_id    bigint,
    kind                 text,
    due_at               timestamptz,
    clock_started_at     timestamptz,
    contact_at           timestamptz,
    stale_step_no        smallint,
    next_stale_step_no   smallint,
    rule                 text,
    reason               text
);
COMMENT ON TYPE stale_move IS 'a move of a stale lead, before it is written: see stale_moves()';
COMMENT ON COLUMN stale_move.customer_id IS 'the customer';
COMMENT ON COLUMN stale_move.lead_id IS 'the lead';
COMMENT ON COLUMN stale_move.team IS 'team in which a new owner is looked for';
COMMENT ON COLUMN stale_move.lead_grade IS 'its grade';
COMMENT ON COLUMN stale_move.model_grade IS 'its grade by the model';
COMMENT ON COLUMN stale_move.from_salesperson_id IS 'its owner';
COMMENT ON COLUMN stale_move.to_salesperson_id IS 'its next owner; NULL: marketing, or nobody can take it now';
COMMENT ON COLUMN stale_move.kind IS 'stale, defeated, handed over (to marketing), or waits (nobody can take it now)';
COMMENT ON COLUMN stale_move.due_at IS 'since when the rule applies';
COMMENT ON COLUMN stale_move.clock_started_at IS 'its clock before the move';
COMMENT ON COLUMN stale_move.contact_at IS 'last completed contact, or when it was opened';
COMMENT ON COLUMN stale_move.stale_step_no IS 'steps taken before the move';
COMMENT ON COLUMN stale_move.next_stale_step_no IS 'steps taken after it';
COMMENT ON COLUMN stale_move.rule IS 'the rule, with its version';
COMMENT ON COLUMN stale_move.reason IS 'why, in words';

CREATE TYPE stale_lead AS (
    customer_id      bigint,
    lead_id          bigint,
    team             text,
    salesperson_id   bigint,
    lead_grade       text,
    model_grade      text,
    opened_at        timestamptz,
    clock_started_at timestamptz,
    stale_step_no    smallint,
    due_at           timestamptz,
    contact_at       timestamptz,
    had              bigint[]
);
COMMENT ON TYPE stale_lead IS 'a lead that a rule applies to: a row of the query that stale_query() writes';
COMMENT ON COLUMN stale_lead.customer_id IS 'the customer';
COMMENT ON COLUMN stale_lead.lead_id IS 'the lead';
COMMENT ON COLUMN stale_lead.team IS 'its team';
COMMENT ON COLUMN stale_lead.salesperson_id IS 'its owner';
COMMENT ON COLUMN stale_lead.lead_grade IS 'its grade';
COMMENT ON COLUMN stale_lead.model_grade IS 'its grade by the model';
COMMENT ON COLUMN stale_lead.opened_at IS 'when it was opened';
COMMENT ON COLUMN stale_lead.clock_started_at IS 'its clock';
COMMENT ON COLUMN stale_lead.stale_step_no IS 'steps taken';
COMMENT ON COLUMN stale_lead.due_at IS 'since when the rule applies';
COMMENT ON COLUMN stale_lead.contact_at IS 'last completed contact; NULL when there was none';
COMMENT ON COLUMN stale_lead.had IS 'who has had it, its owner included';

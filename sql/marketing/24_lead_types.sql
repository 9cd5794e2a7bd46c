-- Composite types that the functions on stale leads hand to each other (70_stale_leads.sql).

CREATE TYPE salesperson_pool AS (
    person   bigint[],
    pool_no  int[],
    level    int[],
    capacity float8[],
    weight   float8[],
    taken    int[],
    team     text[]
);
COMMENT ON TYPE salesperson_pool IS 'who is employed, who of them can take leads, and how loaded they are: see salesperson_pool_at(). Arrays per person, but for team';
COMMENT ON COLUMN salesperson_pool.person IS 'per person: salesperson_id';
COMMENT ON COLUMN salesperson_pool.pool_no IS 'per person: 2 n - 1 for salespeople of the n-th team, 2 n for its managers';
COMMENT ON COLUMN salesperson_pool.level IS 'per person: seniority; NULL for managers, who stand above all';
COMMENT ON COLUMN salesperson_pool.capacity IS 'per person: leads in a month; infinity when there is no limit, 0 for who is away';
COMMENT ON COLUMN salesperson_pool.weight IS 'per person: what the leads taken are divided by to compare loads';
COMMENT ON COLUMN salesperson_pool.taken IS 'per person: leads received in this month';
COMMENT ON COLUMN salesperson_pool.team IS 'the teams; empty for people without one';

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
    row_version      xid,
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
COMMENT ON COLUMN stale_lead.row_version IS 'version of its row in table lead (xmin)';

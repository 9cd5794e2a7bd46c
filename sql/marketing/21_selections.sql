-- Selections: who is to be contacted, by rules that are rows; who was chosen; what became of it.
--
-- A selection is a plan: for which campaign, by which channel, whom, how many, in which test groups.
-- Each time it is run (select_list()), its rules are applied to all customers at once, and the people
-- left over become rows of selection_member. That table is also the outbox and the call list: a row
-- waits until it is handed out, and what became of it is noted in it. Touches are recorded when
-- something was sent, and never before.
--
-- What a rule may look at is a row of selection_attribute. Its SQL is run with the rights of the owner
-- of the schema, so that only the owner may write there and in selection_relation; the rules
-- themselves hold numbers and words only, and whoever plans campaigns may write them.

CREATE TABLE selection_relation (
    relation    text PRIMARY KEY CHECK (relation ~ '^[a-z][a-z0-9_]*$' AND relation <> 'c'),
    query       text NOT NULL,
    description text NOT NULL
);
COMMENT ON TABLE selection_relation IS 'what selections may look at beside the row of the customer, joined by customer_id where a rule needs it. Only the owner of the schema may write here: the queries run with the owner''s rights';
COMMENT ON COLUMN selection_relation.relation IS 'name under which the expressions of selection_attribute call its columns';
COMMENT ON COLUMN selection_relation.query IS 'a query with a column customer_id, one row per customer at most; $1 is the time of the selection (timestamptz), $2 its day where the business is (date)';
COMMENT ON COLUMN selection_relation.description IS 'what it is';

CREATE TABLE selection_attribute (
    attribute   text PRIMARY KEY,
    kind        text NOT NULL CHECK (kind = ANY ('{number,text,yes or no,people}')),
    relations   text[] NOT NULL DEFAULT '{}',
    expression  text NOT NULL,
    description text NOT NULL
);
COMMENT ON TABLE selection_attribute IS 'what the rules of selections may ask of a customer. Only the owner of the schema may write here: the expressions run with the owner''s rights';
COMMENT ON COLUMN selection_attribute.attribute IS 'name of the attribute, as rules and explanations show it';
COMMENT ON COLUMN selection_attribute.kind IS 'number, text, yes or no: the value of expression; people: expression is a query';
COMMENT ON COLUMN selection_attribute.relations IS 'relations of selection_relation that the expression uses';
COMMENT ON COLUMN selection_attribute.expression IS 'SQL expression on the customer (c) and the relations; for people a query whose column customer_id are those meant, with {words} for the words of the rule. $1 and $2 as in selection_relation';
COMMENT ON COLUMN selection_attribute.description IS 'what it is, and its unit';

CREATE TABLE selection (
    selection       text PRIMARY KEY,
    name            text NOT NULL,
    campaign        text REFERENCES campaign,
    medium          text REFERENCES medium,
    list            text REFERENCES list,
    offer           text REFERENCES offer,
    channel         text NOT NULL REFERENCES contact_channel,
    delivery        text NOT NULL DEFAULT 'at once' CHECK (delivery = ANY ('{at once,outbox,calls}')),
    priority        smallint NOT NULL DEFAULT 0,
    order_by        text REFERENCES selection_attribute,
    is_ascending    boolean NOT NULL DEFAULT false,
    max_people      bigint CHECK (max_people >= 0),
    per_household   smallint CHECK (per_household >= 1),
    place           text CHECK (place = ANY ('{office,home}')),
    team            text REFERENCES team,
    script          text,
    repeats         text NOT NULL DEFAULT 'never' CHECK (repeats = ANY ('{never,year,quarter,month,week,day}')),
    runs_every_days integer CHECK (runs_every_days >= 1),
    valid_days      integer NOT NULL DEFAULT 30 CHECK (valid_days >= 1),
    is_enabled      boolean NOT NULL DEFAULT true,
    CHECK (delivery <> 'calls' OR channel = 'call'),
    CHECK (delivery = 'calls' OR num_nonnulls(campaign, medium) = 2),
    CHECK (num_nonnulls(campaign, medium) <> 1)
);
COMMENT ON TABLE selection IS 'plans of mailings and of call lists: whom a campaign is for. select_list() runs one, run_selections() those that are due';
COMMENT ON COLUMN selection.selection IS 'short key of the selection';
COMMENT ON COLUMN selection.name IS 'what it is for, in words: the reason of the call on a call list';
COMMENT ON COLUMN selection.campaign IS 'campaign of the effort; NULL, for calls only: what is not counted as an effort';
COMMENT ON COLUMN selection.medium IS 'medium of its source codes';
COMMENT ON COLUMN selection.list IS 'list of its source codes; its seed names get the piece too';
COMMENT ON COLUMN selection.offer IS 'offer of its source codes';
COMMENT ON COLUMN selection.channel IS 'how people are contacted, and whose permission is asked: email, call, sms, mail or messenger';
COMMENT ON COLUMN selection.delivery IS 'at once: send_selection() sends the whole list; outbox: a sending app fetches it with take_from_outbox(); calls: agents get it from call_list()';
COMMENT ON COLUMN selection.priority IS 'the higher comes first: in the outbox, on call lists, and where two campaigns want a person who may be contacted once only';
COMMENT ON COLUMN selection.order_by IS 'number by which people are ranked where not all can have it, and in which order they are called; NULL: by chance, the same each time';
COMMENT ON COLUMN selection.is_ascending IS 'the lowest number first';
COMMENT ON COLUMN selection.max_people IS 'most people of one run, hold-out included; NULL: all';
COMMENT ON COLUMN selection.per_household IS 'most people of one household for one piece; NULL: all';
COMMENT ON COLUMN selection.place IS 'only addresses and numbers at this place: office or home; NULL: any';
COMMENT ON COLUMN selection.team IS 'team whose agents get its calls; NULL: all';
COMMENT ON COLUMN selection.script IS 'what the agent says';
COMMENT ON COLUMN selection.repeats IS 'a person gets the piece never again, or once each year, quarter, month, week or day (calendar periods where the business is)';
COMMENT ON COLUMN selection.runs_every_days IS 'run_daily() runs it every so many days, within the days of its campaign; NULL: only when somebody calls select_list()';
COMMENT ON COLUMN selection.valid_days IS 'days for which a chosen person waits to be contacted; then the row expires';
COMMENT ON COLUMN selection.is_enabled IS 'false: it does not run, and what waits of it is not handed out';

CREATE TABLE selection_rule (
    selection  text NOT NULL REFERENCES selection,
    rule_no    smallint NOT NULL CHECK (rule_no >= 1),
    kind       text NOT NULL DEFAULT 'include' CHECK (kind = ANY ('{include,exclude}')),
    attribute  text NOT NULL REFERENCES selection_attribute,
    at_least   float8 CHECK (at_least NOT IN ('NaN', 'infinity', '-infinity')),
    below      float8 CHECK (below NOT IN ('NaN', 'infinity', '-infinity')),
    words      text[] CHECK (cardinality(words) >= 1),
    is_enabled boolean NOT NULL DEFAULT true,
    PRIMARY KEY (selection, rule_no),
    CHECK (below > at_least),
    CHECK (words IS NULL OR num_nonnulls(at_least, below) = 0)
);
COMMENT ON TABLE selection_rule IS 'whom a selection is for: a person stays who matches every rule of kind include and none of kind exclude. What is not known of a person matches no rule';
COMMENT ON COLUMN selection_rule.selection IS 'the selection';
COMMENT ON COLUMN selection_rule.rule_no IS 'order in which the rules are applied and explained';
COMMENT ON COLUMN selection_rule.kind IS 'include: who does not match is removed; exclude: who matches is removed';
COMMENT ON COLUMN selection_rule.attribute IS 'what is looked at';
COMMENT ON COLUMN selection_rule.at_least IS 'for a number: it is this or more; NULL: no lower limit';
COMMENT ON COLUMN selection_rule.below IS 'for a number: it is less than this; NULL: no upper limit';
COMMENT ON COLUMN selection_rule.words IS 'for a text: it is one of these (NULL: it is known); for people: the keys meant, such as lists or products';
COMMENT ON COLUMN selection_rule.is_enabled IS 'false: the rule is left out';

CREATE TABLE selection_group (
    selection   text NOT NULL REFERENCES selection,
    test_group  text NOT NULL,
    share       numeric(9,8) NOT NULL CHECK (share >= 0 AND share <= 1),
    is_control  boolean NOT NULL DEFAULT false,
    is_hold_out boolean NOT NULL DEFAULT false,
    PRIMARY KEY (selection, test_group),
    CHECK (NOT (is_control AND is_hold_out))
);
COMMENT ON TABLE selection_group IS 'test groups into which the people of a selection are split; none: no test';
COMMENT ON COLUMN selection_group.selection IS 'the selection';
COMMENT ON COLUMN selection_group.test_group IS 'the group as it stands in a source code: one letter in the house layout';
COMMENT ON COLUMN selection_group.share IS 'share of the people, as a fraction; the shares of a selection add up to 1. 0: the group is left out';
COMMENT ON COLUMN selection_group.is_control IS 'the group that the others are compared with';
COMMENT ON COLUMN selection_group.is_hold_out IS 'gets nothing';

CREATE TABLE selection_run (
    selection_run_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    selection        text NOT NULL,
    as_of            timestamptz NOT NULL,
    piece            text NOT NULL,
    status           text NOT NULL CHECK (status = ANY ('{selected,sent,cancelled,failed}')),
    candidates       bigint,
    selected         bigint,
    held_out         bigint,
    seeds            bigint,
    expires_at       timestamptz,
    first_sent_at    timestamptz,
    error            text,
    run_by           text NOT NULL DEFAULT coalesce(nullif(current_setting('role'), 'none'), session_user),
    recorded_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (selection, as_of)
);
COMMENT ON TABLE selection_run IS 'runs of selections, one row each';
COMMENT ON COLUMN selection_run.selection_run_id IS 'key';
COMMENT ON COLUMN selection_run.selection IS 'the selection';
COMMENT ON COLUMN selection_run.as_of IS 'time for which people were selected';
COMMENT ON COLUMN selection_run.piece IS 'what they get, under a name: nobody gets the same piece twice';
COMMENT ON COLUMN selection_run.status IS 'selected; sent: nothing waits any more; cancelled: what had not been sent was taken back; failed: see error';
COMMENT ON COLUMN selection_run.candidates IS 'people looked at: all customers but the unidentified one and seed names';
COMMENT ON COLUMN selection_run.selected IS 'people chosen, hold-out included, without seed names';
COMMENT ON COLUMN selection_run.held_out IS 'of these in hold-out groups';
COMMENT ON COLUMN selection_run.seeds IS 'seed names that get the piece too';
COMMENT ON COLUMN selection_run.expires_at IS 'until when its people wait to be contacted';
COMMENT ON COLUMN selection_run.first_sent_at IS 'when the first of them was contacted: hold-outs are recorded then';
COMMENT ON COLUMN selection_run.error IS 'why it failed';
COMMENT ON COLUMN selection_run.run_by IS 'role that ran it';
COMMENT ON COLUMN selection_run.recorded_at IS 'when it ran';

CREATE TABLE selection_explanation (
    selection_run_id bigint NOT NULL,
    step_no          smallint NOT NULL,
    step             text NOT NULL,
    people_before    bigint NOT NULL,
    removed          bigint NOT NULL,
    removed_alone    bigint NOT NULL,
    people_left      bigint NOT NULL,
    PRIMARY KEY (selection_run_id, step_no)
);
COMMENT ON TABLE selection_explanation IS 'what each rule of a run removed, rule by rule in order';
COMMENT ON COLUMN selection_explanation.selection_run_id IS 'the run';
COMMENT ON COLUMN selection_explanation.step_no IS 'order of the steps';
COMMENT ON COLUMN selection_explanation.step IS 'the rule in words; then the piece, the permission by reason, the household, the limit';
COMMENT ON COLUMN selection_explanation.people_before IS 'people before the step';
COMMENT ON COLUMN selection_explanation.removed IS 'people whom it removed';
COMMENT ON COLUMN selection_explanation.removed_alone IS 'of these, people whom no other rule and no refusal would have removed: what dropping the rule would bring, before household and limit';
COMMENT ON COLUMN selection_explanation.people_left IS 'people left';

CREATE TABLE selection_member (
    customer_id         bigint NOT NULL,
    selection_run_id    bigint NOT NULL,
    selection           text NOT NULL,
    piece               text NOT NULL,
    channel             text NOT NULL,
    test_group          text,
    source_code         source_code,
    priority            smallint NOT NULL,
    rank_value          float8,
    status              text NOT NULL CHECK (status = ANY ('{chosen,waiting,taken,done,held out,refused,failed,expired,cancelled}')),
    due_at              timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    reason              text,
    lead_id             bigint,
    basket              text,
    salesperson_id      bigint,
    worker              text,
    reservation_ends_at timestamptz,
    contact_point_id    bigint,
    attempts            smallint NOT NULL DEFAULT 0,
    result              text,
    done_at             timestamptz,
    touch_id            bigint,
    call_id             bigint,
    PRIMARY KEY (customer_id, selection_run_id)
) WITH (fillfactor = 80);
COMMENT ON TABLE selection_member IS 'people chosen by selections, one row per run and person: list, outbox and call list in one. Written by the functions of selections only';
COMMENT ON COLUMN selection_member.customer_id IS 'the customer';
COMMENT ON COLUMN selection_member.selection_run_id IS 'the run that chose him';
COMMENT ON COLUMN selection_member.selection IS 'the selection';
COMMENT ON COLUMN selection_member.piece IS 'what he gets: as long as a row of a piece is in force, no other one is made for him';
COMMENT ON COLUMN selection_member.channel IS 'how he is contacted';
COMMENT ON COLUMN selection_member.test_group IS 'test group; it never changes';
COMMENT ON COLUMN selection_member.source_code IS 'the code under which he is contacted, or held out; NULL: not counted as an effort';
COMMENT ON COLUMN selection_member.priority IS 'the higher is handed out first';
COMMENT ON COLUMN selection_member.rank_value IS 'and within it the higher, where is_ascending the lower, number of selection.order_by: here always the higher';
COMMENT ON COLUMN selection_member.status IS 'chosen (of a list that is sent at once), waiting (to be handed out), taken (handed out, not reported), done (sent, called), held out, refused (no permission when it came to it), failed (tried too often), expired, cancelled';
COMMENT ON COLUMN selection_member.due_at IS 'not to be handed out before';
COMMENT ON COLUMN selection_member.expires_at IS 'not to be handed out from then on';
COMMENT ON COLUMN selection_member.reason IS 'why he is to be contacted, in words; NULL: the name of the selection';
COMMENT ON COLUMN selection_member.lead_id IS 'the lead that it is about';
COMMENT ON COLUMN selection_member.basket IS 'the basket that it is about';
COMMENT ON COLUMN selection_member.salesperson_id IS 'agent who has the row, or who gets it first; afterwards who called';
COMMENT ON COLUMN selection_member.worker IS 'sending app that has the row, or had it';
COMMENT ON COLUMN selection_member.reservation_ends_at IS 'until when it is reserved for who has taken it; then it waits again';
COMMENT ON COLUMN selection_member.contact_point_id IS 'the address or number that was given out';
COMMENT ON COLUMN selection_member.attempts IS 'how often it was handed out';
COMMENT ON COLUMN selection_member.result IS 'what became of it: sent, the result of the call, why it failed, or the reason of the refusal';
COMMENT ON COLUMN selection_member.done_at IS 'when it was done, or given up';
COMMENT ON COLUMN selection_member.touch_id IS 'the touch that was recorded';
COMMENT ON COLUMN selection_member.call_id IS 'the call that was recorded';
-- Nobody gets a piece twice, whoever selects at the same time.
CREATE UNIQUE INDEX selection_member_piece ON selection_member (customer_id, piece) WHERE status IN ('chosen', 'waiting', 'taken', 'done', 'held out');
-- And nobody is handed out twice at once: what is sent to him counts for his limits when it is reported.
CREATE UNIQUE INDEX selection_member_taken ON selection_member (customer_id) WHERE status = 'taken';
CREATE INDEX selection_member_reserved ON selection_member (reservation_ends_at) WHERE status = 'taken';
CREATE INDEX selection_member_queue ON selection_member (channel, priority DESC, rank_value DESC NULLS LAST, customer_id) WHERE status = 'waiting';
CREATE INDEX selection_member_run ON selection_member (selection_run_id, status);
CREATE INDEX selection_member_agent ON selection_member (salesperson_id, due_at) WHERE status IN ('waiting', 'taken') AND salesperson_id IS NOT NULL;

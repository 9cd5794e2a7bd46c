-- The rows that permission begins with. Nothing here limits anybody yet but the opt-outs: which caps,
-- quiet hours and consents are right differs from country to country and is to be entered.

INSERT INTO setting VALUES
    ('country',                'CN',  'country of telephone numbers that are written without a calling code: two letters of ISO 3166. Run hash_contact_points(true) after a change'),
    ('soft_bounces',           '3',   'pieces in a row that come back as undeliverable for now (soft bounce) until an address counts as dead; one that arrives starts the count again. 0: never'),
    ('only_preferred_channel', 'no',  'yes: who has a preferred channel (customer.preferred_channel) is contacted through no other'),
    ('defeated_channels',      '',    'channels, with commas between, through which people whose last lead was given up (defeated) are not contacted; empty: none, because marketing goes on with them');

INSERT INTO contact_channel VALUES
    ('email',     'e-mail',          '{email}'),
    ('call',      'telephone call',  '{phone,mobile}'),
    ('sms',       'text message',    '{mobile}'),
    ('mail',      'letter',          '{postal}'),
    ('messenger', 'messenger',       '{messenger}'),
    ('visit',     'visit',           '{}');

INSERT INTO channel_medium VALUES ('D', 'email'), ('T', 'call'), ('X', 'sms'), ('M', 'mail'), ('K', 'mail'), ('I', 'messenger'), ('F', 'visit');

INSERT INTO contact_purpose VALUES
    ('marketing',     'offers, news, invitations', false),
    ('service',       'service around what was bought: recalls, inspections, surveys', false),
    ('transactional', 'what the person waits for: order, delivery, appointment, invoice', true);

-- no limit until a number is entered
INSERT INTO contact_rule (channel, rule, within, pieces) VALUES
    ('email', 'cap', '7 days', 0), ('call', 'cap', '30 days', 0), ('sms', 'cap', '30 days', 0), ('mail', 'cap', '30 days', 0), (NULL, 'cap', '30 days', 0),
    (NULL, 'distance', '0', NULL);

INSERT INTO contact_refusal VALUES
    ('unknown_customer',     10, 'There is no such customer.', false),
    ('erased',               20, 'The person was erased on request.', false),
    ('suppressed',           30, 'An address of the person is on the suppression list.', false),
    ('opted_out',            40, 'The person does not want to be contacted this way.', false),
    ('no_consent',           50, 'The person has not agreed, and must have.', false),
    ('bounced',              60, 'What was sent to the address came back.', false),
    ('no_address',           61, 'There is no usable address for this channel.', false),
    ('channel_cap',          70, 'The person has had as many pieces through this channel as the cap allows.', true),
    ('total_cap',            71, 'The person has had as many pieces as the cap over all channels allows.', true),
    ('too_soon',             72, 'The last piece went out too short a time ago.', true),
    ('same_piece',           80, 'The person has had this piece already.', true),
    ('held_out',             81, 'The person is in the hold-out group of this campaign, which gets nothing.', true),
    ('quiet_hours',          82, 'It is a quiet time of day where the person is.', true),
    ('two_strikes',          83, 'The person did not answer several pieces in a row.', true),
    ('paused',               84, 'The person does not want to be contacted at this time.', true),
    ('not_preferred',        85, 'The person prefers another channel.', true),
    ('defeated',             86, 'The last lead of the person was given up.', true),
    ('retired_list',         87, 'The person is known only from lists that are retired.', true),
    ('never_contact',        90, 'The person is not to be contacted at all.', false);

-- enhanced status codes of RFC 3463 and reply codes of RFC 5321: 5 is for good, 4 for now; a full
-- mailbox and a letter that is too long or unwelcome say nothing for good about the address
INSERT INTO bounce_rule (pattern, bounce_kind) VALUES
    ('auto-?reply|out of (the )?office|vacation', 'none'),
    ('\mhard\M|permanent', 'hard'),
    ('\msoft\M|transient|temporar', 'soft'),
    ('\m5\.2\.2\M|\m5\.(3|5|6|7)\.\d+\M|mailbox (is )?full|over quota|spam', 'soft'),
    ('\m5\.\d+\.\d+\M', 'hard'),
    ('\m4\.\d+\.\d+\M', 'soft'),
    ('\m55[0134]\M|user unknown|no such (user|mailbox)|does not exist', 'hard'),
    ('\m4[0-9][0-9]\M', 'soft');

INSERT INTO job_step (job, step_no, step, command, is_repeated) VALUES
    ('run_daily', 62, 'count permission', 'SELECT refresh_permission($1)', false);

-- Data quality of people: what is missing, implausible, stale or there twice, by the list they came
-- from and by who entered them.
--
-- Every person is looked at once for each check; a check says whom it concerns (an address can only be
-- unreadable where there is one), and shares are of those. A person on several lists counts in each.

CREATE OR REPLACE VIEW person_check AS
SELECT c.customer_id, coalesce(e.entered_by, 'bulk load or unknown') AS entered_by, k.kind, k.field, k.is_problem
  FROM customer c
 CROSS JOIN (SELECT coalesce(max(r.as_of), now()) AS as_of FROM report_state r) t
 CROSS JOIN (SELECT make_interval(months => (SELECT s.value FROM setting s WHERE s.setting = 'data_stale_months')::int) AS stale_after) s
  LEFT JOIN (SELECT (q.answer ->> 'customer_id')::bigint AS customer_id, min(q.recorded_by) AS entered_by FROM request q
              WHERE q.function_name = 'register_customer' AND (q.answer ->> 'is_new')::boolean GROUP BY 1) e ON e.customer_id = c.customer_id
  LEFT JOIN LATERAL (SELECT count(*) AS points, count(*) FILTER (WHERE p.kind = 'email') AS emails, count(*) FILTER (WHERE p.kind IN ('phone', 'mobile')) AS phones,
                            count(*) FILTER (WHERE p.kind = 'email' AND p.match_key IS NULL) AS unreadable_emails,
                            count(*) FILTER (WHERE p.kind IN ('phone', 'mobile') AND p.match_key IS NULL) AS unreadable_phones,
                            count(*) FILTER (WHERE p.status IN ('bounced', 'refused')) AS dead,
                            count(*) FILTER (WHERE p.kind IN ('email', 'mobile') AND EXISTS (SELECT FROM contact_point o
                                              WHERE o.match_key = p.match_key AND o.kind = p.kind AND o.customer_id <> p.customer_id AND o.ended_on IS NULL)) AS shared
                       FROM contact_point p WHERE p.customer_id = c.customer_id AND p.ended_on IS NULL) a ON true
  LEFT JOIN LATERAL (SELECT greatest(c.recorded_at, (SELECT max(f.responded_at) FROM response f WHERE f.customer_id = c.customer_id),
                                     (SELECT max(f.ordered_at) FROM customer_order f WHERE f.customer_id = c.customer_id)) AS known_at) l ON true
 CROSS JOIN LATERAL (VALUES
       ('missing',     'name',              c.name IS NULL OR btrim(c.name) = ''),
       ('missing',     'any address',       a.points = 0),
       ('missing',     'e-mail',            a.emails = 0),
       ('missing',     'telephone',         a.phones = 0),
       ('missing',     'region',            c.region IS NULL),
       ('missing',     'birthday',          CASE WHEN NOT c.is_organisation THEN c.birthday IS NULL END),
       ('implausible', 'name',              CASE WHEN btrim(c.name) <> '' THEN c.name ~ '@|[0-9]{5}' AND NOT c.is_organisation OR char_length(btrim(c.name)) < 2 OR btrim(c.name) ~* '^(test|unknown|n/?a|none|asdf.*|x+|\.+|-+)$' END),
       ('implausible', 'birthday',          CASE WHEN c.birthday IS NOT NULL THEN c.birthday > t.as_of::date OR c.birthday < (t.as_of - interval '110 years')::date OR c.is_organisation END),
       ('implausible', 'e-mail',            CASE WHEN a.emails > 0 THEN a.unreadable_emails > 0 END),
       ('implausible', 'telephone',         CASE WHEN a.phones > 0 THEN a.unreadable_phones > 0 END),
       ('stale',       'all addresses',     CASE WHEN a.points > 0 THEN a.dead = a.points END),
       ('stale',       'nothing heard',     l.known_at < t.as_of - s.stale_after),
       ('duplicate',   'e-mail or mobile',  CASE WHEN a.emails + a.phones > 0 THEN a.shared > 0 END)) k (kind, field, is_problem)
 WHERE c.customer_id <> 0 AND NOT c.is_seed AND k.is_problem IS NOT NULL
   AND NOT EXISTS (SELECT FROM person_erasure x WHERE x.erased_id = c.customer_id);
COMMENT ON VIEW person_check IS 'what is missing, implausible, stale or there twice, person by person: the rows of data_quality';
COMMENT ON COLUMN person_check.customer_id IS 'the customer; seed names and who was erased are left out';
COMMENT ON COLUMN person_check.entered_by IS 'role that registered the person by register_customer(); else: bulk load or unknown';
COMMENT ON COLUMN person_check.kind IS 'missing, implausible, stale or duplicate';
COMMENT ON COLUMN person_check.field IS 'what was looked at';
COMMENT ON COLUMN person_check.is_problem IS 'it is so; a check that does not concern the person has no row';

CREATE OR REPLACE VIEW data_quality AS
SELECT g.grouped_by, g.group_name, q.kind, q.field, count(*) FILTER (WHERE q.is_problem) AS people_concerned, count(*) AS people_checked,
       (count(*) FILTER (WHERE q.is_problem)::numeric / count(*))::numeric(12,6) AS problem_share
  FROM person_check q
 CROSS JOIN LATERAL (SELECT 'everybody' AS grouped_by, 'everybody' AS group_name
                     UNION ALL SELECT 'entered by', q.entered_by
                     UNION ALL SELECT 'list', m.list FROM list_member m WHERE m.customer_id = q.customer_id) g
 GROUP BY g.grouped_by, g.group_name, q.kind, q.field;
COMMENT ON VIEW data_quality IS 'how many people have something missing, implausible, stale or there twice: of everybody, by list and by who entered them. Reads all people: a few seconds for each 100,000 of them';
COMMENT ON COLUMN data_quality.grouped_by IS 'everybody, list or entered by';
COMMENT ON COLUMN data_quality.group_name IS 'the list, or the role that registered the people (by register_customer(); else: bulk load or unknown)';
COMMENT ON COLUMN data_quality.kind IS 'missing, implausible, stale or duplicate';
COMMENT ON COLUMN data_quality.field IS 'what was looked at: stale are people of whom nothing was heard (setting data_stale_months) and those whose addresses all bounced; duplicate are people who share an e-mail address or mobile number with somebody else';
COMMENT ON COLUMN data_quality.people_concerned IS 'people with the problem';
COMMENT ON COLUMN data_quality.people_checked IS 'people it could be looked at';
COMMENT ON COLUMN data_quality.problem_share IS 'people_concerned / people_checked';

-- check_integrity(): whether what is stored agrees with itself.
--
-- Constraints see to much of it; what they cannot see in a distributed database (a lead's answer
-- is the same customer's, a roll-up is the sum of its facts) is counted again here. Each rule is a
-- query that gives one line of text per problem; the view integrity_rule carries them, so that a
-- user can run one by itself and read all problems.
--
-- The reports are compared with those facts only that the last refresh has taken in. So a rule of
-- theirs joins report_state and asks pg_visible_in_snapshot(); on reports of another cluster,
-- where transaction numbers mean nothing, it finds nothing, and the rule on that says why.

-- How every fact should count, worked out anew from the facts as the last refresh saw them: by its
-- own code (as mended last, else as read), else as what it hangs on, else, an order, as it is
-- matched back. Codes are registered, and have windows, as the last refresh went by (effort_window).
CREATE OR REPLACE FUNCTION recount_attribution()
    RETURNS TABLE (customer_id bigint, fact text, fact_id bigint, date_day date, source_code source_code, amount numeric, cost_of_goods numeric)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path FROM CURRENT SET jit = off AS
$$
BEGIN
    RETURN QUERY
    WITH known AS MATERIALIZED (
        SELECT f.customer_id, f.fact, f.fact_id, f.parent_fact, f.parent_id, f.second_fact, f.second_id, f.amount, f.cost_of_goods,
               (f.happened_at AT TIME ZONE z.value)::date AS day, coalesce(s.source_code, t.source_code) AS code, c.household_id, z.value AS time_zone, r.snapshot
          FROM report_state r JOIN setting z ON z.setting = 'time_zone'
          JOIN attributable_fact f ON pg_visible_in_snapshot(f.recorded_xid, r.snapshot)
          JOIN customer c ON c.customer_id = f.customer_id AND NOT c.is_seed
          LEFT JOIN (SELECT DISTINCT ON (n.customer_id, n.fact, n.fact_id) n.customer_id, n.fact, n.fact_id, n.source_code
                       FROM report_state l JOIN code_mend n ON pg_visible_in_snapshot(n.recorded_xid, l.snapshot)
                      ORDER BY n.customer_id, n.fact, n.fact_id, n.code_mend_id DESC) m
                 ON m.customer_id = f.customer_id AND m.fact = f.fact AND m.fact_id = f.fact_id
          LEFT JOIN effort_window s ON s.source_code = CASE WHEN m.customer_id IS NULL THEN f.own_code ELSE m.source_code END
          LEFT JOIN touch t ON f.parent_fact = 'touch' AND t.customer_id = f.customer_id AND t.touch_id = f.parent_id
                           AND t.source_code <> 'UNSOURCED' AND pg_visible_in_snapshot(t.recorded_xid, r.snapshot)
         WHERE r.era = transaction_era()
    ), lead_code AS MATERIALIZED (
        SELECT k.customer_id, k.fact_id, coalesce(k.code, p.code) AS code
          FROM known k LEFT JOIN known p ON p.customer_id = k.customer_id AND p.fact = k.parent_fact AND p.fact_id = k.parent_id
         WHERE k.fact = 'lead'
    ), order_code AS MATERIALIZED (
        SELECT k.customer_id, k.fact_id, coalesce(k.code, p.code, l.code, b.source_code) AS code
          FROM known k LEFT JOIN known p ON p.customer_id = k.customer_id AND p.fact = k.parent_fact AND p.fact_id = k.parent_id
          LEFT JOIN lead_code l ON l.customer_id = k.customer_id AND l.fact_id = k.second_id
          LEFT JOIN LATERAL match_back(CASE WHEN coalesce(k.code, p.code, l.code) IS NULL THEN k.customer_id END, k.household_id, k.day, k.time_zone, k.snapshot) b ON true
         WHERE k.fact = 'customer_order'
    )
    SELECT k.customer_id, k.fact, k.fact_id, k.day,
           coalesce(k.code, CASE k.fact WHEN 'lead' THEN l.code WHEN 'customer_order' THEN o.code
                                        WHEN 'visit' THEN pl.code WHEN 'order_return' THEN po.code ELSE p.code END, 'UNSOURCED'),
           k.amount, k.cost_of_goods
      FROM known k
      LEFT JOIN lead_code l ON k.fact = 'lead' AND l.customer_id = k.customer_id AND l.fact_id = k.fact_id
      LEFT JOIN order_code o ON k.fact = 'customer_order' AND o.customer_id = k.customer_id AND o.fact_id = k.fact_id
      LEFT JOIN lead_code pl ON k.fact = 'visit' AND pl.customer_id = k.customer_id AND pl.fact_id = k.parent_id
      LEFT JOIN order_code po ON k.fact = 'order_return' AND po.customer_id = k.customer_id AND po.fact_id = k.parent_id
      LEFT JOIN known p ON k.fact = 'event_attendance' AND p.customer_id = k.customer_id AND p.fact = k.parent_fact AND p.fact_id = k.parent_id;
END
$$;
COMMENT ON FUNCTION recount_attribution() IS 'to which effort every fact should count, worked out anew from the facts that the last refresh has taken in; a part of check_integrity()';

CREATE OR REPLACE VIEW integrity_rule AS
SELECT rule_no, check_name, meaning, btrim(query, E'\n ') AS query FROM (VALUES
-- dimensions, people and contacts
(10, 'reserved rows missing', 'customer 0, source UNSOURCED and the rows of report_state and value_state are there', $$
    SELECT 'customer 0' WHERE NOT EXISTS (SELECT FROM customer WHERE customer_id = 0)
    UNION ALL SELECT 'source UNSOURCED' WHERE NOT EXISTS (SELECT FROM source WHERE source_code = 'UNSOURCED')
    UNION ALL SELECT 'value_state customer_value' WHERE NOT EXISTS (SELECT FROM value_state WHERE report = 'customer_value')
    UNION ALL SELECT 'report_state source_day' WHERE NOT EXISTS (SELECT FROM report_state WHERE report = 'source_day')$$),
(11, 'settings missing', 'each setting that dupex asks for has its row', $$
    SELECT n FROM unnest('{outbox_attempts,outbox_reservation_minutes,outbox_retry_minutes,call_reservation_minutes,call_back_minutes,callable_names_days,
                          value_unit,value_discount_rate,value_refit_growth,value_refit_days,retention_change,allowable_share,
                          currency,time_zone,source_code_layout,confidence,match_back_days,account_visit_interval,key_account_visit_interval,
                          first_response_minutes,working_day_starts,working_day_ends,form_entry_minutes,busy_minutes,job_daily_schedule,job_hourly_schedule,keep_job_runs_days,keep_request_days,
                          lead_model_months,lead_model_max_leads,lead_model_snapshot_days,lead_model_young_buyers,lead_model_half_life_days,lead_model_alpha,lead_model_team_strength,
                          lead_model_minimum,lead_model_train_days,lead_model_threshold3,lead_model_threshold6,lead_model_leads3,lead_model_leads6,
                          attribution_report_days,attribution_lookback_days,attribution_half_life_days,attribution_direct_media,basket_call_hours,basket_recovery_days,test_expected_difference,
                          data_stale_months,country,soft_bounces,only_preferred_channel,defeated_channels,
                          list_response_days,list_response_threshold,list_cost_per_piece,list_repair_typos,keep_list_rows_days,two_strikes}'::text[]) n
     WHERE NOT EXISTS (SELECT FROM setting s WHERE s.setting = n)$$),
(12, 'source unlike its test group', 'a code of a hold-out group is a hold-out cell, and no other code of a test is', $$
    SELECT format('source %s, group %s of campaign %s', s.source_code, s.test_group, s.campaign)
      FROM source s JOIN test_group t ON t.campaign = s.campaign AND t.test_group = s.test_group WHERE s.is_hold_out <> t.is_hold_out$$),
(13, 'source unlike its code', 'medium, test group and list are registered as the code says under the layout of setting source_code_layout', $$
    SELECT format('source %s: %s', s.source_code, concat_ws(', ', 'medium ' || s.medium, 'test group ' || s.test_group, 'list ' || s.list))
      FROM source s, source_read(s.source_code::text, (SELECT value FROM setting WHERE setting = 'source_code_layout')) r
     WHERE s.source_code <> 'UNSOURCED' AND r.problem IS NULL AND (s.medium <> r.medium OR s.test_group <> r.test_group OR s.list <> r.list)$$),
(14, 'list unlike its history', 'the status of a list is that after its last change, and a retired list has its day', $$
    SELECT format('list %s', l.list)
      FROM list l LEFT JOIN (SELECT DISTINCT ON (list) list, to_status FROM list_status_history ORDER BY list, list_status_history_id DESC) h ON h.list = l.list
     WHERE h.to_status <> l.status OR h.list IS NOT NULL AND (l.status = 'retired') <> (l.retired_on IS NOT NULL)$$),
(15, 'import that does not add up', 'the names of an import are the sum of what became of them, and what is left of its rows and diagnoses agrees', $$
    SELECT format('import %s', i.list_import_id) FROM list_import i
      LEFT JOIN (SELECT d.list_import_id, sum(d.dropped) AS dropped FROM list_import_diagnosis d GROUP BY 1) d ON d.list_import_id = i.list_import_id
      LEFT JOIN (SELECT r.list_import_id, count(*) AS rows, count(*) FILTER (WHERE r.fate = 'net') AS net, count(*) FILTER (WHERE r.is_repaired) AS repaired FROM list_import_row r GROUP BY 1) r ON r.list_import_id = i.list_import_id
     WHERE i.input_names <> i.invalid + i.suppressed + i.intra + i.in_house + i.inter + i.household + i.net_names OR i.invalid <> coalesce(d.dropped, 0)
        OR r.rows <> i.input_names OR r.net <> i.net_names OR r.repaired <> i.repaired$$),
(20, 'account unlike its history', 'the owner of an account is the last one in account_owner', $$
    SELECT format('customer %s', c.customer_id)
      FROM customer c LEFT JOIN (SELECT DISTINCT ON (customer_id) customer_id, salesperson_id FROM account_owner ORDER BY customer_id, since DESC) a
        ON a.customer_id = c.customer_id WHERE c.salesperson_id IS DISTINCT FROM a.salesperson_id$$),
(21, 'external person who answered', 'who has answered, registered or ordered is an internal person', $$
    SELECT format('customer %s', c.customer_id) FROM customer c
     WHERE c.kind = 'external' AND NOT c.is_seed
       AND (EXISTS (SELECT FROM response f WHERE f.customer_id = c.customer_id) OR EXISTS (SELECT FROM event_registration f WHERE f.customer_id = c.customer_id)
            OR EXISTS (SELECT FROM customer_order f WHERE f.customer_id = c.customer_id))$$),
(22, 'person who refers to nobody', 'the organisation and the recommender of a person are customers, and not the person', $$
    SELECT format('customer %s, organisation %s', c.customer_id, c.organisation_id) FROM customer c
     WHERE c.organisation_id IS NOT NULL AND NOT EXISTS (SELECT FROM customer o WHERE o.customer_id = c.organisation_id AND o.is_organisation)
    UNION ALL
    SELECT format('customer %s, recommended by %s', c.customer_id, c.recommended_by) FROM customer c
     WHERE c.recommended_by IS NOT NULL AND (c.recommended_by = c.customer_id OR NOT EXISTS (SELECT FROM customer o WHERE o.customer_id = c.recommended_by))$$),
(23, 'address unlike its keys', 'the match_key and key_hash of a contact point are those of its kind and value, where they have been worked out', $$
    SELECT format('customer %s, contact point %s', p.customer_id, p.contact_point_id)
      FROM (SELECT k.*, contact_key(k.kind, k.value, s.value) AS right_key FROM contact_point k JOIN setting s ON s.setting = 'country' WHERE k.key_hash IS NOT NULL OFFSET 0) p
     WHERE p.match_key IS DISTINCT FROM p.right_key OR p.key_hash <> coalesce(suppression_hash(p.kind, p.match_key), '')$$),
(24, 'merged number that leads astray', 'who was merged is no customer any more, and his number leads to the survivor of the merge, or of later ones', $$
    SELECT format('number %s', m.merged_id) FROM merged_customer m WHERE EXISTS (SELECT FROM customer c WHERE c.customer_id = m.merged_id)
    UNION ALL
    SELECT format('merge %s', k.customer_merge_id) FROM customer_merge k LEFT JOIN merged_customer l ON l.merged_id = k.loser_id LEFT JOIN merged_customer s ON s.merged_id = k.survivor_id
     WHERE k.unmerged_at IS NULL AND l.customer_id IS DISTINCT FROM coalesce(s.customer_id, k.survivor_id)$$),
(25, 'erased person who is known', 'of who was erased there is no name, no birthday, no address, no number in another system', $$
    SELECT format('customer %s', e.erased_id) FROM person_erasure e
     WHERE EXISTS (SELECT FROM customer c WHERE c.customer_id = e.erased_id AND num_nonnulls(c.name, c.birthday) > 0)
        OR EXISTS (SELECT FROM contact_point p WHERE p.customer_id = e.erased_id) OR EXISTS (SELECT FROM customer_ref f WHERE f.customer_id = e.erased_id)$$),
(30, 'touch event without its touch', 'each event is of a touch of the same customer', $$
    SELECT format('customer %s, touch event %s', e.customer_id, e.touch_event_id) FROM touch_event e
     WHERE NOT EXISTS (SELECT FROM touch t WHERE t.customer_id = e.customer_id AND t.touch_id = e.touch_id)$$),
(31, 'touch to an address of somebody else', 'the contact point of a touch is the customer''s', $$
    SELECT format('customer %s, touch %s', t.customer_id, t.touch_id) FROM touch t
     WHERE t.contact_point_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM contact_point p WHERE p.customer_id = t.customer_id AND p.contact_point_id = t.contact_point_id)$$),
(32, 'touch of a hold-out cell', 'nobody gets anything under the code of a hold-out cell', $$
    SELECT format('customer %s, touch %s', t.customer_id, t.touch_id) FROM touch t JOIN source s ON s.source_code = t.source_code WHERE s.is_hold_out$$),
(33, 'held out in a cell that is none', 'who is held out is so under the code of a hold-out cell', $$
    SELECT format('customer %s, hold-out %s', h.customer_id, h.hold_out_id) FROM hold_out h JOIN source s ON s.source_code = h.source_code WHERE NOT s.is_hold_out$$),
(34, 'touch unlike its seed name', 'touches of seed names are marked so, and no others', $$
    SELECT format('customer %s, touch %s', t.customer_id, t.touch_id) FROM touch t JOIN customer c ON c.customer_id = t.customer_id WHERE t.is_seed <> c.is_seed$$),
(35, 'answer to a touch of somebody else', 'the touch that an answer names is the customer''s', $$
    SELECT format('customer %s, response %s', r.customer_id, r.response_id) FROM response r
     WHERE r.touch_id IS NOT NULL AND NOT EXISTS (SELECT FROM touch t WHERE t.customer_id = r.customer_id AND t.touch_id = r.touch_id)$$),
-- leads, orders, money and loads
(36, 'form without its reception', 'each form is of a reception of the same customer', $$
    SELECT format('customer %s, form %s', f.customer_id, f.reception_form_id) FROM reception_form f
     WHERE NOT EXISTS (SELECT FROM reception r WHERE r.customer_id = f.customer_id AND r.reception_id = f.reception_id)$$),
(37, 'lead unlike its last score', 'the model''s grade of a lead is that of its last score, and of the last move by the model', $$
    SELECT format('customer %s, lead %s', l.customer_id, l.lead_id)
      FROM lead l LEFT JOIN (SELECT DISTINCT ON (customer_id, lead_id) customer_id, lead_id, model_grade FROM lead_score ORDER BY customer_id, lead_id, scored_at DESC) s
        ON s.customer_id = l.customer_id AND s.lead_id = l.lead_id
      LEFT JOIN (SELECT DISTINCT ON (customer_id, lead_id) customer_id, lead_id, to_grade FROM lead_move WHERE kind = 'model graded' ORDER BY customer_id, lead_id, lead_move_id DESC) m
        ON m.customer_id = l.customer_id AND m.lead_id = l.lead_id
     WHERE l.model_grade IS DISTINCT FROM s.model_grade OR s.customer_id IS NOT NULL AND l.model_grade IS DISTINCT FROM m.to_grade$$),
(38, 'score unlike its parts', 'the log-odds of a score are the sum of what its features contribute by its model, and its probabilities and percent follow from them', $$
    SELECT format('customer %s, lead %s, at %s', s.customer_id, s.lead_id, s.scored_at)
      FROM (SELECT * FROM lead_score ORDER BY lead_model_id, team OFFSET 0) s
      LEFT JOIN (SELECT m.lead_model_id, m.alpha, c.team, c.counts3, c.counts6 FROM lead_model m, lead_model_blends(m.lead_model_id) c OFFSET 0) b ON b.lead_model_id = s.lead_model_id AND b.team = s.team
     WHERE naive_bayes_log_odds(b.counts3, s.features, b.alpha) IS DISTINCT FROM s.log_odds OR s.p3 <> 1 / (1 + exp(-s.log_odds)) OR s.score <> round((100 * s.p3)::numeric, 2)
        OR s.p6 <> greatest(s.p3, naive_bayes_score(b.counts6, s.features, b.alpha))$$),
(39, 'hand-over without its move', 'each lead handed over between teams has its row in lead_move, at that time and to that owner; answers come after it', $$
    SELECT format('customer %s, hand-over %s', h.customer_id, h.lead_hand_over_id) FROM lead_hand_over h
     WHERE NOT EXISTS (SELECT FROM lead_move m WHERE m.customer_id = h.customer_id AND m.lead_id = h.lead_id AND m.kind = 'handed over'
                          AND m.moved_at = h.handed_over_at AND m.to_salesperson_id = h.to_salesperson_id)
    UNION ALL
    SELECT format('customer %s, answer %s', a.customer_id, a.lead_hand_over_answer_id)
      FROM lead_hand_over_answer a LEFT JOIN lead_hand_over h ON h.customer_id = a.customer_id AND h.lead_hand_over_id = a.lead_hand_over_id
     WHERE h.customer_id IS NULL OR a.answered_at < h.handed_over_at$$),
(40, 'lead of an answer or order of somebody else', 'the answer that opened a lead and the order that won it are the customer''s', $$
    SELECT format('customer %s, lead %s', l.customer_id, l.lead_id) FROM lead l
     WHERE l.response_id IS NOT NULL AND NOT EXISTS (SELECT FROM response r WHERE r.customer_id = l.customer_id AND r.response_id = l.response_id)
        OR l.customer_order_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id)$$),
(41, 'contact about a lead of somebody else', 'the lead that a visit, call or reception names, and the plan of a visit, are the customer''s', $$
    SELECT format('customer %s, %s %s', f.customer_id, f.fact, f.fact_id)
      FROM (SELECT 'visit' AS fact, customer_id, visit_id AS fact_id, lead_id FROM visit UNION ALL SELECT 'call', customer_id, call_id, lead_id FROM call
            UNION ALL SELECT 'reception', customer_id, reception_id, lead_id FROM reception UNION ALL SELECT 'lead move', customer_id, lead_move_id, lead_id FROM lead_move) f
     WHERE f.lead_id IS NOT NULL AND NOT EXISTS (SELECT FROM lead l WHERE l.customer_id = f.customer_id AND l.lead_id = f.lead_id)
    UNION ALL
    SELECT format('customer %s, visit %s', v.customer_id, v.visit_id) FROM visit v
     WHERE v.planned_visit_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM visit p WHERE p.customer_id = v.customer_id AND p.visit_id = v.planned_visit_id AND p.status = 'planned')$$),
(42, 'lead unlike its last move', 'owner, grade and status of a lead are those after its last move, in the order of recording', $$
    SELECT format('customer %s, lead %s', l.customer_id, l.lead_id)
      FROM lead l LEFT JOIN (SELECT DISTINCT ON (customer_id, lead_id) customer_id, lead_id, to_salesperson_id, to_grade, to_status
                               FROM lead_move WHERE kind <> 'model graded' ORDER BY customer_id, lead_id, lead_move_id DESC) m
        ON m.customer_id = l.customer_id AND m.lead_id = l.lead_id
     WHERE (l.salesperson_id, l.lead_grade, l.status) IS DISTINCT FROM (m.to_salesperson_id, m.to_grade, m.to_status)$$),
(43, 'open lead of one who has left', 'an open lead is owned by somebody in the team, or by marketing', $$
    SELECT format('customer %s, lead %s, salesperson %s', l.customer_id, l.lead_id, l.salesperson_id)
      FROM lead l JOIN salesperson p ON p.salesperson_id = l.salesperson_id WHERE l.status = 'open' AND p.left_on < current_date$$),
(44, 'lead open and closed', 'a lead that is not open has the time when it was closed, after it was opened; an open one has none', $$
    SELECT format('customer %s, lead %s', customer_id, lead_id) FROM lead WHERE (status = 'open') <> (closed_at IS NULL) OR closed_at < opened_at$$),
(45, 'won lead without an order', 'a won lead names its order, or an order names it', $$
    SELECT format('customer %s, lead %s', l.customer_id, l.lead_id) FROM lead l
     WHERE l.status = 'won' AND l.customer_order_id IS NULL
       AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = l.customer_id AND o.lead_id = l.lead_id)$$),
(46, 'lead moved twice at once', 'the rules move a lead once in a run', $$
    SELECT format('customer %s, lead %s, at %s', m.customer_id, m.lead_id, m.moved_at) FROM lead_move m
     WHERE m.rule IS NOT NULL AND m.kind <> 'model graded' GROUP BY m.customer_id, m.lead_id, m.moved_at HAVING count(*) > 1$$),
(47, 'open lead without a clock', 'a graded lead that a salesperson has is on the clock of the stale rules', $$
    SELECT format('customer %s, lead %s', customer_id, lead_id) FROM lead
     WHERE status = 'open' AND salesperson_id IS NOT NULL AND lead_grade IS NOT NULL AND clock_started_at IS NULL$$),
(48, 'visit to come of a closed lead', 'a lead that is won, lost or defeated has no next visit, and what was planned for the time after is cancelled', $$
    SELECT format('customer %s, visit %s of lead %s', v.customer_id, v.visit_id, v.lead_id)
      FROM visit v JOIN lead l ON l.customer_id = v.customer_id AND l.lead_id = v.lead_id
     WHERE v.status = 'planned' AND l.status <> 'open' AND v.visited_at > l.closed_at
       AND NOT EXISTS (SELECT FROM visit d WHERE d.customer_id = v.customer_id AND d.lead_id = v.lead_id AND d.planned_visit_id = v.visit_id)
    UNION ALL
    SELECT format('customer %s, lead %s', l.customer_id, l.lead_id) FROM lead l WHERE l.status <> 'open' AND l.next_visit_on IS NOT NULL$$),
(49, 'planned visit settled twice', 'a planned visit is completed or cancelled once', $$
    SELECT format('customer %s, planned visit %s', d.customer_id, d.planned_visit_id) FROM visit d
     WHERE d.planned_visit_id IS NOT NULL GROUP BY d.customer_id, d.planned_visit_id HAVING count(*) > 1$$),
(50, 'order of an answer or lead of somebody else', 'the answer and the lead that an order names are the customer''s', $$
    SELECT format('customer %s, order %s', o.customer_id, o.customer_order_id) FROM customer_order o
     WHERE o.response_id IS NOT NULL AND NOT EXISTS (SELECT FROM response r WHERE r.customer_id = o.customer_id AND r.response_id = o.response_id)
        OR o.lead_id IS NOT NULL AND NOT EXISTS (SELECT FROM lead l WHERE l.customer_id = o.customer_id AND l.lead_id = o.lead_id)$$),
(51, 'line or return without its order', 'the order of a line or return is the customer''s', $$
    SELECT format('customer %s, %s %s', f.customer_id, f.fact, f.fact_id)
      FROM (SELECT 'order line' AS fact, customer_id, order_line_id AS fact_id, customer_order_id FROM order_line
            UNION ALL SELECT 'return', customer_id, order_return_id, customer_order_id FROM order_return) f
     WHERE f.customer_order_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = f.customer_id AND o.customer_order_id = f.customer_order_id)$$),
(52, 'mended code without its fact', 'what was mended is there', $$
    SELECT format('customer %s, mended %s %s', m.customer_id, m.fact, m.fact_id) FROM code_mend m
     WHERE NOT EXISTS (SELECT FROM (SELECT 'response' AS fact, customer_id, response_id AS fact_id FROM response UNION ALL SELECT 'lead', customer_id, lead_id FROM lead
            UNION ALL SELECT 'visit', customer_id, visit_id FROM visit UNION ALL SELECT 'event_registration', customer_id, event_registration_id FROM event_registration
            UNION ALL SELECT 'event_attendance', customer_id, event_attendance_id FROM event_attendance
            UNION ALL SELECT 'customer_order', customer_id, customer_order_id FROM customer_order UNION ALL SELECT 'order_return', customer_id, order_return_id FROM order_return) f
                        WHERE f.customer_id = m.customer_id AND f.fact = m.fact AND f.fact_id = m.fact_id)$$),
(53, 'mended to a code that is not registered', 'the code that a fact was mended to last is in the registry', $$
    SELECT format('customer %s, %s %s: %s', m.customer_id, m.fact, m.fact_id, m.source_code)
      FROM (SELECT DISTINCT ON (customer_id, fact, fact_id) customer_id, fact, fact_id, source_code FROM code_mend ORDER BY customer_id, fact, fact_id, code_mend_id DESC) m
     WHERE m.source_code IS NOT NULL AND NOT EXISTS (SELECT FROM source s WHERE s.source_code = m.source_code)$$),
(54, 'expense without just one key', 'an expense is for a source code, or for a campaign, or for a medium', $$
    SELECT format('expense %s', expense_id) FROM expense WHERE num_nonnulls(source_code, campaign, medium) <> 1$$),
(55, 'fact of the future', 'nothing happened more than a day (clocks differ) after now, or after the time for which the reports were refreshed last, if that is later', $$
    SELECT format('customer %s, %s %s, %s', f.customer_id, f.fact, f.fact_id, f.at)
      FROM (SELECT greatest(now(), max(as_of)) + interval '1 day' AS last_at FROM report_state) r
      JOIN (SELECT customer_id, fact, fact_id, happened_at AS at FROM attributable_fact
            UNION ALL SELECT customer_id, 'touch', touch_id, sent_at FROM touch
            UNION ALL SELECT customer_id, 'touch_event', touch_event_id, happened_at FROM touch_event
            UNION ALL SELECT customer_id, 'hold_out', hold_out_id, held_out_at FROM hold_out
            UNION ALL SELECT customer_id, 'lead_move', lead_move_id, moved_at FROM lead_move
            UNION ALL SELECT customer_id, 'call', call_id, called_at FROM call
            UNION ALL SELECT customer_id, 'reception', reception_id, received_at FROM reception
            UNION ALL SELECT customer_id, 'reception_form', reception_form_id, entered_at FROM reception_form) f ON f.at > r.last_at$$),
(56, 'rejected row without its load', 'the run that rejected a row is in load_run', $$
    SELECT format('load %s, row %s', j.load_run_id, j.row_no) FROM load_reject j WHERE NOT EXISTS (SELECT FROM load_run r WHERE r.load_run_id = j.load_run_id)$$),
(57, 'negative order', 'an order is not negative: it would count as one more; what is given back is a return', $$
    SELECT format('customer %s, order %s: %s', customer_id, customer_order_id, revenue) FROM customer_order WHERE revenue < 0$$),
(58, 'rotation out of balance', 'what the members of a team''s rotation are owed adds up to 0, and their turns are those of rotation_turn', $$
    SELECT format('team %s: %s', m.team, sum(m.owed)) FROM rotation_member m GROUP BY m.team HAVING sum(m.owed) <> 0
    UNION ALL
    SELECT format('team %s, salesperson %s', coalesce(m.team, t.team), coalesce(m.salesperson_id, t.salesperson_id))
      FROM rotation_member m
      FULL JOIN (SELECT r.team, r.salesperson_id, count(*) AS turns FROM rotation_turn r WHERE r.kind = 'turn' GROUP BY 1, 2) t ON t.team = m.team AND t.salesperson_id = m.salesperson_id
     WHERE coalesce(m.turns, 0) <> coalesce(t.turns, 0)$$),
(59, 'rotation rules without a fallback', 'where there are rotation rules, one of them has no condition', $$
    SELECT 'no rule without a condition' FROM rotation_rule HAVING count(*) > 0 AND count(*) FILTER (WHERE num_nonnulls(product, category, region, response_channel, is_organisation, is_key_account) = 0) = 0$$),
-- the reports
(60, 'reports of another cluster', 'the reports were made here; after a restore refresh_reports() makes them anew', $$
    SELECT format('made in %s', era) FROM report_state WHERE snapshot IS NOT NULL AND era IS DISTINCT FROM transaction_era()$$),
(61, 'fact that counts otherwise', 'each fact counts in the ledger for the day, effort and money that its code, mended code or what it hangs on give', $$
    SELECT format('customer %s, %s %s: %s in the ledger, %s by the facts', customer_id, fact, fact_id,
                  coalesce(nullif(concat_ws(' ', l.date_day, l.source_code, nullif(l.amount, 0)), ''), 'nothing'),
                  coalesce(nullif(concat_ws(' ', f.date_day, f.source_code, nullif(f.amount, 0)), ''), 'nothing'))
      FROM (SELECT customer_id, fact, fact_id, date_day, source_code, amount, cost_of_goods FROM attribution WHERE fact <> 'new_name'
             GROUP BY customer_id, fact, fact_id, date_day, source_code, amount, cost_of_goods HAVING sum(sign) <> 0) l
      FULL JOIN recount_attribution() f USING (customer_id, fact, fact_id)
     WHERE (l.date_day, l.source_code, l.amount, l.cost_of_goods) IS DISTINCT FROM (f.date_day, f.source_code, f.amount, f.cost_of_goods)
       AND EXISTS (SELECT FROM report_state WHERE era = transaction_era())$$),
(62, 'fact not once in the ledger', 'the signs of each fact in the ledger add up to 1, and what is taken back had been added', $$
    SELECT format('customer %s, %s %s', customer_id, fact, fact_id) FROM attribution GROUP BY customer_id, fact, fact_id HAVING sum(sign) <> 1
    UNION
    SELECT format('customer %s, %s %s', customer_id, fact, fact_id) FROM attribution
     GROUP BY customer_id, fact, fact_id, date_day, source_code, method, amount, cost_of_goods HAVING sum(sign) NOT IN (0, 1)$$),
(63, 'new name that counts otherwise', 'each external person''s first answer, registration or order is one new name, on its day, for its effort', $$
    SELECT format('customer %s', coalesce(n.customer_id, f.customer_id))
      FROM (SELECT customer_id, date_day, source_code FROM attribution WHERE fact = 'new_name' GROUP BY customer_id, date_day, source_code HAVING sum(sign) <> 0) n
      FULL JOIN (SELECT DISTINCT ON (a.customer_id) a.customer_id, a.date_day, a.source_code
                   FROM (SELECT customer_id, fact, fact_id, date_day, source_code FROM attribution WHERE fact IN ('response', 'event_registration', 'customer_order')
                          GROUP BY customer_id, fact, fact_id, date_day, source_code HAVING sum(sign) > 0) a
                   JOIN customer c ON c.customer_id = a.customer_id AND c.entered_as = 'external' AND NOT c.is_seed AND c.customer_id <> 0
                  ORDER BY a.customer_id, a.date_day, array_position('{response,event_registration,customer_order}', a.fact), a.fact_id) f
        ON f.customer_id = n.customer_id WHERE (n.date_day, n.source_code) IS DISTINCT FROM (f.date_day, f.source_code)$$),
(64, 'source_day unlike the ledger', 'answers, new names, leads, visits, registrations, attendances, orders and money by day and effort are the sums of the ledger', $$
    SELECT format('%s %s', coalesce(d.date_day, l.date_day), coalesce(d.source_code, l.source_code))
      FROM source_day d
      FULL JOIN (SELECT date_day, source_code, sum(sign) FILTER (WHERE fact = 'response') AS responses, sum(sign) FILTER (WHERE fact = 'new_name') AS new_names,
                        sum(sign) FILTER (WHERE fact = 'lead') AS leads, sum(sign) FILTER (WHERE fact = 'visit') AS visits,
                        sum(sign) FILTER (WHERE fact = 'event_registration') AS registrations, sum(sign) FILTER (WHERE fact = 'event_attendance') AS attendances,
                        sum(sign) FILTER (WHERE fact = 'customer_order') AS orders, sum(sign * amount) FILTER (WHERE fact = 'customer_order') AS revenue,
                        sum(sign) FILTER (WHERE method IN ('by person', 'by household')) AS matched_orders,
                        sum(sign * amount) FILTER (WHERE method IN ('by person', 'by household')) AS matched_revenue,
                        sum(sign * amount) FILTER (WHERE fact = 'order_return') AS returned,
                        sum(CASE fact WHEN 'order_return' THEN -sign ELSE sign END * cost_of_goods) AS cost_of_goods
                   FROM attribution GROUP BY date_day, source_code) l ON l.date_day = d.date_day AND l.source_code = d.source_code
     WHERE (coalesce(d.responses, 0), coalesce(d.new_names, 0), coalesce(d.leads, 0), coalesce(d.visits, 0), coalesce(d.registrations, 0),
            coalesce(d.attendances, 0), coalesce(d.orders, 0), coalesce(d.matched_orders, 0), coalesce(d.revenue, 0), coalesce(d.matched_revenue, 0),
            coalesce(d.returned, 0), coalesce(d.cost_of_goods, 0))
        <> (coalesce(l.responses, 0), coalesce(l.new_names, 0), coalesce(l.leads, 0), coalesce(l.visits, 0), coalesce(l.registrations, 0),
            coalesce(l.attendances, 0), coalesce(l.orders, 0), coalesce(l.matched_orders, 0), coalesce(l.revenue, 0), coalesce(l.matched_revenue, 0),
            coalesce(l.returned, 0), coalesce(l.cost_of_goods, 0))$$),
(65, 'source_day unlike the touches', 'pieces, people held out and what became of the pieces, by day of sending and effort, are those of touch, hold_out and touch_event', $$
    SELECT format('%s %s', coalesce(d.date_day, t.date_day), coalesce(d.source_code, t.source_code))
      FROM source_day d
      FULL JOIN (SELECT date_day, source_code, sum(pieces) AS pieces, sum(held_out) AS held_out, sum(delivered) AS delivered, sum(opened) AS opened,
                        sum(clicked) AS clicked, sum(forwarded) AS forwarded, sum(bounced) AS bounced, sum(complained) AS complained, sum(unsubscribed) AS unsubscribed
                   FROM (SELECT (u.sent_at AT TIME ZONE z.value)::date AS date_day, u.source_code, 1 AS pieces, 0 AS held_out, e.*
                           FROM report_state r JOIN setting z ON z.setting = 'time_zone' JOIN touch u ON pg_visible_in_snapshot(u.recorded_xid, r.snapshot) AND NOT u.is_seed
                           LEFT JOIN (SELECT v.customer_id, v.touch_id, max((v.kind = 'delivered')::int) AS delivered, max((v.kind = 'opened')::int) AS opened,
                                             max((v.kind = 'clicked')::int) AS clicked, max((v.kind = 'forwarded')::int) AS forwarded, max((v.kind = 'bounced')::int) AS bounced,
                                             max((v.kind = 'complained')::int) AS complained, max((v.kind = 'unsubscribed')::int) AS unsubscribed
                                        FROM report_state s JOIN touch_event v ON pg_visible_in_snapshot(v.recorded_xid, s.snapshot) GROUP BY v.customer_id, v.touch_id) e
                                  ON e.customer_id = u.customer_id AND e.touch_id = u.touch_id
                         UNION ALL
                         SELECT (h.held_out_at AT TIME ZONE z.value)::date, h.source_code, 0, 1, NULL, NULL, 0, 0, 0, 0, 0, 0, 0
                           FROM report_state r JOIN setting z ON z.setting = 'time_zone' JOIN hold_out h ON pg_visible_in_snapshot(h.recorded_xid, r.snapshot)
                           JOIN customer c ON c.customer_id = h.customer_id AND NOT c.is_seed) x
                  GROUP BY date_day, source_code) t ON t.date_day = d.date_day AND t.source_code = d.source_code
     WHERE (coalesce(d.pieces, 0), coalesce(d.held_out, 0), coalesce(d.delivered, 0), coalesce(d.opened, 0), coalesce(d.clicked, 0), coalesce(d.forwarded, 0),
            coalesce(d.bounced, 0), coalesce(d.complained, 0), coalesce(d.unsubscribed, 0))
        <> (coalesce(t.pieces, 0), coalesce(t.held_out, 0), coalesce(t.delivered, 0), coalesce(t.opened, 0), coalesce(t.clicked, 0), coalesce(t.forwarded, 0),
            coalesce(t.bounced, 0), coalesce(t.complained, 0), coalesce(t.unsubscribed, 0))
       AND EXISTS (SELECT FROM report_state WHERE era = transaction_era())$$),
(66, 'reports unlike the expenses', 'money spent by day and source code, campaign or medium is the sum of expense', $$
    SELECT format('%s %s', coalesce(d.day, x.day), coalesce(d.key, x.key))
      FROM (SELECT date_day AS day, 'source ' || source_code::text AS key, expense FROM source_day WHERE expense <> 0
            UNION ALL SELECT date_day, CASE WHEN campaign <> '' THEN 'campaign ' || campaign ELSE 'medium ' || medium END, expense FROM shared_expense_day WHERE expense <> 0) d
      FULL JOIN (SELECT e.spent_on AS day, coalesce('source ' || e.source_code::text, 'campaign ' || e.campaign, 'medium ' || e.medium) AS key, sum(e.amount) AS expense
                   FROM report_state r JOIN expense e ON pg_visible_in_snapshot(e.recorded_xid, r.snapshot) GROUP BY 1, 2 HAVING sum(e.amount) <> 0) x
        ON x.day = d.day AND x.key = d.key
     WHERE d.expense IS DISTINCT FROM x.expense AND EXISTS (SELECT FROM report_state WHERE era = transaction_era())$$),
(67, 'customer_order_day unlike the orders', 'what each customer ordered and sent back, by day, are the sums of customer_order and order_return', $$
    SELECT format('customer %s, %s', coalesce(d.customer_id, o.customer_id), coalesce(d.date_day, o.date_day))
      FROM customer_order_day d
      FULL JOIN (SELECT f.customer_id, (f.happened_at AT TIME ZONE z.value)::date AS date_day, count(*) FILTER (WHERE f.fact = 'customer_order') AS orders,
                        coalesce(sum(f.amount) FILTER (WHERE f.fact = 'customer_order'), 0) AS revenue, coalesce(sum(f.amount) FILTER (WHERE f.fact = 'order_return'), 0) AS returned
                   FROM report_state r JOIN setting z ON z.setting = 'time_zone' JOIN attributable_fact f ON pg_visible_in_snapshot(f.recorded_xid, r.snapshot)
                  WHERE f.fact IN ('customer_order', 'order_return') AND f.customer_id <> 0 GROUP BY 1, 2) o ON o.customer_id = d.customer_id AND o.date_day = d.date_day
     WHERE (d.orders, d.revenue, d.returned) IS DISTINCT FROM (o.orders, o.revenue, o.returned) AND EXISTS (SELECT FROM report_state WHERE era = transaction_era())$$),
(68, 'customer_milestone unlike the facts', 'first touch and first order of each customer are those of touch and customer_order', $$
    SELECT format('customer %s', coalesce(m.customer_id, f.customer_id))
      FROM customer_milestone m
      FULL JOIN (SELECT x.customer_id, min(x.touched_on) AS first_touch_on, min(x.ordered_on) AS first_order_on
                   FROM (SELECT t.customer_id, (t.sent_at AT TIME ZONE z.value)::date AS touched_on, NULL::date AS ordered_on
                           FROM report_state r JOIN setting z ON z.setting = 'time_zone' JOIN touch t ON pg_visible_in_snapshot(t.recorded_xid, r.snapshot)
                         UNION ALL
                         SELECT o.customer_id, NULL, (o.ordered_at AT TIME ZONE z.value)::date
                           FROM report_state r JOIN setting z ON z.setting = 'time_zone' JOIN customer_order o ON pg_visible_in_snapshot(o.recorded_xid, r.snapshot)) x
                  WHERE x.customer_id <> 0 GROUP BY x.customer_id) f ON f.customer_id = m.customer_id
     WHERE (m.first_touch_on, m.first_order_on) IS DISTINCT FROM (f.first_touch_on, f.first_order_on) AND EXISTS (SELECT FROM report_state WHERE era = transaction_era())$$),
-- the value of customers
(80, 'customer_purchases unlike the orders', 'the histories of each customer are the orders and returns that the last refresh_value() has taken in', $$
    SELECT format('customer %s', coalesce(h.customer_id, f.customer_id))
      FROM (SELECT p.customer_id, coalesce((purchase_totals(p.order_history)).orders, 0) AS orders, coalesce((purchase_totals(p.order_history)).amount, 0) AS revenue,
                   coalesce((purchase_totals(p.cost_history)).amount, 0) AS cost, coalesce((purchase_totals(p.return_history)).amount, 0) AS returned,
                   coalesce((purchase_totals(p.returned_cost_history)).amount, 0) AS returned_cost FROM customer_purchases p) h
      FULL JOIN (SELECT x.customer_id, count(*) FILTER (WHERE x.is_order) AS orders, coalesce(sum(x.amount) FILTER (WHERE x.is_order), 0) AS revenue,
                        coalesce(sum(x.cost) FILTER (WHERE x.is_order), 0) AS cost, coalesce(sum(x.amount) FILTER (WHERE NOT x.is_order), 0) AS returned,
                        coalesce(sum(x.cost) FILTER (WHERE NOT x.is_order), 0) AS returned_cost
                   FROM (SELECT o.customer_id, o.revenue >= 0 AS is_order, abs(o.revenue) AS amount, abs(o.cost_of_goods) AS cost
                           FROM value_state s JOIN customer_order o ON pg_visible_in_snapshot(o.recorded_xid, s.snapshot)
                         UNION ALL
                         SELECT r.customer_id, false, greatest(r.amount, 0), greatest(r.cost_of_goods, 0)
                           FROM value_state s JOIN order_return r ON pg_visible_in_snapshot(r.recorded_xid, s.snapshot)) x
                  WHERE x.customer_id <> 0 GROUP BY x.customer_id) f ON f.customer_id = h.customer_id
     WHERE (h.orders, h.revenue, h.cost, h.returned, h.returned_cost) IS DISTINCT FROM (f.orders, f.revenue, f.cost, f.returned, f.returned_cost)
       AND EXISTS (SELECT FROM value_state WHERE era = transaction_era())$$),
(81, 'customer not scored', 'when a round of scoring is over, each customer with an order until then has one row, of that time, and nobody else', $$
    SELECT format('customer %s', coalesce(p.customer_id, s.customer_id))
      FROM (SELECT p.customer_id, v.as_of FROM value_state v JOIN customer_purchases p ON (purchase_totals(p.order_history, v.as_of)).orders > 0
              JOIN customer c ON c.customer_id = p.customer_id AND NOT c.is_seed) p
      FULL JOIN customer_score s ON s.customer_id = p.customer_id
     WHERE s.as_of IS DISTINCT FROM p.as_of AND EXISTS (SELECT FROM value_state WHERE scored_to IS NULL AND era = transaction_era())$$),
(82, 'segment unlike its history', 'the segment of a customer is the last one in customer_segment', $$
    SELECT format('customer %s', s.customer_id) FROM customer_score s
      LEFT JOIN (SELECT DISTINCT ON (customer_id) customer_id, segment FROM customer_segment ORDER BY customer_id, customer_segment_id DESC) h ON h.customer_id = s.customer_id
     WHERE h.customer_id IS NULL OR h.segment IS DISTINCT FROM s.segment$$),
(83, 'forecast that does not add up', 'what is expected of all is that of customers and of new customers, and that of the months is that of the year', $$
    SELECT format('%s, month %s', f.as_of, f.month_no)
      FROM (SELECT as_of, month_no, coalesce(sum(expected_revenue) FILTER (WHERE part = 'all'), 0) AS whole,
                   coalesce(sum(expected_revenue) FILTER (WHERE part IN ('customers', 'new customers')), 0) AS parts FROM value_forecast GROUP BY as_of, month_no
            UNION ALL
            SELECT as_of, 0, coalesce(sum(expected_revenue) FILTER (WHERE month_no = 0), 0), coalesce(sum(expected_revenue) FILTER (WHERE month_no > 0), 0)
              FROM value_forecast WHERE part = 'all' GROUP BY as_of) f
     WHERE abs(f.whole - f.parts) > 1e-9 * abs(f.whole)$$)) r (rule_no, check_name, meaning, query);
COMMENT ON VIEW integrity_rule IS 'rules of check_integrity(), one row each; run a query by itself, with this schema and dupex on the search path, to see every problem';
COMMENT ON COLUMN integrity_rule.rule_no IS 'order of the rules';
COMMENT ON COLUMN integrity_rule.check_name IS 'the problem that it looks for';
COMMENT ON COLUMN integrity_rule.meaning IS 'what holds when there is none';
COMMENT ON COLUMN integrity_rule.query IS 'SQL query of one text, one row per problem';

-- STABLE: all rules see the same moment, so that a refresh that commits in between is no problem.
CREATE OR REPLACE FUNCTION check_integrity() RETURNS TABLE (check_name text, problems bigint, example text)
    LANGUAGE plpgsql STABLE ROWS 40 SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    query text;
BEGIN
    FOR check_name, query IN SELECT r.check_name, r.query FROM integrity_rule r ORDER BY r.rule_no LOOP
        EXECUTE format('SELECT count(*), min(p.example COLLATE "C") FROM (%s) p (example)', query) INTO problems, example;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION check_integrity() IS 'counts what does not agree: facts with each other, and the reports with the facts that the last refresh has taken in. One row per rule, 0 problems when all is well, with the first problem as an example; integrity_rule has the rules and their queries. Reads everything, changes nothing';

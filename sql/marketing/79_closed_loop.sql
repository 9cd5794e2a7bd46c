-- What became of leads: the hand-overs, the questions that every lead must answer, why leads are
-- lost, how long they stay where, and how fast they bring money.

CREATE OR REPLACE VIEW lead_source AS
SELECT l.customer_id, l.lead_id, a.source_code::text AS source_code, s.campaign, s.medium, s.list
  FROM lead l
  LEFT JOIN LATERAL (SELECT a.source_code FROM attribution a
                      WHERE a.customer_id = l.customer_id AND a.fact = 'lead' AND a.fact_id = l.lead_id AND a.sign = 1
                      ORDER BY a.attribution_id DESC LIMIT 1) a ON true
  LEFT JOIN source s ON s.source_code = a.source_code;
COMMENT ON VIEW lead_source IS 'leads with the effort they count for, one row per lead';
COMMENT ON COLUMN lead_source.customer_id IS 'the customer';
COMMENT ON COLUMN lead_source.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN lead_source.source_code IS 'the effort it counts for; UNSOURCED: none is known; NULL: recorded after the last refresh, or of a seed name';
COMMENT ON COLUMN lead_source.campaign IS 'campaign of the effort';
COMMENT ON COLUMN lead_source.medium IS 'medium of the effort';
COMMENT ON COLUMN lead_source.list IS 'list of the effort';

CREATE OR REPLACE VIEW hand_over_status AS
SELECT h.customer_id, h.lead_hand_over_id, h.lead_id, h.handed_over_at, h.from_team, h.from_salesperson_id, h.to_team, h.to_salesperson_id,
       h.criteria, h.criteria_met, h.criteria_met = h.criteria AS is_qualified, array_to_string(h.unmet, ', ') AS unmet_criteria,
       h.accept_due_at, h.contact_due_at, a.answered_at AS accepted_at, r.answered_at AS returned_at, r.return_reason,
       CASE WHEN r.answered_at IS NOT NULL THEN 'returned' WHEN l.status = 'won' THEN 'won' WHEN l.status <> 'open' THEN 'lost'
            WHEN a.answered_at IS NOT NULL THEN 'accepted' ELSE 'open' END AS hand_over_status,
       coalesce(a.answered_at, r.answered_at, CASE WHEN l.status <> 'open' THEN l.closed_at END, now()) > h.accept_due_at AS is_late,
       k.contacted_at, coalesce(k.contacted_at, r.answered_at, CASE WHEN l.status <> 'open' THEN l.closed_at END, now()) > h.contact_due_at AS is_contact_late,
       o.revenue
  FROM lead_hand_over h
  JOIN lead l ON l.customer_id = h.customer_id AND l.lead_id = h.lead_id
  LEFT JOIN lead_hand_over_answer a ON a.customer_id = h.customer_id AND a.lead_hand_over_id = h.lead_hand_over_id AND a.answer = 'accepted'
  LEFT JOIN lead_hand_over_answer r ON r.customer_id = h.customer_id AND r.lead_hand_over_id = h.lead_hand_over_id AND r.answer = 'returned'
  LEFT JOIN customer_order o ON o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id AND r.answered_at IS NULL
  LEFT JOIN LATERAL (SELECT least((SELECT min(v.visited_at) FROM visit v
                                    WHERE v.customer_id = h.customer_id AND v.lead_id = h.lead_id AND v.status = 'completed' AND v.visited_at >= h.handed_over_at),
                                  (SELECT min(c.called_at) FROM call c
                                    WHERE c.customer_id = h.customer_id AND c.lead_id = h.lead_id AND c.called_at >= h.handed_over_at
                                      AND c.result IN ('reached', 'refused', 'promise', 'answered'))) AS contacted_at) k ON true;
COMMENT ON VIEW hand_over_status IS 'leads handed over from one team to another, and what became of each, one row per hand-over';
COMMENT ON COLUMN hand_over_status.customer_id IS 'the customer';
COMMENT ON COLUMN hand_over_status.lead_hand_over_id IS 'key of the hand-over within the customer';
COMMENT ON COLUMN hand_over_status.lead_id IS 'the lead';
COMMENT ON COLUMN hand_over_status.handed_over_at IS 'when it was handed over';
COMMENT ON COLUMN hand_over_status.from_team IS 'by which team';
COMMENT ON COLUMN hand_over_status.from_salesperson_id IS 'by whom; NULL: marketing';
COMMENT ON COLUMN hand_over_status.to_team IS 'to which team';
COMMENT ON COLUMN hand_over_status.to_salesperson_id IS 'to whom';
COMMENT ON COLUMN hand_over_status.criteria IS 'number of agreed criteria';
COMMENT ON COLUMN hand_over_status.criteria_met IS 'of which met';
COMMENT ON COLUMN hand_over_status.is_qualified IS 'all were met';
COMMENT ON COLUMN hand_over_status.unmet_criteria IS 'those that were not, separated by commas';
COMMENT ON COLUMN hand_over_status.accept_due_at IS 'to be accepted or returned until then';
COMMENT ON COLUMN hand_over_status.contact_due_at IS 'the customer is to be reached until then';
COMMENT ON COLUMN hand_over_status.accepted_at IS 'when it was accepted';
COMMENT ON COLUMN hand_over_status.returned_at IS 'when it was returned';
COMMENT ON COLUMN hand_over_status.return_reason IS 'why';
COMMENT ON COLUMN hand_over_status.hand_over_status IS 'open (not answered), accepted, returned, won or lost';
COMMENT ON COLUMN hand_over_status.is_late IS 'was accepted, returned or closed after accept_due_at, or is not yet though that is past';
COMMENT ON COLUMN hand_over_status.contacted_at IS 'first completed visit or call with the customer after the hand-over';
COMMENT ON COLUMN hand_over_status.is_contact_late IS 'that was after contact_due_at, or did not happen though that is past';
COMMENT ON COLUMN hand_over_status.revenue IS 'value of the order that won it, before returns; NULL when it was not won';

CREATE OR REPLACE VIEW hand_over_performance AS
SELECT s.campaign, c.sender AS campaign_sender, s.medium, h.from_team, h.to_team,
       count(*) AS handed_over,
       count(*) FILTER (WHERE h.is_qualified) AS qualified,
       count(*) FILTER (WHERE h.accepted_at IS NOT NULL) AS accepted,
       count(*) FILTER (WHERE h.returned_at IS NOT NULL) AS returned,
       count(*) FILTER (WHERE h.return_reason = 'not ready') AS returned_not_ready,
       count(*) FILTER (WHERE h.return_reason = 'not sold') AS returned_not_sold,
       count(*) FILTER (WHERE h.hand_over_status = 'open') AS unanswered,
       count(*) FILTER (WHERE h.is_late) AS late,
       count(*) FILTER (WHERE h.is_contact_late) AS contacted_late,
       count(*) FILTER (WHERE h.hand_over_status = 'won') AS won,
       coalesce(sum(h.revenue), 0)::numeric(20,4) AS revenue,
       ((count(*) FILTER (WHERE h.is_qualified))::numeric / nullif(count(*), 0))::numeric(20,6) AS qualified_rate,
       ((count(*) FILTER (WHERE h.accepted_at IS NOT NULL))::numeric / nullif(count(*) FILTER (WHERE h.hand_over_status <> 'open'), 0))::numeric(20,6) AS acceptance_rate,
       ((count(*) FILTER (WHERE h.hand_over_status = 'won' AND h.accepted_at IS NOT NULL))::numeric / nullif(count(*) FILTER (WHERE h.accepted_at IS NOT NULL), 0))::numeric(20,6) AS won_rate,
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM h.accepted_at - h.handed_over_at) / 3600))::numeric(12,1) AS median_hours_to_accept
  FROM hand_over_status h
  LEFT JOIN lead_source s ON s.customer_id = h.customer_id AND s.lead_id = h.lead_id
  LEFT JOIN campaign c ON c.campaign = s.campaign
 GROUP BY s.campaign, c.sender, s.medium, h.from_team, h.to_team;
COMMENT ON VIEW hand_over_performance IS 'opportunities handed over and accepted, by campaign (and who sent it), medium and the two teams; campaign NULL: leads without a known effort';
COMMENT ON COLUMN hand_over_performance.campaign IS 'campaign of the effort that brought the lead';
COMMENT ON COLUMN hand_over_performance.campaign_sender IS 'who sent the campaign';
COMMENT ON COLUMN hand_over_performance.medium IS 'its medium';
COMMENT ON COLUMN hand_over_performance.from_team IS 'team that handed over';
COMMENT ON COLUMN hand_over_performance.to_team IS 'team that took over';
COMMENT ON COLUMN hand_over_performance.handed_over IS 'hand-overs';
COMMENT ON COLUMN hand_over_performance.qualified IS 'of which met all criteria';
COMMENT ON COLUMN hand_over_performance.accepted IS 'of which were accepted, also where they were returned later';
COMMENT ON COLUMN hand_over_performance.returned IS 'of which were returned';
COMMENT ON COLUMN hand_over_performance.returned_not_ready IS 'of which because the customer is not ready';
COMMENT ON COLUMN hand_over_performance.returned_not_sold IS 'of which because they were not sold';
COMMENT ON COLUMN hand_over_performance.unanswered IS 'not accepted, returned or closed yet';
COMMENT ON COLUMN hand_over_performance.late IS 'answered after the agreed time, or not yet though it is past';
COMMENT ON COLUMN hand_over_performance.contacted_late IS 'customer reached after the agreed time, or not yet though it is past';
COMMENT ON COLUMN hand_over_performance.won IS 'of which were won';
COMMENT ON COLUMN hand_over_performance.revenue IS 'value of the orders that won them, before returns, in the currency of the database';
COMMENT ON COLUMN hand_over_performance.qualified_rate IS 'qualified / handed_over';
COMMENT ON COLUMN hand_over_performance.acceptance_rate IS 'accepted / (handed_over - unanswered)';
COMMENT ON COLUMN hand_over_performance.won_rate IS 'those of accepted that were won / accepted';
COMMENT ON COLUMN hand_over_performance.median_hours_to_accept IS 'hours from the hand-over to the acceptance, half of them are shorter';

CREATE OR REPLACE VIEW lead_answers AS
SELECT q.customer_id, q.lead_id, q.source_code, q.campaign, q.lead_status, q.team, q.salesperson_id, q.product_asked, q.opened_at, q.closed_at,
       q.is_qualified, q.contact_outcome, q.followed_up_at, q.is_sold, q.product_bought, q.bought_at, q.price, q.lost_reason, q.competitor, q.competitor_price,
       nullif(concat_ws(', ',
           CASE WHEN q.followed_up_at IS NULL AND (q.closed_at IS NOT NULL OR q.contact_due_at < now()) THEN 'was it followed up' END,
           CASE WHEN q.followed_up_at IS NOT NULL AND q.contact_outcome IS NULL THEN 'what came of the contact' END,
           CASE WHEN q.lead_status = 'won' AND q.bought_at IS NULL THEN 'what, when and at what price' END,
           CASE WHEN q.lead_status = 'won' AND q.bought_at IS NOT NULL AND q.product_bought IS NULL THEN 'what' END,
           CASE WHEN q.lead_status IN ('lost', 'defeated') AND q.lost_reason IS NULL THEN 'why not' END), '') AS unanswered
  FROM (SELECT l.customer_id, l.lead_id, s.source_code, s.campaign, l.status AS lead_status, l.team, l.salesperson_id, l.product AS product_asked, l.opened_at, l.closed_at,
               h.is_qualified, h.contact_due_at, k.contact_outcome, k.followed_up_at, CASE WHEN l.status <> 'open' THEN l.status = 'won' END AS is_sold,
               CASE WHEN o.customer_order_id IS NOT NULL THEN coalesce((SELECT string_agg(DISTINCT i.product, ', ' ORDER BY i.product) FROM order_line i
                                WHERE i.customer_id = o.customer_id AND i.customer_order_id = o.customer_order_id), l.product) END AS product_bought,
               o.ordered_at AS bought_at, o.revenue AS price,
               CASE WHEN l.status IN ('lost', 'defeated') THEN coalesce(l.lost_reason, m.reason) END AS lost_reason, l.competitor, l.competitor_price
          FROM lead l
          JOIN lead_source s ON s.customer_id = l.customer_id AND s.lead_id = l.lead_id
          JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed
          LEFT JOIN customer_order o ON o.customer_id = l.customer_id AND o.customer_order_id = l.customer_order_id
          LEFT JOIN LATERAL (SELECT h.criteria_met = h.criteria AS is_qualified, h.contact_due_at FROM lead_hand_over h
                              WHERE h.customer_id = l.customer_id AND h.lead_id = l.lead_id ORDER BY h.lead_hand_over_id DESC LIMIT 1) h ON true
          LEFT JOIN LATERAL (SELECT m.reason FROM lead_move m WHERE l.status = 'defeated' AND m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND m.kind = 'defeated'
                              ORDER BY m.lead_move_id DESC LIMIT 1) m ON true
          LEFT JOIN LATERAL (SELECT min(x.at) AS followed_up_at, (array_agg(x.outcome ORDER BY x.at DESC) FILTER (WHERE x.outcome IS NOT NULL))[1] AS contact_outcome
                               FROM (SELECT v.visited_at AS at, v.outcome FROM visit v
                                      WHERE v.customer_id = l.customer_id AND v.lead_id = l.lead_id AND v.status = 'completed'
                                     UNION ALL
                                     SELECT d.called_at, d.result FROM call d
                                      WHERE d.customer_id = l.customer_id AND d.lead_id = l.lead_id AND d.result IN ('reached', 'refused', 'promise', 'answered')) x) k ON true) q;
COMMENT ON VIEW lead_answers IS 'the questions that every lead must answer, one row per lead: did it meet the criteria, was it followed up, what came of it, did they buy, what, when, at what price, and if not, why not. Leads of seed names are left out';
COMMENT ON COLUMN lead_answers.customer_id IS 'the customer';
COMMENT ON COLUMN lead_answers.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN lead_answers.source_code IS 'the effort it counts for';
COMMENT ON COLUMN lead_answers.campaign IS 'campaign of the effort';
COMMENT ON COLUMN lead_answers.lead_status IS 'open, won, lost or defeated';
COMMENT ON COLUMN lead_answers.team IS 'team in charge';
COMMENT ON COLUMN lead_answers.salesperson_id IS 'its owner; NULL: marketing';
COMMENT ON COLUMN lead_answers.product_asked IS 'product inquired about';
COMMENT ON COLUMN lead_answers.opened_at IS 'when it was opened';
COMMENT ON COLUMN lead_answers.closed_at IS 'when it was closed';
COMMENT ON COLUMN lead_answers.is_qualified IS 'met all criteria when it was handed over last; NULL: never handed over between teams';
COMMENT ON COLUMN lead_answers.contact_outcome IS 'what came of the last contact of which that is known: outcome of a visit or result of a call';
COMMENT ON COLUMN lead_answers.followed_up_at IS 'first completed visit or call with the customer';
COMMENT ON COLUMN lead_answers.is_sold IS 'true: won, false: lost or defeated, NULL: still open';
COMMENT ON COLUMN lead_answers.product_bought IS 'products of the order, separated by commas; the product inquired about where the order has no lines';
COMMENT ON COLUMN lead_answers.bought_at IS 'when it was ordered';
COMMENT ON COLUMN lead_answers.price IS 'value of the order before returns, in the currency of the database';
COMMENT ON COLUMN lead_answers.lost_reason IS 'why not: the reason given, else that of the rule that defeated it';
COMMENT ON COLUMN lead_answers.competitor IS 'who won it instead';
COMMENT ON COLUMN lead_answers.competitor_price IS 'at what price';
COMMENT ON COLUMN lead_answers.unanswered IS 'the questions it cannot answer though it should, separated by commas; NULL when there is none';

CREATE OR REPLACE VIEW loss_reasons AS
SELECT coalesce(a.lost_reason, 'not given') AS lost_reason, r.loss_reason IS NOT NULL AS is_agreed, a.lead_status, a.team, a.product_asked AS product, a.competitor,
       count(*) AS leads, count(a.competitor_price) AS prices_known, avg(a.competitor_price)::numeric(18,2) AS average_competitor_price,
       avg(p.price) FILTER (WHERE a.competitor_price IS NOT NULL)::numeric(18,2) AS average_own_price,
       min(a.closed_at) AS first_lost_at, max(a.closed_at) AS last_lost_at
  FROM lead_answers a
  LEFT JOIN loss_reason r ON r.loss_reason = a.lost_reason
  LEFT JOIN product p ON p.product = a.product_asked
 WHERE a.lead_status IN ('lost', 'defeated')
 GROUP BY coalesce(a.lost_reason, 'not given'), r.loss_reason IS NOT NULL, a.lead_status, a.team, a.product_asked, a.competitor;
COMMENT ON VIEW loss_reasons IS 'why leads are lost, by reason, status, team, product and competitor';
COMMENT ON COLUMN loss_reasons.lost_reason IS 'the reason; not given where none is known';
COMMENT ON COLUMN loss_reasons.is_agreed IS 'it is one of the words of table loss_reason';
COMMENT ON COLUMN loss_reasons.lead_status IS 'lost or defeated';
COMMENT ON COLUMN loss_reasons.team IS 'team in charge';
COMMENT ON COLUMN loss_reasons.product IS 'product inquired about';
COMMENT ON COLUMN loss_reasons.competitor IS 'who won instead';
COMMENT ON COLUMN loss_reasons.leads IS 'number of leads';
COMMENT ON COLUMN loss_reasons.prices_known IS 'of which with the competitor''s price';
COMMENT ON COLUMN loss_reasons.average_competitor_price IS 'average of these prices';
COMMENT ON COLUMN loss_reasons.average_own_price IS 'average of the list prices of the same leads'' products';
COMMENT ON COLUMN loss_reasons.first_lost_at IS 'first loss';
COMMENT ON COLUMN loss_reasons.last_lost_at IS 'last loss';

CREATE OR REPLACE VIEW win_back_list AS
SELECT w.customer_id, w.lead_id, w.customer_name, w.product, w.lead_status, w.lost_at, w.lost_reason, w.competitor, w.win_back_on, w.note, w.last_salesperson_id,
       w.win_back_on <= (now() AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone'))::date AS is_due
  FROM (SELECT l.customer_id, l.lead_id, c.name AS customer_name, l.product, l.status AS lead_status, l.closed_at AS lost_at, l.lost_reason, l.competitor,
               CASE WHEN n.lead_win_back_id IS NOT NULL THEN n.win_back_on
                    ELSE ((l.closed_at AT TIME ZONE (SELECT t.value FROM setting t WHERE t.setting = 'time_zone')) + r.win_back_after)::date END AS win_back_on, n.note,
               (SELECT m.from_salesperson_id FROM lead_move m WHERE m.customer_id = l.customer_id AND m.lead_id = l.lead_id AND m.from_salesperson_id IS NOT NULL
                 ORDER BY m.lead_move_id DESC LIMIT 1) AS last_salesperson_id
          FROM lead l
          JOIN customer c ON c.customer_id = l.customer_id AND NOT c.is_seed AND l.customer_id <> 0
          LEFT JOIN loss_reason r ON r.loss_reason = l.lost_reason
          LEFT JOIN LATERAL (SELECT n.* FROM lead_win_back n WHERE n.customer_id = l.customer_id AND n.lead_id = l.lead_id ORDER BY n.lead_win_back_id DESC LIMIT 1) n ON true
         WHERE l.status IN ('lost', 'defeated')
           AND NOT EXISTS (SELECT FROM customer_order o WHERE o.customer_id = l.customer_id AND o.ordered_at > l.closed_at)
           AND NOT EXISTS (SELECT FROM lead x WHERE x.customer_id = l.customer_id AND x.status = 'open' AND x.salesperson_id IS NOT NULL)) w
 WHERE w.win_back_on IS NOT NULL;
COMMENT ON VIEW win_back_list IS 'lost and defeated leads with the day on which the customer may be asked again, as noted with record_win_back() or by loss_reason.win_back_after; without those who have ordered since, or have a lead with a salesperson';
COMMENT ON COLUMN win_back_list.customer_id IS 'the customer';
COMMENT ON COLUMN win_back_list.lead_id IS 'key of the lead within the customer';
COMMENT ON COLUMN win_back_list.customer_name IS 'name of the customer';
COMMENT ON COLUMN win_back_list.product IS 'product inquired about';
COMMENT ON COLUMN win_back_list.lead_status IS 'lost or defeated';
COMMENT ON COLUMN win_back_list.lost_at IS 'when it was lost';
COMMENT ON COLUMN win_back_list.lost_reason IS 'why';
COMMENT ON COLUMN win_back_list.competitor IS 'to whom';
COMMENT ON COLUMN win_back_list.win_back_on IS 'the day';
COMMENT ON COLUMN win_back_list.note IS 'what was said then';
COMMENT ON COLUMN win_back_list.last_salesperson_id IS 'who had it last';
COMMENT ON COLUMN win_back_list.is_due IS 'the day has come';

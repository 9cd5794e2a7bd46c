-- The arithmetic of direct marketing: published examples to the digits printed, what is undefined
-- is NULL, what cannot be is an error.
SET search_path = public, dupex;
\set SHOW_CONTEXT never

-- trade press and textbooks of direct marketing; the published results are 0.1975 %, 1.14, -0.38,
-- 480 and 96, 7450, 1.26 and 1.33 (with a return allowance of 6 % on top)
SELECT round(break_even_response(margin_per_order => 400, pieces => 2000, fixed_cost => 1580), 6) AS break_even_response,
       round(break_even_revenue_per_piece(0.65, 0.60, return_share => 0.05), 6) AS per_piece_with_returns,
       profit_per_piece(1.30, 0.40, 0.90), allowable_cost_per_order(2400, 1920) AS allowable_cpo, allowable_cost_per_lead(480, 0.20) AS allowable_cpl,
       round(break_even_revenue(3725, 0.5), 2) AS one_more_page;
SELECT round(n, 6) AS net, round(n * 1.06, 6) AS gross FROM break_even_revenue_per_piece(0.585, 0.55, order_cost_share => 0.0855) n;

-- the parts of a formula, by hand
SELECT break_even_response(20, 1000, 500, 0.1) = (500.0 / 1000 + 0.1) / 20 AS fixed_and_variable, round(break_even_index(0.03, 0.025), 4) AS index_above,
       round(break_even_er_ratio(1000, 550, 50), 4) AS break_even_er, round(cost_per_order(1000, 8), 4) AS cpo, round(cost_per_lead(1000, 40), 4) AS cpl,
       round(cost_per_order_of_leads(25, 0.2), 4) AS two_steps, allowable_cost_per_order(100, 45, 12, 10) AS allowable_cpo,
       round(return_on_marketing(1500, 1000), 4) AS romi;
-- the money of a mailing at its break-even is exactly gone
SELECT trim_scale(break_even_response(37.5, 8000, 1200, 0.6) * 8000 * 37.5 - 1200 - 8000 * 0.6) AS left_over;

-- undefined
SELECT cost_per_order(10, 0), cost_per_lead(10, 0), cost_per_order_of_leads(10, 0), break_even_response(0, 10, 1), break_even_response(-5, 10, 1), break_even_response(5, 0, 1),
       break_even_index(0.1, 0), break_even_er_ratio(0, 1), break_even_revenue(10, 0), return_on_marketing(10, 0);
SELECT break_even_revenue_per_piece(1, 0.2, 0, 0.2), break_even_revenue_per_piece(1, 0.2, 1), cost_per_order(NULL, 1), break_even_response(NULL, 1, 1);
-- not to be
SELECT allowable_cost_per_lead(480, 20);
SELECT break_even_revenue_per_piece(1, 0.5, return_share => -0.1);
SELECT profit_per_piece(1, 'NaN', 1);
SELECT break_even_response(10, -1);
SELECT cost_per_order(10, 'infinity');

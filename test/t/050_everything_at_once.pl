# Everything at once: sixteen clients call every recording function on a few hundred customers, a
# quarter of the calls being retries of calls that others may be making, while the nightly job,
# refreshes, a rebuild and bulk loads run. No deadlock and no serialization failure reaches an app;
# a request is recorded once; afterwards check_integrity() has nothing to say, and a plain recount
# and a rebuild agree with the roll-ups.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $SECONDS = $ENV{DUPEX_EVERYTHING_SECONDS} || 60;

my $node = PostgreSQL::Test::Cluster->new('everything');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 60\nclient_min_messages = error\ntimezone = 'UTC'\ndeadlock_timeout = '200ms'\n");
$node->start;
my $db = 'postgres';
$node->safe_psql($db, q{
    CREATE EXTENSION dupex;
    SELECT dupex.install('marketing');
    SELECT dupex.load_sample('marketing', 0.05);
    CALL marketing.run_daily('2026-07-01');
    CREATE TABLE public.app_error (what text, sqlstate text, message text, at timestamptz DEFAULT clock_timestamp());
    CREATE SEQUENCE public.day;
});

# One call of an app: kind says which, number makes the request's key. An error that an app would
# understand is noted; a deadlock or a serialization failure goes up and ends the client.
$node->safe_psql($db, q{
CREATE FUNCTION public.app_call(kind int, who bigint, number int) RETURNS void LANGUAGE plpgsql SET search_path = marketing, dupex, pg_temp AS $$
DECLARE
    key  text := format('call-%s-%s-%s', kind, who, number);
    -- everything is a function of the key, so that a retry has the same contents
    registered_code text := (SELECT min(s.source_code)::text FROM source s WHERE s.medium = 'D' AND NOT s.is_hold_out);
    code text := (ARRAY[registered_code, lower(registered_code), 'TA99065', 'xx', NULL])[1 + number % 5];
    at   timestamptz := timestamptz '2026-07-01 08:00+00' + (number % 5000) * interval '1 minute';
    l    record;
    told text;
BEGIN
    SELECT x.lead_id, x.lead_grade INTO l FROM lead x WHERE x.customer_id = who AND x.status = 'open' ORDER BY x.lead_id LIMIT 1;
    CASE kind
        WHEN 0 THEN PERFORM record_response(who, code, (ARRAY['call', 'email', 'web'])[1 + number % 3], key, at);
        WHEN 1 THEN PERFORM record_order(who, 10 + number, key, at, quoted_code => code);
        WHEN 2 THEN PERFORM open_lead(who, NULL, key, at, (ARRAY['prospective', 'intention', 'potential'])[1 + number % 3], 1 + number % 4);
        WHEN 3 THEN PERFORM record_visit(who, l.lead_id, key, at, 'return visit', grade => (ARRAY['prospective', 'intention', 'potential', NULL])[1 + number % 4]);
        WHEN 4 THEN PERFORM set_grade(who, l.lead_id, (ARRAY['prospective', 'intention', 'potential'])[1 + number % 3], key, at);
        WHEN 5 THEN PERFORM close_lead(who, l.lead_id, 'lost', key, at, reason => 'the price');
        WHEN 6 THEN PERFORM record_call(who, 'outbound', 'reached', key, at, l.lead_id, seconds => number);
        WHEN 7 THEN PERFORM record_reception(who, NULL, key, at, 1 + number % 4, party_size => 1 + number % 3);
        WHEN 8 THEN PERFORM record_touch(who, (SELECT s.source_code::text FROM source s WHERE s.medium = 'D' AND NOT s.is_hold_out ORDER BY s.source_code OFFSET number % 20 LIMIT 1), key, at);
        WHEN 9 THEN PERFORM record_touch_event(who, (SELECT max(t.touch_id) FROM touch t WHERE t.customer_id = who), 'opened', key, at);
        WHEN 10 THEN PERFORM register_for_event(who, (SELECT min(e.event_id) + number % 3 FROM event e), key, at, code);
        WHEN 11 THEN PERFORM record_attendance(who, (SELECT min(e.event_id) + number % 3 FROM event e), key, at);
        WHEN 12 THEN PERFORM record_return(who, 1, key, at, (SELECT min(o.customer_order_id) FROM customer_order o WHERE o.customer_id = who));
        WHEN 13 THEN PERFORM record_expense(number, key, at::date, medium => 'D');
        WHEN 14 THEN PERFORM record_basket(who, 'basket-' || who, (ARRAY['added', 'abandoned', 'completed'])[1 + number % 3], key, at, reason => CASE number % 3 WHEN 1 THEN 'the price' END);
        WHEN 15 THEN PERFORM register_customer(NULL, 'customer of ' || key, key, at, email => key || '@example.com');
        WHEN 16 THEN PERFORM record_door_count((SELECT min(s.store) FROM store s), 1 + number, key, at::date);
        WHEN 17 THEN PERFORM customer_card(who);
        ELSE PERFORM mend_code('response', who, (SELECT min(r.response_id) FROM response r WHERE r.customer_id = who), registered_code, 'asked again', key);
    END CASE;
EXCEPTION WHEN deadlock_detected OR serialization_failure THEN RAISE;
WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS told = MESSAGE_TEXT;
    INSERT INTO public.app_error VALUES (kind::text, SQLSTATE, told);
END $$});

my $dir = $node->basedir;
append_to_file("$dir/app.sql", q{
\set kind random(0, 18)
\set who random(1, 300)
\set number random(1, 40)
SELECT public.app_call(:kind, :who, :number);
});
append_to_file("$dir/nights.sql", q{
SELECT nextval('public.day') AS d \gset
CALL marketing.run_daily(timestamptz '2026-07-02 02:15+00' + :d * interval '1 day');
\sleep 200 ms
});
append_to_file("$dir/reports.sql", "SELECT marketing.refresh_reports('2026-08-01');\n\\sleep 50 ms\n");
append_to_file("$dir/rebuild.sql", "SELECT marketing.rebuild_reports();\n\\sleep 3 s\n");
append_to_file("$dir/load.sql", q{
\set n random(1, 1000000)
BEGIN;
CREATE TEMP TABLE sheet ON COMMIT DROP AS SELECT 1 + (:n + i) % 300 AS customer_id, '2026-07-03 12:00+00' AS ordered_at, i AS revenue, 'sheet-' || :n || '-' || i AS request_id FROM generate_series(1, 20) i;
SELECT * FROM marketing.load_orders('sheet');
COMMIT;
\sleep 1 s
});
sub set_going {
    my ($script, $clients) = @_;
    return IPC::Run::start([ 'pgbench', '-n', '-f', "$dir/$script.sql", '-c', $clients, '-j', 1, '-T', $SECONDS, $node->connstr($db) ], '>', "$dir/$script.out", '2>', "$dir/$script.err");
}
my %clients = (app => 16, nights => 1, reports => 1, rebuild => 1, load => 1);
my %running = map { $_ => set_going($_, $clients{$_}) } sort keys %clients;
for my $script (sort keys %running) {
    $running{$script}->finish;
    my $err = slurp_file("$dir/$script.err");
    unlike($err, qr/ERROR|aborted/, "$script: no error reached a client") or diag($err);
}
sub sql { return $node->safe_psql($db, "SET search_path = marketing, dupex, public;\n$_[0]"); }

my $calls = slurp_file("$dir/app.out") =~ /transactions actually processed: (\d+)/ ? $1 : 0;
my $errors = sql('SELECT count(*) FROM app_error');
diag("$calls calls in $SECONDS s, of which $errors were refused");
diag(sql(q{SELECT string_agg(format('%s x %s %s: %s', n, what, sqlstate, message), e'\n') FROM (SELECT what, sqlstate, regexp_replace(message, '\d+', 'N', 'g') AS message, count(*) AS n FROM app_error GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 12) x}));
cmp_ok($calls, '>', 1000, 'there were calls');
is(sql(q{SELECT string_agg(DISTINCT sqlstate, ',') FROM app_error WHERE sqlstate !~ '^(22|23|55|42704|P0002)'}), '', 'what was refused was refused for a reason that an app understands');
cmp_ok($errors, '<', $calls / 2, 'and most was not');
is(sql(q{SELECT string_agg(DISTINCT status || ' ' || coalesce(error, ''), ', ') FROM job_run WHERE status NOT IN ('done')}), '', 'all nights came to their end');

sql("SELECT refresh_reports('2026-08-01')");
is(sql(q{SELECT string_agg(check_name || ': ' || problems || ' ' || example, e'\n') FROM check_integrity() WHERE problems > 0}), '', 'all is consistent');
is(sql(slurp_file('test/check/report_oracle.sql') . 'SELECT * FROM pg_temp.report_differences() LIMIT 10'), '', 'roll-ups equal a recount');
my $picture = q{SELECT md5(string_agg(r, ' ' ORDER BY r)) FROM (SELECT d::text FROM source_performance_day d UNION ALL SELECT m::text FROM customer_milestone m UNION ALL SELECT o::text FROM customer_order_day o) x (r)};
my $refreshed = sql($picture);
sql('SELECT rebuild_reports()');
is(sql($picture), $refreshed, 'and a rebuild');
$node->stop;
done_testing();

# pg_cron: in this database, in another, without its extension, too old, not preloaded, not
# allowed; and a job that it really fires.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "listen_addresses = ''\nmax_worker_processes = 16\n");
$node->start;

if ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_cron'}) eq '0')
{
    plan skip_all => 'pg_cron is not installed on this machine';
}

my $install = q{
    SET client_min_messages = error;
    CREATE EXTENSION dupex;
    SELECT dupex.install('m');
    CREATE ROLE night LOGIN;
    GRANT USAGE ON SCHEMA m TO night;
    GRANT EXECUTE ON ALL ROUTINES IN SCHEMA m TO night;
    GRANT SELECT ON ALL TABLES IN SCHEMA m TO night;
    GRANT INSERT, UPDATE ON m.job_run TO night;
};
my $state = 'SELECT state, cron_database, may_schedule, launcher_runs FROM m.cron_state()';
my $as_night = 'SET ROLE night; ';
my $jobs = q{SELECT jobname, schedule, command, database, username FROM cron.job ORDER BY jobname};

# What a statement that fails says: SQLSTATE, message, hint
sub refusal
{
    my ($database, $statement) = @_;
    my ($code, $out, $err) = $node->psql($database, "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT never\n$statement");
    $err =~ s/^LOCATION:.*\n?//mg;
    $err =~ s/^psql:\S+ //mg;
    return $err;
}

# not preloaded
$node->safe_psql('postgres', 'CREATE DATABASE app');
$node->safe_psql('app', $install);
is($node->safe_psql('app', $state), 'not preloaded||f|f', 'not preloaded');
like(refusal('app', 'SELECT m.schedule_jobs()'),
    qr/^ERROR:  55000: .* pg_cron is not preloaded\nHINT:  .*ALTER SYSTEM SET shared_preload_libraries = pg_cron;/,
    '... refused, with what to do');
is($node->safe_psql('app', "$as_night $state"), 'unknown||f|', '... which not every role may see');

# preloaded, but in another database
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\ncron.use_background_workers = on\n"
      . "cron.database_name = 'postgres'\n");
$node->restart;
is($node->safe_psql('app', $state), 'other database|postgres|f|t', 'in another database');
like(refusal('app', 'SELECT m.schedule_jobs()'),
    qr/^ERROR:  55000: .* pg_cron is in database "postgres"\nHINT:  As a superuser, in database postgres, run the statements that SELECT m.cron_commands\(\) returns/,
    '... refused, with what to do');
like(refusal('app', 'SELECT m.unschedule_jobs()'), qr/^ERROR:  55000: .*HINT: .*m.cron_commands\(unschedule => true\)/s,
    '... so is unscheduling');
is($node->safe_psql('app', "$as_night $state"), 'unknown||f|', '... which not every role may see');
like(refusal('app', "$as_night SELECT m.schedule_jobs()"),
    qr/^ERROR:  55000: .* pg_cron is not here\nHINT:  .*\(SHOW cron.database_name\), run the statements/, '... and is told so');

# the statements do it, there; twice is as good as once
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');
my $commands = $node->safe_psql('app', "$as_night SELECT m.cron_commands()");
$node->safe_psql('postgres', "$commands\n$commands");
is($node->safe_psql('postgres', $jobs), join("\n",
    'dupex:app:m:run_daily|15 2 * * *|CALL m.run_daily()|app|night',
    'dupex:app:m:run_hourly|5 * * * *|CALL m.run_hourly()|app|night'), 'its statements schedule the jobs from there');
$commands = $node->safe_psql('app', 'SELECT m.cron_commands(unschedule => true)');
$node->safe_psql('postgres', "$commands\n$commands");
is($node->safe_psql('postgres', $jobs), '', '... and take them out');

# in this database: extension missing, too old, there, not allowed
$node->safe_psql('postgres', 'DROP EXTENSION pg_cron');
$node->safe_psql('postgres', $install =~ s/CREATE ROLE night LOGIN;//r);
is($node->safe_psql('postgres', $state), 'extension missing|postgres|f|t', 'here, without its extension');
like(refusal('postgres', 'SELECT m.schedule_jobs()'),
    qr/^ERROR:  55000: .* pg_cron is extension missing\nHINT:  .*CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO \S+;/,
    '... refused, with what to do');
$node->safe_psql('postgres', q{CREATE EXTENSION pg_cron VERSION '1.0'});
is($node->safe_psql('postgres', $state), 'too old|postgres|f|t', 'here, too old');
like(refusal('postgres', 'SELECT m.schedule_jobs()'), qr/^ERROR:  55000: .*HINT:  .*ALTER EXTENSION pg_cron UPDATE;/s,
    '... refused, with what to do');
$node->safe_psql('postgres', 'ALTER EXTENSION pg_cron UPDATE');
is($node->safe_psql('postgres', $state), 'here|postgres|t|t', 'here');
is($node->safe_psql('postgres', "$as_night $state"), 'here|postgres|f|', 'here, but not for everybody');
like(refusal('postgres', "$as_night SELECT m.schedule_jobs()"),
    qr/^ERROR:  42501: role "night" may not schedule jobs\nHINT:  .*GRANT USAGE ON SCHEMA cron TO night;/, '... refused, with what to do');
like(refusal('postgres', "$as_night SELECT m.unschedule_jobs()"), qr/^ERROR:  42501: .*GRANT USAGE ON SCHEMA cron TO night;/s,
    '... so is unscheduling');

# two roles schedule the same jobs: each has its own
$node->safe_psql('postgres', 'GRANT USAGE ON SCHEMA cron TO night');
is($node->safe_psql('postgres', "$as_night SELECT * FROM m.schedule_jobs()"), join("\n",
    'dupex:postgres:m:run_daily|15 2 * * *|CALL m.run_daily()', 'dupex:postgres:m:run_hourly|5 * * * *|CALL m.run_hourly()'),
    'scheduled');
$node->safe_psql('postgres', q{UPDATE m.setting SET value = '45 3 * * *' WHERE setting = 'job_daily_schedule'});
$node->safe_psql('postgres', "$as_night SELECT m.schedule_jobs()");
is($node->safe_psql('postgres', $jobs), join("\n",
    'dupex:postgres:m:run_daily|45 3 * * *|CALL m.run_daily()|postgres|night',
    'dupex:postgres:m:run_hourly|5 * * * *|CALL m.run_hourly()|postgres|night'), 'again after a change of the schedule');
$node->safe_psql('postgres', q{SELECT cron.schedule('somebody else''s', '0 0 1 1 *', 'SELECT 1')});
is($node->safe_psql('postgres', "$as_night SELECT m.unschedule_jobs() + m.unschedule_jobs()"), '2', 'unscheduled, once');
is($node->safe_psql('postgres', 'SELECT count(*) FROM cron.job'), '1', '... and nothing else');

# a schedule that pg_cron cannot read changes nothing
$node->safe_psql('postgres', q{UPDATE m.setting SET value = 'at noon' WHERE setting = 'job_hourly_schedule'});
like(refusal('postgres', "$as_night SELECT m.schedule_jobs()"), qr/invalid schedule: at noon/, 'a wrong schedule is named');
is($node->safe_psql('postgres', 'SELECT count(*) FROM cron.job'), '1', '... and nothing is scheduled');

# pg_cron fires the job: @reboot does not have us wait for the next minute
$node->safe_psql('postgres', q{
    UPDATE m.setting SET value = '@reboot' WHERE setting IN ('job_daily_schedule', 'job_hourly_schedule');
    DELETE FROM m.job_step;
    CREATE TABLE fired (step text, as_of timestamptz, by name DEFAULT current_user);
    GRANT ALL ON fired TO night;
    CREATE FUNCTION fire(step text, as_of timestamptz) RETURNS bigint LANGUAGE sql AS
        $$INSERT INTO public.fired VALUES ($1, $2); SELECT 1::bigint$$;
    INSERT INTO m.job_step (job, step_no, step, command) VALUES
        ('run_daily', 1, 'daily', $$SELECT public.fire('daily', $1)$$),
        ('run_daily', 2, 'fails', $$SELECT 1 / 0$$),
        ('run_daily', 3, 'purge job runs', $$SELECT 0$$),
        ('run_hourly', 1, 'hourly', $$SELECT public.fire('hourly', $1)$$);
});
$node->safe_psql('postgres', "$as_night SELECT m.schedule_jobs()");
is($node->safe_psql('postgres', 'SELECT count(*) FROM fired'), '0', 'not fired yet');
$node->restart;
$node->poll_query_until('postgres', q{SELECT count(*) = 4 FROM m.job_run WHERE ended_at IS NOT NULL}) or die 'pg_cron did not fire';
is($node->safe_psql('postgres', 'SELECT job, step, rows, status, sqlstate, run_by FROM m.job_run ORDER BY job, job_run_id'), join("\n",
    'run_daily|daily|1|done||night', 'run_daily|fails||failed|22012|night', 'run_daily|purge job runs|0|done||night',
    'run_hourly|hourly|1|done||night'), 'pg_cron has fired both jobs, with all their steps, as the role that scheduled them');
is($node->safe_psql('postgres', q{SELECT step, by FROM fired WHERE as_of > now() - interval '1 hour' ORDER BY 1}), "daily|night\nhourly|night",
    '... for the time of the clock');
$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM cron.job_run_details WHERE status = 'succeeded'})
    or die 'pg_cron has not seen the end';
pass('... and is content');

# dropping the marketing database takes its jobs out
$node->safe_psql('postgres', q{SET client_min_messages = error; SELECT dupex.uninstall('m', drop_data => true)});
is($node->safe_psql('postgres', q{SELECT count(*) FROM cron.job WHERE jobname LIKE 'dupex:%'}), '0', 'uninstall takes the jobs out');

# a launcher that has ended (in 1.4 it does not come back by itself)
$node->safe_psql('postgres', q{SET client_min_messages = error; SELECT dupex.install('m')});
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid, 100000) FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher'});
SKIP:
{
    skip 'this pg_cron starts its launcher again', 2
        if $node->safe_psql('postgres', q{SELECT extversion ~ '^1\.[0-5]($|-)' FROM pg_extension WHERE extname = 'pg_cron'}) ne 't';
    is($node->safe_psql('postgres', $state), 'here|postgres|t|f', 'the launcher has ended');
    like(refusal('postgres', 'SELECT m.schedule_jobs()'), qr/WARNING: .*the launcher of pg_cron is not running/, '... which is said');
}

done_testing();

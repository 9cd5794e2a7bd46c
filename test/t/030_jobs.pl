# Jobs that do not come to their end, and jobs that meet: cancelled, timed out, terminated,
# crashed, run twice at the same time, run on a standby.

use strict;
use warnings;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 1);
$node->start;
$node->safe_psql('postgres', q{
    SET client_min_messages = error;
    CREATE EXTENSION dupex;
    SELECT dupex.install('m');
    DELETE FROM m.job_step;
    CREATE TABLE work (step text, as_of timestamptz);
    CREATE FUNCTION work(step text, as_of timestamptz, seconds float8 DEFAULT 0) RETURNS bigint LANGUAGE sql AS
        $$INSERT INTO public.work VALUES ($1, $2); SELECT pg_sleep($3); SELECT 1::bigint$$;
    INSERT INTO m.job_step (job, step_no, step, command) VALUES
        ('run_daily', 10, 'first', $$SELECT public.work('first', $1)$$),
        ('run_daily', 20, 'slow', $$SELECT public.work('slow', $1, 100)$$),
        ('run_daily', 30, 'last', $$SELECT public.work('last', $1)$$);
});

my $runs = q{SELECT step, status, coalesce(sqlstate, '-') FROM m.job_run ORDER BY job_run_id};
my $locks = q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'};
my $work = q{SELECT coalesce(string_agg(step, ' ' ORDER BY ctid), '') FROM work};

sub start_over
{
    $node->safe_psql('postgres', 'TRUNCATE work, m.job_run');
    return;
}

# An open psql: { run, stdin, stdout, stderr }
sub open_session
{
    my %session = (stdin => '', stdout => '', stderr => '');
    $session{run} = IPC::Run::start(
        [ 'psql', '-XAtq', '-v', 'VERBOSITY=terse', '-d', $node->connstr('postgres') ],
        '<', \$session{stdin}, '>', \$session{stdout}, '2>', \$session{stderr},
        IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
    return \%session;
}

# Sends a statement and waits until the session has answered it.
sub ask
{
    my ($session, $statement) = @_;
    $session->{stdin} .= "$statement\n\\echo answered\n";
    $session->{run}->pump until $session->{stdout} =~ /answered\n$/;
    my $answer = $session->{stdout};
    $session->{stdout} = '';
    $answer =~ s/\n?answered\n$//;
    return $answer;
}

# Its input ends, or its connection has: either way psql ends.
sub end_session
{
    my ($session) = @_;
    $session->{run}->finish;
    return;
}

# A run in the session; when it is in its slow step, the callback is told its pid.
sub run_and_meanwhile
{
    my ($session, $meanwhile) = @_;
    my $sleeps = q{FROM pg_stat_activity WHERE wait_event = 'PgSleep'};
    $session->{stdin} .= "CALL m.run_daily('2008-03-01 00:00+00');\n";
    $session->{run}->pump while length $session->{stdin};
    $node->poll_query_until('postgres', "SELECT EXISTS (SELECT $sleeps)") or die 'the slow step did not start';
    $meanwhile->($node->safe_psql('postgres', "SELECT pid $sleeps"));
    return;
}

# two runs meet
my $session = open_session();
run_and_meanwhile($session, sub {
    my ($pid) = @_;
    is($node->safe_psql('postgres', $runs), "first|done|-\nslow|running|-", 'what is done is committed, what runs is seen');
    my ($code, $out, $err) = $node->psql('postgres', 'CALL m.run_daily()');
    is($code, 0, 'a second run ends well');
    like($err, qr/NOTICE:  run_daily is running already/, '... and says that there is one');
    like($node->safe_psql('postgres', $runs), qr/\nall steps\|skipped\|-$/, '... and is logged as skipped');
    is($node->safe_psql('postgres', q{SELECT step, status FROM m.run_steps('run_daily')}), 'all steps|skipped',
        'the same for who can only SELECT');
    ($code, $out, $err) = $node->psql('postgres', 'CALL m.run_hourly()');
    is("$code$err", '0', 'the hourly job does not wait for the nightly one');
    $node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
});

# cancelled in a step: the same session is still there, and holds no lock
is(ask($session, "SELECT 'here';"), 'here', 'the cancelled session lives');
like($session->{stderr}, qr/WARNING:  step "slow" of run_daily failed: canceling statement/, 'a cancelled run says what was cancelled');
like($session->{stderr}, qr/ERROR:  run_daily was cancelled/, '... and ends with an error');
is($node->safe_psql('postgres', $locks), '0', '... and gives its lock back');
is($node->safe_psql('postgres', "$runs LIMIT 2"), "first|done|-\nslow|failed|57014", '... and is logged');
is($node->safe_psql('postgres', $work), 'first', '... and what the step had done is undone');

# a run in a transaction gives its lock back with it
start_over();
$session->{stderr} = '';
ask($session, "BEGIN; SET LOCAL statement_timeout = '500ms';\nCALL m.run_daily('2008-03-01 00:00+00');\nROLLBACK;");
like($session->{stderr}, qr/ERROR:  run_daily was cancelled/, 'a timeout in a transaction ends the run');
is($node->safe_psql('postgres', $locks) . $node->safe_psql('postgres', $work), '0', '... which leaves nothing behind');

# then the same session runs it to the end
$node->safe_psql('postgres', q{UPDATE m.job_step SET command = $$SELECT public.work('slow', $1)$$ WHERE step = 'slow'});
is(ask($session, "CALL m.run_daily('2008-03-01 00:00+00');\nSELECT count(*) FROM m.job_run WHERE status = 'done';"), '3',
    'the same session runs it again, to the end');

# the lock goes with an error outside of any step, too
$node->safe_psql('postgres', q{
    CREATE FUNCTION m.fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'disk full'; END$$;
    CREATE TRIGGER fail BEFORE INSERT ON m.job_run FOR EACH ROW WHEN (NEW.step = 'last') EXECUTE FUNCTION m.fail();
});
start_over();
$session->{stderr} = '';
ask($session, "CALL m.run_daily('2008-03-01 00:00+00');");
like($session->{stderr}, qr/ERROR:  disk full/, 'a run that cannot write its log ends');
is($node->safe_psql('postgres', $locks), '0', '... and gives its lock back, in a session that lives on');
is($node->safe_psql('postgres', $work), 'first slow', '... and the steps before keep their work');
$node->safe_psql('postgres', 'DROP TRIGGER fail ON m.job_run; DROP FUNCTION m.fail()');
end_session($session);

# the session is terminated
start_over();
$node->safe_psql('postgres', q{UPDATE m.job_step SET command = $$SELECT public.work('slow', $1, 100)$$ WHERE step = 'slow'});
$session = open_session();
run_and_meanwhile($session, sub {
    my ($pid) = @_;
    is($node->safe_psql('postgres', "SELECT pg_terminate_backend($pid, 100000)"), 't', 'a run is terminated');
});
end_session($session);
is($node->safe_psql('postgres', $locks), '0', '... and leaves no lock');
is($node->safe_psql('postgres', $runs), "first|done|-\nslow|running|-", '... and a row of the step it was at');

# the server crashes
start_over();
$session = open_session();
run_and_meanwhile($session, sub { $node->stop('immediate'); });
end_session($session);
$node->start;
is($node->safe_psql('postgres', $runs), "first|done|-\nslow|running|-", 'a crash keeps what was committed');
is($node->safe_psql('postgres', $work), 'first', '... and that only');
$node->safe_psql('postgres', q{UPDATE m.job_step SET command = $$SELECT public.work('slow', $1)$$ WHERE step = 'slow'});
$node->safe_psql('postgres', q{CALL m.run_daily('2008-03-01 00:00+00')});
is($node->safe_psql('postgres', $runs), "first|done|-\nslow|failed|-\nfirst|done|-\nslow|done|-\nlast|done|-",
    'the next run closes the row of the interrupted step and does all steps');
is($node->safe_psql('postgres', $work), 'first first slow last', '... to the end');

# on a standby it does nothing, quietly
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay');
my ($code, $out, $err) = $standby->psql('postgres', "CALL m.run_daily();\nCALL m.run_hourly();");
is("$code$out$err", '0', 'on a standby: no work, no word');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM m.run_steps('run_daily')}), '0', '... nor by SELECT');
is($standby->safe_psql('postgres', $locks), '0', '... and no lock');

done_testing();

# KillInTest.pm: kills a statement half-way, by its process or with the whole server, for tests
# that run it again afterwards and compare the tables with those of an unkilled run.
#
#   use FindBin;
#   use lib "$FindBin::RealBin/../perl";
#   use KillInTest;
#
#   my $error = kill_in($node, 'nightly', "CALL m.run_daily('2026-05-01')", 'backend', 'true');
#
# The server is to have fsync on and, for kill_in(), restart_after_crash = on.
package KillInTest;
use strict;
use warnings;
use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Utils;

our @EXPORT = qw(start_psql is_writing crash kill_in kill_counts);

my %killed = (backend => 0, server => 0);

# A psql that runs a statement in a database and has not ended yet; what it writes as errors goes
# to the last argument, a reference.
sub start_psql {
    my ($node, $db, $statement, $error) = @_;
    return IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr($db), '-c', $statement ], '>', \my $out, '2>', $error,
        IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
}

# Waits until another session is writing a table; false when none does in time.
sub is_writing {
    my ($node, $db, $table) = @_;
    return $node->poll_query_until($db, qq{SELECT count(*) > 0 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE c.relname = '$table' AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid()});
}

# Stops the server at once, under a psql of start_psql(), and starts it again.
sub crash {
    my ($node, $psql) = @_;
    $node->stop('immediate');
    $psql->finish;
    $node->start;
}

# Waits until the server has restarted itself. Not with poll_query_until(): a psql that is refused may
# be gone before its query is written to it.
sub await_server {
    my $node = shift;
    for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default) {
        return if IPC::Run::run([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT true' ], '<', '/dev/null', '>', \my $out, '2>', \my $err);
        select(undef, undef, undef, 0.1);
    }
    die 'the server did not come back';
}

# Runs a statement until a query is true and it has written something; then kills its process
# ('backend'; the server restarts itself) or stops the server at once and starts it ('server').
# Returns what psql said to it. No other session may write in the database.
sub kill_in {
    my ($node, $db, $statement, $what, $until) = @_;
    my $psql = start_psql($node, $db, $statement, \my $error);
    my $at_work = qq{FROM pg_stat_activity WHERE datname = '$db' AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL};
    my $pid = '';
    for (1 .. 20 * $PostgreSQL::Test::Utils::timeout_default) {
        $pid = $node->safe_psql($db, "SELECT pid $at_work AND ($until)");
        last if $pid =~ /^\d+$/;
        select(undef, undef, undef, 0.05);
    }
    $pid =~ /^\d+$/ or die "$statement was not seen at work";
    if ($what eq 'backend') {
        # the process that was seen, whatever it does by now: to look again might find it between two batches
        $killed{backend} += kill('KILL', $pid);
        $psql->finish;
        await_server($node);
    } else {
        $killed{server}++;
        crash($node, $psql);
    }
    return $error;
}

# How many processes and servers have been killed so far: "4 4".
sub kill_counts { return "$killed{backend} $killed{server}" }

1;

# Every example of README.md and doc/*.md is run, and what it prints is compared with what the
# page says it prints.
#
# A block of ```sql holds statements that end with a semicolon at the end of a line. What follows
# a statement up to an empty line or the next statement is its result as psql prints it, without
# the line "(n rows)" and without the pointer lines of errors; a statement without a result is only
# required not to fail. The README starts in an empty database named shop; the other pages find dupex created and
# on the search path, and those that speak of marketing. find a marketing database with the sample
# at scale 0.02, refreshed as of 2026-07-01.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('documentation');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);    # names in other scripts, aligned
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\ndatestyle = 'ISO'\nmax_worker_processes = 16\n");
$node->start;

# the statements of a block, each with the result that the page gives
sub examples {
    my @found;
    my ($sql, $result, $in_result) = ('', '', 0);
    for my $line (split /\n/, shift) {
        if ($in_result && $line =~ /\S/ && $line !~ /^(SELECT|WITH|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|CALL|SET|COPY|BEGIN|COMMIT|ROLLBACK|TABLE|VALUES|DO|EXPLAIN|ANALYZE|RESET|-- |\\)/) {
            $result .= "$line\n";
            next;
        }
        if ($in_result) { push @found, [ $sql, $result ]; ($sql, $result, $in_result) = ('', '', 0); }
        next if $line =~ /^\s*$/ || $line =~ /^-- /;
        $sql .= "$line\n";
        (my $code = $line) =~ s/--.*$//;
        $in_result = 1 if $code =~ /;\s*$/ || $line =~ /^\\/;
    }
    push @found, [ $sql, $result ] if $sql =~ /\S/;
    return @found;
}

# lines without trailing blanks, row counts, pointers into the statement and places in functions
sub tidy {
    my $text = join "\n", grep { !/^\(\d+ rows?\)$/ && !/^LINE \d+:/ && !/^ *\^$/ && !/^CONTEXT:/ && !/^(PL\/pgSQL|SQL) (function|statement)/ }
      map { s/^psql:[^ ]*: //r =~ s/\s+$//r } split /\n/, shift;
    $text =~ s/\n\n+/\n/g;
    return $text =~ s/^\n+|\n+$//gr;
}

# runs the statements in one session, returns what each printed
sub run_examples {
    my ($db, @examples) = @_;
    my $script = join '', map { "\\echo =====\n\\warn =====\n$_->[0]" } @examples;
    my ($out, $err) = ('', '');
    IPC::Run::run [ 'psql', '-XqAt', '-P', 'format=aligned', '-P', 'tuples_only=off', '-d', $node->connstr($db), '-f', '-' ],
      '<', \$script, '>', \$out, '2>', \$err;
    my @out = split /^=====\n/m, $out, -1;
    my @err = split /^.*=====\n/m, $err, -1;
    return map { [ tidy($out[$_] // ''), tidy($err[$_] // '') ] } 1 .. @examples;
}

for my $page ('README.md', sort glob 'doc/*.md') {
    my $text = slurp_file($page);
    my @blocks = $text =~ /^```sql\n(.*?)^```$/msg or next;
    my $db = $page eq 'README.md' ? 'shop' : $page =~ s/\W/_/gr;
    $node->safe_psql('postgres', qq{CREATE DATABASE "$db"});
    if ($page ne 'README.md') {
        $node->safe_psql($db, qq{CREATE EXTENSION dupex; ALTER DATABASE "$db" SET search_path = public, dupex});
        $node->safe_psql($db, "SELECT install('marketing'); SELECT load_sample('marketing', 0.02); SELECT marketing.refresh_reports('2026-07-01')")
          if $text =~ /\bmarketing\./;
    }
    my $number = 0;
    for my $block (@blocks) {
        my @examples = examples($block);
        my @printed = run_examples($db, @examples);
        for my $i (0 .. $#examples) {
            my ($sql, $result) = @{ $examples[$i] };
            my ($out, $err) = @{ $printed[$i] };
            my $name = "$page, example " . ++$number . ': ' . substr($sql =~ s/\s+/ /gr, 0, 60);
            $result = tidy($result);
            if ($result eq '') { is($err =~ /^ERROR/m ? $err : '', '', $name); }
            else { is(join("\n", grep { $_ ne '' } $out, $result =~ /^(ERROR|NOTICE|WARNING)/ ? $err : ''), $result, $name); }
        }
    }
}

$node->stop;
done_testing();

# Every function of the toolbox and of the marketing database that a user may call, with arguments
# from pools of usual and of strange values: no crash, no internal error, no call that goes on for
# ever; a function that says it is immutable or stable says the same twice; and what a table's
# constraint would refuse is refused with words of our own. Afterwards the marketing database is
# whole.
#
# The calls are the same in each run. RANDOM_CALLS is how many per function, RANDOM_SEED picks others.
use strict;
use warnings;
use utf8;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $calls = $ENV{RANDOM_CALLS} || 40;
srand($ENV{RANDOM_SEED} || 1);

my $node = PostgreSQL::Test::Cluster->new('random_calls');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "fsync = off\njit = off\nstatement_timeout = '60s'\nclient_min_messages = error\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION dupex;
ALTER DATABASE postgres SET search_path = marketing, dupex, public;
SELECT dupex.install('marketing') IS NOT NULL, dupex.load_sample('marketing', 0.02) IS NOT NULL;
CREATE TABLE public.purchase AS SELECT n, (n % 37)::text AS customer, timestamptz '2025-01-01' + n * n % 400 * interval '1 day' AS ordered_at, (n * 7 % 100) / 3.0 AS amount, chr(97 + n % 5) AS channel
  FROM generate_series(1, 300) n;
-- What came of a call: 'answered', the SQLSTATE of an error, or, in more words, what must not be. Each
-- is undone where it fails only.
CREATE FUNCTION public.attempt(call text, repeats boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one     text;
    two     text;
    state   text;
    message text;
    hint    text;
BEGIN
    EXECUTE 'SELECT array_agg(r::text) FROM (' || call || ') r' INTO one;
    IF repeats THEN
        EXECUTE 'SELECT array_agg(r::text) FROM (' || call || ') r' INTO two;
        IF one IS DISTINCT FROM two THEN
            RETURN format('%s says %s, and then %s', call, left(one, 200), left(two, 200));
        END IF;
    END IF;
    RETURN 'answered';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    IF state ~ '^(XX|P0|53)' OR state IN ('23502', '23514', '42804', '22012', '21000') AND NOT repeats OR state = '23503' AND hint = '' THEN
        RETURN format('%s raises %s: %s', call, state, message);
    END IF;
    RETURN state;
END $$;
SQL

# What the database has, by the name of an argument.
sub ids { return [ split /\n/, $node->safe_psql('postgres', $_[0]) ]; }
my %ids = (
    customer => ids('SELECT customer_id FROM customer ORDER BY md5(customer_id::text) LIMIT 40'),
    lead => ids('SELECT lead_id FROM lead ORDER BY md5(lead_id::text) LIMIT 40'),
    salesperson => ids('SELECT salesperson_id FROM salesperson'),
    event => ids('SELECT event_id FROM event LIMIT 20'),
    map({ $_ => ids("SELECT $_ FROM $_ ORDER BY md5($_) LIMIT 12") } qw(campaign product team store medium list setting)),
    grade => ids('SELECT lead_grade FROM lead_grade'),
    channel => ids('SELECT response_channel FROM response_channel'),
    code => ids('SELECT source_code FROM source LIMIT 30'));
# a lead or touch and whose it is
my @pairs = map { [ split /\|/ ] } @{ ids('SELECT customer_id, lead_id FROM lead ORDER BY md5(lead_id::text) LIMIT 60') };

my %pool = (
    'double precision' => [qw(0 1 0.5 3 10 0.95 -1 0.1 2 100 365 1e-9 1e9 1e15 1e-300 1e300 -1e300 5e-324 1.7976931348623157e308 NaN Infinity -Infinity)],
    'integer' => [qw(0 1 2 3 7 10 -1 30 1000 2147483647 -2147483648)],
    'bigint' => [qw(0 1 2 3 7 30 -1 1000000 4611686018427387904 9223372036854775807 -9223372036854775808)],
    'numeric' => [qw(0 1 0.5 2 19.99 100 -1 1e-20 1e200 NaN Infinity -Infinity 123456789012345678901234567890.123456789)],
    'boolean' => [qw(true false)],
    'timestamp with time zone' => [ '2026-01-31 10:15', '2024-02-29 12:00', '2026-06-30', '1970-01-01', '2026-10-25 01:30', '4713-01-01 BC', '294276-12-31', 'infinity', '-infinity' ],
    'date' => [ '2026-01-31', '2024-02-29', '2026-06-30', '4713-01-01 BC', '5874897-12-31', 'infinity', '-infinity' ],
    'interval' => [ '0', '1 day', '7 days', '1 month', '-1 day', '1 microsecond', '178000000 years', '-178000000 years', '1 mon -40 days' ],
    'jsonb' => [ '{}', '[]', 'null', '1', '{"a": 1}', '{"a": null, "b": "x", "c": [1, {"d": null}]}', '[{"product": "compact", "unit_price": 21900}]', '[{"quantity": "a", "unit_price": []}]', '[[]]' ],
    'text' => [ '', ' ', 'a', 'day', 'month', 'UTC', 'DB02087', 'ann@example.com', '@', '+49 30 123456', 'Müller & Söhne', '{medium}{list:2}', '%', 'é😀', 'x' x 2000 ],
    'name' => [qw(customer ordered_at amount nothing)],
    'regclass' => [qw(public.purchase marketing.customer pg_class)],
    'bytea' => [ '', '\xff' ],
    'bit varying' => [ '', '1', '10110' ],
    'source_code' => [qw(DB02087 0 ZZZZZZZZZZZZ)],
    'er' => [ '0:0', '1200:4800', '-0.000000001:999999999999999999' ],
    'rate' => [qw(0/0 0/5 37/1000 5/5 1/9223372036854775807)],
    'points' => [ '[]', '[["visit", 1767225600, 10, 604800, 2], ["", 1767225600.000001, -0.1, null, 1]]' ],
    'naive_bayes' => [ '{"outcomes": [0, 0], "features": {}}', '{"outcomes": [10, 5], "features": {"a": {"1": [5, 2], "2": [5, 3]}}}' ],
    'logistic_data' => [ '{"features": 1, "rows": [[[1], 3, 4], [[2], 5, 3], [[3], 7, 1]]}', '{"features": 2, "rows": []}' ],
    'logistic_cases' => [ '[]', '[[[["a", 1]], 3, 4], [[["a", 2]], 5, 3], [[["b", "x"]], 2, 2]]' ],
    'gains' => [ '[]', '[[0.1, 100, 3], [0.2, 80, 9], [0.5, 50, 20], [0.9, 5, 40]]', '[[-1e+300, 1, 0], [0, 7, 1]]' ],
    'purchase_history' => [ '{2026-01-31T10:15:00Z 19.99}', '{2025-01-01T00:00:00Z 5, 2025-02-01T00:00:00Z 7 x2, 9999-12-31T23:59:59Z 9}' ],
    'purchase_counts' => [ '{}', '{0 0 39 100, 1 5 39 30, 2 10 39 20, 5 30 39 10, 9 38 39 3}', '{0 0 0 1, 4294967295 1e-300 1e+300 9} nulls 3 impossible 1' ],
    'spend_counts' => [ '{}', '{1 10 5, 1 50 4, 2 12 9, 3 30 2}' ],
    'funnel' => [ '{}', '{2026-01-01T00:00:00Z 1, 2026-01-02T00:00:00Z 2, 2026-01-03T00:00:00Z 1, 2026-01-03T00:00:00Z 4, 2026-01-05T00:00:00Z 7}' ],
    'activity' => [ '{2026-01-01T00:00:00Z, 2026-01-02T00:00:00Z, 2026-03-09T00:00:00Z}', '{0001-01-01T00:00:00Z, 9999-12-31T23:59:59.999999Z}' ],
    'retention_counts' => [ '{} of 0', '{10 10 0, 9 7 9} of 12' ],
    'journey' => [ '{2026-01-01T00:00:00Z "a", 2026-01-02T00:00:00Z "b", 2026-01-03T00:00:00Z 10}', '{2026-01-31T10:15:00Z "mail", 2026-02-01T00:00:00Z @"lead", 2026-02-03T09:30:00Z 19.99}' ],
    'moments' => [ '0:0:0', '3:12.5:80.25', '100:1000:12000' ]);
my @queries = ('SELECT customer, ordered_at, amount FROM purchase', 'SELECT customer AS person, ordered_at AS at, 1 + n % 4 AS step FROM purchase',
    'SELECT customer AS person, ordered_at AS at, channel, CASE WHEN n % 5 = 0 THEN amount END AS value FROM purchase', 'SELECT customer AS person, ordered_at AS at FROM purchase',
    q(SELECT n AS id, channel AS name, channel || n || '@example.com' AS email FROM purchase), 'SELECT 1', 'SELECT', '', 'SELECT 1 / 0', 'DROP TABLE purchase');
my %columns;    # of composite types, their types
for (split /\n/, $node->safe_psql('postgres', q(SELECT t.oid::regtype, string_agg(a.atttypid::regtype::text, ';' ORDER BY a.attnum) FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0
        WHERE t.typnamespace = 'dupex'::regnamespace AND t.typtype = 'c' GROUP BY t.oid))) {
    my ($type, $types) = split /\|/;
    $columns{$type} = [ split /;/, $types ];
}

sub pick { return $_[ int(rand(@_)) ]; }

sub literal {
    my ($value, $type) = @_;
    $value =~ s/'/''/g;
    return "'$value'::$type";
}

# A value for an argument: its type, its name, the words of its function's comment, how long its arrays are, the lead of the call.
sub value {
    my ($type, $name, $words, $length, $pair) = @_;
    return "NULL::$type" if rand() < 0.05;
    if ($type =~ /^(.*)\[\]$/) {
        my $element = $1;
        $name =~ s/s$//;
        return "'{}'::$type" if rand() < 0.1;
        return 'ARRAY[' . join(', ', map { value($element, $name, $words, $length, $pair) } 1 .. $length) . "]::$type";
    }
    return 'ROW(' . join(', ', map { value($_, '', $words, $length, $pair) } @{ $columns{$type} }) . ")::$type" if $columns{$type};
    return literal(pick(@queries), $type) if $name =~ /query/;
    if (rand() < 0.85) {
        return literal($pair->[ $name eq 'lead' ], $type) if $type eq 'bigint' && $name =~ /^(customer|lead)$/ && rand() < 0.8;
        for (sort keys %ids) {
            return literal(pick(@{ $ids{$_} }), $type) if $name =~ /$_/ && $type =~ /^(bigint|text|source_code)$/ && ($type eq 'bigint') == /^(customer|lead|salesperson|event)$/;
        }
        return literal(pick(@$words), $type) if $type eq 'text' && @$words && rand() < 0.6;
    }
    return "NULL::$type" unless $pool{$type};
    my @values = @{ $pool{$type} };
    @values = @values[ 0 .. 5 ] if $type =~ /^(double precision|integer|bigint|numeric)$/ && rand() < 0.6;     # the usual ones
    return literal(pick(@values), $type);
}

# random_calls SCHEMA CONDITION REPEATS: calls each function; returns what must not be
sub random_calls {
    my ($schema, $condition, $repeats) = @_;
    my @statements;
    my $n = 0;
    my $functions = $node->safe_psql('postgres', <<SQL);
SELECT concat_ws('|', p.proname, array_to_string(ARRAY(SELECT t::regtype FROM unnest(p.proargtypes) t), ';'), array_to_string(p.proargnames[1:p.pronargs], ';', ''), p.pronargs - p.pronargdefaults,
                 regexp_replace(obj_description(p.oid), '[^a-z_0-9]+', ' ', 'g'))
  FROM pg_proc p WHERE p.pronamespace = '$schema'::regnamespace AND p.prokind = 'f' AND p.prorettype NOT IN ('internal'::regtype, 'cstring'::regtype)
   AND NOT p.proargtypes::oid[] && '{internal,cstring,record,"\\"any\\""}'::regtype[]::oid[] AND ($condition) ORDER BY p.proname, p.oid::regprocedure::text
SQL
    for (split /\n/, $functions) {
        my ($function, $types, $names, $needed, $words) = split /\|/, $_, -1;
        my @types = split /;/, $types;
        my @names = split /;/, $names, -1;
        my @words = grep { length() > 1 && length() < 25 } split / /, $words;
        for (1 .. $calls) {
            my ($pair, $length) = (pick(@pairs), 1 + int(rand(6)));
            my @arguments;
            for my $i (0 .. $#types) {
                next if $i >= $needed && rand() < 0.4 && $names[$i] ne 'request_id';
                my $value = ($names[$i] // '') eq 'request_id' ? literal('random ' . $n++, 'text') : value($types[$i], $names[$i] // '', \@words, $length, $pair);
                push @arguments, $names[$i] ? qq("$names[$i]" => $value) : $value;
            }
            push @statements, "SELECT public.attempt(\$call\$SELECT * FROM $schema.$function(" . join(', ', @arguments) . ") LIMIT 1000\$call\$, $repeats);\n";
        }
    }
    # functions that write meet what others have written
    for (my $i = @statements; --$i > 0;) { my $j = int(rand($i + 1)); @statements[ $i, $j ] = @statements[ $j, $i ]; }
    my ($out, $err) = ('', '');
    my $timed_out = 0;
    utf8::encode(my $script = join '', @statements);
    my $status = $node->psql('postgres', $script, stdout => \$out, stderr => \$err, timeout => 600, timed_out => \$timed_out, on_error_stop => 0);
    is($status, 0, "$schema: the server lives");
    is($timed_out, 0, "$schema: and answers");
    is($err, '', "$schema: no call is cut off after a minute");
    my @answers = split /\n/, $out;
    my @wrong = grep { !/^(answered|[0-9A-Z]{5})$/ } @answers;
    is(join("\n", @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]), '', "$schema: and as it should");
    cmp_ok(scalar(grep { /^answered$/ } @answers), '>', @statements / 5, "$schema: many of them are answered");
    return;
}

random_calls('dupex', q(p.provolatile <> 'v' AND p.proname !~ '^sample_'), 'true');
# not what a job does with the whole database, what is part of something else, and what takes a table of the user
random_calls('marketing', q(obj_description(p.oid) !~ 'A part of' AND p.proname !~ '^(rebuild|refresh|load|import|write|schedule|unschedule|grant|revoke|run_|take_in|train|purge|running_number|setting_value|value_deviate|job_lock)'), 'false');
is($node->safe_psql('postgres', q(SELECT string_agg(concat_ws(': ', check_name, problems, example), E'\n') FROM check_integrity() WHERE problems > 0 AND check_name NOT IN ('fact of the future', 'open lead of one who has left'))), '',
    'the marketing database is whole, but for what was done at times that are not now');

$node->stop;
done_testing();

# install, upgrade, uninstall and DROP EXTENSION around what the user has: other schemas, views,
# columns, indexes, functions and rows of his own.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dupex');

# The one line of an error, with its SQLSTATE
sub refusal
{
    my ($statement) = @_;
    my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n\\set SHOW_CONTEXT never\n$statement");
    $err =~ s/^LOCATION:.*\n?//mg;
    $err =~ s/^psql:\S+ //mg;
    return $err;
}

sub quietly
{
    my ($statement) = @_;
    return $node->safe_psql('postgres', "SET client_min_messages = error;\n$statement");
}

# where it cannot be installed
for my $schema ('pg_x', 'pg_catalog', 'information_schema', 'dupex', 'public', '')
{
    like(refusal("SELECT dupex.install('$schema')"), qr/^ERROR:  22023: schema "$schema" cannot hold/, "not in schema \"$schema\"");
}
like(refusal('SELECT dupex.install(NULL)'), qr/^ERROR:  22023: /, 'nor in none');
for my $content ('TABLE used.x ()', 'VIEW used.x AS SELECT 1', 'SEQUENCE used.x', "TYPE used.x AS ENUM ('a')", 'DOMAIN used.x AS int',
    'FUNCTION used.x() RETURNS int LANGUAGE sql RETURN 1', 'TYPE used.x AS (a int)')
{
    quietly("CREATE SCHEMA used; CREATE $content;");
    like(refusal(q{SELECT dupex.install('used')}), qr/^ERROR:  42710: schema "used" is not empty\nHINT:  Choose/, "nor where there is a $content");
    quietly('DROP SCHEMA used CASCADE');
}
like(refusal(q{SELECT dupex.upgrade('nowhere')}), qr/^ERROR:  55000: there is no marketing database in schema "nowhere"\nHINT:  .*install\('nowhere'\)/,
    'no upgrade where there is nothing');
like(refusal(q{SELECT dupex.uninstall('nowhere')}), qr/^ERROR:  55000: there is no marketing database/, '... nor uninstall');

like(refusal(q{SET standard_conforming_strings = off; SET escape_string_warning = off; SELECT dupex.install('legacy')}), qr/^ERROR:  55000: standard_conforming_strings is off\nDETAIL:.*\nHINT:  Say ALTER DATABASE/,
    'nor where backslashes would be lost');
# an empty schema is used, and closed to others; the search_path of the caller is left alone
quietly('CREATE SCHEMA upgraded; GRANT ALL ON SCHEMA upgraded TO PUBLIC');
like(quietly(q{SELECT dupex.install('upgraded')}), qr/^marketing database \S+ in schema upgraded: \d+ tables, \d+ views, \d+ functions and procedures$/, 'installed');
is(quietly(q{SELECT count(*) FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'upgraded' AND a.grantee = 0}), '0', '... and closed to PUBLIC');
is(quietly(q{BEGIN; SET LOCAL search_path = pg_catalog; SELECT dupex.install('fresh') IS NOT NULL; SELECT current_setting('search_path'); COMMIT}),
    "t\npg_catalog", '... under any path, which stays as it was');
is(quietly(q{SELECT upgraded.version() = dupex.version(), (SELECT count(*) FROM upgraded.installation)}), 't|1', '... and says its version');
like(refusal(q{SELECT dupex.install('upgraded')}), qr/^ERROR:  42710: there is already a marketing database in schema "upgraded", of version \S+\nHINT:  .*dupex.upgrade\('upgraded'\)/,
    'not twice');
is(quietly(q{SELECT count(*) FROM pg_depend d JOIN pg_extension e ON d.refobjid = e.oid AND d.deptype = 'e'
              WHERE e.extname = 'dupex' AND d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'upgraded'::regnamespace)}),
    '0', 'nothing of it is a member of the extension');
is(quietly(q{SELECT count(*) > 10, count(*) FILTER (WHERE step_no % 2 = 1) FROM upgraded.job_step}), 't|0', 'steps of jobs have even numbers: the odd ones are the user\'s');

# what the user adds
quietly(q{
    SET search_path = upgraded, dupex, public;
    INSERT INTO customer (customer_id, name) VALUES (1, 'one');
    INSERT INTO source (source_code, medium) VALUES ('DA01038', 'D');
    INSERT INTO expense (spent_on, amount, source_code) VALUES ('2008-03-01', 12.34, 'DA01038');
    ALTER TABLE customer ADD shoe_size int CHECK (shoe_size > 0);
    UPDATE customer SET shoe_size = 42 WHERE customer_id = 1;
    CREATE INDEX my_index ON customer (shoe_size);
    CREATE TABLE my_table (customer_id bigint REFERENCES customer, note text);
    INSERT INTO my_table VALUES (1, 'mine');
    CREATE TYPE my_type AS ENUM ('a');
    CREATE SEQUENCE my_sequence START 7;
    CREATE FUNCTION my_function(code source_code) RETURNS int LANGUAGE sql RETURN 7;
    CREATE VIEW my_view AS SELECT source_code, expense, er_ratio FROM source_performance WHERE source_code = 'DA01038';
    CREATE VIEW public.report AS SELECT medium, expense FROM upgraded.medium_performance WHERE medium = 'D';
    CREATE MATERIALIZED VIEW my_summary AS SELECT count(*) AS customers FROM customer;
    CREATE TABLE my_settings (confidence text DEFAULT setting_value('confidence'));
    UPDATE setting SET value = '0.9' WHERE setting = 'confidence';
    UPDATE job_step SET is_enabled = false WHERE step <> 'refresh reports';
    INSERT INTO job_step VALUES ('run_daily', 61, 'mine', 'SELECT 1');
    SELECT refresh_reports('2008-03-02 00:00+00');
});
my $mine = q{
    SET search_path = upgraded, dupex, public;
    SELECT shoe_size FROM customer WHERE customer_id = 1;
    SELECT note FROM my_table;
    SELECT my_function('A'), nextval('my_sequence') > 6, 'a'::my_type, (SELECT customers FROM my_summary);
    SELECT source_code, expense FROM my_view;
    SELECT * FROM public.report;
    SELECT indexname FROM pg_indexes WHERE schemaname = 'upgraded' AND indexname = 'my_index';
    SELECT value FROM setting WHERE setting = 'confidence';
    INSERT INTO my_settings DEFAULT VALUES RETURNING confidence;
    SELECT string_agg(step, ', ' ORDER BY step_no) FROM job_step WHERE is_enabled;
};
my $before = quietly($mine);
like($before, qr/^42\nmine\n7\|t\|a\|2\nDA01038\|12.3400\nD\|12.3400\nmy_index\n0.9\n0.9\n(?!.*purge)[a-z ,]*refresh reports, mine$/, 'the user has things of his own');
is(quietly(q{SELECT array_to_string(dupex.foreign_objects('upgraded'), ', ')}),
    'function my_function(code dupex.source_code), materialized view my_summary, sequence my_sequence, table my_settings, table my_table, type my_type, view my_view',
    '... which dupex knows from its own');

# an upgrade leaves it where and what it is, and gives every function and view anew
my $oid = quietly(q{SELECT 'upgraded.refresh_reports(timestamptz)'::regprocedure::oid});
like(quietly(q{SELECT dupex.upgrade('upgraded')}), qr/^marketing database in schema upgraded: from version (\S+) to \1, 0 changes of tables, \d+ functions and views made again, [1-9]\d* of them in place$/,
    'upgraded; what something of the user\'s rests on, in place');
isnt(quietly(q{SELECT 'upgraded.refresh_reports(timestamptz)'::regprocedure::oid}), $oid, '... the rest anew');
is(quietly($mine), $before, '... and what the user has is there');
quietly(q{SELECT dupex.upgrade('upgraded'); SELECT dupex.upgrade('upgraded')});
is(quietly($mine), $before, '... also after two more');
is(quietly(q{SELECT string_agg(action, ', ' ORDER BY installation_id) FROM upgraded.installation}), 'install, upgrade, upgrade, upgrade', '... all of which are noted');

# it is what a new one would be: the same objects with the same definitions
sub definitions
{
    my ($schema) = @_;
    my $text = quietly(qq{
        SELECT o.kind, o.identity, CASE WHEN o.kind = 'view' THEN pg_get_viewdef(m.oid) WHEN o.kind IN ('function', 'procedure') THEN pg_get_functiondef(m.oid) END,
               obj_description(m.oid)
          FROM $schema.installed_object o JOIN dupex.marketing_objects('$schema') m USING (kind, identity) ORDER BY 1, 2});
    return $text =~ s/\b$schema\./schema./gr =~ s/TO '$schema',/TO 'schema',/gr;
}
like(definitions('upgraded'), qr/^function\|refresh_reports\(.*SET search_path TO 'schema', /ms, 'definitions are compared');
is(definitions('upgraded'), definitions('fresh'), 'an upgraded database is what a new one is');

quietly(q{UPDATE upgraded.installation SET version = '99.9'});
like(refusal(q{SELECT dupex.upgrade('upgraded')}), qr/^ERROR:  55000: .* has version 99.9, which dupex \S+ does not know\nHINT:  Install/, 'not from an unknown version');
is(quietly($mine), $before, '... which changes nothing');
quietly(q{UPDATE upgraded.installation SET version = dupex.version()});

# the extension cannot go while a marketing database is there
like(refusal('DROP EXTENSION dupex'), qr/^ERROR:  2BP01: cannot drop extension dupex because other objects depend on it/, 'DROP EXTENSION is refused');

# uninstall refuses while there is anything to lose
like(refusal(q{SELECT dupex.uninstall('upgraded')}), qr/^ERROR:  55000: .* holds data\nDETAIL:  Yours are: .*my_table.*\nHINT:  Dump it with pg_dump -n upgraded, then say SELECT dupex.uninstall\('upgraded', drop_data => true\)\./,
    'uninstall is refused while there is data');
like(refusal(q{SELECT dupex.uninstall('upgraded', NULL)}), qr/^ERROR:  55000: /, '... also with neither yes nor no');
quietly('CREATE TABLE fresh.my_table ()');
like(refusal(q{SELECT dupex.uninstall('fresh')}), qr/^ERROR:  55000: .* holds objects of yours\nDETAIL:  Yours are: table my_table\n/, '... or things of the user\'s own');
quietly('DROP TABLE fresh.my_table');
like(quietly(q{SELECT dupex.uninstall('fresh')}), qr/^dropped the marketing database \S+ in schema fresh with \d+ tables, views, functions and types; 0 jobs unscheduled$/,
    'an empty one goes');
is(quietly($mine), $before, '... and the other stays');
like(quietly(q{SELECT dupex.uninstall('upgraded', drop_data => true)}), qr/^dropped the marketing database/, 'a full one goes when told so');
is(quietly(q{SELECT count(*) FROM pg_namespace WHERE nspname IN ('upgraded', 'fresh')}), '0', '... with its schema');
quietly('DROP EXTENSION dupex');
is(quietly(q{SELECT count(*) FROM pg_namespace WHERE nspname = 'dupex'}), '0', 'then the extension goes, with its schema');
quietly(q{CREATE EXTENSION dupex; SELECT dupex.install()});
is(quietly(q{SELECT marketing.version() = dupex.version()}), 't', 'and all comes back');

done_testing();

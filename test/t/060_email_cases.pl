# The e-mail addresses of is_email (D. Sayers), judged to the letter. Its categories valid, DNS warning
# and "RFC 5321" are addresses that a mail server takes; all others are not.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $file = ($ENV{DUPEX_SHARED_DATA} || '') . '/isemail_tests.csv';
plan skip_all => 'the data set is not there: DUPEX_SHARED_DATA names no folder with isemail_tests.csv' unless -r $file;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;
$node->safe_psql('postgres', q{
    CREATE EXTENSION dupex;
    CREATE TABLE address_case (id int PRIMARY KEY, address_visible text, address_utf8_hex text, contains_nul boolean, category text, diagnosis text, comment text, source text)});
my $content = slurp_file($file);
my ($stdout, $stderr) = ('', '');
$node->psql('postgres', "COPY address_case FROM STDIN WITH (FORMAT csv, HEADER);\n$content\\.\n", stdout => \$stdout, stderr => \$stderr, on_error_stop => 1);
is($stderr, '', 'the cases are read');
is($node->safe_psql('postgres', 'SELECT count(*), count(*) FILTER (WHERE contains_nul) FROM address_case'), '164|2', 'all of them; two have a zero byte, which no text of PostgreSQL has');

# Deliberate deviations. 23 and 24: a domain that ends with a number (RFC 3696, 2: no top level
# domain is one), "test@255.255.255.255" being the usual case of it.
$node->safe_psql('postgres', q{
    CREATE VIEW verdict AS
    SELECT id, address, diagnosis, category IN ('ISEMAIL_VALID_CATEGORY', 'ISEMAIL_DNSWARN', 'ISEMAIL_RFC5321') AS expected, s.ok AS strict, s.code, m.ok AS marketing, m.suggestion
      FROM (SELECT *, convert_from(decode(address_utf8_hex, 'hex'), 'UTF8') AS address FROM address_case WHERE NOT contains_nul) c,
           dupex.email_check(address, 'strict') s, dupex.email_check(address) m});
is($node->safe_psql('postgres', 'SELECT count(*) FROM verdict'), '162', 'each is judged');
is($node->safe_psql('postgres', q{SELECT string_agg(id || ' ' || code, ', ' ORDER BY id) FROM verdict WHERE strict <> expected}),
    '23 numeric_top_level, 24 numeric_top_level', 'to the letter: as published, but for the deviations');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT code, ' ' ORDER BY code) FROM verdict WHERE NOT strict AND diagnosis = 'ISEMAIL_RFC5322_LOCAL_TOOLONG'}), 'local_too_long', 'the reason is the published one: local part too long');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT code, ' ' ORDER BY code) FROM verdict WHERE NOT strict AND diagnosis LIKE '%COMMENT%'}), 'comment', 'comments');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT code, ' ' ORDER BY code) FROM verdict WHERE NOT strict AND diagnosis LIKE '%UNCLOSEDQUOTEDSTR'}), 'quote_not_closed', 'quotation marks');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT code, ' ' ORDER BY code) FROM verdict WHERE NOT strict AND diagnosis LIKE '%DOMAINHYPHEN%'}), 'domain_hyphen', 'hyphens');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT code, ' ' ORDER BY code) FROM verdict WHERE NOT strict AND diagnosis LIKE '%IPV6%'}), 'bad_address_literal', 'numbers of hosts');

# Marketing: nothing beyond the letter but what was repaired, and never a quoted or numbered mailbox.
is($node->safe_psql('postgres', q{SELECT count(*) FROM verdict WHERE marketing AND NOT strict AND suggestion IS NULL}), '0', 'what is accepted beyond the letter says how it is repaired');
is($node->safe_psql('postgres', q{SELECT count(*) FROM verdict WHERE marketing AND address ~ '[][()]'}), '0', 'no brackets, no comments');
is($node->safe_psql('postgres', q{SELECT count(*) FROM verdict WHERE (dupex.email_check(dupex.email_normalize(address), 'strict')).ok IS FALSE}), '0', 'what is normalized is valid to the letter');

$node->stop;
done_testing();

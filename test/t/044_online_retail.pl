# Real input with lines: 541,909 order lines of a gift shop (Chen, Sain, Guo 2012), with
# cancellations, missing customers and repeated lines, through load_orders in one call.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $file = ($ENV{DUPEX_SHARED_DATA} || '') . '/online_retail.csv.xz';
plan skip_all => 'the data set is not there: DUPEX_SHARED_DATA names no folder with online_retail.csv.xz' unless -r $file;
plan skip_all => 'there is no xz to unpack the data set' unless system('xz --version >/dev/null 2>&1') == 0;

my $node = PostgreSQL::Test::Cluster->new('retail');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nclient_min_messages = warning\n");
$node->start;
sub sql { my ($text) = @_; return $node->safe_psql('postgres', "SET search_path = marketing, dupex, public;\n$text"); }

$node->safe_psql('postgres', 'CREATE EXTENSION dupex; SELECT dupex.install()');
sql(qq{
    CREATE TABLE public.file (invoice text, stock text, description text, quantity text, at text, price text, customer text, country text);
    COPY public.file FROM PROGRAM 'xz -dc "$file"' (FORMAT csv, HEADER);
    CREATE TABLE public.people AS SELECT DISTINCT 'shop' AS system, customer AS number, 'internal' AS kind FROM public.file WHERE customer <> '';
    CREATE TABLE public.lines AS SELECT CASE WHEN customer <> '' THEN 'shop' END AS system, customer AS number, invoice AS order_number, at AS ordered_at,
           stock AS product, description, quantity, price AS unit_price, invoice LIKE 'C%' OR invoice LIKE 'A%' AND price::numeric < 0 AS is_return FROM public.file;
});
is(sql(q{SELECT * FROM load_customers('public.people')}), '4372|0|0', 'customers');
is(sql(q{SELECT * FROM load_orders('public.lines')}), '541909|0|0', 'lines');
is(sql(q{SELECT * FROM load_orders('public.lines')}), '0|541909|0', 'again, nothing more');

# the published figures; an invoice that begins with C is a cancellation, one with A writes a debt
# off, which is money given back where it is negative
is(sql(q{SELECT (SELECT count(*) FROM customer_order) + (SELECT count(*) FROM order_return)}), 25900, 'invoices');
is(sql(q{SELECT ((SELECT sum(revenue) FROM customer_order) - (SELECT sum(amount) FROM order_return))::numeric(12,3)}), '9747747.934', 'their total');
is(sql(q{SELECT count(*), count(DISTINCT (customer_id, customer_order_id)), count(DISTINCT customer_id), sum(quantity * unit_price)::numeric(12,3), sum(amount)::numeric(12,3)
    FROM order_line WHERE customer_id <> 0 AND quantity > 0 AND unit_price > 0}), '397884|18532|4338|8911407.904|8911407.904', 'lines with customer, quantity and price');
is(sql(q{SELECT count(*) FROM customer_order o JOIN (SELECT customer_id, customer_order_id, sum(amount) AS lines FROM order_line GROUP BY 1, 2) l USING (customer_id, customer_order_id) WHERE o.revenue <> l.lines}), 0,
    'each order is the sum of its lines');
$node->stop('fast');
done_testing();

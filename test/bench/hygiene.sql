-- Addresses, numbers and names read and compared, against what is written by hand: a regular
-- expression, lower(trim()), translate(), levenshtein() of fuzzystrmatch.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
-- of seven addresses one has a provider's slip, two are of firms; of five numbers two are written with hyphens or a prefix
CREATE UNLOGGED TABLE bench.contact AS
SELECT (ARRAY['li.na', 'Wang', 'info', 'user.name', 'zhang_san', 'm', 'Hans.Meier'])[1 + i % 7] || i || '@' ||
       (ARRAY['qq.com', '163.com', 'gmail.com', 'example-company.de', 'mail.firma.com.cn', 'foxmail.com', 'gmial.com'])[1 + i % 7] AS email,
       (ARRAY['138', '139-', '+86 150', '0086186', '177 '])[1 + i % 5] || lpad(bench.dice(i, 1, 100000000)::text, 8, '0') AS phone,
       (ARRAY['王', '李', '张', '欧阳'])[1 + i % 4] || (ARRAY['小明', '晓明', '娜', '建国', '伟'])[1 + i % 5] AS chinese, (ARRAY['王', '李', '张', '欧阳'])[1 + i % 4] || (ARRAY['小明', '小', '那', '国庆', '伟'])[1 + i % 5] AS chinese_too,
       (ARRAY['Meier, Hans', 'John Smith', 'Anna Schmidt', 'Maria Garcia'])[1 + i % 4] AS name, (ARRAY['Hans Meyer', 'Jon Smith', 'Anne Schmitt', 'Mario Garcia'])[1 + i % 4] AS name_too
  FROM generate_series(1, :size) i;
VACUUM ANALYZE bench.contact;
SELECT bench.compare('email_check', :size, '{dupex,regular expression of HTML}', ARRAY[
    'SELECT count(*) FROM bench.contact WHERE (email_check(email)).ok',
    $$SELECT count(*) FROM bench.contact WHERE email ~ '^[a-zA-Z0-9.!#$%&''*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$'$$], :size);
SELECT bench.compare('email_normalize', :size, '{dupex,lower(trim())}', ARRAY[
    'SELECT count(email_normalize(email)) FROM bench.contact', 'SELECT count(lower(trim(email))) FROM bench.contact'], :size);
SELECT bench.compare('email_match_key', :size, '{dupex,lower and two replacements}', ARRAY[
    'SELECT count(email_match_key(email)) FROM bench.contact', $$SELECT count(regexp_replace(replace(lower(email), '.', ''), '\+[^@]*', '')) FROM bench.contact$$], :size);
SELECT bench.compare('phone_normalize', :size, '{dupex,translate() and a regular expression}', ARRAY[
    'SELECT count((phone_normalize(phone)).e164) FROM bench.contact', $$SELECT count(regexp_replace(translate(phone, ' -+()', ''), '^(0086|86)', '')) FROM bench.contact$$], :size);
SELECT bench.compare('edit_distance, at most 2', :size, '{dupex,levenshtein_less_equal}', ARRAY[
    'SELECT count(edit_distance(name, name_too, 2)) FROM bench.contact', 'SELECT count(nullif(levenshtein_less_equal(name, name_too, 2), 3)) FROM bench.contact'], :size);
SELECT bench.compare('name_similarity, Chinese', :size, '{dupex,levenshtein}', ARRAY[
    'SELECT count(*) FROM bench.contact WHERE name_similarity(chinese, chinese_too) >= .7', 'SELECT count(*) FROM bench.contact WHERE levenshtein(chinese, chinese_too) <= 1'], :size);
SELECT bench.compare('jaro_winkler', :size, '{dupex,levenshtein}', ARRAY[
    'SELECT count(*) FROM bench.contact WHERE jaro_winkler(name, name_too) >= .9', 'SELECT count(*) FROM bench.contact WHERE levenshtein(name, name_too) <= 1'], :size);
DROP TABLE bench.contact;

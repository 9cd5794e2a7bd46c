-- names and addresses compared: characters, not octets, in every locale
SET search_path = public, dupex;

-- accents, also those of Hebrew and Arabic, may be there or not
SELECT a, b, comparison_form(a) = comparison_form(b) AS same
  FROM (VALUES ('José', U&'Jose\0301'), ('Nguyễn', 'Nguyen'), (U&'\0645\062D\0645\0651\062F', U&'\0645\062D\0640\0645\062F'), (U&'\05E9\05C1\05B8\05DC\05D5\05B9\05DD', U&'\05E9\05DC\05D5\05DD'), ('สมชาย', 'สมชย')) v(a, b);
-- capitals and small letters are the same: a sigma at the end, the capital sharp s, letters of Vietnam, Azerbaijan and Ghana
SELECT name, comparison_form(name), comparison_form(name) = comparison_form(capitals) AS same
  FROM (VALUES ('Γιώργος Παππάς', 'ΓΙΏΡΓΟΣ ΠΑΠΠΆΣ'), ('Groß', 'GROẞ'), ('Hương Đỗ', 'HƯƠNG ĐỖ'), ('Əliyev', 'ƏLIYEV'), ('Ɛdward Ɔsei', 'ƐDWARD ƆSEI'), ('Иван Ёлкин', 'ИВАН ЁЛКИН'), ('Ștefan Łuć', 'ȘTEFAN ŁUĆ')) v(name, capitals);
SET extra_float_digits = 0;

-- published: Winkler's examples of the Census Bureau (Jaro to three places in brackets: .944 .822 .767 .790 .889 .896)
SELECT a, b, round(jaro_winkler(a, b)::numeric, 3) AS jaro_winkler, jaro_winkler(a, b) = jaro_winkler(b, a) AS symmetric
  FROM (VALUES ('MARTHA', 'MARHTA'), ('DWAYNE', 'DUANE'), ('DIXON', 'DICKSONX'), ('JELLYFISH', 'SMELLYFISH'), ('JON', 'JAN'), ('MASSEY', 'MASSIE'), ('same', 'SAME'), ('', ''), ('a', ''), ('a', 'b'), ('中山路', '中山'), ('ABCVWXYZ', 'CABVWXYZ')) v(a, b);

-- edits: swaps of neighbours are one, no part is edited twice (CA to ABC is 3, where an unrestricted distance has 2)
SELECT a, b, edit_distance(a, b) AS distance, edit_distance(a, b, 2) AS at_most_2, edit_distance(a, b, 0) AS at_most_0
  FROM (VALUES ('kitten', 'sitting'), ('Saturday', 'Sunday'), ('CA', 'ABC'), ('ab', 'ba'), ('abcd', 'badc'), ('王小明', '王晓明'), ('Müller', 'Muller'), ('Müller', 'Mueller'), ('', 'abc'), ('abc', 'abc')) v(a, b);
-- the first 256 characters count
SELECT edit_distance(repeat('a', 300), repeat('b', 300)), edit_distance(repeat('x', 256) || 'a', repeat('x', 256) || 'b'), edit_distance(repeat('x', 255) || 'a', repeat('x', 255) || 'b');
SELECT edit_distance('a', 'b', -1);
SELECT edit_distance(NULL, 'b'), edit_distance('a', NULL), edit_distance('a', 'b', NULL), jaro_winkler(NULL, 'a'), token_similarity('a', NULL), name_similarity(NULL, 'a'), address_key(NULL);

-- against the definitions, worked out by recursion over all short texts and random longer ones
CREATE FUNCTION slow_distance(a text, b text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE d int[] := array_fill(0, ARRAY[length(a) + 1, length(b) + 1]);
BEGIN
    FOR i IN 0..length(a) LOOP d[i + 1][1] := i; END LOOP;
    FOR j IN 0..length(b) LOOP d[1][j + 1] := j; END LOOP;
    FOR i IN 1..length(a) LOOP
        FOR j IN 1..length(b) LOOP
            d[i + 1][j + 1] := least(d[i][j + 1] + 1, d[i + 1][j] + 1, d[i][j] + (substr(a, i, 1) <> substr(b, j, 1))::int);
            IF i > 1 AND j > 1 AND substr(a, i, 1) = substr(b, j - 1, 1) AND substr(a, i - 1, 1) = substr(b, j, 1) THEN
                d[i + 1][j + 1] := least(d[i + 1][j + 1], d[i - 1][j - 1] + 1);
            END IF;
        END LOOP;
    END LOOP;
    RETURN d[length(a) + 1][length(b) + 1];
END $$;
WITH t AS (SELECT i, translate(substr(md5(i::text), 1, i % 9), '0123456789abcdef', 'abcabcabcabcabca') AS text FROM generate_series(1, 60) i)
SELECT count(*) AS pairs, count(*) FILTER (WHERE edit_distance(a.text, b.text) <> d) AS wrong,
       count(*) FILTER (WHERE EXISTS (SELECT FROM generate_series(0, 9) most WHERE edit_distance(a.text, b.text, most) IS DISTINCT FROM CASE WHEN d <= most THEN d END)) AS wrong_with_bound
  FROM t a, t b, slow_distance(a.text, b.text) d;
DROP FUNCTION slow_distance;
CREATE FUNCTION slow_jaro(a text, b text) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE reach int := greatest(greatest(length(a), length(b)) / 2 - 1, 0); x text := ''; y text := ''; used boolean[] := array_fill(false, ARRAY[length(b) + 1]); t int := 0;
BEGIN
    IF a = '' OR b = '' THEN RETURN (a = b)::int; END IF;
    FOR i IN 1..length(a) LOOP
        FOR j IN greatest(1, i - reach)..least(length(b), i + reach) LOOP
            IF NOT used[j] AND substr(a, i, 1) = substr(b, j, 1) THEN used[j] := true; x := x || substr(a, i, 1); EXIT; END IF;
        END LOOP;
    END LOOP;
    FOR j IN 1..length(b) LOOP IF used[j] THEN y := y || substr(b, j, 1); END IF; END LOOP;
    IF x = '' THEN RETURN 0; END IF;
    FOR k IN 1..length(x) LOOP t := t + (substr(x, k, 1) <> substr(y, k, 1))::int; END LOOP;
    RETURN (length(x)::float8 / length(a) + length(x)::float8 / length(b) + (length(x) - t / 2) / length(x)::float8) / 3;
END $$;
WITH t AS (SELECT i, translate(substr(md5(i::text), 1, i % 12), '0123456789abcdef', '中bcd中bcd中bcd中bcd') AS text FROM generate_series(1, 80) i)
SELECT count(*) AS pairs, count(*) FILTER (WHERE abs(jaro_winkler(a.text, b.text) - (j + .1 * (1 - j) * prefix)) > 1e-12) AS wrong,
       bool_and(jaro_winkler(a.text, b.text) BETWEEN 0 AND 1) AS in_range, bool_and((jaro_winkler(a.text, b.text) = 1) = (a.text = b.text)) AS one_is_equal
  FROM t a, t b, slow_jaro(a.text, b.text) j, LATERAL (SELECT count(*) AS prefix FROM generate_series(1, least(4, length(a.text), length(b.text))) k WHERE left(a.text, k) = left(b.text, k)) p;
DROP FUNCTION slow_jaro;

-- what the comparisons see (unaligned: psql 15 and 17 do not agree on the width of invisible characters)
\pset format unaligned
SELECT given, comparison_form(given) FROM unnest(ARRAY['  Müller-Lüdenscheidt,  Dr. ', 'O''Brien', 'O’BRIEN', 'ＡＢＣ　１２３', U&'Mu\0308ller', 'ИВАНОВ', 'Ελένη', '欧阳·娜', U&'\FEFF李\200B娜', '(公司)', '...', 'ﬁrma']) given;
\pset format aligned
-- words in whatever order; Chinese characters are words
SELECT a, b, round(token_similarity(a, b)::numeric, 3) AS similarity
  FROM (VALUES ('Acme Trading Ltd', 'LTD. Trading, Acme'), ('Acme Trading Ltd', 'Acme Holding Ltd'), ('a a b', 'a b b'), ('北京中关村科技', '中关村科技北京'), ('上海科技', '北京科技'), ('', ''), ('a', '')) v(a, b);

-- persons: steps for Chinese names, alphabets in either order
SELECT a, b, round(name_similarity(a, b)::numeric, 3) AS alone, round(name_similarity(a, b, '{"小": "xiao", "晓": "xiao", "明": "ming", "鸣": "ming", "娜": "na", "那": "na", "李": "li", "黎": "li", "王": "wang"}')::numeric, 3) AS with_sounds
  FROM (VALUES ('王小明', '王小明'), ('王 小明', '王小明'), ('王小明', '王晓明'), ('王小明', '王晓鸣'), ('王小明', '王小'), ('李娜', '李那'), ('李娜', '李四'), ('李娜', '王五'), ('欧阳娜', '欧阳·娜'), ('李娜', 'Li Na'),
               ('Li Na', 'Na Li'), ('Li Na', 'NA, LI'), ('Müller, Hans', 'Hans Muller'), ('Jon Smith', 'John Smith'), ('Anna', 'Bert')) v(a, b);
SELECT name_similarity('李娜', '李那', '[]');

-- households: the ways of writing one address meet, different ones do not
SELECT address_key(a) AS key, address_key(a) = address_key(b) AS same FROM (VALUES ('12 Main Street, Apartment 4', '12 MAIN ST. Apt. 4'), ('Goethe Straße 3', 'Goethe Str. 3'), ('Goethestraße 3', 'GOETHESTRASSE 3'), ('No. 5 North Road', '5 N. Rd'), ('12 Main Street', '12 Main Road'),
    ('上海市中山路100号3号楼2单元501室', '上海市 中山路 100 号 3－2－501'), ('中山路100號', '中山路１００号'), ('中山路100号三号楼', '中山路100号3号楼'), ('中山路100号', '解放路100号'), ('中山路100号', '中山路10号'), ('中山一路5号', '中山二路5号')) v(a, b);
SELECT bool_or(name_similarity(a, b) = 1 OR token_similarity(a, b) = 1 OR jaro_winkler(a, b) = 1) AS ever_one FROM (VALUES ('中山路100号', '解放路100号'), ('南京东路100号', '南京西路100号'), ('100 Oak St', '100 Elm St')) v(a, b);

-- the same in every database
SELECT current_database() AS start \gset
CREATE DATABASE hygiene_icu ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE hygiene_gb ENCODING 'EUC_CN' LOCALE 'C' TEMPLATE template0;
\c hygiene_icu
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SELECT name_similarity('王小明', '王晓明'), round(jaro_winkler('ÉCOLE', 'ecole du')::numeric, 6) AS jaro_winkler, edit_distance('中山路', '中上路'), address_key('中山路100號3单元'), comparison_form('ÀÉ İI');
\c hygiene_gb
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SET client_encoding = 'UTF8';
SELECT name_similarity('王小明', '王晓明'), name_similarity('王小明', '王晓明', '{"小": "xiao", "晓": "xiao"}') AS with_sounds, edit_distance('中山路', '中上路'), address_key('中山路100号3单元');
-- folded texts are decomposed; this encoding has the syllables only
SELECT comparison_form('がっこう'), address_key('がっこう町1号');
\c :start
DROP DATABASE hygiene_icu;
DROP DATABASE hygiene_gb;
SET search_path = public, dupex;
SELECT name_similarity('王小明', '王晓明'), round(jaro_winkler('ÉCOLE', 'ecole du')::numeric, 6) AS jaro_winkler, edit_distance('中山路', '中上路'), address_key('中山路100號3单元'), comparison_form('ÀÉ İI');

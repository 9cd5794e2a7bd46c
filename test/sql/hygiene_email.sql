-- e-mail addresses: what is the matter with one, the form to send to, the key of the mailbox
SET search_path = public, dupex;

-- what is sent to, as it is given, repaired, or in ASCII (unaligned: psql 15 and 17 do not agree on the width of invisible characters)
\pset format unaligned
SELECT to_json(given) AS given, c.ok, c.code, c.suggestion, email_normalize(given) AS normalized, email_match_key(given) AS match_key
  FROM unnest(ARRAY['li@qq.com', 'Li.Na+news@Gmail.com', 'LI.NA@GoogleMail.com', 'Li.Na+news@QQ.com', '  li@qq.com ', E'\tli@qq.com\r\n', U&'li@qq.com\00A0\3000', U&'\FEFFli@\200Bqq.com',
                    'ｌｉ＠ｑｑ．ｃｏｍ', 'li＠163。com', 'li﹫163｡com', 'mailto:li@qq.com?subject=hello', '"Li Na" <li@qq.com>', '李娜<li@qq.com>;', '<li@qq.com>', '''li@qq.com''', '"li@qq.com"',
                    'li @ qq . com', 'li@qq.com.', '"li"@qq.com', '"l\i"@qq.com', 'info@firma.de', 'No-Reply@firma.de', 'kefu@firma.cn', 'me@mac.com', 'a@pm.me', '+a@b.de', 'a+@b.de']) given, email_check(given) c;
\pset format aligned

-- internationalized: domains in ASCII (RFC 3492 and IDNA), local parts as they are, in normal form C
SELECT given, c.ok, c.code, email_normalize(given) AS normalized, email_match_key(given) AS match_key, email_domain(given) AS domain
  FROM unnest(ARRAY['info@müller.de', 'INFO@MÜLLER.DE', 'a@bücher.ch', 'a@例子.中国', 'a@faß.de', 'a@xn--mller-kva.de', 'a@παράδειγμα.gr', 'a@пример.рф', 'a@ПРИМЕР.РФ',
                    '用户@例子.中国', 'Ölaf@x.de', U&'O\0308laf@x.de', U&'e\0301@x.de', 'Ǎi@x.cn']) given, email_check(given) c;
-- the samples of RFC 3492, section 7.1, that a label can be: (B), (C), (E), (F), (I), (M) and (S)
SELECT encoded, email_domain('a@' || label || '.com') = 'xn--' || encoded || '.com' AS as_published, (email_check('a@xn--' || encoded || '.com')).ok AS decodes
  FROM (VALUES ('他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'), ('他們爲什麽不說中文', 'ihqwctvzc91f659drss3x8bo0yb'),
               (U&'\05DC\05DE\05D4\05D4\05DD\05E4\05E9\05D5\05D8\05DC\05D0\05DE\05D3\05D1\05E8\05D9\05DD\05E2\05D1\05E8\05D9\05EA', '4dbcagdahymbxekheh6e0a7fei0b'),
               ('почемужеонинеговорятпорусски', 'b1abfaaepdrnnbgefbadotcwatmq2g4l'), ('tạisaohọkhôngthểchỉnóitiếngviệt', 'tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g'),
               ('3年b組金八先生', '3b-ww4c5e180e575a65lsy2b'), ('パフィーdeルンバ', 'de-jg4avhby1noc0d')) v(label, encoded);

-- a letter and its accent become one character, also when a repair brings them together
\pset format unaligned
SELECT given, c.code, email_normalize(given) AS normalized, email_normalize(given) IS NFC NORMALIZED AS is_nfc, email_match_key(given) = email_match_key(plain) AS same_key
  FROM (VALUES (U&'e\200D\0301va@firma.de', 'éva@firma.de'), (U&'\FF45\0301va@firma.de', 'éva@firma.de'), (U&'eva@\FF45\0301xy.de', 'eva@éxy.de'), (U&'eva@e\00AD\0301xy.de', 'eva@éxy.de'),
               ('ΕΎΑΣ@firma.gr', 'εύας@firma.gr'), ('eva@STRAẞE.de', 'eva@straße.de'), ('eva@ƯƠNG.vn', 'eva@ương.vn'), ('ƏLI@firma.az', 'əli@firma.az')) v(given, plain), email_check(given) c;
\pset format aligned
SELECT (email_check(U&'\FF45\0301va@firma.de', 'strict')).code;
-- a name that is another address: nobody knows which of the two is meant
SELECT given, c.ok, c.code, c.suggestion
  FROM unnest(ARRAY['Anna <anna@a.de>, Bert <bert@b.de>', 'anna@a.de, Bert <bert@b.de>', 'anna@a.de <bert@b.de>', 'anna@a.de <anna@a.de>', '"Anna@A.de" <anna@a.de>', 'Anna (at work) <anna@a.de>', '<anna@a.de>']) given, email_check(given) c;

-- not to be sent to, though a server may take it
SELECT given, c.* FROM unnest(ARRAY['li@qq.con', 'li@163.con', 'li@gmial.com', 'li@gmai.com', 'li@gmailcom', 'li@hotmial.com', 'li@foxmai.com', 'li@qq.cm', 'li@126.comm', 'x@mailinator.com', 'x@a.b.mailinator.com',
                    'li@example.com', 'li@firma.test', 'li@localhost', 'root@server', '"li na"@firma.de', 'li@[192.0.2.1]', 'li@[IPv6:2001:DB8::1]']) given, email_check(given) c;
-- mailbox providers, and what ends with .cn, are no slips, however near to another
SELECT count(*) AS providers, count(*) FILTER (WHERE c.code <> 'valid') AS not_valid
  FROM unnest(ARRAY['qq.com', 'vip.qq.com', 'foxmail.com', '163.com', 'vip.163.com', '126.com', 'yeah.net', '188.com', '139.com', '189.cn', 'wo.cn', 'wo.com.cn', 'sina.com', 'sina.cn', 'vip.sina.com', 'sohu.com', 'vip.sohu.com',
                    'aliyun.com', 'tom.com', 'vip.tom.com', '21cn.com', '263.net', 'jd.com', 'netease.com', 'china.com', 'eyou.com', 'sogou.com', 'qq.cn', 'q.cn', 'qqq.cn', '163.cn', '136.cn', 'gmail.cn', 'gmai.cn', 'sohu.cn', 'hotmail.cn',
                    'gmail.com', 'mail.com', 'ymail.com', 'email.com', 'googlemail.com', 'hotmail.com', 'outlook.com', 'live.com', 'msn.com', 'yahoo.com', 'yahoo.com.cn', 'yahoo.cn', 'yahoo.ca', 'icloud.com', 'me.com', 'mac.com', 'aol.com', 'aim.com',
                    'gmx.de', 'gmx.net', 'web.de', 't-online.de', 'mail.ru', 'bk.ru', 'list.ru', 'inbox.ru', 'ya.ru', 'naver.com', 'zoho.com', 'hey.com', 'duck.com', 'pm.me', 'wp.pl', 'o2.pl', 'free.fr', 'sfr.fr',
                    -- other companies with short names
                    'qa.com', 'aq.com', 'qqq.com', '162.com', '136.com', '129.com', 'tina.com', 'soho.com', 'notmailinator.com', 'mailinator.com.de', 'latest.de', 'mylocal.de']) domain, email_check('li@' || domain) c;

-- not an address, and why; what may have been meant
SELECT given, c.* FROM unnest(ARRAY['', ' ', 'li', '@', '@qq.com', 'li@', 'li@@qq.com', 'li@na@qq.com', 'li na@qq.com', 'li(work)@qq.com', 'li@qq.com (work)', '.li@qq.com', 'li.@qq.com', 'li..na@qq.com', 'li@.qq.com', 'li@qq..com', 'li@qq,com',
                    'li@gmial,com', '"li@qq.com', '"li"na@qq.com', 'li"na@qq.com', 'li@-qq.com', 'li@qq-.com', 'li@q_q.com', 'li@qq.123', 'li@1.2.3.4', 'li@[1.2.3]', 'li@[IPv6:1::2::3]', 'li@[1.2.3.4]x', 'li;na@qq.com', U&'li\037Ena@qq.com', U&'li\1FEFna@qq.com',
                    E'l\x01i@qq.com', E'li@q\x7Fq.com', 'li@❤.ws', U&'li@\0301a.de', 'li@xn--.de', 'li@xn--a.de', 'li@xn--99999999999.de']) given, email_check(given) c;
-- to the letter nothing is repaired and nothing is held against an address that a server takes
\pset format unaligned
SELECT given, c.ok, c.code, c.suggestion FROM unnest(ARRAY['li@qq.com', 'Li@QQ.com', ' li@qq.com', 'li@qq.com ', 'ｌｉ@qq.com', 'li@ｑｑ.com', 'li＠qq.com', U&'li@\200Bqq.com', 'mailto:li@qq.com', '<li@qq.com>', 'li@qq.com.', 'li@qq.con', 'x@mailinator.com', 'li@localhost', 'info@x.de',
                    '"li na"@x.de', '""@x.de', '"li"@x.de', 'li@[192.0.2.1]', 'li@[IPv6:::1]', '用户@例子.中国', 'li@[IPv6:1:2:3:4:5:6:7:8]', 'li@[IPv6:1:2:3:4:5:6:7]', 'li@[IPv6:1:2:3:4:5:6:1.2.3.4]', 'li@[256.1.1.1]']) given, email_check(given, 'strict') c;
\pset format aligned

-- lengths are octets, not characters: 64, 63, 253, 254
SELECT what, octet_length(given) AS octets, c.ok, c.code, CASE WHEN c.code NOT IN ('valid', 'needs_smtputf8') THEN c.message END AS message
  FROM (VALUES ('local 64', repeat('a', 64) || '@x.de'), ('local 65', repeat('a', 65) || '@x.de'), ('local 32 times ö', repeat('ö', 32) || '@x.de'), ('local 33 times ö', repeat('ö', 33) || '@x.de'),
               ('label 63', 'a@' || repeat('b', 63) || '.de'), ('label 64', 'a@' || repeat('b', 64) || '.de'),
               ('label that needs 63', 'a@ö' || repeat('b', 55) || '.de'), ('label that needs 64', 'a@ö' || repeat('b', 56) || '.de'),
               ('all 254', repeat('a', 64) || '@' || repeat(repeat('b', 61) || '.', 3) || 'dee'), ('all 255', repeat('a', 64) || '@' || repeat(repeat('b', 61) || '.', 3) || 'deee'),
               ('all 255, domain 253', 'a@' || repeat(repeat('b', 61) || '.', 4) || 'abcde'), ('all 254, domain 252', 'a@' || repeat(repeat('b', 61) || '.', 4) || 'abcd'), ('domain 254', 'a@' || repeat(repeat('b', 61) || '.', 4) || 'abcdef'),
               ('a text', repeat('long ', 100000)), ('dots', repeat('.', 100000)), ('white space', repeat(' ', 500) || 'a@b.de' || repeat(' ', 400))) v(what, given), email_check(given) c;

-- NULL gives NULL, another policy is an error
SELECT email_check(NULL), email_normalize(NULL), email_match_key(NULL), email_domain(NULL), email_domain_parents(NULL);
SELECT email_check('li@qq.com', 'loose');
-- looking up tables of domains label by label
SELECT given, email_domain_parents(given) FROM unnest(ARRAY['li@mail.a.co.uk', 'li@qq.com', 'li@server', 'li@[192.0.2.1]', 'li']) given;

-- the list's own domains tell what a slip is: one edit away and a hundred times as frequent
SELECT * FROM email_domain_typos(ARRAY['company.com', 'comapny.com', 'compny.com', 'companyy.com', 'ccmpany.com', 'compani.com', 'qq.com', 'qa.com', 'foxmail.com', 'coxmail.com', 'other.org', 'otter.org', NULL, 'x.y'],
                                 ARRAY[10000, 3, 100, 101, 1, NULL, 500000, 2, 7, 900000, 50, 1, 5, 1]);
SELECT * FROM email_domain_typos(ARRAY['other.org', 'otter.org'], ARRAY[50, 1], at_least => 50);
SELECT * FROM email_domain_typos('{}', '{}');
SELECT * FROM email_domain_typos(ARRAY['other.org', 'x.y', 'otter.org', 'x.y'], ARRAY[50, 1, 1, 1]);
SELECT * FROM email_domain_typos(ARRAY['a.de'], ARRAY[1, 2]);
SELECT * FROM email_domain_typos(ARRAY['a.de'], ARRAY[-1]);
SELECT * FROM email_domain_typos(ARRAY['a.de'], ARRAY[1], 1);
-- against every pair: random domains of three letters, edits told by levenshtein's definition written out
WITH d AS (SELECT DISTINCT translate(substr(md5(i::text), 1, 3 + i % 3), '0123456789abcdef', 'abcdabcdabcdabcd') || '.com' AS domain FROM generate_series(1, 900) i),
     f AS (SELECT array_agg(domain ORDER BY domain) AS domains, array_agg((hashtext(domain) & 1023)::bigint * (hashtext(domain) >> 10 & 31) ORDER BY domain) AS frequencies FROM d),
     l AS (SELECT u.* FROM f, unnest(domains, frequencies) u(domain, frequency)),
     edit AS (SELECT a.domain, e.other FROM l a, LATERAL (
            SELECT left(a.domain, i) || substr(a.domain, i + 2) FROM generate_series(0, length(a.domain) - 1) i
            UNION SELECT left(a.domain, i) || c || substr(a.domain, i + 1) FROM generate_series(0, length(a.domain)) i, unnest('{a,b,c,d,o,m,.}'::text[]) c
            UNION SELECT left(a.domain, i) || c || substr(a.domain, i + 2) FROM generate_series(0, length(a.domain) - 1) i, unnest('{a,b,c,d,o,m,.}'::text[]) c
            UNION SELECT left(a.domain, i) || substr(a.domain, i + 2, 1) || substr(a.domain, i + 1, 1) || substr(a.domain, i + 3) FROM generate_series(0, length(a.domain) - 2) i) e(other)
          WHERE e.other <> a.domain),
     slow AS (SELECT DISTINCT ON (a.domain) a.domain, a.frequency, b.domain AS suggestion, b.frequency AS suggestion_frequency
                FROM l a JOIN edit e ON e.domain = a.domain JOIN l b ON b.domain = e.other
               WHERE b.frequency >= 20 * a.frequency AND b.frequency > a.frequency ORDER BY a.domain, b.frequency DESC, b.domain),
     fast AS (SELECT t.* FROM f, email_domain_typos(domains, frequencies, 20) t)
SELECT (SELECT count(*) FROM l) AS domains, (SELECT count(*) FROM slow) AS slips, (SELECT count(*) FROM (TABLE slow EXCEPT TABLE fast) x) AS missed, (SELECT count(*) FROM (TABLE fast EXCEPT TABLE slow) x) AS too_much;

-- properties: what is normalized is its own normal form, has the same key, and is valid to the letter
SELECT count(*) AS texts, count(n) AS sendable, bool_and(n IS NULL OR email_normalize(n) = n) AS stays, bool_and(n IS NULL OR email_match_key(n) = email_match_key(given)) AS same_key,
       bool_and(n IS NULL OR (email_check(n, 'strict')).ok) AS valid, bool_and((email_check(given)).suggestion IS NULL OR email_normalize((email_check(given)).suggestion) IS NOT NULL) AS suggestions_sendable,
       bool_and(n IS NULL OR email_match_key(email_match_key(n)) = email_match_key(n)) AS key_of_key
  FROM (SELECT given, email_normalize(given) AS n
          FROM generate_series(1, 20000) i, LATERAL (SELECT string_agg((ARRAY['a', 'B', '.', '@', '"', ' ', '\', '+', '<', '>', ',', 'ö', '＠', '。', 'qq.com', 'gmail.com', '@x.de', 'é', '[', ']', '-', '(', 'mailto:', '中', '1', '例.中国'])[1 + (hashtextextended(i || '/' || j, 7) & 1048575) % 26], '' ORDER BY j)
                                                       FROM generate_series(1, 2 + i % 9) j) t(given)) x;
-- a database in another encoding sees the same
SELECT current_database() AS start \gset
CREATE DATABASE hygiene_gb ENCODING 'EUC_CN' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE hygiene_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;
\c hygiene_gb
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SET client_encoding = 'UTF8';
SELECT getdatabaseencoding(), given, c.ok, c.code, email_normalize(given) AS normalized FROM unnest(ARRAY['用户@例子.中国', 'ｌｉ＠ｑｑ．ｃｏｍ', 'li@数@x.cn']) given, email_check(given) c;
\c hygiene_ascii
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SELECT getdatabaseencoding(), count(*), count(*) FILTER (WHERE c.ok) AS ok, string_agg(DISTINCT c.code, ' ' ORDER BY c.code) AS codes
  FROM generate_series(1, 255) byte, email_check('li@q' || convert_from(set_byte('x', 0, byte), 'SQL_ASCII') || 'q.com') c;
\c :start
DROP DATABASE hygiene_gb;
DROP DATABASE hygiene_ascii;

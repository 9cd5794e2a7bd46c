-- telephone numbers: to E.164, by numbering plans that are data
SET search_path = public, dupex;

-- China, in all the ways that a number stands in a list
SELECT given, p.* FROM unnest(ARRAY['13800138000', '138-0013-8000', '138 0013 8000', '１３８００１３８０００', '+86 138 0013 8000', '＋８６　１３８００１３８０００', '008613800138000', '8613800138000', '(86)13800138000', '86-013800138000', '013800138000',
                    '17951 13800138000', '1259313800138000', 'tel:+86-138-0013-8000', '13800138000.0', '13800138000 ext. 5', '010-88886666', '(010)88886666', '+86 (0)10 88886666', '861088886666', '021 6888 6666', '0755-26888888', '0312-2088888',
                    '075526888888转123', '0755 26888888 分机 8', '400-820-8820', '95588', '0086-21-68886666']) given, phone_normalize(given) p;
-- no numbers, and why
SELECT given, p.* FROM unnest(ARRAY['', ' ', '-', '+', 'none', '88886666', '8888666', '12345', '110', '12800138000', '1380013800', '138001380000', '16000000000', '17490123456', '0000000', '1.38E+10', '1.38001E10', '13800138000/13900139000', '13800138000、13900139000',
                    '13800138000;', '13800138000, ', '13800138000,x', ',13800138000', '138a0138000', '+999999999999999999', '+0861380013800', repeat('1', 100), repeat('1', 201), '微信同号']) given, phone_normalize(given) p;
-- mobile prefixes of China: those of the pattern 1(?:610\d|740[0-5])\d{6}|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8}, every prefix of five digits
SELECT count(*) AS prefixes, count(*) FILTER (WHERE p.kind = 'mobile') AS mobile, count(*) FILTER (WHERE coalesce(p.kind = 'mobile', false) <> (n ~ '^(?:1(?:610\d|740[0-5])\d{6}|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8})$')) AS wrong
  FROM generate_series(11000, 19999) prefix, LATERAL (SELECT prefix || '123456') t(n), phone_normalize(n) p;
-- other countries, and from one to another
SELECT country, given, p.* FROM (VALUES ('US', '(415) 555-2671'), ('us', '1-415-555-2671'), ('US', '1-800-555-0100'), ('US', '011 86 138 0013 8000'), ('CA', '604-555-0123'), ('GB', '020 7946 0018'), ('GB', '07700 900123'), ('GB', '+44 (0)20 7946 0018'), ('GB', '0808 157 0192'),
                    ('DE', '030 901820'), ('DE', '0151 23456789'), ('DE', '4915123456789'), ('DE', '0800 1234567890'), ('FR', '01 99 00 12 34'), ('FR', '06.39.98.12.34'), ('ES', '912 345 678'), ('ES', '612 345 678'), ('IT', '06 6982'), ('IT', '+39 06 6982'), ('IT', '347 1234567'),
                    ('JP', '03-1234-5678'), ('JP', '090-1234-5678'), ('JP', '0120-123-456'), ('KR', '010-1234-5678'), ('KR', '02-312-3456'), ('HK', '9123 4567'), ('HK', '2123 4567'), ('MO', '6612 3456'), ('TW', '0912-345-678'), ('TW', '02-2345-6789'), ('SG', '8123 4567'), ('SG', '6123 4567'),
                    ('IN', '098765 43210'), ('AU', '0412 345 678'), ('AU', '(02) 9876 5432'), ('RU', '8 (912) 345-67-89'), ('RU', '810 86 138 0013 8000'), ('CN', '+49 151 23456789'), ('CN', '+380 44 123 4567'), ('XX', '+8613800138000'), ('XX', '13800138000'), (NULL, '13800138000'), ('', '+1 415 555 2671')) v(country, given),
    phone_normalize(given, country) p;
-- "(0)" is the trunk prefix, which is not dialled from abroad, but part of the number in Italy; abroad begins with 00 there, a number of Italy with one 0; two countries have +7
SELECT country, given, p.* FROM (VALUES ('CN', '+49 (0)30 901820'), ('CN', '0049 (0)30 901820'), ('DE', '+39 (0)31 1234567'), ('DE', '0039 (0)6 6982'), ('IT', '+39 (0)6 6982'), ('US', '+1 (0) 415 555 2671'), ('DE', '+41 (0)44 668 18 00'), ('DE', '0041 (0)44 668 18 00'), ('IT', '00298 123456'), ('DE', '+7 701 234 56 78'), ('KZ', '8 (7172) 12-34-56')) v(country, given),
    phone_normalize(given, country) p;
-- a slash behind an area code, and one between two numbers
SELECT country, given, p.* FROM (VALUES ('DE', '030/901820'), ('DE', '0151/23456789'), ('DE', '+49 30/901820'), ('CN', '010/65529988'), ('DE', '030/901820/21'), ('CN', '13800138000/13900139000'), ('CN', '010-65529988/89'), ('CN', '400/8208820')) v(country, given),
    phone_normalize(given, country) p;
-- what is in E.164 is read as itself, whatever the country of the caller
SELECT count(*) AS numbers, count(*) FILTER (WHERE a.e164 IS NULL) AS refused, count(*) FILTER (WHERE (phone_normalize(a.e164, home)).e164 <> a.e164) AS changed
  FROM unnest(ARRAY['CN', 'US', 'GB', 'DE', 'IT', 'RU', 'KR', 'HK']) home, generate_series(1, 2000) i, LATERAL (SELECT left('0' || (hashtextextended(i::text, 3) & 1099511627775)::text, 7 + i % 6)) t(given), phone_normalize(given, home) a;

-- a plan of one's own; a plan that is wrong; no number
SELECT phone_normalize('0912 345 678', 'VN'), phone_normalize('0912 345 678', 'VN', phone_rules() || ARRAY['VN +84 trunk=0 international=00', 'VN mobile [35789] 9']), phone_normalize('13800138000', 'CN', ARRAY['VN +84']);
SELECT phone_normalize('+84912345678', 'CN') AS unknown, phone_normalize('+84912345678', 'CN', phone_rules() || ARRAY['VN +84 trunk=0', NULL, '', 'VN mobile [35789] 9']) AS known;
SELECT phone_normalize(NULL), phone_normalize(NULL, 'CN', ARRAY['nonsense']);
SELECT phone_normalize('1', 'CN', ARRAY['CN mobile 1 11']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86', 'CN mobile 1[3 11']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86', 'CN mobile 1[93-1] 11']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86', 'CN mobile 1 11-10']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86', 'CN mobile 1 16']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86', 'CN mobile 1']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86', 'CN mobile 123456789 11']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +8x']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86 trunc=0']);
SELECT phone_normalize('1', 'CN', ARRAY['CN +86 carriers=1,,2']);
SELECT phone_normalize('1', 'CN', ARRAY['China +86']);
SELECT phone_normalize('1', 'CN', ARRAY['CN']);
-- a country that is dialled otherwise than in the plans: its ranges stay, and one's own are read in all forms
SELECT given, p.* FROM unnest(ARRAY['12345678901', '+8612345678901', '912345678901', '13800138000', '913800138000', '013800138000']) given, phone_normalize(given, 'CN', phone_rules() || ARRAY['CN +86 trunk=9', 'CN mobile 12 11']) p;
-- a plan that changes from row to row
SELECT i, phone_normalize('12345', 'CN', ARRAY['CN +86', format('CN mobile %s 5', i)]) FROM generate_series(0, 2) i;
SELECT array_length(phone_rules(), 1) AS lines, count(DISTINCT left(line, 2)) AS countries FROM unnest(phone_rules()) line;

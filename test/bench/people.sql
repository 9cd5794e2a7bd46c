-- People and firms that are in a list more than once, as Febrl makes them: with known truth.
--
-- P. Christen, A. Pudjijono, "Accurate synthetic generation of realistic personal information", PAKDD 2009, is
-- the manner: originals from tables of names, and duplicates in which some fields have suffered: typing errors,
-- parts exchanged, values missing, other ways of writing, people who have moved or have another address of
-- e-mail. Half of the people are Chinese: there a character is exchanged for another of the same sound. People
-- live in households, with one family name, one address and often one phone. Everything follows from numbers
-- by a hash: the same each time and everywhere. The tests and the bench use it.
--
-- people(n, salt): (record, entity, household, name, email, phone, birthday, address, national_id, is_original)
-- firms(n, salt): (record, entity, company, address, phone)
-- sound: (character, sound)
SET jit = off;
CREATE SCHEMA generator;
SET search_path = generator, public, dupex;

CREATE FUNCTION dice(number bigint, salt bigint, sides bigint) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ((hashint8extended(number, salt) & 9007199254740991) % sides)::int $$;

-- One of the words of a text; of skew 2 the first ones are oftener.
CREATE FUNCTION pick(words text[], number bigint, salt bigint, skew float8 DEFAULT 1) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT words[1 + floor(power(dice(number, salt, 1000000) / 1000000.0, skew) * cardinality(words))::int] $$;

-- A slip of the hand: a letter more, one less, another one, two exchanged.
CREATE FUNCTION slip(word text, number bigint, salt bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT CASE WHEN length(word) < 3 THEN word
                ELSE CASE dice(number, salt + 1, 4)
                         WHEN 0 THEN overlay(word PLACING chr(97 + dice(number, salt + 2, 26)) FROM at FOR 0)
                         WHEN 1 THEN overlay(word PLACING '' FROM at FOR 1)
                         WHEN 2 THEN overlay(word PLACING CASE WHEN substr(word, at, 1) ~ '[0-9]' THEN dice(number, salt + 2, 10)::text ELSE chr(97 + dice(number, salt + 2, 26)) END FROM at FOR 1)
                         ELSE overlay(word PLACING reverse(substr(word, at, 2)) FROM at FOR 2)
                     END
           END
      FROM (SELECT 1 + dice(number, salt, greatest(length(word) - 1, 1)) AS at) p
$$;

CREATE TABLE sound (character text, sound text);
INSERT INTO sound
SELECT character, sound
  FROM (VALUES ('xiao', '小晓筱'), ('ming', '明名铭鸣'), ('na', '娜那'), ('wei', '伟维卫威薇'), ('fang', '芳方'), ('min', '敏民'), ('jing', '静晶菁京'), ('li', '丽莉利李黎'), ('qiang', '强蔷'),
               ('lei', '磊雷蕾'), ('yang', '洋阳杨扬'), ('yong', '勇永咏'), ('yan', '艳燕彦颜'), ('jie', '杰洁婕'), ('juan', '娟涓'), ('tao', '涛韬桃'), ('chao', '超朝'), ('xia', '霞夏'),
               ('ping', '平萍'), ('gang', '刚钢'), ('gui', '桂贵'), ('ying', '英颖莹'), ('hua', '华桦花'), ('yu', '玉宇雨钰'), ('hong', '红宏洪虹'), ('jun', '军君俊'), ('bo', '波博'),
               ('xin', '欣鑫新心'), ('hui', '慧辉惠'), ('ting', '婷亭'), ('kai', '凯楷'), ('jian', '建健剑'), ('guo', '国果'), ('zhi', '志智芝'), ('wen', '文雯'), ('feng', '峰锋凤'), ('hai', '海'), ('chun', '春纯'),
               ('xue', '雪学'), ('mei', '梅美'), ('lan', '兰岚'), ('qing', '青清晴'), ('yun', '云芸'), ('long', '龙隆'), ('ning', '宁'), ('dan', '丹'), ('rui', '瑞蕊'), ('si', '思'), ('han', '涵晗'), ('zi', '子梓'),
               ('wang', '王汪'), ('zhang', '张章'), ('liu', '刘柳'), ('chen', '陈晨'), ('huang', '黄'), ('zhao', '赵'), ('wu', '吴武'), ('zhou', '周'), ('xu', '徐许'), ('sun', '孙'), ('ma', '马'), ('zhu', '朱'),
               ('hu', '胡'), ('lin', '林琳'), ('he', '何贺'), ('gao', '高'), ('liang', '梁亮'), ('zheng', '郑正'), ('luo', '罗'), ('song', '宋松'), ('xie', '谢'), ('tang', '唐'), ('deng', '邓'), ('feng', '冯'), ('cao', '曹'),
               ('peng', '彭'), ('zeng', '曾'), ('tian', '田'), ('dong', '董'), ('pan', '潘'), ('yuan', '袁'), ('cai', '蔡'), ('jiang', '蒋江姜')) v (sound, characters),
       regexp_split_to_table(characters, '') AS character;

-- Another character of the same sound; the same where there is none.
CREATE FUNCTION homophone(letter text, number bigint, salt bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT coalesce((SELECT pick(array_agg(o.character ORDER BY o.character COLLATE "C"), number, salt)
                       FROM sound s JOIN sound o ON o.sound = s.sound AND o.character <> s.character WHERE s.character = letter), letter)
$$;
CREATE TABLE homophones AS SELECT character, homophone(character, get_byte(convert_to(character, 'UTF8'), 2), 7) AS other FROM (SELECT DISTINCT character FROM sound) s;

-- An original. Household 3 of every five people are two, and one is three.
CREATE FUNCTION originals(n bigint, salt bigint) RETURNS TABLE (entity bigint, household bigint, chinese boolean, given text, family text, email text, phone text, birthday date, address text, national_id text)
LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT e, h, h % 2 = 1,
           CASE WHEN h % 2 = 1
                THEN pick(c.given, e, salt + 1, 1.4) || CASE WHEN dice(e, salt + 2, 5) > 0 THEN pick(c.given, e, salt + 3, 1.2) ELSE '' END
                ELSE pick(w.given, e, salt + 1, 1.3) END,
           CASE WHEN h % 2 = 1 THEN pick(c.family, h, salt + 4, 1.8) ELSE pick(w.stem, h, salt + 4, 1.3) || pick(w.ending, h, salt + 5, 1.2) END,
           CASE WHEN dice(e, salt + 6, 10) > 0
                THEN CASE WHEN h % 2 = 1 THEN pick(w.mail, e, salt + 7) ELSE lower(pick(w.given, e, salt + 1, 1.3) || '.' || pick(w.stem, h, salt + 4, 1.3) || pick(w.ending, h, salt + 5, 1.2)) END
                     || dice(e, salt + 8, 10000000) || '@' || pick(CASE WHEN h % 2 = 1 THEN '{qq.com,163.com,126.com,sina.com}' ELSE '{gmail.com,web.de,yahoo.com,outlook.com}'::text[] END, e, salt + 9, 1.5) END,
           CASE WHEN dice(e, salt + 10, 20) > 0
                THEN CASE WHEN dice(e, salt + 11, 4) = 0
                          THEN CASE WHEN h % 2 = 1 THEN '021' || (20000000 + dice(h, salt + 12, 60000000)) ELSE '+4930' || (2000000 + dice(h, salt + 12, 6000000)) END
                          ELSE CASE WHEN h % 2 = 1 THEN '1' || pick('{38,39,50,86,77,35,59}', e, salt + 13) || lpad(dice(e, salt + 14, 100000000)::text, 8, '0')
                                    ELSE '+49' || pick('{151,160,170,171,175}', e, salt + 13) || lpad(dice(e, salt + 14, 10000000)::text, 7, '0') END END END,
           date '1940-01-01' + dice(e, salt + 15, 23000),
           CASE WHEN h % 2 = 1
                THEN pick(c.city, h, salt + 16) || '市' || pick(c.street, h, salt + 17) || pick(c.way, h, salt + 18) || (1 + dice(h, salt + 19, 900)) || '号' || (1 + dice(h, salt + 20, 30)) || '栋' || (100 * (1 + dice(h, salt + 21, 18)) + 1 + dice(h, salt + 22, 4)) || '室'
                ELSE pick(w.stem, h, salt + 16) || pick(w.ending, h, salt + 17) || ' ' || pick(w.way, h, salt + 18) || ' ' || (1 + dice(h, salt + 19, 250)) || ', ' || lpad((1000 + dice(h, salt + 20, 90000))::text, 5, '0') || ' ' || pick(w.city, h, salt + 21) END,
           lpad((100000 + dice(e, salt + 23, 600000))::text, 6, '0') || to_char(date '1940-01-01' + dice(e, salt + 15, 23000), 'YYYYMMDD') || lpad(dice(e, salt + 24, 10000)::text, 4, '0')
      FROM (SELECT e, CASE e % 5 WHEN 1 THEN e - 1 WHEN 3 THEN e - 1 WHEN 4 THEN e - 2 ELSE e END / 2 AS h FROM generate_series(0, n - 1) e) p,
           (SELECT string_to_array('Anna Hans Maria Peter Julia Thomas Sarah Michael Laura Andreas Lisa Stefan Katharina Martin Claudia Christian Susanne Markus Petra Daniel Sabine John Mary James Linda Robert Susan David Karen William Emma Richard Helen Joseph Ruth Charles Alice George Rose Edward Grace Frank Clara Henry Sophie Walter Marie Paul Louise Arthur Nina Jack Eva Oscar Ida Felix Mia Leon Lena Lukas Hanna Tim Greta Jonas Frieda Ben Martha Emil Olga Karl Irma Otto Elsa Fritz', ' ') AS given,
                   string_to_array('Ber Hof Schnei Kauf Wein Stein Gold Silber Blu Grun Brun Wal Hart Linden Rosen Eich Bach Wes Nor Sud Lang Kurz Hohen Nieder Alten Neu Frie Gott Her Wil Ro Lam Man Cald Ash Brad Hamp Cran Ever Thorn Whit Black Green Fair Mar Ox Pem Stan Wood Win Har Mil Ches Hol Red King Bond Dun Far Gar', ' ') AS stem,
                   string_to_array('mann er berg feld stein bach dorf hauser inger meier son ley ton well dale ford worth field ham wick by gate burn shaw ridge', ' ') AS ending,
                   string_to_array('Street Road Avenue Lane Drive Square', ' ') AS way, string_to_array('Springfield Riverton Oakdale Milltown Kingsbury Fairview Ashford Newbridge', ' ') AS city,
                   string_to_array('wang zhang li liu chen xiao ming tian happy sky sun moon star lucky tiger dragon', ' ') AS mail) w,
           (SELECT string_to_array('小 明 伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 超 霞 平 刚 桂 英 华 玉 红 波 欣 慧 婷 凯 建 国 志 文 峰 海 春 雪 梅 兰 青 云 龙 宁 丹 瑞 思 涵 子 晨 鑫 宇 博 佳 琳 雨 晶 帆 岩', ' ') AS given,
                   string_to_array('王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 林 何 高 梁 郑 罗 宋 谢 唐 韩 曹 许 邓 冯 彭 曾 田 董 潘 袁 蔡 蒋 余 于 杜 叶 程 魏 苏 吕 丁 任 卢 姚 沈', ' ') AS family,
                   string_to_array('上海 北京 广州 深圳 杭州 南京 成都 武汉 西安 苏州', ' ') AS city,
                   string_to_array('中山 人民 解放 建设 和平 文化 新华 长江 黄河 南京 北京 复兴 光明 东风 红旗 朝阳 青年 幸福 花园 学院', ' ') AS street, string_to_array('路 大街 东路 西路 南路 北路', ' ') AS way) c
$$;

-- A tenth of the people are there once more, a twentieth twice more.
CREATE FUNCTION people(n bigint, salt bigint DEFAULT 1) RETURNS TABLE (record bigint, entity bigint, household bigint, name text, email text, phone text, birthday date, address text, national_id text, is_original boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    WITH c AS (SELECT o.*, copy, o.entity * 3 + copy AS k
                 FROM originals(n, salt) o, generate_series(0, CASE WHEN dice(o.entity, salt + 30, 20) < 1 THEN 2 WHEN dice(o.entity, salt + 30, 20) < 3 THEN 1 ELSE 0 END) copy)
    SELECT k, entity, household,
           CASE WHEN copy = 0 THEN CASE WHEN chinese THEN family || given ELSE given || ' ' || family END
                WHEN chinese THEN CASE WHEN dice(k, 31, 100) < 10 THEN family || coalesce((SELECT other FROM homophones WHERE character = left(given, 1)), left(given, 1)) || substr(given, 2)
                                       WHEN dice(k, 31, 100) < 13 THEN family || pick('{佳,帆,岩,帅}', k, 32) || substr(given, 2)
                                       WHEN dice(k, 31, 100) < 15 THEN family || ' ' || given ELSE family || given END
                ELSE CASE WHEN dice(k, 31, 100) < 10 THEN slip(given, k, 32) || ' ' || family
                          WHEN dice(k, 31, 100) < 18 THEN given || ' ' || slip(family, k, 33)
                          WHEN dice(k, 31, 100) < 26 THEN family || ', ' || given
                          WHEN dice(k, 31, 100) < 29 THEN upper(given || ' ' || family)
                          WHEN dice(k, 31, 100) < 31 THEN left(given, 1) || '. ' || family ELSE given || ' ' || family END END,
           CASE WHEN copy = 0 THEN email WHEN dice(k, 35, 100) < 12 THEN NULL WHEN dice(k, 35, 100) < 20 THEN 'new' || dice(k, 36, 100000000) || '@mail.com'
                WHEN dice(k, 35, 100) < 24 THEN slip(split_part(email, '@', 1), k, 37) || '@' || split_part(email, '@', 2) WHEN dice(k, 35, 100) < 34 THEN upper(email) ELSE email END,
           CASE WHEN copy = 0 THEN phone WHEN dice(k, 40, 100) < 10 THEN NULL
                WHEN dice(k, 40, 100) < 22 THEN CASE WHEN chinese THEN '1' || pick('{38,39,50,86,77,35,59}', k, 41) || lpad(dice(k, 42, 100000000)::text, 8, '0') ELSE '+49' || pick('{151,160,170,171,175}', k, 41) || lpad(dice(k, 42, 10000000)::text, 7, '0') END
                WHEN dice(k, 40, 100) < 25 THEN slip(phone, k, 43) WHEN dice(k, 40, 100) < 50 THEN left(phone, 3) || ' ' || substr(phone, 4, 4) || '-' || substr(phone, 8) ELSE phone END,
           CASE WHEN copy = 0 THEN birthday WHEN dice(k, 45, 100) < 5 THEN NULL
                WHEN dice(k, 45, 100) < 8 AND extract(day FROM birthday) <= 12 THEN make_date(extract(year FROM birthday)::int, extract(day FROM birthday)::int, extract(month FROM birthday)::int)
                WHEN dice(k, 45, 100) < 10 THEN birthday + 1 + dice(k, 46, 8) ELSE birthday END,
           CASE WHEN copy = 0 THEN address WHEN dice(k, 50, 100) < 8 THEN NULL
                WHEN dice(k, 50, 100) < 20 THEN CASE WHEN chinese THEN '广州市新' || (1 + dice(k, 51, 80)) || '路' || (1 + dice(k, 52, 900)) || '号' || (101 + dice(k, 53, 2000)) || '室' ELSE 'New ' || pick('{Mill,Church,Station,Garden}', k, 51) || ' Street ' || (1 + dice(k, 52, 250)) || ', ' || (10000 + dice(k, 53, 80000)) || ' Newtown' END
                WHEN dice(k, 50, 100) < 40 THEN CASE WHEN chinese THEN replace(replace(replace(address, '号', '-'), '栋', '-'), '室', '') ELSE replace(replace(replace(replace(address, 'Street', 'St.'), 'Road', 'Rd'), 'Avenue', 'Ave.'), ',', '') END
                WHEN dice(k, 50, 100) < 46 THEN slip(address, k, 54) ELSE address END,
           CASE WHEN copy = 0 THEN national_id WHEN dice(k, 55, 100) < 3 THEN NULL WHEN dice(k, 55, 100) < 5 THEN overlay(national_id PLACING dice(k, 56, 10)::text FROM 7 + dice(k, 57, 10) FOR 1) ELSE national_id END,
           copy = 0
      FROM c
$$;

-- Firms: names of three parts and addresses, written in many ways; of every four one is there twice.
CREATE FUNCTION firms(n bigint, salt bigint DEFAULT 1) RETURNS TABLE (record bigint, entity bigint, company text, address text, phone text)
LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    WITH o AS (SELECT e, initcap(pick(stem, e, salt + 1) || pick(ending, e, salt + 2)) AS first, pick(trade, e, salt + 3) AS trade, pick(form, e, salt + 4) AS form,
                      initcap(pick(stem, e, salt + 5) || pick(ending, e, salt + 6)) AS street, 1 + dice(e, salt + 7, 300) AS house, pick(way, e, salt + 8) AS way, pick(city, e, salt + 9) AS city,
                      '+4930' || (2000000 + dice(e, salt + 10, 6000000)) AS phone
                 FROM generate_series(0, n - 1) e,
                      (SELECT string_to_array('ber hof kauf wein stein gold wal hart linden rosen eich bach lang hohen neu frie wil lam man ash brad cran thorn whit black fair mar stan wood har', ' ') AS stem,
                              string_to_array('mann er berg feld stein bach dorf meier son ley ton well dale ford worth', ' ') AS ending,
                              string_to_array('Bakery|Motors|Consulting|Trading|Press|Foods|Garage|Travel|Software|Textiles|Optics|Furniture|Flowers|Books|Tools|Kitchens', '|') AS trade,
                              string_to_array('Ltd|GmbH|Inc|& Co|Group', '|') AS form, string_to_array('Street|Road|Avenue|Lane', '|') AS way,
                              string_to_array('Springfield Riverton Oakdale Milltown Kingsbury Fairview Ashford Newbridge', ' ') AS city) w),
         c AS (SELECT o.*, copy, e * 2 + copy AS k FROM o, generate_series(0, CASE WHEN dice(e, salt + 20, 4) = 0 THEN 1 ELSE 0 END) copy)
    SELECT k, e,
           CASE WHEN copy = 0 THEN first || ' ' || trade || ' ' || form
                ELSE CASE dice(k, 61, 6) WHEN 0 THEN first || ' ' || trade WHEN 1 THEN 'The ' || first || ' ' || trade || ' ' || form WHEN 2 THEN slip(first, k, 62) || ' ' || trade || ' ' || form
                                         WHEN 3 THEN upper(first || ' ' || trade || ', ' || form) WHEN 4 THEN trade || ' ' || first ELSE first || '''s ' || trade END END,
           CASE WHEN copy = 0 THEN street || ' ' || way || ' ' || house || ', ' || city
                ELSE CASE dice(k, 63, 5) WHEN 0 THEN house || ' ' || street || ' ' || left(way, 2) || '.' WHEN 1 THEN street || ' ' || way || ' ' || house WHEN 2 THEN slip(street, k, 64) || ' ' || way || ' ' || house || ', ' || city
                                         WHEN 3 THEN upper(street || ' ' || way || ' ' || house || ' ' || city) ELSE street || ' ' || way || ' ' || house || ' Unit ' || (1 + dice(k, 65, 9)) || ', ' || city END END,
           CASE WHEN copy = 0 OR dice(k, 66, 3) > 0 THEN phone END
      FROM c
$$;

-- Precision, recall and F of pairs found, against the truth of a table with columns record and entity.
CREATE FUNCTION quality(truth text, pairs text, OUT pairs_found bigint, OUT right_pairs bigint, OUT true_pairs bigint, OUT f float8) LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format('WITH t AS (SELECT record::text, entity FROM %1$s), p AS MATERIALIZED (%2$s), n AS (SELECT count(*) c FROM t GROUP BY entity)
                    SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM p JOIN t a ON a.record = p.record_a JOIN t b ON b.record = p.record_b WHERE a.entity = b.entity),
                           (SELECT sum(c * (c - 1) / 2) FROM n)', truth, pairs) INTO pairs_found, right_pairs, true_pairs;
    f := 2.0 * right_pairs / nullif(pairs_found + true_pairs, 0);
END
$$;

-- The pairs that clusters make: of a table of pairs found, each record with each of its cluster.
CREATE FUNCTION cluster_pairs(pairs regclass) RETURNS TABLE (record_a text, record_b text) LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format('WITH m AS (SELECT record_a AS record, cluster FROM %1$s UNION SELECT record_b, cluster FROM %1$s)
                                 SELECT a.record, b.record FROM m a JOIN m b ON a.cluster = b.cluster AND a.record::bigint < b.record::bigint', pairs);
END
$$;

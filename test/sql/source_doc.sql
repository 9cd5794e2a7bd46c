-- the examples of doc/source_codes.md
SET search_path = public, dupex;
SET datestyle = ISO;
SELECT 'db-02 087'::source_code;
CREATE TABLE effort (code source_code PRIMARY KEY, pieces bigint);
INSERT INTO effort VALUES ('DB02087', 5000), ('DA02087', 5000), ('DB03087', 2000), ('TB01087', 400);
SELECT code, pieces FROM effort WHERE code ^@ 'DB' ORDER BY code;
SELECT code, pieces FROM effort WHERE code ^~ '?B*' ORDER BY code;
SELECT quoted, r.code, r.medium, r.test_group, r.list, r.issued_on, r.problem
  FROM (VALUES ('DB02087', date '2007-09-15'), ('db-o2o87', '2007-09-15'), ('DB02137', '2007-09-15'), ('DB0208', '2007-09-15')) coupon(quoted, received_on),
       LATERAL source_read(quoted, near => received_on) r;
SELECT * FROM source_read('HG-91-11d', '{publication:2:letters}{year:2}{month:2}{type:letters}');
SELECT source_field('DB02087', 'list'), source_issued('DB02087', near => '2007-09-15');
SELECT source_field('DB02137', 'list');
SELECT source_build('{"medium": "D", "group": "B", "list": 2, "month": 8, "year": 2007}');
SELECT source_build('{"medium": "D", "group": "B", "list": 2, "month": 8, "year": 2007}', '{medium}{group}{list:2}{month:2}{year:1}{check}');
SELECT * FROM source_suggest('DB02O97', (SELECT array_agg(code) FROM effort), max_results => 2);
SELECT min(code), max(code) FROM effort;
DROP TABLE effort;

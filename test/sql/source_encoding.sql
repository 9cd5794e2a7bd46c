-- source codes in databases of other encodings: characters are quoted whole, no text raises an error
SELECT current_database() AS start \gset
CREATE DATABASE source_encoding_gb ENCODING 'EUC_CN' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE source_encoding_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;

\c source_encoding_gb
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SET client_encoding = 'UTF8';
SELECT getdatabaseencoding();
SELECT quoted, octet_length(quoted) AS bytes, r.code, r.problem FROM unnest(ARRAY['DB02087', 'db-o2o87', '数B02087', 'DB02数87', 'DB0208数']) quoted, LATERAL source_read(quoted) r;
SELECT 'DB数02087'::source_code;
SELECT 'DB02087'::source_code ^@ 'DB数';
SELECT source_read('A', '{a}数');
SELECT * FROM source_suggest('DB数2087', ARRAY['DB02087']::source_code[]);

-- every byte may come up here, also alone at the end; the client gets the quoted bytes as numbers
\c source_encoding_ascii
SET client_min_messages = warning;
CREATE EXTENSION dupex;
SET search_path = public, dupex;
SELECT getdatabaseencoding();
SELECT byte, encode(convert_to(r.problem, 'SQL_ASCII'), 'escape') AS problem
  FROM unnest(ARRAY[1, 92, 128, 195, 224, 240, 255]) byte, LATERAL source_read('DB0208' || convert_from(set_byte('x', 0, byte), 'SQL_ASCII')) r;
SELECT count(*), count(r.code) AS readable, count(r.problem) AS problems
  FROM generate_series(1, 255) byte, generate_series(1, 7) at,
       LATERAL source_read(overlay('DB02087' PLACING convert_from(set_byte('x', 0, byte), 'SQL_ASCII') FROM at FOR 1)) r;
\c :start
DROP DATABASE source_encoding_gb;
DROP DATABASE source_encoding_ascii;

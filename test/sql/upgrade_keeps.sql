-- upgrade() leaves alone what the user has made in the schema of a marketing database, also when
-- it is called by someone whose search_path has neither the schema nor dupex: how the catalog
-- writes the type of an argument depends on the path
SET client_min_messages = warning;
DO $$ BEGIN PERFORM dupex.install('kept'); END $$;
CREATE FUNCTION kept.user_function(code dupex.source_code) RETURNS text LANGUAGE sql RETURN 'still here';
CREATE VIEW kept.user_view AS SELECT source_code FROM kept.source;

SET search_path = pg_catalog;
SET quote_all_identifiers = on;
DO $$ BEGIN PERFORM dupex.upgrade('kept'); PERFORM dupex.upgrade('kept'); END $$;
RESET quote_all_identifiers;
SET search_path = public, dupex;
SELECT kept.user_function('A1');
SELECT count(*) AS rows_in_view FROM kept.user_view;
SELECT count(*) AS user_objects_taken_for_ours FROM kept.installed_object WHERE identity LIKE 'user%';

-- everything in the schema but those two is ours, once
SELECT count(*) = (SELECT count(*) - 2 FROM marketing_objects('kept')) AS all_recorded FROM kept.installed_object;
SELECT foreign_objects('kept');

-- a line that somebody wrote into the list is not executed
INSERT INTO kept.installed_object VALUES (1000000, 'view', 'user_view; DROP TABLE kept.customer CASCADE');
DO $$ BEGIN PERFORM dupex.upgrade('kept'); END $$;
SELECT to_regclass('kept.customer') AS customer, to_regclass('kept.user_view') AS user_view;

DO $$ BEGIN PERFORM dupex.uninstall('kept', drop_data => true); END $$;

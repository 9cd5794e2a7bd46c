-- load_sample() at scale 1: about 100,000 touches and what comes of them.
SET client_min_messages = warning;
SELECT dupex.install('sample') \g /dev/null
SELECT bench.compare('load_sample, scale 1', 100000, '{dupex}', '{SELECT dupex.load_sample(''sample'')}', NULL, NULL, 1);
SELECT dupex.uninstall('sample', true) \g /dev/null

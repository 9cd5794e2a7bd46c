-- Names and addresses: how alike two of them are

CREATE FUNCTION comparison_form(name text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME', 'dupex_comparison_form';
COMMENT ON FUNCTION comparison_form(text) IS
    'what the comparisons see of a text: lower case, ordinary width, no accents, no punctuation, one space between words, its first 256 characters; the same in every locale';

CREATE FUNCTION jaro_winkler(a text, b text) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_jaro_winkler_sql';
COMMENT ON FUNCTION jaro_winkler(text, text) IS
    'similarity of Jaro, raised by Winkler for a common beginning of up to four characters: 1 for texts that are equal once folded, 0 for texts without anything in common; characters, not octets';

CREATE FUNCTION edit_distance(a text, b text, most int DEFAULT NULL) RETURNS int
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_edit_distance_sql';
COMMENT ON FUNCTION edit_distance(text, text, int) IS
    'characters replaced, left out, put in and neighbours swapped between two texts once folded (Damerau, no part edited twice); NULL when there are more than most, and the sooner known the smaller most is; NULL as most is no limit; 22023 for a negative one';

CREATE FUNCTION token_similarity(a text, b text) RETURNS float8
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_token_similarity';
COMMENT ON FUNCTION token_similarity(text, text) IS
    'part of the words that two texts have in common, in whatever order, 0 to 1 (Dice); a Chinese character is a word. For firms and addresses';

CREATE FUNCTION name_similarity(a text, b text, sounds jsonb DEFAULT NULL) RETURNS float8
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_name_similarity_sql';
COMMENT ON FUNCTION name_similarity(text, text, jsonb) IS
    'how alike two names of persons are, 0 to 1, 1 only when they are equal once folded, without the spaces in Chinese ones. In alphabets: jaro_winkler(), also with the words sorted (then times .98). Chinese: .95 when all characters sound alike, .85 when one of three or more is wrong, missing or too much, .70 when one of two is, otherwise half of Jaro''s similarity.
sounds: an object of jsonb with the sound of each character, such as pinyin without tones; NULL for none. NULL for NULL; 22023 when sounds is no object';

CREATE FUNCTION address_key(address text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_address_key_sql';
COMMENT ON FUNCTION address_key(text) IS
    'a key under which the ways of writing one postal address meet, for finding households: folded, common words in their short form (Street, St.); Chinese addresses without spaces, with a hyphen for the words for number, building, entrance, floor and room between numbers. NULL when there is nothing in it; for comparing only';

-- Telephone numbers: to E.164 by numbering plans that are data

CREATE FUNCTION phone_rules() RETURNS text[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'dupex_phone_rules';
COMMENT ON FUNCTION phone_rules() IS
    'the numbering plans that phone_normalize() knows, line by line: "CN +86 trunk=0 international=00 carriers=17951" says how numbers of a country are dialled, "CN mobile 1[38] 11" which kind of number begins with which digits and how many digits it has, 10-11 from 10 to 11, without the trunk prefix; of the ranges that fit the first counts';

CREATE FUNCTION phone_normalize(number text, country text DEFAULT 'CN', rules text[] DEFAULT NULL,
    OUT e164 text, OUT kind text, OUT code text
) RETURNS record
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_phone_normalize';
COMMENT ON FUNCTION phone_normalize(text, text, text[]) IS
    'a telephone number as people write it in a country (two letters of ISO 3166), and never an error because of it. e164: with + and calling code, NULL when it is no number of the plan. kind: mobile, landline, fixed_or_mobile, service, as the plan calls it; NULL for none.
code: valid; extension: valid, what is behind it was cut off; unknown_plan: of a country without a plan, the digits are as given; empty, letters, several_numbers, spreadsheet_number (digits were lost), too_short, too_long, no_area_code, not_in_plan, unknown_country.
rules: lines as of phone_rules(), NULL for those; 22023 for a line that cannot be read. NULL for NULL';

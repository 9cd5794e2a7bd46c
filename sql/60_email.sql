-- E-mail addresses: what is the matter with one, the form to send to, the key of the mailbox

CREATE FUNCTION email_check(address text, policy text DEFAULT 'marketing',
    OUT ok boolean, OUT code text, OUT message text, OUT suggestion text
) RETURNS record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'dupex_email_check';
COMMENT ON FUNCTION email_check(text, text) IS
    'judges an e-mail address and never raises an error because of it. ok: a mailing may go to it (policy marketing), it is a mailbox by RFC 5321 and 6531 to the letter (policy strict).
code: valid, repaired, role_account, needs_smtputf8 are ok; typo, disposable, special_use_domain, single_label_domain, address_literal, quoted are addresses that no mailing should go to; all others name what is wrong. message: the same as a sentence. suggestion: the repaired address, or what was probably meant; NULL for none.
Whether the mailbox exists is not looked up. NULL for NULL; 22023 for another policy';

CREATE FUNCTION email_normalize(address text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME', 'dupex_email_normalize';
COMMENT ON FUNCTION email_normalize(text) IS
    'an e-mail address in the form to send to: without what certainly does not belong to it, normal form C, domain in ASCII and lower case, local part as it was written; NULL when no mailing can go there. Slips of the hand are not mended: see email_check()';

CREATE FUNCTION email_match_key(address text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME', 'dupex_email_match_key_sql';
COMMENT ON FUNCTION email_match_key(text) IS
    'the key under which one mailbox is found again, whatever form of its address was given: in lower case, without a +tag, for Gmail without full stops, one name for providers with several; NULL when no mailing can go there. It is for comparing and never to be sent to';

CREATE FUNCTION email_domain(address text) RETURNS text
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME', 'dupex_email_domain';
COMMENT ON FUNCTION email_domain(text) IS
    'the domain of an e-mail address in ASCII and lower case; NULL when it cannot be read or has the number of a host';

CREATE FUNCTION email_domain_parents(address text) RETURNS text[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'dupex_email_domain_parents';
COMMENT ON FUNCTION email_domain_parents(text) IS
    'the domain of an e-mail address and the domains above it, without the top level alone, longest first: for looking up tables of domains label by label (domain = ANY (email_domain_parents(address))); empty when email_domain() is NULL';

CREATE FUNCTION email_domain_typos(domains text[], frequencies bigint[], at_least float8 DEFAULT 100,
    OUT domain text, OUT frequency bigint, OUT suggestion text, OUT suggestion_frequency bigint
) RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'dupex_email_domain_typos';
COMMENT ON FUNCTION email_domain_typos(text[], bigint[], float8) IS
    'of the domains of a list (in lower case, each once, with the number of its addresses) those that are probably slips: another domain one edit away is at least at_least times as frequent; large mailbox providers are never slips. 22023 for arrays of different lengths, a domain that is there twice, a negative frequency, at_least not above 1';

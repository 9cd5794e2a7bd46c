/*
 * pg_email.c
 *		E-mail addresses in SQL: email_check, email_normalize, email_match_key,
 *		email_domain, email_domain_parents, email_domain_typos.
 *
 * The pure side reads UTF-8 in normal form C. An address is nearly always ASCII,
 * and then it is read where it stands; otherwise it is converted from the
 * encoding of the database and normalized by PostgreSQL's own tables.
 */
#include "dupex.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "hygiene/email.h"
#include "hygiene/email_typos.h"
#include "hygiene/letters.h"
#include "hygiene/pg_readers.h"
#include "hygiene/pg_utf8.h"
#include "runner/pg_rows.h"
#include "runner/pg_stop.h"

/* columns of email_check */
enum
{
	CHECK_OK,
	CHECK_CODE,
	CHECK_MESSAGE,
	CHECK_SUGGESTION,
	CHECK_COLUMNS
};

/* columns of email_domain_typos */
enum
{
	TYPO_DOMAIN,
	TYPO_FREQUENCY,
	TYPO_SUGGESTION,
	TYPO_SUGGESTION_FREQUENCY,
	TYPO_COLUMNS
};

#define MESSAGE_SIZE 400

/*
 * Normal form C of UTF-8; the text itself when it is not UTF-8 (which only a
 * database without an encoding lets pass), or longer than any address. With repairs
 * (not NULL) the characters are repaired before, and what was repaired is added: without
 * what nobody sees between them, a letter and its accent become one character.
 */
static DupexUtf8
normalized(DupexUtf8 utf8, unsigned *repairs)
{
	pg_wchar   *letters;
	size_t		count = 0;

	if (utf8.length > DUPEX_EMAIL_TEXT_MAX)
		return utf8;
	letters = palloc((utf8.length + 1) * sizeof(pg_wchar));
	for (size_t at = 0; at < utf8.length;)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(utf8.text +at, utf8.length - at, &letter);

		if (octets == 0)
			return utf8;
		at += octets;
		if (repairs != NULL)
			letter = dupex_email_repair_letter(letter, repairs);
		if (letter != 0)
			letters[count++] = letter;
	}
	letters[count] = 0;
	if ((repairs == NULL || *repairs == 0) &&
		unicode_is_normalized_quickcheck(UNICODE_NFC, letters) == UNICODE_NORM_QC_YES)
		return utf8;
	return dupex_utf8_normal_form(UNICODE_NFC, letters);
}

/*
 * A text argument as the pure side wants it; repairs as above.
 */
static DupexUtf8
utf8_of(text *argument, unsigned *repairs)
{
	DupexUtf8	utf8 = {VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument)};

	if (dupex_utf8_is_ascii(utf8.text, utf8.length))
		return utf8;
	return normalized(dupex_utf8_of_server(utf8.text, utf8.length), repairs);
}

/*
 * 22023 for anything but the names of the policies.
 */
static DupexEmailPolicy
policy_argument(text *argument)
{
	const char *name = VARDATA_ANY(argument);
	size_t		length = VARSIZE_ANY_EXHDR(argument);

	if (length == 9 && memcmp(name, "marketing", 9) == 0)
		return DUPEX_EMAIL_MARKETING;
	if (length == 6 && memcmp(name, "strict", 6) == 0)
		return DUPEX_EMAIL_STRICT;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no policy \"%s\" for e-mail addresses", text_to_cstring(argument)),
			 errdetail("\"strict\" asks whether a text is a mailbox by the standards, \"marketing\" whether a mailing should go there."),
			 errhint("Use \"marketing\" or \"strict\".")));
}

/*
 * email_check(address, policy): may it be sent to, a code, a sentence, what was
 * probably meant. 22023 for another policy; no address raises an error.
 */
PG_FUNCTION_INFO_V1(dupex_email_check);
Datum
dupex_email_check(PG_FUNCTION_ARGS)
{
	DupexEmailPolicy policy = policy_argument(PG_GETARG_TEXT_PP(1));
	unsigned	repairs = 0;
	DupexUtf8	address = utf8_of(PG_GETARG_TEXT_PP(0), policy == DUPEX_EMAIL_MARKETING ? &repairs : NULL);
	DupexEmailVerdict verdict;
	char		message[MESSAGE_SIZE];
	Datum		values[CHECK_COLUMNS];
	bool		nulls[CHECK_COLUMNS] = {false};

	dupex_email_judge(address.text, address.length, policy, repairs, &verdict);
	dupex_email_tell(&verdict, message, sizeof(message));
	values[CHECK_OK] = BoolGetDatum(verdict.ok);
	values[CHECK_CODE] = CStringGetTextDatum(dupex_email_code_name(verdict.code));
	values[CHECK_MESSAGE] = dupex_utf8_text(message, strlen(message));
	values[CHECK_SUGGESTION] = (Datum) 0;
	nulls[CHECK_SUGGESTION] = verdict.suggestion[0] == '\0';
	if (!nulls[CHECK_SUGGESTION])
		values[CHECK_SUGGESTION] = dupex_utf8_text(verdict.suggestion, strlen(verdict.suggestion));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, CHECK_COLUMNS), values, nulls)));
}

/*
 * An address read as tolerantly as the policy marketing does.
 */
void
dupex_email_of_text(text *argument, DupexEmail *email)
{
	unsigned	repairs = 0;
	DupexUtf8	address = utf8_of(argument, &repairs);

	dupex_email_read_tolerantly(address.text, address.length, repairs, email);
}

static void
read_argument(FunctionCallInfo fcinfo, DupexEmail *email)
{
	dupex_email_of_text(PG_GETARG_TEXT_PP(0), email);
}

/*
 * email_normalize(address): the form to send to; NULL when no mailing can go there.
 */
PG_FUNCTION_INFO_V1(dupex_email_normalize);
Datum
dupex_email_normalize(PG_FUNCTION_ARGS)
{
	DupexEmail	email;

	read_argument(fcinfo, &email);
	if (!dupex_email_sendable(&email))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(dupex_utf8_text(email.text, email.length));
}

/*
 * email_match_key(address): the same for all forms of one mailbox; NULL when no
 * mailing can go there.
 */
PG_FUNCTION_INFO_V1(dupex_email_match_key_sql);
Datum
dupex_email_match_key_sql(PG_FUNCTION_ARGS)
{
	DupexEmail	email;
	char		key[DUPEX_EMAIL_MAX + 1];

	read_argument(fcinfo, &email);
	if (!dupex_email_sendable(&email))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(dupex_utf8_text(key, dupex_email_match_key(&email, key)));
}

/*
 * email_domain(address): its domain in ASCII and lower case; NULL when the address
 * cannot be read or has the number of a host instead.
 */
PG_FUNCTION_INFO_V1(dupex_email_domain);
Datum
dupex_email_domain(PG_FUNCTION_ARGS)
{
	DupexEmail	email;

	read_argument(fcinfo, &email);
	if (email.code != DUPEX_EMAIL_VALID || email.literal)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(email.text +email.local_length + 1,
											  (int) (email.length - email.local_length - 1)));
}

/*
 * email_domain_parents(address): its domain, the domain above it, and so on, but
 * for the top level alone. Empty when email_domain() is NULL.
 */
PG_FUNCTION_INFO_V1(dupex_email_domain_parents);
Datum
dupex_email_domain_parents(PG_FUNCTION_ARGS)
{
	DupexEmail	email;
	Datum		parents[DUPEX_EMAIL_DOMAIN_MAX];
	int			count = 0;
	const char *domain;

	read_argument(fcinfo, &email);
	if (email.code == DUPEX_EMAIL_VALID && !email.literal)
	{
		domain = email.text +email.local_length + 1;
		for (const char *dot = strchr(domain, '.'); dot != NULL; dot = strchr(domain, '.'))
		{
			parents[count++] = CStringGetTextDatum(domain);
			domain = dot + 1;
		}
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(parents, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * The two arrays of email_domain_typos as a list. 22023 when they do not have the
 * same length or a frequency is negative; domains that are NULL are left out.
 */
static DupexListedDomain *
listed_domains(ArrayType *names, ArrayType *frequencies, size_t *count)
{
	Datum	   *name;
	Datum	   *frequency;
	bool	   *name_null;
	bool	   *frequency_null;
	int			name_count;
	int			frequency_count;
	DupexListedDomain *domains;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &name, &name_null, &name_count);
	deconstruct_array(frequencies, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &frequency, &frequency_null, &frequency_count);
	if (name_count != frequency_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are %d domains and %d frequencies", name_count, frequency_count),
				 errhint("Make both arrays in one query: SELECT array_agg(domain), array_agg(people).")));
	domains = MemoryContextAllocHuge(CurrentMemoryContext,
									 mul_size(Max(name_count, 1), sizeof(DupexListedDomain)));
	*count = 0;
	for (int i = 0; i < name_count; i++)
	{
		text	   *domain;

		if (name_null[i] || frequency_null[i])
			continue;
		if (DatumGetInt64(frequency[i]) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a frequency must not be negative: \"%lld\"", (long long) DatumGetInt64(frequency[i])),
					 errdetail("It is how many addresses have the domain.")));
		domain = DatumGetTextPP(name[i]);
		domains[*count].name = VARDATA_ANY(domain);
		domains[*count].length = VARSIZE_ANY_EXHDR(domain);
		domains[*count].frequency = DatumGetInt64(frequency[i]);
		domains[(*count)++].meant = -1;
	}
	return domains;
}

/* what the calls that return the rows need */
typedef struct TypoState
{
	DupexListedDomain *domains;
	size_t		count;
	size_t		at;
} TypoState;

static void
find_typos(FunctionCallInfo fcinfo, FuncCallContext *context)
{
	MemoryContext before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
	TypoState  *state = palloc0(sizeof(TypoState));
	float8		at_least = PG_GETARG_FLOAT8(2);
	const DupexListedDomain *repeated;
	size_t		room;

	if (!(at_least > 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("at_least must be more than 1: \"%g\"", at_least),
				 errdetail("It is how many times as frequent as a slip the domain must be that was meant.")));
	context->tuple_desc = dupex_row_type(fcinfo, TYPO_COLUMNS);
	context->user_fctx = state;
	state->domains = listed_domains(PG_GETARG_ARRAYTYPE_P_COPY(0), PG_GETARG_ARRAYTYPE_P(1), &state->count);
	repeated = dupex_email_typos_repeated(state->domains, state->count,
										  MemoryContextAllocHuge(CurrentMemoryContext,
																 mul_size(Max(state->count, 1), sizeof(DupexListedDomain *))));
	if (repeated != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("domain \"%.*s\" is there twice", (int) repeated->length, repeated->name),
				 errhint("Count the addresses of each domain: SELECT email_domain(email), count(*) ... GROUP BY 1.")));
	room = dupex_email_typos_room(state->domains, state->count);
	dupex_email_typos_find(state->domains, state->count, at_least,
						   MemoryContextAllocHuge(CurrentMemoryContext,
												  mul_size(Max(room, 1), sizeof(DupexShortened))),
						   dupex_stop_by_interrupt, NULL);
	MemoryContextSwitchTo(before);
}

/*
 * email_domain_typos(domains, frequencies, at_least): the domains that are slips,
 * in the order of the array, and what was meant.
 */
PG_FUNCTION_INFO_V1(dupex_email_domain_typos);
Datum
dupex_email_domain_typos(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	TypoState  *state;

	if (SRF_IS_FIRSTCALL())
		find_typos(fcinfo, SRF_FIRSTCALL_INIT());
	context = SRF_PERCALL_SETUP();
	state = context->user_fctx;
	for (; state->at < state->count; state->at++)
	{
		const DupexListedDomain *slip = &state->domains[state->at];
		const DupexListedDomain *meant;
		Datum		values[TYPO_COLUMNS];
		bool		nulls[TYPO_COLUMNS] = {false};

		if (slip->meant < 0)
			continue;
		meant = &state->domains[slip->meant];
		values[TYPO_DOMAIN] = PointerGetDatum(cstring_to_text_with_len(slip->name, (int) slip->length));
		values[TYPO_FREQUENCY] = Int64GetDatum(slip->frequency);
		values[TYPO_SUGGESTION] = PointerGetDatum(cstring_to_text_with_len(meant->name, (int) meant->length));
		values[TYPO_SUGGESTION_FREQUENCY] = Int64GetDatum(meant->frequency);
		state->at++;
		SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
	}
	SRF_RETURN_DONE(context);
}

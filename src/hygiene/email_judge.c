/*
 * email_judge.c
 *		What is to be said of an address: may it be sent to, what is the matter, what
 *		was probably meant; and the key under which one mailbox is found again.
 *
 * The policy "strict" asks whether a text is a mailbox by the standards, to the
 * letter. "marketing" asks what a house that sends to thousands asks: it repairs
 * what is certain, and refuses what a mail server takes but nobody who gave it
 * wants mail at.
 */
#include "hygiene/email.h"

#include "hygiene/letters.h"
#include "text/message.h"

#include <string.h>

/* name of a code, and its sentence, in which %s is the thing itself */
typedef struct Code
{
	const char *name;
	const char *sentence;
} Code;

static const Code email_codes[DUPEX_EMAIL_CODES] = {
	[DUPEX_EMAIL_VALID] = {"valid", "valid"},
	[DUPEX_EMAIL_REPAIRED] = {"repaired", "valid once repaired: %s"},
	[DUPEX_EMAIL_ROLE] = {"role_account", "\"%s\" is the mailbox of a function, not of a person"},
	[DUPEX_EMAIL_NEEDS_SMTPUTF8] = {"needs_smtputf8", "the part before the @ is not ASCII: only servers that speak SMTPUTF8 take it"},
	[DUPEX_EMAIL_TYPO] = {"typo", "probably a slip for %s: ask, or try the suggestion"},
	[DUPEX_EMAIL_DISPOSABLE] = {"disposable", "%s gives mailboxes that are thrown away after minutes"},
	[DUPEX_EMAIL_SPECIAL_USE] = {"special_use_domain", "%s is reserved and never leads to a mailbox"},
	[DUPEX_EMAIL_SINGLE_LABEL] = {"single_label_domain", "the domain \"%s\" has no ending such as .com"},
	[DUPEX_EMAIL_ADDRESS_LITERAL] = {"address_literal", "the domain is the number of a host, %s, and not a name"},
	[DUPEX_EMAIL_QUOTED] = {"quoted", "the part before the @ must stand in quotation marks, which most senders and forms do not take"},
	[DUPEX_EMAIL_EMPTY] = {"empty", "there is no address"},
	[DUPEX_EMAIL_NO_AT] = {"no_at", "there is no @"},
	[DUPEX_EMAIL_NO_LOCAL] = {"no_local_part", "there is nothing before the @"},
	[DUPEX_EMAIL_NO_DOMAIN] = {"no_domain", "there is nothing behind the @"},
	[DUPEX_EMAIL_TWO_AT] = {"two_at", "there is more than one @"},
	[DUPEX_EMAIL_BAD_UTF8] = {"bad_encoding", "the text is not UTF-8"},
	[DUPEX_EMAIL_CONTROL] = {"control_character", "it contains the control character %s"},
	[DUPEX_EMAIL_SPACE] = {"space", "it contains white space"},
	[DUPEX_EMAIL_COMMENT] = {"comment", "it contains a comment in parentheses"},
	[DUPEX_EMAIL_FULL_WIDTH] = {"full_width", "it contains the full-width character \"%s\""},
	[DUPEX_EMAIL_LOCAL_CHARACTER] = {"local_character", "\"%s\" cannot stand before the @"},
	[DUPEX_EMAIL_LOCAL_DOT] = {"local_dot", "the part before the @ begins or ends with a full stop, or has two in a row"},
	[DUPEX_EMAIL_QUOTE_OPEN] = {"quote_not_closed", "a quotation mark is not closed"},
	[DUPEX_EMAIL_QUOTE_TEXT] = {"text_after_quote", "something stands between the closing quotation mark and the @"},
	[DUPEX_EMAIL_LOCAL_TOO_LONG] = {"local_too_long", "the part before the @ has %s octets, 64 are the most"},
	[DUPEX_EMAIL_DOMAIN_CHARACTER] = {"domain_character", "\"%s\" cannot stand in a domain"},
	[DUPEX_EMAIL_DOMAIN_DOT] = {"domain_dot", "the domain begins or ends with a full stop, or has two in a row"},
	[DUPEX_EMAIL_HYPHEN] = {"domain_hyphen", "a part of the domain begins or ends with a hyphen"},
	[DUPEX_EMAIL_PUNYCODE] = {"bad_punycode", "a part of the domain begins with xn-- and stands for no name"},
	[DUPEX_EMAIL_NUMERIC_TOP] = {"numeric_top_level", "the domain ends with a number, which no domain does"},
	[DUPEX_EMAIL_BAD_LITERAL] = {"bad_address_literal", "the number of a host in brackets is wrong"},
	[DUPEX_EMAIL_LABEL_TOO_LONG] = {"label_too_long", "a part of the domain has more than 63 octets"},
	[DUPEX_EMAIL_DOMAIN_TOO_LONG] = {"domain_too_long", "the domain has %s octets, 253 are the most"},
	[DUPEX_EMAIL_TOO_LONG] = {"too_long", "the address has %s octets, 254 are the most"}
};

/* what each repair is called, in the order of the bits */
static const char *const repair_names[] = {
	"white space", "invisible characters", "full-width characters", "mailto:",
	"a name before the address", "punctuation around it", "needless quotation marks"
};

#define REPAIRS (sizeof(repair_names) / sizeof(repair_names[0]))

/*
 * The name that SQL gives a code.
 */
const char *
dupex_email_code_name(DupexEmailCode code)
{
	return email_codes[code].name;
}

static const char *
domain_of(const DupexEmail *email)
{
	return email->text + email->local_length + 1;
}

static size_t
domain_length(const DupexEmail *email)
{
	return email->length - email->local_length - 1;
}

/*
 * Whether a bulk mailing can go to an address that was read.
 */
bool
dupex_email_sendable(const DupexEmail *email)
{
	return email->code == DUPEX_EMAIL_VALID && !email->quoted &&
		!email->literal && email->labels > 1 &&
		!dupex_email_domain_is_special(domain_of(email), domain_length(email));
}

/*
 * The local part with another domain; false when that is too long.
 */
static bool
with_domain(const DupexEmail *email, const char *domain, char *out)
{
	size_t		length = strlen(domain);

	if (email->local_length + 1 + length > DUPEX_EMAIL_MAX)
		return false;
	memcpy(out, email->text, email->local_length + 1);
	memcpy(out + email->local_length + 1, domain, length + 1);
	return true;
}

/*
 * What may have been meant by a text that cannot be read: with one "@" for two,
 * one full stop for two in the domain or for a comma there. Leaves "" where that
 * is no address either.
 */
static void
guess(const char *text, size_t length, char *suggestion)
{
	char		repaired[DUPEX_EMAIL_TEXT_MAX];
	char		changed[DUPEX_EMAIL_TEXT_MAX];
	size_t		kept = 0;
	bool		in_domain = false;
	unsigned	repairs = 0;
	DupexEmail	email;
	const char *meant;

	suggestion[0] = '\0';
	if (length > sizeof(repaired))
		return;
	length = dupex_email_repair(text, length, repaired, &repairs);
	for (size_t i = 0; i < length; i++)
	{
		char		here = repaired[i];
		char		before = kept > 0 ? changed[kept - 1] : '\0';

		if (in_domain && (here == ',' || here == ';' || here == ':'))
			here = '.';
		if ((here == '@' && before == '@') ||
			(in_domain && here == '.' && (before == '.' || before == '@')))
			continue;
		in_domain = in_domain || here == '@';
		changed[kept++] = here;
	}
	dupex_email_read(changed, kept, &email);
	if (!dupex_email_sendable(&email))
		return;
	meant = dupex_email_domain_meant(domain_of(&email), domain_length(&email));
	if (meant == NULL)
		memcpy(suggestion, email.text, email.length + 1);
	else if (!with_domain(&email, meant, suggestion))
		suggestion[0] = '\0';
}

/*
 * Whether the local part is the name of a function.
 */
static bool
is_role(const DupexEmail *email)
{
	char		local[DUPEX_EMAIL_LOCAL_MAX];

	for (size_t i = 0; i < email->local_length; i++)
		local[i] = (char) dupex_letter_lower((unsigned char) email->text[i]);
	return !email->international &&
		dupex_email_local_is_role(local, email->local_length);
}

/*
 * The code of an address that was read, by the policy of marketing; the gravest
 * thing first. A slip leaves what was meant in suggestion.
 */
static DupexEmailCode
marketing_code(const DupexEmail *email, char *suggestion)
{
	const char *domain = domain_of(email);
	size_t		length = domain_length(email);
	const char *meant;

	if (email->literal)
		return DUPEX_EMAIL_ADDRESS_LITERAL;
	if (email->quoted)
		return DUPEX_EMAIL_QUOTED;
	if (dupex_email_domain_is_special(domain, length))
		return DUPEX_EMAIL_SPECIAL_USE;
	meant = dupex_email_domain_meant(domain, length);
	if (meant != NULL && !with_domain(email, meant, suggestion))
		meant = NULL;
	if (email->labels == 1)
		return DUPEX_EMAIL_SINGLE_LABEL;
	if (meant != NULL)
		return DUPEX_EMAIL_TYPO;
	if (dupex_email_domain_is_disposable(domain, length))
		return DUPEX_EMAIL_DISPOSABLE;
	if (email->international)
		return DUPEX_EMAIL_NEEDS_SMTPUTF8;
	if (is_role(email))
		return DUPEX_EMAIL_ROLE;
	return email->repairs != 0 ? DUPEX_EMAIL_REPAIRED : DUPEX_EMAIL_VALID;
}

/*
 * Reads and judges a text. repairs: what the caller has repaired in it already, as bits.
 */
void
dupex_email_judge(const char *text, size_t length, DupexEmailPolicy policy,
				  unsigned repairs, DupexEmailVerdict *verdict)
{
	DupexEmail *email = &verdict->email;

	verdict->suggestion[0] = '\0';
	if (policy == DUPEX_EMAIL_STRICT)
	{
		dupex_email_read(text, length, email);
		verdict->ok = email->code == DUPEX_EMAIL_VALID;
		verdict->code = verdict->ok && email->international ?
			DUPEX_EMAIL_NEEDS_SMTPUTF8 : email->code;
		return;
	}
	dupex_email_read_tolerantly(text, length, repairs, email);
	if (email->code != DUPEX_EMAIL_VALID)
	{
		verdict->ok = false;
		verdict->code = email->code;
		guess(text, length, verdict->suggestion);
		return;
	}
	verdict->code = marketing_code(email, verdict->suggestion);
	verdict->ok = verdict->code < DUPEX_EMAIL_TYPO;
	if (verdict->ok && email->repairs != 0)
		memcpy(verdict->suggestion, email->text, email->length + 1);
}

/*
 * Writes what was repaired, as a list in words.
 */
static void
tell_repairs(unsigned repairs, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < REPAIRS; i++)
	{
		if (repairs >> i & 1)
			dupex_message_add(out, size, "%s%s", out[0] == '\0' ? "" : ", ",
							  repair_names[i]);
	}
}

/*
 * Writes the verdict as a sentence.
 */
void
dupex_email_tell(const DupexEmailVerdict *verdict, char *out, size_t size)
{
	const DupexEmail *email = &verdict->email;
	char		thing[DUPEX_EMAIL_MAX + 1] = "";
	const char *sentence;
	const char *place;

	switch (verdict->code)
	{
		case DUPEX_EMAIL_REPAIRED:
			tell_repairs(email->repairs, thing, sizeof(thing));
			break;
		case DUPEX_EMAIL_ROLE:
			memcpy(thing, email->text, email->local_length);
			break;
		case DUPEX_EMAIL_TYPO:
			dupex_message_set(thing, sizeof(thing), "%s",
							  strrchr(verdict->suggestion, '@') + 1);
			break;
		case DUPEX_EMAIL_DISPOSABLE:
		case DUPEX_EMAIL_SPECIAL_USE:
		case DUPEX_EMAIL_SINGLE_LABEL:
		case DUPEX_EMAIL_ADDRESS_LITERAL:
			dupex_message_set(thing, sizeof(thing), "%s", domain_of(email));
			break;
		case DUPEX_EMAIL_CONTROL:
			dupex_message_set(thing, sizeof(thing), "U+%04X", (unsigned) email->letter);
			break;
		default:
			if (email->letter != 0)
				dupex_utf8_put(email->letter, thing);
			else if (email->octets > 0)
				dupex_message_set(thing, sizeof(thing), "%zu", email->octets);
			break;
	}
	sentence = email_codes[verdict->code].sentence;
	place = strstr(sentence, "%s");
	if (place == NULL)
		dupex_message_set(out, size, "%s", sentence);
	else
		dupex_message_set(out, size, "%.*s%s%s", (int) (place - sentence), sentence, thing, place + 2);
}

/* providers that have several names for one mailbox */
static const char *const same_mailbox[][2] = {
	{"googlemail.com", "gmail.com"}, {"me.com", "icloud.com"},
	{"mac.com", "icloud.com"}, {"protonmail.com", "proton.me"},
	{"pm.me", "proton.me"}, {"yandex.com", "yandex.ru"}, {"ya.ru", "yandex.ru"}
};

/*
 * The key of the mailbox of a sendable address: in lower case, without a "+tag",
 * for Gmail without full stops, one name for providers that have several. Two
 * addresses with one key reach one person; the key itself is never sent to.
 * Writes up to DUPEX_EMAIL_MAX octets and a '\0'; returns the octets.
 */
size_t
dupex_email_match_key(const DupexEmail *email, char *out)
{
	const char *domain = domain_of(email);
	size_t		kept = 0;
	size_t		at = 0;
	bool		gmail;

	for (size_t i = 0; i < sizeof(same_mailbox) / sizeof(same_mailbox[0]); i++)
	{
		if (strcmp(domain, same_mailbox[i][0]) == 0)
			domain = same_mailbox[i][1];
	}
	gmail = strcmp(domain, "gmail.com") == 0;
	while (at < email->local_length)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(email->text + at,
											email->local_length - at, &letter);

		if (octets == 0 || (letter == '+' && at > 0))
			break;
		at += octets;
		letter = dupex_letter_lower(letter);
		if (letter == DUPEX_FINAL_SIGMA)
			letter = DUPEX_FINAL_SIGMA + 1; /* capitals are the same */
		if (letter != '.' || !gmail)
			kept += dupex_utf8_put(letter, out + kept);
	}
	out[kept++] = '@';
	memcpy(out + kept, domain, strlen(domain) + 1);
	return kept + strlen(domain);
}

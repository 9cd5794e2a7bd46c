/*
 * fuzz_hygiene.c
 *		Fuzzes the readers of e-mail addresses, Punycode, telephone numbers and their plans.
 *
 * Arbitrary bytes must be read or refused, never crash. What is read is held against properties: an
 * address that was read is read again as itself, so is what it is normalized to; its key is a
 * fixed point; labels that are encoded decode to themselves; a number in E.164 is read as itself; a character is written as it was read.
 */
#include <stdlib.h>
#include <string.h>

#include "hygiene/email.h"
#include "hygiene/letters.h"
#include "hygiene/phone.h"
#include "hygiene/punycode.h"

#define REQUIRE(condition) \
	do { if (!(condition)) abort(); } while (0)

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_letters(const char *text, size_t length)
{
	uint32_t	letters[DUPEX_LABEL_MAX];
	uint32_t	decoded[DUPEX_LABEL_MAX];
	size_t		count = 0;
	size_t		again;
	char		encoded[DUPEX_LABEL_MAX];
	size_t		octets;

	for (size_t at = 0; at < length && count < DUPEX_LABEL_MAX;)
	{
		char		written[DUPEX_UTF8_MAX];

		octets = dupex_utf8_get(text + at, length - at, &letters[count]);
		if (octets == 0)
			break;
		REQUIRE(dupex_utf8_put(letters[count], written) == octets && memcmp(written, text + at, octets) == 0);
		REQUIRE(dupex_letter_lower(dupex_letter_lower(letters[count])) == dupex_letter_lower(letters[count]));
		at += octets;
		count++;
	}
	octets = dupex_punycode_encode(letters, count, encoded, sizeof(encoded));
	if (octets > 0)
	{
		REQUIRE(dupex_punycode_decode(encoded, octets, decoded, DUPEX_LABEL_MAX, &again));
		REQUIRE(again == count && memcmp(letters, decoded, count * sizeof(letters[0])) == 0);
	}
	if (length <= DUPEX_LABEL_MAX && dupex_punycode_decode(text, length, decoded, DUPEX_LABEL_MAX, &again))
		REQUIRE(again <= length);
}

static void
try_address(const char *text, size_t length)
{
	DupexEmailVerdict verdict;
	DupexEmailVerdict second;
	DupexEmail	email;
	char		message[400];
	char		key[DUPEX_EMAIL_MAX + 1];
	char		key_again[DUPEX_EMAIL_MAX + 1];

	dupex_email_judge(text, length, DUPEX_EMAIL_STRICT, 0, &verdict);
	dupex_email_tell(&verdict, message, sizeof(message));
	REQUIRE(message[0] != '\0' && dupex_email_code_name(verdict.code) != NULL);
	if (verdict.ok)
	{
		dupex_email_read(verdict.email.text, verdict.email.length, &email);
		REQUIRE(email.code == DUPEX_EMAIL_VALID && strcmp(email.text, verdict.email.text) == 0);
	}
	dupex_email_judge(text, length, DUPEX_EMAIL_MARKETING, 0, &verdict);
	dupex_email_tell(&verdict, message, sizeof(message));
	REQUIRE(message[0] != '\0');
	if (verdict.suggestion[0] != '\0')
	{
		dupex_email_judge(verdict.suggestion, strlen(verdict.suggestion), DUPEX_EMAIL_MARKETING, 0, &second);
		REQUIRE(dupex_email_sendable(&second.email));
	}
	if (!dupex_email_sendable(&verdict.email))
		return;
	dupex_email_read_tolerantly(verdict.email.text, verdict.email.length, 0, &email);
	REQUIRE(dupex_email_sendable(&email) && strcmp(email.text, verdict.email.text) == 0);
	REQUIRE(dupex_email_match_key(&verdict.email, key) == strlen(key) && strlen(key) <= DUPEX_EMAIL_MAX);
	dupex_email_read_tolerantly(key, strlen(key), 0, &email);
	if (email.code != DUPEX_EMAIL_VALID)
		return;
	REQUIRE(dupex_email_match_key(&email, key_again) == strlen(key) && strcmp(key, key_again) == 0);
}

#define LINES	200

static DupexPhoneRules
plans(DupexPhoneCountry *countries, DupexPhoneRange *ranges)
{
	DupexPhoneRules rules = {countries, 0, ranges, 0};

	REQUIRE(dupex_phone_plan_count <= LINES);
	for (size_t i = 0; i < dupex_phone_plan_count; i++)
		REQUIRE(dupex_phone_rules_add(&rules, dupex_phone_plans[i], strlen(dupex_phone_plans[i])) == NULL);
	return rules;
}

static void
try_phone(const char *text, size_t length)
{
	static DupexPhoneCountry countries[LINES + 1];
	static DupexPhoneRange ranges[LINES + 1];
	DupexPhoneRules rules = plans(countries, ranges);
	static const char *const homes[] = {"CN", "US", "DE", "IT", "KR", "RU", "XX"};
	DupexPhone	phone;
	DupexPhone	again;

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
	{
		dupex_phone_read(&rules, text, length, homes[i], 2, &phone);
		REQUIRE(dupex_phone_code_name(phone.code) != NULL);
		REQUIRE((phone.e164[0] == '+') == (phone.code <= DUPEX_PHONE_UNKNOWN_PLAN));
		if (phone.e164[0] == '\0')
			continue;
		REQUIRE(strlen(phone.e164) <= DUPEX_PHONE_DIGITS + 1);
		dupex_phone_read(&rules, phone.e164, strlen(phone.e164), "CN", 2, &again);
		REQUIRE(strcmp(phone.e164, again.e164) == 0);
	}
	/* a line of a plan: what is taken can be used */
	if (dupex_phone_rules_add(&rules, text, length) == NULL)
		dupex_phone_read(&rules, "+8613800138000", 14, "CN", 2, &phone);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_letters((const char *) data, size);
	try_address((const char *) data, size);
	try_phone((const char *) data, size);
	return 0;
}

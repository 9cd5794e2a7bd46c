/*
 * email.h
 *		E-mail addresses: reading, repairing, judging, keys.
 *
 * A text is repaired (email_repair.c, only where the policy is marketing), read
 * (email.c) and judged (email_judge.c). Nothing here allocates; a result holds
 * its own copy of the address.
 */
#ifndef DUPEX_HYGIENE_EMAIL_H
#define DUPEX_HYGIENE_EMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* octets: RFC 5321, 4.5.3.1, and erratum 1690 of RFC 3696 */
#define DUPEX_EMAIL_LOCAL_MAX 64
#define DUPEX_EMAIL_DOMAIN_MAX 253
#define DUPEX_EMAIL_MAX 254
/* longer texts are not looked at: no repair makes an address of them */
#define DUPEX_EMAIL_TEXT_MAX 1000

typedef enum DupexEmailPolicy
{
	DUPEX_EMAIL_STRICT,
	DUPEX_EMAIL_MARKETING
} DupexEmailPolicy;

/*
 * What is to be said of an address, in the order of email_codes[] in
 * email_judge.c, where each has its name and its sentence.
 */
typedef enum DupexEmailCode
{
	DUPEX_EMAIL_VALID,
	DUPEX_EMAIL_REPAIRED,
	DUPEX_EMAIL_ROLE,
	DUPEX_EMAIL_NEEDS_SMTPUTF8,
	/* from here on: not to be sent to */
	DUPEX_EMAIL_TYPO,
	DUPEX_EMAIL_DISPOSABLE,
	DUPEX_EMAIL_SPECIAL_USE,
	DUPEX_EMAIL_SINGLE_LABEL,
	DUPEX_EMAIL_ADDRESS_LITERAL,
	DUPEX_EMAIL_QUOTED,
	/* from here on: not an address */
	DUPEX_EMAIL_EMPTY,
	DUPEX_EMAIL_NO_AT,
	DUPEX_EMAIL_NO_LOCAL,
	DUPEX_EMAIL_NO_DOMAIN,
	DUPEX_EMAIL_TWO_AT,
	DUPEX_EMAIL_BAD_UTF8,
	DUPEX_EMAIL_CONTROL,
	DUPEX_EMAIL_SPACE,
	DUPEX_EMAIL_COMMENT,
	DUPEX_EMAIL_FULL_WIDTH,
	DUPEX_EMAIL_LOCAL_CHARACTER,
	DUPEX_EMAIL_LOCAL_DOT,
	DUPEX_EMAIL_QUOTE_OPEN,
	DUPEX_EMAIL_QUOTE_TEXT,
	DUPEX_EMAIL_LOCAL_TOO_LONG,
	DUPEX_EMAIL_DOMAIN_CHARACTER,
	DUPEX_EMAIL_DOMAIN_DOT,
	DUPEX_EMAIL_HYPHEN,
	DUPEX_EMAIL_PUNYCODE,
	DUPEX_EMAIL_NUMERIC_TOP,
	DUPEX_EMAIL_BAD_LITERAL,
	DUPEX_EMAIL_LABEL_TOO_LONG,
	DUPEX_EMAIL_DOMAIN_TOO_LONG,
	DUPEX_EMAIL_TOO_LONG,
	DUPEX_EMAIL_CODES			/* how many there are */
} DupexEmailCode;

/* what was repaired, as bits */
#define DUPEX_EMAIL_CUT_SPACE 1u
#define DUPEX_EMAIL_CUT_INVISIBLE 2u
#define DUPEX_EMAIL_NARROWED 4u
#define DUPEX_EMAIL_CUT_MAILTO 8u
#define DUPEX_EMAIL_CUT_NAME 16u
#define DUPEX_EMAIL_CUT_END 32u
#define DUPEX_EMAIL_CUT_QUOTES 64u

/*
 * An address that was read: the parts are in text, which ends with '\0'. The
 * local part is as it is written, without needless quotes; the domain is in lower
 * case and ASCII. When code is not VALID, text is not to be used.
 */
typedef struct DupexEmail
{
	DupexEmailCode code;
	uint32_t	letter;			/* the character that is wrong, 0 for none */
	size_t		octets;			/* how long what is too long is */
	unsigned	repairs;
	bool		quoted;			/* the local part needs its quotes */
	bool		literal;		/* the domain is an address of a host */
	bool		international;	/* the local part is not ASCII */
	size_t		local_length;
	size_t		length;
	int			labels;
	char		text[DUPEX_EMAIL_MAX + 1];
} DupexEmail;

/* what email_check says */
typedef struct DupexEmailVerdict
{
	bool		ok;
	DupexEmailCode code;
	DupexEmail	email;
	char		suggestion[DUPEX_EMAIL_MAX + 1];	/* "" for none */
} DupexEmailVerdict;

extern void dupex_email_read(const char *text, size_t length,
							 DupexEmail *email);
extern uint32_t dupex_email_repair_letter(uint32_t letter, unsigned *repairs);
extern size_t dupex_email_repair(const char *text, size_t length, char *out,
								 unsigned *repairs);
extern void dupex_email_read_tolerantly(const char *text, size_t length,
										unsigned repairs, DupexEmail *email);
extern void dupex_email_judge(const char *text, size_t length,
							  DupexEmailPolicy policy, unsigned repairs,
							  DupexEmailVerdict *verdict);
extern bool dupex_email_sendable(const DupexEmail *email);
extern size_t dupex_email_match_key(const DupexEmail *email, char *out);
extern const char *dupex_email_code_name(DupexEmailCode code);
extern void dupex_email_tell(const DupexEmailVerdict *verdict, char *out,
							 size_t size);

/* email_domains.c */
extern bool dupex_email_domain_is_known(const char *domain, size_t length);
extern bool dupex_email_domain_is_disposable(const char *domain,
											 size_t length);
extern bool dupex_email_domain_is_special(const char *domain, size_t length);
extern bool dupex_email_local_is_role(const char *local, size_t length);
extern const char *dupex_email_domain_meant(const char *domain,
											size_t length);
extern bool dupex_one_edit_apart(const char *a, size_t a_length,
								 const char *b, size_t b_length);

#endif							/* DUPEX_HYGIENE_EMAIL_H */

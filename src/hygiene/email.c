/*
 * email.c
 *		Reads an e-mail address to the letter.
 *
 * Grammar: Mailbox of RFC 5321, 4.1.2 and 4.1.3, with the characters of RFC 6531
 * in the local part and internationalized labels in the domain. Comments, folding
 * white space and the obsolete forms of RFC 5322 belong to messages and not to
 * addresses: they are refused, each by its name. One pass, from left to right;
 * what is wrong first is reported, but lengths last, as people look for a wrong
 * character before they count.
 *
 * The text must be in normal form C: a server would compare octets. What the
 * normal form makes of a character (the Greek question mark becomes a semicolon)
 * is read here like everything else.
 */
#include "hygiene/email.h"

#include "hygiene/letters.h"
#include "hygiene/punycode.h"

#include <string.h>

/* the address while it is written; octets beyond the room are counted only */
typedef struct Writer
{
	char	   *out;
	size_t		room;
	size_t		length;
} Writer;

static void
write_octet(Writer *writer, char octet)
{
	if (writer->length < writer->room)
		writer->out[writer->length] = octet;
	writer->length++;
}

static void
write_octets(Writer *writer, const char *octets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		write_octet(writer, octets[i]);
}

static bool
refuse(DupexEmail *email, DupexEmailCode code, uint32_t letter)
{
	email->code = code;
	email->letter = letter;
	return false;
}

/* atext of RFC 5322, 3.2.3 */
static bool
is_atom_character(unsigned char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
		(octet >= '0' && octet <= '9') ||
		(octet != '\0' && octet < 0x80 &&
		 strchr("!#$%&'*+-/=?^_`{|}~", octet) != NULL);
}

/*
 * Says by its name what a character that cannot stand here is.
 */
static bool
refuse_character(DupexEmail *email, uint32_t letter, DupexEmailCode otherwise)
{
	if (letter == ' ' || letter == '\t' ||
		(letter >= 0x80 && dupex_letter_is_space(letter)))
		return refuse(email, DUPEX_EMAIL_SPACE, letter);
	if (letter < ' ' || letter == 0x7F || (letter >= 0x80 && letter < 0xA0))
		return refuse(email, DUPEX_EMAIL_CONTROL, letter);
	if (letter == '(' || letter == ')')
		return refuse(email, DUPEX_EMAIL_COMMENT, letter);
	if (dupex_letter_narrow(letter) != letter)
		return refuse(email, DUPEX_EMAIL_FULL_WIDTH, letter);
	return refuse(email, otherwise, letter);
}

/*
 * A character beyond ASCII at a place of the local part. False when it is no
 * UTF-8, or white space, a control, or the full-width form of an ASCII character.
 */
static bool
read_international(const char *text, size_t length, size_t *at,
				   DupexEmail *email, Writer *writer)
{
	uint32_t	letter;
	size_t		octets = dupex_utf8_get(text + *at, length - *at, &letter);

	if (octets == 0)
		return refuse(email, DUPEX_EMAIL_BAD_UTF8, 0);
	if (letter < 0xA0 || dupex_letter_is_space(letter) ||
		dupex_letter_is_invisible(letter) ||
		dupex_letter_narrow(letter) != letter)
		return refuse_character(email, letter, DUPEX_EMAIL_LOCAL_CHARACTER);
	write_octets(writer, text + *at, octets);
	email->international = true;
	*at += octets;
	return true;
}

/*
 * A local part that is a dot-atom, up to the "@".
 */
static bool
read_dot_atom(const char *text, size_t length, size_t *at, DupexEmail *email,
			  Writer *writer)
{
	bool		after_dot = true;

	while (*at < length && text[*at] != '@')
	{
		unsigned char octet = (unsigned char) text[*at];

		if (octet == '.')
		{
			if (after_dot)
				return refuse(email, DUPEX_EMAIL_LOCAL_DOT, 0);
			after_dot = true;
		}
		else if (octet >= 0x80)
		{
			if (!read_international(text, length, at, email, writer))
				return false;
			after_dot = false;
			continue;
		}
		else if (is_atom_character(octet))
			after_dot = false;
		else
			return refuse_character(email, octet, DUPEX_EMAIL_LOCAL_CHARACTER);
		write_octet(writer, (char) octet);
		(*at)++;
	}
	if (*at == length)
		return refuse(email, DUPEX_EMAIL_NO_AT, 0);
	if (*at == 0)
		return refuse(email, DUPEX_EMAIL_NO_LOCAL, 0);
	if (after_dot)
		return refuse(email, DUPEX_EMAIL_LOCAL_DOT, 0);
	return true;
}

/*
 * Whether the content of a quoted local part could stand without quotes.
 */
static bool
is_dot_atom(const char *content, size_t length)
{
	bool		after_dot = true;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char octet = (unsigned char) content[i];

		if (octet == '.' ? after_dot : !is_atom_character(octet) && octet < 0x80)
			return false;
		after_dot = octet == '.';
	}
	return !after_dot;
}

/*
 * A quoted local part (Quoted-string of RFC 5321, 4.1.2), up to the "@". What is
 * written is its shortest form: without backslashes that are not needed, and
 * without the quotes where the content is a dot-atom.
 */
static bool
read_quoted(const char *text, size_t length, size_t *at, DupexEmail *email,
			Writer *writer)
{
	char		content[DUPEX_EMAIL_TEXT_MAX];
	Writer		unquoted = {content, sizeof(content), 0};
	size_t		as_written;

	for ((*at)++; *at < length && text[*at] != '"';)
	{
		unsigned char octet = (unsigned char) text[*at];

		if (octet >= 0x80)
		{
			if (!read_international(text, length, at, email, &unquoted))
				return false;
			continue;
		}
		if (octet == '\\')
		{
			if (++*at == length)
				return refuse(email, DUPEX_EMAIL_QUOTE_OPEN, 0);
			octet = (unsigned char) text[*at];
		}
		if (octet < ' ' || octet >= 0x7F)
			return refuse(email, DUPEX_EMAIL_CONTROL, octet);
		write_octet(&unquoted, (char) octet);
		(*at)++;
	}
	if (*at == length)
		return refuse(email, DUPEX_EMAIL_QUOTE_OPEN, 0);
	as_written = ++*at;
	if (*at == length)
		return refuse(email, DUPEX_EMAIL_NO_AT, 0);
	if (text[*at] != '@')
		return refuse(email, DUPEX_EMAIL_QUOTE_TEXT, 0);
	if (as_written > DUPEX_EMAIL_LOCAL_MAX)
		email->octets = as_written; /* counted with its quotes, as servers do */
	email->quoted = !is_dot_atom(content, unquoted.length);
	if (email->quoted)
		write_octet(writer, '"');
	for (size_t i = 0; i < unquoted.length; i++)
	{
		if (content[i] == '"' || content[i] == '\\')
			write_octet(writer, '\\');
		write_octet(writer, content[i]);
	}
	if (email->quoted)
		write_octet(writer, '"');
	else
		email->repairs |= DUPEX_EMAIL_CUT_QUOTES;
	return true;
}

/*
 * A dotted address of four numbers, nothing behind it.
 */
static bool
is_ipv4(const char *text, size_t length)
{
	int			numbers = 0;
	size_t		at = 0;

	while (at < length && numbers < 4)
	{
		int			value = 0;
		size_t		digits = 0;

		for (; at < length && digits < 4 && text[at] >= '0' && text[at] <= '9'; at++, digits++)
			value = value * 10 + (text[at] - '0');
		if (digits == 0 || digits > 3 || value > 255)
			return false;
		numbers++;
		if (numbers < 4 && (at == length || text[at++] != '.'))
			return false;
	}
	return numbers == 4 && at == length;
}

static bool
is_hexadecimal(char character)
{
	return (character >= '0' && character <= '9') ||
		(character >= 'a' && character <= 'f') ||
		(character >= 'A' && character <= 'F');
}

/*
 * An address of eight groups, in the forms of RFC 5321, 4.1.3: in full, with one
 * "::" for at least two groups, and the last two groups as an IPv4 address.
 */
static bool
is_ipv6(const char *text, size_t length)
{
	int			groups = 0;
	bool		shortened = false;
	size_t		at = 0;

	while (at < length)
	{
		size_t		digits = 0;

		if (text[at] == ':')
		{
			bool		two = at + 1 < length && text[at + 1] == ':';

			if (two && shortened)
				return false;
			if (!two && (groups == 0 || at + 1 == length))
				return false;	/* begins or ends with one colon */
			shortened = shortened || two;
			at += two ? 2 : 1;
			if (at == length)
				break;
			if (text[at] == ':')
				return false;
		}
		else if (groups > 0)
			return false;
		if (is_ipv4(text + at, length - at))
		{
			groups += 2;
			break;
		}
		for (; at < length && is_hexadecimal(text[at]); at++)
			digits++;
		if (digits == 0 || digits > 4)
			return false;
		groups++;
	}
	return shortened ? groups <= 6 : groups == 8;
}

/*
 * An address of a host in brackets. Content is written in lower case, but for the
 * tag, which stays "IPv6:".
 */
static bool
read_literal(const char *text, size_t length, size_t *at, DupexEmail *email,
			 Writer *writer)
{
	const char *content = text + *at + 1;
	size_t		octets = 0;
	bool		right;
	static const char tag[] = "ipv6:";
	size_t		tagged = 0;

	while (*at + 1 + octets < length && content[octets] != ']')
		octets++;
	if (*at + 1 + octets == length)
		return refuse(email, DUPEX_EMAIL_BAD_LITERAL, 0);
	while (tagged < octets && tag[tagged] != '\0' &&
		   dupex_letter_lower((unsigned char) content[tagged]) ==
		   (unsigned char) tag[tagged])
		tagged++;
	if (tag[tagged] == '\0')
		right = is_ipv6(content + tagged, octets - tagged);
	else
		right = is_ipv4(content, octets);
	if (!right || *at + octets + 2 != length)
		return refuse(email, DUPEX_EMAIL_BAD_LITERAL, 0);
	write_octet(writer, '[');
	if (tag[tagged] == '\0')
		write_octets(writer, "IPv6:", 5);
	else
		tagged = 0;
	for (size_t i = tagged; i < octets; i++)
		write_octet(writer, (char) dupex_letter_lower((unsigned char) content[i]));
	write_octet(writer, ']');
	email->literal = true;
	email->labels = 1;
	*at = length;
	return true;
}

/*
 * Writes a label of count characters; false with a code when it cannot be one. A
 * label with characters beyond ASCII is encoded; one that says it is encoded must
 * decode.
 */
static bool
write_label(const uint32_t *letters, size_t count, bool ascii,
			DupexEmail *email, Writer *writer)
{
	char		encoded[DUPEX_LABEL_MAX + 1];
	size_t		octets = count;

	if (letters[0] == '-' || letters[count - 1] == '-')
		return refuse(email, DUPEX_EMAIL_HYPHEN, '-');
	if (!ascii)
	{
		octets = dupex_punycode_encode(letters, count, encoded,
									   DUPEX_LABEL_MAX - 4);
		if (octets == 0)
			return refuse(email, DUPEX_EMAIL_LABEL_TOO_LONG, 0);
		write_octets(writer, "xn--", 4);
		write_octets(writer, encoded, octets);
		return true;
	}
	for (size_t i = 0; i < count; i++)
		encoded[i] = (char) letters[i];
	if (count > 4 && memcmp(encoded, "xn--", 4) == 0)
	{
		uint32_t	decoded[DUPEX_LABEL_MAX];
		size_t		decoded_count;
		bool		beyond = false;

		if (!dupex_punycode_decode(encoded + 4, count - 4, decoded,
								   DUPEX_LABEL_MAX, &decoded_count))
			return refuse(email, DUPEX_EMAIL_PUNYCODE, 0);
		for (size_t i = 0; i < decoded_count; i++)
		{
			if (decoded[i] < 0x80)
				continue;
			beyond = true;
			if (!dupex_letter_in_domain(decoded[i], i == 0))
				return refuse(email, DUPEX_EMAIL_PUNYCODE, 0);
		}
		if (!beyond)
			return refuse(email, DUPEX_EMAIL_PUNYCODE, 0);
	}
	write_octets(writer, encoded, count);
	return true;
}

/*
 * A label of the domain, up to a full stop or the end. False with a code.
 */
static bool
read_label(const char *text, size_t length, size_t *at, DupexEmail *email,
		   Writer *writer, bool *numeric)
{
	uint32_t	letters[DUPEX_LABEL_MAX];
	size_t		count = 0;
	bool		ascii = true;

	*numeric = true;
	for (; *at < length && text[*at] != '.'; count++)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(text + *at, length - *at, &letter);

		if (octets == 0)
			return refuse(email, DUPEX_EMAIL_BAD_UTF8, 0);
		if (letter == '@')
			return refuse(email, DUPEX_EMAIL_TWO_AT, 0);
		letter = dupex_letter_lower(letter);
		if (letter >= 0x80 ? dupex_letter_is_invisible(letter) ||
			!dupex_letter_in_domain(letter, count == 0)
			: !(letter >= 'a' && letter <= 'z') &&
			!(letter >= '0' && letter <= '9') && letter != '-')
			return refuse_character(email, letter, DUPEX_EMAIL_DOMAIN_CHARACTER);
		ascii = ascii && letter < 0x80;
		*numeric = *numeric && letter >= '0' && letter <= '9';
		if (count < DUPEX_LABEL_MAX)
			letters[count] = letter;
		*at += octets;
	}
	if (count == 0)
		return refuse(email, DUPEX_EMAIL_DOMAIN_DOT, 0);
	if (count > DUPEX_LABEL_MAX)
	{
		email->octets = count;
		return refuse(email, DUPEX_EMAIL_LABEL_TOO_LONG, 0);
	}
	return write_label(letters, count, ascii, email, writer);
}

/*
 * The domain, to the end of the text.
 */
static bool
read_domain(const char *text, size_t length, size_t *at, DupexEmail *email,
			Writer *writer)
{
	bool		numeric = false;

	if (*at == length)
		return refuse(email, DUPEX_EMAIL_NO_DOMAIN, 0);
	if (text[*at] == '[')
		return read_literal(text, length, at, email, writer);
	for (;;)
	{
		if (!read_label(text, length, at, email, writer, &numeric))
			return false;
		email->labels++;
		if (*at == length)
			break;
		write_octet(writer, '.');
		(*at)++;
	}
	if (numeric)
		return refuse(email, DUPEX_EMAIL_NUMERIC_TOP, 0);
	return true;
}

static bool
refuse_length(DupexEmail *email, DupexEmailCode code, size_t octets)
{
	email->octets = octets;
	return refuse(email, code, 0);
}

/*
 * Reads a text as an address. email->code says what is wrong with it; VALID when
 * nothing is.
 */
void
dupex_email_read(const char *text, size_t length, DupexEmail *email)
{
	Writer		writer = {email->text, DUPEX_EMAIL_MAX, 0};
	size_t		at = 0;
	size_t		domain_length;
	bool		quoted = length > 0 && text[0] == '"';

	memset(email, 0, offsetof(DupexEmail, text));
	email->text[0] = '\0';
	if (length == 0)
	{
		refuse(email, DUPEX_EMAIL_EMPTY, 0);
		return;
	}
	if (length > DUPEX_EMAIL_TEXT_MAX)
	{
		refuse_length(email, DUPEX_EMAIL_TOO_LONG, length);
		return;
	}
	if (!(quoted ? read_quoted : read_dot_atom) (text, length, &at, email, &writer))
		return;
	email->local_length = writer.length;
	write_octet(&writer, '@');
	at++;
	if (!read_domain(text, length, &at, email, &writer))
		return;
	domain_length = writer.length - email->local_length - 1;
	if (email->octets > DUPEX_EMAIL_LOCAL_MAX)
		refuse_length(email, DUPEX_EMAIL_LOCAL_TOO_LONG, email->octets);
	else if (email->local_length > DUPEX_EMAIL_LOCAL_MAX)
		refuse_length(email, DUPEX_EMAIL_LOCAL_TOO_LONG, email->local_length);
	else if (domain_length > DUPEX_EMAIL_DOMAIN_MAX)
		refuse_length(email, DUPEX_EMAIL_DOMAIN_TOO_LONG, domain_length);
	else if (writer.length > DUPEX_EMAIL_MAX)
		refuse_length(email, DUPEX_EMAIL_TOO_LONG, writer.length);
	else
	{
		email->length = writer.length;
		email->text[email->length] = '\0';
	}
}

/*
 * email_repair.c
 *		What comes with addresses from spreadsheets, web pages and forms, and can be
 *		taken off without a doubt.
 *
 * White space and punctuation at the ends, invisible characters, the full-width
 * characters of Chinese and Japanese input methods, "mailto:", and the name in
 * 'Name <address>'. No repair chooses between two addresses that both could be
 * meant: such a guess is a suggestion (email_judge.c) and never sent to.
 */
#include "hygiene/email.h"

#include "hygiene/letters.h"

#include <string.h>

/* the part of a buffer that is left of the text */
typedef struct Span
{
	char	   *start;
	size_t		length;
} Span;

/*
 * Whether a text is as most are: printable ASCII, with a letter or digit at
 * either end. Then there is nothing to repair.
 */
static bool
is_plain(const char *text, size_t length)
{
	unsigned char last;

	if (length < 7)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if ((unsigned char) text[i] <= ' ' || (unsigned char) text[i] >= 0x7F ||
			text[i] == '<' || text[i] == ':' || text[i] == '"' || text[i] == '\'')
			return false;
	}
	last = (unsigned char) text[length - 1];
	return last >= 'A' || (last >= '0' && last <= '9');
}

/*
 * A character with the repairs that need no other one: ordinary spaces and narrow
 * characters. 0 for one that nobody sees. The repairs are added to *repairs.
 */
uint32_t
dupex_email_repair_letter(uint32_t letter, unsigned *repairs)
{
	if (dupex_letter_is_invisible(letter))
	{
		*repairs |= DUPEX_EMAIL_CUT_INVISIBLE;
		return 0;
	}
	if (dupex_letter_is_space(letter))
		return ' ';
	if (dupex_letter_narrow(letter) != letter)
		*repairs |= DUPEX_EMAIL_NARROWED;
	return dupex_letter_narrow(letter);
}

/*
 * Copies the text, each of its characters repaired. What is no UTF-8 is copied as it is.
 */
static Span
copy_letters(const char *text, size_t length, char *out, unsigned *repairs)
{
	Span		span = {out, 0};
	size_t		at = 0;

	while (at < length)
	{
		uint32_t	letter;
		size_t		octets = dupex_utf8_get(text + at, length - at, &letter);

		if (octets == 0)
		{
			out[span.length++] = text[at++];
			continue;
		}
		at += octets;
		letter = dupex_email_repair_letter(letter, repairs);
		if (letter != 0)
			span.length += dupex_utf8_put(letter, out + span.length);
	}
	return span;
}

/* each of these cuts one thing off, and says whether it did */

static bool
cut_spaces(Span *span)
{
	size_t		before = span->length;

	while (span->length > 0 && span->start[0] == ' ')
	{
		span->start++;
		span->length--;
	}
	while (span->length > 0 && span->start[span->length - 1] == ' ')
		span->length--;
	return span->length != before;
}

/*
 * Whether a text, compared without regard to the case of ASCII, stands in another one.
 */
static bool
stands_in(const char *text, size_t length, const char *whole, size_t whole_length)
{
	for (size_t from = 0; from + length <= whole_length; from++)
	{
		size_t		at = 0;

		while (at < length && dupex_letter_lower((unsigned char) text[at]) ==
			   dupex_letter_lower((unsigned char) whole[from + at]))
			at++;
		if (at == length)
			return true;
	}
	return false;
}

/*
 * The name in 'Name <address>'. One in which another address stands is left where it is:
 * nobody knows which of the two is meant.
 */
static bool
cut_name(Span *span)
{
	size_t		open = span->length;

	if (span->length < 2 || span->start[span->length - 1] != '>')
		return false;
	while (open > 0 && span->start[open - 1] != '<')
		open--;
	if (open == 0 || (memchr(span->start, '@', open) != NULL &&
					  !stands_in(span->start + open, span->length - open - 1, span->start, open)))
		return false;
	span->start += open;
	span->length -= open + 1;
	return true;
}

static bool
cut_mailto(Span *span)
{
	static const char scheme[] = "mailto:";
	size_t		scheme_length = sizeof(scheme) - 1;
	char	   *question;

	if (span->length < scheme_length)
		return false;
	for (size_t i = 0; i < scheme_length; i++)
	{
		if (dupex_letter_lower((unsigned char) span->start[i]) !=
			(unsigned char) scheme[i])
			return false;
	}
	span->start += scheme_length;
	span->length -= scheme_length;
	question = memchr(span->start, '?', span->length);
	if (question != NULL)
		span->length = (size_t) (question - span->start);
	return true;
}

/*
 * A full stop, comma or semicolon at the end; quotation marks around the whole.
 */
static bool
cut_ends(Span *span)
{
	char		first = span->length > 0 ? span->start[0] : '\0';
	char		last = span->length > 0 ? span->start[span->length - 1] : '\0';

	if (span->length > 2 && first == last && (first == '"' || first == '\''))
	{
		span->start++;
		span->length -= 2;
		return true;
	}
	if (span->length > 1 && (last == '.' || last == ',' || last == ';'))
	{
		span->length--;
		return true;
	}
	return false;
}

/*
 * Takes out spaces before and after "@" and full stops. A quoted local part is
 * left alone: there spaces belong to it.
 */
static bool
cut_inner_spaces(Span *span)
{
	size_t		kept = 0;

	if (span->length > 0 && span->start[0] == '"')
		return false;
	for (size_t i = 0; i < span->length; i++)
	{
		char		here = span->start[i];

		if (here == ' ')
		{
			size_t		next = i;
			char		before = kept > 0 ? span->start[kept - 1] : '\0';

			while (next < span->length && span->start[next] == ' ')
				next++;
			if (before == '@' || before == '.' || span->start[next] == '@' ||
				span->start[next] == '.')
			{
				i = next - 1;
				continue;
			}
		}
		span->start[kept++] = here;
	}
	if (kept == span->length)
		return false;
	span->length = kept;
	return true;
}

/*
 * Writes the text without what certainly does not belong to it, at most length
 * octets; returns how many. The repairs are added to *repairs.
 */
size_t
dupex_email_repair(const char *text, size_t length, char *out,
				   unsigned *repairs)
{
	Span		span;
	bool		again = true;

	if (is_plain(text, length))
	{
		memcpy(out, text, length);
		return length;
	}
	span = copy_letters(text, length, out, repairs);
	while (again)
	{
		again = false;
		if (cut_spaces(&span))
			*repairs |= DUPEX_EMAIL_CUT_SPACE;
		if (cut_name(&span))
		{
			*repairs |= DUPEX_EMAIL_CUT_NAME;
			again = true;
		}
		if (cut_mailto(&span))
		{
			*repairs |= DUPEX_EMAIL_CUT_MAILTO;
			again = true;
		}
		if (cut_ends(&span))
		{
			*repairs |= DUPEX_EMAIL_CUT_END;
			again = true;
		}
	}
	if (cut_inner_spaces(&span))
		*repairs |= DUPEX_EMAIL_CUT_SPACE;
	memmove(out, span.start, span.length);
	return span.length;
}

/*
 * Reads a text as an address after its repair. repairs: those made before.
 */
void
dupex_email_read_tolerantly(const char *text, size_t length,
							unsigned repairs, DupexEmail *email)
{
	char		repaired[DUPEX_EMAIL_TEXT_MAX];

	if (length > sizeof(repaired))
	{
		dupex_email_read(text, length, email);	/* which says so */
		return;
	}
	length = dupex_email_repair(text, length, repaired, &repairs);
	dupex_email_read(repaired, length, email);
	email->repairs |= repairs;
}

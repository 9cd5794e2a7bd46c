/*
 * letters.c
 *		Characters of UTF-8: reading and writing them, lower case, width, and
 *		which of them can stand in the name of a domain.
 *
 * All of this must be the same in every database, whatever its locale: the same
 * address must get the same key in a C database and in one with ICU. So it rests
 * on ranges of Unicode that are fixed for ever, and not on the C library.
 *
 * Lower case is that of the scripts which have it and which people use in names
 * and addresses: Latin, Greek, Cyrillic, Armenian, and the full-width forms.
 * Characters that become several in lower case stay as they are, and so do the two that
 * would be longer in UTF-8 (U+023A, U+023E) and Greek with its ancient accents.
 */
#include "hygiene/letters.h"

/* where upper and lower case alternate, the upper one first */
typedef struct Alternating
{
	uint32_t	first;
	uint32_t	last;
} Alternating;

static const Alternating alternating[] = {
	{0x0100, 0x012F}, {0x0132, 0x0137}, {0x0139, 0x0148}, {0x014A, 0x0177},
	{0x0179, 0x017E}, {0x0182, 0x0185}, {0x0187, 0x0188}, {0x018B, 0x018C},
	{0x0191, 0x0192}, {0x0198, 0x0199}, {0x01A0, 0x01A5}, {0x01A7, 0x01A8},
	{0x01AC, 0x01AD}, {0x01AF, 0x01B0}, {0x01B3, 0x01B6}, {0x01B8, 0x01B9},
	{0x01BC, 0x01BD}, {0x01CD, 0x01DC}, {0x01DE, 0x01EF}, {0x01F4, 0x01F5},
	{0x01F8, 0x021F}, {0x0222, 0x0233}, {0x023B, 0x023C}, {0x0241, 0x0242},
	{0x0246, 0x024F}, {0x0370, 0x0373}, {0x0376, 0x0377}, {0x0460, 0x0481}, {0x048A, 0x04BF}, {0x04C1, 0x04CE},
	{0x04D0, 0x052F}, {0x1E00, 0x1E95}, {0x1EA0, 0x1EFF}
};

/* where the lower case stands at a fixed distance from the upper one */
typedef struct Shifted
{
	uint32_t	first;
	uint32_t	last;
	uint32_t	distance;
} Shifted;

static const Shifted shifted[] = {
	{0x00C0, 0x00D6, 32}, {0x00D8, 0x00DE, 32}, {0x0386, 0x0386, 38},
	{0x0388, 0x038A, 37}, {0x038C, 0x038C, 64}, {0x038E, 0x038F, 63},
	{0x0391, 0x03A1, 32}, {0x03A3, 0x03AB, 32}, {0x0400, 0x040F, 80},
	{0x0410, 0x042F, 32}, {0x0531, 0x0556, 48}, {0xFF21, 0xFF3A, 32}
};

/*
 * What stands by itself: the sharp s; letters of African languages and of Azerbaijani; the
 * palochka of the Caucasus. In UTF-8 none of these is longer in lower case.
 */
static const uint32_t single[][2] = {
	{0x0178, 0x00FF}, {0x0181, 0x0253}, {0x0186, 0x0254}, {0x0189, 0x0256},
	{0x018A, 0x0257}, {0x018E, 0x01DD}, {0x018F, 0x0259}, {0x0190, 0x025B},
	{0x0193, 0x0260}, {0x0194, 0x0263}, {0x0196, 0x0269}, {0x0197, 0x0268},
	{0x019C, 0x026F}, {0x019D, 0x0272}, {0x019F, 0x0275}, {0x01A6, 0x0280},
	{0x01A9, 0x0283}, {0x01AE, 0x0288}, {0x01B1, 0x028A}, {0x01B2, 0x028B},
	{0x01B7, 0x0292}, {0x0220, 0x019E}, {0x023D, 0x019A}, {0x0243, 0x0180},
	{0x0244, 0x0289}, {0x0245, 0x028C}, {0x04C0, 0x04CF}, {0x1E9E, 0x00DF}
};

/*
 * What cannot stand in a name of a domain (RFC 5892, by whole blocks where most
 * of a block is disallowed): controls, punctuation, symbols, emoji, compatibility
 * forms, private use. In increasing order.
 */
static const uint32_t not_in_domain[][2] = {
	{0x0080, 0x00B6}, {0x00B8, 0x00BF}, {0x00D7, 0x00D7}, {0x00F7, 0x00F7},
	{0x02C2, 0x02C5}, {0x02D2, 0x02EB}, {0x02ED, 0x02ED}, {0x02EF, 0x02FF},
	{0x037E, 0x037E}, {0x0384, 0x0385}, {0x0387, 0x0387}, {0x03F6, 0x03F6},
	{0x0482, 0x0482}, {0x055A, 0x055F}, {0x0589, 0x058F}, {0x05BE, 0x05BE},
	{0x05C0, 0x05C0}, {0x05C3, 0x05C3}, {0x05C6, 0x05C6}, {0x0600, 0x060F},
	{0x061B, 0x061F}, {0x066A, 0x066D}, {0x06D4, 0x06D4}, {0x06DD, 0x06DE},
	{0x0964, 0x0965}, {0x0E3F, 0x0E3F}, {0x0E4F, 0x0E4F}, {0x0E5A, 0x0E5B},
	{0x1680, 0x1680}, {0x180E, 0x180E}, {0x1FBD, 0x1FBD}, {0x1FBF, 0x1FC1},
	{0x1FCD, 0x1FCF}, {0x1FDD, 0x1FDF}, {0x1FED, 0x1FEF}, {0x1FFD, 0x2BFF},
	{0x2E00, 0x2E2E}, {0x2E30, 0x3004}, {0x3008, 0x3029}, {0x302E, 0x303B},
	{0x303D, 0x3040}, {0x309B, 0x309C}, {0x30A0, 0x30A0}, {0x3131, 0x319F},
	{0x31C0, 0x31EF}, {0x3200, 0x33FF}, {0x4DC0, 0x4DFF}, {0xA490, 0xA4CF},
	{0xD7A4, 0xFA0D}, {0xFB00, 0xFB1D}, {0xFB50, 0xFE1F}, {0xFE30, 0xFFFF},
	{0x1D000, 0x1D7FF}, {0x1EE00, 0x1EEFF}, {0x1F000, 0x1FAFF},
	{0xE0000, 0x10FFFF}
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Reads the character at the start of a text. Returns its octets, or 0 when the
 * text is empty or not UTF-8 there (overlong forms, surrogates and what lies
 * beyond Unicode are not).
 */
size_t
dupex_utf8_get(const char *text, size_t length, uint32_t *letter)
{
	static const uint32_t least[DUPEX_UTF8_MAX + 1] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *) text;
	size_t		octets;
	uint32_t	value;

	if (length == 0)
		return 0;
	if (at[0] < 0x80)
	{
		*letter = at[0];
		return 1;
	}
	if (at[0] >= 0xC2 && at[0] < 0xE0)
		octets = 2;
	else if (at[0] >= 0xE0 && at[0] < 0xF0)
		octets = 3;
	else if (at[0] >= 0xF0 && at[0] < 0xF5)
		octets = 4;
	else
		return 0;
	if (octets > length)
		return 0;
	value = at[0] & (0x7Fu >> octets);
	for (size_t i = 1; i < octets; i++)
	{
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3F);
	}
	if (value < least[octets] || value > 0x10FFFF ||
		(value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*letter = value;
	return octets;
}

/*
 * Writes a character, up to DUPEX_UTF8_MAX octets; returns how many.
 */
size_t
dupex_utf8_put(uint32_t letter, char *out)
{
	if (letter < 0x80)
	{
		out[0] = (char) letter;
		return 1;
	}
	if (letter < 0x800)
	{
		out[0] = (char) (0xC0 | letter >> 6);
		out[1] = (char) (0x80 | (letter & 0x3F));
		return 2;
	}
	if (letter < 0x10000)
	{
		out[0] = (char) (0xE0 | letter >> 12);
		out[1] = (char) (0x80 | (letter >> 6 & 0x3F));
		out[2] = (char) (0x80 | (letter & 0x3F));
		return 3;
	}
	out[0] = (char) (0xF0 | letter >> 18);
	out[1] = (char) (0x80 | (letter >> 12 & 0x3F));
	out[2] = (char) (0x80 | (letter >> 6 & 0x3F));
	out[3] = (char) (0x80 | (letter & 0x3F));
	return 4;
}

/*
 * The lower case of a character; the character itself when it has none.
 */
uint32_t
dupex_letter_lower(uint32_t letter)
{
	if (letter < 0x80)
		return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
	if (letter > 0x1EFF && letter < 0xFF21)
		return letter;
	for (size_t i = 0; i < COUNT(shifted); i++)
	{
		if (letter >= shifted[i].first && letter <= shifted[i].last)
			return letter + shifted[i].distance;
	}
	for (size_t i = 0; i < COUNT(alternating); i++)
	{
		if (letter >= alternating[i].first && letter <= alternating[i].last)
			return (letter - alternating[i].first) % 2 == 0 ? letter + 1 : letter;
	}
	for (size_t i = 0; i < COUNT(single); i++)
	{
		if (letter == single[i][0])
			return single[i][1];
	}
	return letter;
}

/*
 * The ordinary character that a full-width form stands for, as input methods for
 * Chinese and Japanese write them; the ideographic full stops become a full stop.
 */
uint32_t
dupex_letter_narrow(uint32_t letter)
{
	if (letter >= 0xFF01 && letter <= 0xFF5E)
		return letter - 0xFF01 + '!';
	switch (letter)
	{
		case 0x3000:
			return ' ';
		case 0x3002:			/* ideographic full stop */
		case 0xFF61:			/* the same in half width */
		case 0xFE52:			/* small full stop */
			return '.';
		case 0xFE6B:			/* small commercial at */
			return '@';
		default:
			return letter;
	}
}

/*
 * White space, the no-break and ideographic kinds too; line ends and tabs.
 */
bool
dupex_letter_is_space(uint32_t letter)
{
	return letter == ' ' || (letter >= '\t' && letter <= '\r') ||
		letter == 0x85 || letter == 0xA0 || letter == 0x1680 ||
		(letter >= 0x2000 && letter <= 0x200A) || letter == 0x2028 ||
		letter == 0x2029 || letter == 0x202F || letter == 0x205F ||
		letter == 0x3000;
}

/*
 * Characters that nobody sees: zero-width spaces and joiners, marks of direction,
 * the soft hyphen, the byte order mark. Spreadsheets and web pages leave them.
 */
bool
dupex_letter_is_invisible(uint32_t letter)
{
	return letter == 0xAD || (letter >= 0x200B && letter <= 0x200F) ||
		(letter >= 0x202A && letter <= 0x202E) ||
		(letter >= 0x2060 && letter <= 0x2064) ||
		(letter >= 0x2066 && letter <= 0x2069) || letter == 0xFEFF;
}

/*
 * Whether a character beyond ASCII can stand in a label of a domain name, or at
 * its beginning, where a combining mark cannot.
 */
bool
dupex_letter_in_domain(uint32_t letter, bool first)
{
	size_t		low = 0;
	size_t		high = COUNT(not_in_domain);

	if (first && ((letter >= 0x0300 && letter <= 0x036F) ||
				  (letter >= 0x20D0 && letter <= 0x20F0)))
		return false;
	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (letter > not_in_domain[middle][1])
			low = middle + 1;
		else
			high = middle;
	}
	return low == COUNT(not_in_domain) || letter < not_in_domain[low][0];
}

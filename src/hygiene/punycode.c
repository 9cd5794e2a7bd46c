/*
 * punycode.c
 *		Labels of internationalized domain names in ASCII.
 *
 * Source: RFC 3492, A. Costello, "Punycode: A Bootstring encoding of Unicode for
 * Internationalized Domain Names in Applications", 2003; its sections 6.1 to 6.3
 * are adapt_bias, the decoder and the encoder here. The ASCII characters come
 * first, then a hyphen, then where the others belong: the differences between
 * successive (character, place) pairs as numbers of variable length, whose bases
 * adapt to the differences seen so far.
 */
#include "hygiene/punycode.h"

#define BASE 36u
#define T_MIN 1u
#define T_MAX 26u
#define SKEW 38u
#define DAMP 700u
#define INITIAL_BIAS 72u
#define INITIAL_LETTER 0x80u
#define LAST_LETTER 0x10FFFFu

static uint32_t
adapt_bias(uint32_t delta, uint32_t points, bool first)
{
	uint32_t	bias = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	while (delta > (BASE - T_MIN) * T_MAX / 2)
	{
		delta /= BASE - T_MIN;
		bias += BASE;
	}
	return bias + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* the threshold of the digit with weight number place (a multiple of BASE) */
static uint32_t
threshold(uint32_t place, uint32_t bias)
{
	if (place <= bias)
		return T_MIN;
	return place >= bias + T_MAX ? T_MAX : place - bias;
}

static char
digit_character(uint32_t digit)
{
	return (char) (digit < 26 ? 'a' + digit : '0' + (digit - 26));
}

/* the value of a digit; BASE when the character is none */
static uint32_t
digit_value(char character)
{
	if (character >= 'a' && character <= 'z')
		return (uint32_t) (character - 'a');
	if (character >= 'A' && character <= 'Z')
		return (uint32_t) (character - 'A');
	if (character >= '0' && character <= '9')
		return (uint32_t) (character - '0') + 26;
	return BASE;
}

/*
 * Writes delta as a number of variable length; returns where the output goes on,
 * or size + 1 when it does not fit.
 */
static size_t
put_delta(uint32_t delta, uint32_t bias, char *out, size_t at, size_t size)
{
	for (uint32_t place = BASE;; place += BASE)
	{
		uint32_t	t = threshold(place, bias);

		if (at >= size)
			return size + 1;
		if (delta < t)
			break;
		out[at++] = digit_character(t + (delta - t) % (BASE - t));
		delta = (delta - t) / (BASE - t);
	}
	out[at++] = digit_character(delta);
	return at;
}

/*
 * Encodes a label without the "xn--". Returns the octets written, 0 when they
 * would be more than size. A label has few characters, so 32 bits never overflow:
 * 64 characters times 0x110000 is below 2^27.
 */
size_t
dupex_punycode_encode(const uint32_t *letters, size_t count, char *out,
					  size_t size)
{
	uint32_t	next = INITIAL_LETTER;
	uint32_t	delta = 0;
	uint32_t	bias = INITIAL_BIAS;
	size_t		at = 0;
	size_t		basic;
	size_t		done;

	if (count > DUPEX_LABEL_MAX)
		return 0;
	for (size_t i = 0; i < count; i++)
	{
		if (letters[i] >= INITIAL_LETTER)
			continue;
		if (at >= size)
			return 0;
		out[at++] = (char) letters[i];
	}
	done = basic = at;
	if (basic > 0)
	{
		if (at >= size)
			return 0;
		out[at++] = '-';
	}
	while (done < count)
	{
		uint32_t	least = LAST_LETTER + 1;

		for (size_t i = 0; i < count; i++)
		{
			if (letters[i] >= next && letters[i] < least)
				least = letters[i];
		}
		if (least > LAST_LETTER)
			return 0;			/* not a character */
		delta += (least - next) * (uint32_t) (done + 1);
		next = least;
		for (size_t i = 0; i < count; i++)
		{
			if (letters[i] < next)
				delta++;
			if (letters[i] != next)
				continue;
			at = put_delta(delta, bias, out, at, size);
			if (at > size)
				return 0;
			bias = adapt_bias(delta, (uint32_t) done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		next++;
	}
	return at;
}

/*
 * Decodes a label without its "xn--". False when it is not Punycode, or has more
 * characters than size, or holds what is not a character.
 */
bool
dupex_punycode_decode(const char *text, size_t length, uint32_t *letters,
					  size_t size, size_t *count)
{
	uint64_t	next = INITIAL_LETTER;
	uint64_t	place_of = 0;
	uint32_t	bias = INITIAL_BIAS;
	size_t		basic = length;
	size_t		at;

	while (basic > 0 && text[basic - 1] != '-')
		basic--;
	if (basic > 0)
		basic--;				/* the hyphen itself */
	if (basic > size)
		return false;
	for (size_t i = 0; i < basic; i++)
	{
		if ((unsigned char) text[i] >= INITIAL_LETTER)
			return false;
		letters[i] = (unsigned char) text[i];
	}
	*count = basic;
	for (at = basic > 0 ? basic + 1 : 0; at < length;)
	{
		uint64_t	before = place_of;
		uint64_t	weight = 1;

		for (uint32_t place = BASE;; place += BASE)
		{
			uint32_t	digit = at < length ? digit_value(text[at++]) : BASE;
			uint32_t	t = threshold(place, bias);

			if (digit >= BASE)
				return false;
			place_of += digit * weight;
			if (place_of > UINT32_MAX)
				return false;
			if (digit < t)
				break;
			weight *= BASE - t;
			if (weight > UINT32_MAX)
				return false;
		}
		if (*count >= size)
			return false;
		bias = adapt_bias((uint32_t) (place_of - before), (uint32_t) *count + 1,
						  before == 0);
		next += place_of / (*count + 1);
		place_of %= *count + 1;
		if (next > LAST_LETTER || (next >= 0xD800 && next <= 0xDFFF))
			return false;
		for (size_t i = *count; i > place_of; i--)
			letters[i] = letters[i - 1];
		letters[place_of++] = (uint32_t) next;
		(*count)++;
	}
	return true;
}

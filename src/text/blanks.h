/*
 * blanks.h
 *		White space between the parts of a value's text form.
 */
#ifndef DUPEX_TEXT_BLANKS_H
#define DUPEX_TEXT_BLANKS_H

/*
 * Moves on to what is no white space, at the latest to the '\0' at the end.
 */
static inline void
dupex_skip_blanks(const char **at)
{
	while (**at == ' ' || (**at >= '\t' && **at <= '\r'))
		++* at;
}

#endif							/* DUPEX_TEXT_BLANKS_H */

/*
 * message.c
 *		Texts for people, put together in memory of the caller.
 *
 * What does not fit is cut off. The callers' buffers have room for the longest
 * text that can come up; the fuzz target sees to that.
 */
#include "text/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Makes out (of size bytes, at least one) a text, as printf does.
 */
void
dupex_message_set(char *out, size_t size, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	if (vsnprintf(out, size, format, arguments) < 0)
		out[0] = '\0';
	va_end(arguments);
}

/*
 * Adds a text at the end of what is in out.
 */
void
dupex_message_add(char *out, size_t size, const char *format,...)
{
	size_t		used = strlen(out);
	va_list		arguments;

	va_start(arguments, format);
	if (vsnprintf(out + used, size - used, format, arguments) < 0)
		out[used] = '\0';
	va_end(arguments);
}

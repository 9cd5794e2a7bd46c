/*
 * message.h
 *		Texts for people, put together in memory of the caller.
 */
#ifndef DUPEX_TEXT_MESSAGE_H
#define DUPEX_TEXT_MESSAGE_H

#include <stddef.h>

#if defined(__GNUC__)
#define DUPEX_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define DUPEX_PRINTF(text, first)
#endif

extern void dupex_message_set(char *out, size_t size, const char *format,
							  ...) DUPEX_PRINTF(3, 4);
extern void dupex_message_add(char *out, size_t size, const char *format,
							  ...) DUPEX_PRINTF(3, 4);

#endif							/* DUPEX_TEXT_MESSAGE_H */

/*
 * punycode.h
 *		Labels of internationalized domain names in ASCII (RFC 3492).
 */
#ifndef DUPEX_HYGIENE_PUNYCODE_H
#define DUPEX_HYGIENE_PUNYCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a label of a domain name has at most this many octets (RFC 1035) */
#define DUPEX_LABEL_MAX 63

extern size_t dupex_punycode_encode(const uint32_t *letters, size_t count,
									char *out, size_t size);
extern bool dupex_punycode_decode(const char *text, size_t length,
								  uint32_t *letters, size_t size,
								  size_t *count);

#endif							/* DUPEX_HYGIENE_PUNYCODE_H */

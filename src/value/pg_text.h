/*
 * pg_text.h
 *		Reading and writing the numbers in the text form of counts.
 */
#ifndef DUPEX_PG_TEXT_H
#define DUPEX_PG_TEXT_H

#include "dupex.h"

#include "lib/stringinfo.h"

extern void dupex_text_write_number(StringInfo string, double number);
extern void dupex_text_write_weight(StringInfo string, uint64 whole, uint32 fraction);
extern bool dupex_text_read_number(const char **at, double *number);
extern bool dupex_text_read_weight(const char **at, uint64 *whole, uint32 *fraction);
extern bool dupex_text_read_count(const char **at, const char *word, int64 *count);

#endif							/* DUPEX_PG_TEXT_H */

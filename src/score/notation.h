/*
 * notation.h
 *		The text form of states: reading and writing a little JSON.
 *
 * Pure C. notation.c tells the idea.
 */
#ifndef DUPEX_NOTATION_H
#define DUPEX_NOTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/sum.h"

/*
 * Where a reader is. The text ends with a NUL at end.
 */
typedef struct DupexScan
{
	const char *at;
	const char *end;
} DupexScan;

/*
 * Where a writer puts its text: a function of the caller's.
 */
typedef struct DupexSink
{
	void		(*write) (void *target, const char *text, size_t length);
	void	   *target;
} DupexSink;

/* room for the shortest text of a floating point number, with the NUL */
#define DUPEX_DOUBLE_TEXT_SIZE	32

extern bool dupex_scan_mark(DupexScan *scan, char mark);
extern bool dupex_scan_done(DupexScan *scan);
extern bool dupex_scan_double(DupexScan *scan, double *value);
extern bool dupex_scan_sum(DupexScan *scan, DupexSum *sum);
extern bool dupex_scan_whole(DupexScan *scan, int64_t *value);
extern bool dupex_scan_micros(DupexScan *scan, int64_t *micros);
extern bool dupex_scan_word(DupexScan *scan, const char *word);
extern bool dupex_scan_string(DupexScan *scan, char *out, size_t *length);

extern size_t dupex_double_format(double value, char *text);
extern void dupex_write(const DupexSink *sink, const char *text);
extern void dupex_write_double(const DupexSink *sink, double value);
extern void dupex_write_sum(const DupexSink *sink, const DupexSum *sum);
extern void dupex_write_micros(const DupexSink *sink, int64_t micros);
extern void dupex_write_string(const DupexSink *sink, const char *string, size_t length);

#endif							/* DUPEX_NOTATION_H */

/*
 * pg_tally.h
 *		States of the scores as PostgreSQL sees them: growth, roll-up, input and output.
 */
#ifndef DUPEX_PG_TALLY_H
#define DUPEX_PG_TALLY_H

#include "dupex.h"

#include "lib/stringinfo.h"

#include "score/notation.h"
#include "score/tally.h"

/*
 * What a kind of state has of its own: the name of its type, how a key travels in binary form,
 * and how the state is read and written as text.
 */
typedef struct DupexTallyForm
{
	int			kind;
	int			sums;
	const char *type;
	const char *example;
	void		(*send_key) (StringInfo message, const DupexTally *tally, const char *key, size_t length);
	bool		(*receive_key) (StringInfo message, uint32 width, StringInfo key);
	bool		(*read) (DupexScan *scan, DupexTally **tally);
	void		(*write) (const DupexSink *sink, const DupexTally *tally);
	uint32		max_width;
	bool		is_whole;		/* sums are counts */
	bool		is_positive;	/* and none is 0 */
} DupexTallyForm;

#define DatumGetTallyP(datum)	((DupexTally *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_TALLY_P(n)	DatumGetTallyP(PG_GETARG_DATUM(n))
#define PG_RETURN_TALLY_P(x)	PG_RETURN_POINTER(x)

extern DupexTally *dupex_tally_make(int kind, int sums, uint32 width, size_t key_length);
extern DupexTally *dupex_tally_own(FunctionCallInfo fcinfo);
extern DupexSum *dupex_tally_reach(DupexTally **tally, const void *key, size_t length);
extern void dupex_tally_count(DupexTally **tally, const void *key, size_t length, int which, const DupexSum *weight);
extern DupexSum dupex_weight(double weight);
extern DupexTally *dupex_tally_finish(const DupexTally *tally);
extern const DupexTally *dupex_tally_ordered(const DupexTally *tally);
extern DupexTally *dupex_tally_indexed(const DupexTally *tally);
extern const DupexTallyEntry **dupex_tally_sorted(const DupexTally *tally);
extern Datum dupex_tally_combine(FunctionCallInfo fcinfo);
extern Datum dupex_tally_in(FunctionCallInfo fcinfo, const DupexTallyForm *form);
extern Datum dupex_tally_out(FunctionCallInfo fcinfo, const DupexTallyForm *form);
extern Datum dupex_tally_recv(FunctionCallInfo fcinfo, const DupexTallyForm *form);
extern Datum dupex_tally_send(FunctionCallInfo fcinfo, const DupexTallyForm *form);
extern void dupex_send_text(StringInfo message, const char *string, size_t length);
extern void dupex_receive_text(StringInfo message, StringInfo string);
extern void *dupex_kept(FunctionCallInfo fcinfo, int argument, void *(*prepare) (Datum value));

#endif							/* DUPEX_PG_TALLY_H */

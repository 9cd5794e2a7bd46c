/*
 * pg_linkage.h
 *		Records of a query and the model of their agreement, for find_duplicates()
 *		and its sisters.
 *
 * What a call does, one after the other: it reads the records (pg_records.c), learns
 * what agreement is worth (pg_fit.c) or is given it (pg_model.c), and makes all
 * candidate pairs again to keep those above the threshold (pg_find_duplicates.c).
 */
#ifndef DUPEX_PG_LINKAGE_H
#define DUPEX_PG_LINKAGE_H

#include "dupex.h"

#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "linkage/fellegi_sunter.h"
#include "linkage/pairs.h"
#include "linkage/pg_values.h"

/*
 * What the functions have in common of arguments.
 */
typedef struct DupexLinkageArguments
{
	const char *function;		/* for messages */
	text	   *query;
	text	   *other_query;	/* NULL for duplicates in one list */
	Jsonb	   *comparators;	/* NULL: by the names of columns */
	ArrayType  *blocking;		/* NULL: by the kinds of columns */
	double		recall;
	Oid			sounds;			/* InvalidOid for none */
	text	   *country;
	int			max_block;
	int			max_memory;		/* MB */
} DupexLinkageArguments;

/*
 * Records by number, those of the first list first, each list in order of its keys.
 */
typedef struct DupexRecords
{
	const DupexLinkageArguments *arguments;
	MemoryContext context;
	int			columns;
	char	   *name[DUPEX_LINKAGE_COLUMNS];	/* in UTF-8 */
	bool		is_text[DUPEX_LINKAGE_COLUMNS];
	bool		is_time[DUPEX_LINKAGE_COLUMNS];
	DupexLinkageColumn column[DUPEX_LINKAGE_COLUMNS];
	DupexValues values[DUPEX_LINKAGE_COLUMNS];
	uint32	   *value[DUPEX_LINKAGE_COLUMNS];	/* of each record; 0 is
												 * missing */
	uint32		count;
	uint32		capacity;
	uint32		first_count;	/* records of the first list */
	int			list;			/* that is being read */
	bool		key_is_text[2];
	int64	   *key;			/* the number, or where the text starts */
	char	   *key_octets;		/* texts, each with a 0 behind it */
	Size		key_size;
	Size		key_used;
	DupexSounds sounds;
} DupexRecords;

/* levels of pairs of values that have been compared before */
typedef struct DupexLevelMemory
{
	uint32		a;
	uint32		b;
	int			level;
} DupexLevelMemory;

/*
 * A call at work.
 */
typedef struct DupexLinkage
{
	DupexLinkageArguments arguments;
	MemoryContext context;
	DupexRecords records;
	int			pass_count;
	DupexLinkagePass pass[DUPEX_LINKAGE_PASSES];
	DupexPairs	pairs;
	DupexLevelMemory *memory[DUPEX_LINKAGE_COLUMNS];	/* NULL where not worth
														 * it */
	DupexLinkageModel model;
	DupexPattern *patterns;
	Size		pattern_count;
	Size		pattern_capacity;
	uint32	   *pattern_table;
} DupexLinkage;

extern void dupex_linkage_check_memory(const DupexLinkageArguments *arguments, MemoryContext context);

/* pg_forms.c */
extern Size dupex_linkage_form(DupexLinkageKind kind, text *value, text *country, char *out);

/* pg_comparators.c */
extern void dupex_linkage_set_columns(DupexRecords *records);
extern void dupex_linkage_set_passes(DupexLinkage *linkage);

/* pg_records.c */
extern void dupex_records_read(DupexRecords *records, const DupexLinkageArguments *arguments, MemoryContext context);
extern text *dupex_records_key(const DupexRecords *records, uint32 record);

/* pg_fit.c */
extern void dupex_linkage_open(DupexLinkage *linkage, const DupexLinkageArguments *arguments);
extern int	dupex_linkage_compare(DupexLinkage *linkage, int column, uint32 a, uint32 b);
extern void dupex_linkage_learn(DupexLinkage *linkage);

/* pg_model.c */
extern Jsonb *dupex_linkage_model_to_jsonb(const DupexLinkage *linkage);
extern void dupex_linkage_model_from_jsonb(DupexLinkage *linkage, Jsonb *model);
extern void dupex_linkage_tell(const DupexLinkage *linkage, StringInfo out);
extern void dupex_linkage_warn(const DupexLinkage *linkage);

#endif							/* DUPEX_PG_LINKAGE_H */

/*
 * blocking.h
 *		Which pairs of records are compared at all: those that share a key in one
 *		of several passes.
 *
 * A pass is written as terms with a plus between them, such as
 * "initials(name)+last4(phone)". A record without one of them is in no block of
 * the pass.
 */
#ifndef DUPEX_LINKAGE_BLOCKING_H
#define DUPEX_LINKAGE_BLOCKING_H

#include "linkage/comparison.h"
#include "linkage/sounds.h"

#define DUPEX_LINKAGE_PASSES 32
#define DUPEX_LINKAGE_TERMS 4
/* octets of a pass in words */
#define DUPEX_LINKAGE_PASS_TEXT 500

typedef enum DupexBlockTerm
{
	DUPEX_BLOCK_WHOLE,			/* of names: in whatever order of words */
	DUPEX_BLOCK_INITIALS,		/* first letters of the words; of Chinese
								 * characters, of their sounds */
	DUPEX_BLOCK_FIRST4,
	DUPEX_BLOCK_LAST4,
	DUPEX_BLOCK_NUMBER,			/* the first digits in a row */
	DUPEX_BLOCK_LONGEST,		/* the longest word */
	DUPEX_BLOCK_LOCAL,			/* what is before an @ */
	DUPEX_BLOCK_TERMS			/* how many there are */
} DupexBlockTerm;

typedef struct DupexLinkagePass
{
	int			count;
	DupexBlockTerm term[DUPEX_LINKAGE_TERMS];
	int			column[DUPEX_LINKAGE_TERMS];
} DupexLinkagePass;

/* a value of a record; text NULL when it is missing */
typedef struct DupexLinkageValue
{
	const char *text;
	size_t		length;
} DupexLinkageValue;

extern const char *dupex_block_term_name(DupexBlockTerm term);
extern const char *dupex_linkage_pass_parse(const char *text, const char *const *names,
											int columns, DupexLinkagePass *pass);
extern void dupex_linkage_pass_text(const DupexLinkagePass *pass, const char *const *names,
									char *out, size_t size);
extern int	dupex_linkage_default_passes(const DupexLinkageColumn *columns, int count,
										 DupexLinkagePass *passes);
extern uint64_t dupex_linkage_block_key(const DupexLinkagePass *pass, const DupexLinkageColumn *columns,
										const DupexLinkageValue *values,
										const DupexSounds *sounds);
extern uint64_t dupex_linkage_hash(uint64_t seed, const void *bytes, size_t length);
extern uint64_t dupex_linkage_mix(uint64_t number);

#endif							/* DUPEX_LINKAGE_BLOCKING_H */

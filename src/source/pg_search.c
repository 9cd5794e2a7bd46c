/*
 * pg_search.c
 *		Searching source codes by prefix (^@) and by pattern (^~), and how both
 *		use an index.
 *
 * All codes with one prefix are one range of values (code.c). So where the
 * prefix, or the part of a pattern before its first wildcard, is a constant,
 * the planner support function turns the condition into "code >= first AND code
 * <= last" for a btree index or a BRIN minmax index. PostgreSQL asks for this
 * with SupportRequestIndexCondition (src/include/nodes/supportnodes.h).
 */
#include "pg_source.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type_d.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/*
 * Error 22023 for a prefix or pattern with a character that no code has.
 */
static void
refuse_pattern(const char *kind, const char *hint, text *argument, size_t where)
{
	const char *data = VARDATA_ANY(argument);
	size_t		length = VARSIZE_ANY_EXHDR(argument);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid source code %s \"%s\"", kind,
					dupex_source_quote(data, length)),
			 errdetail("Character \"%s\" in position %d cannot be in a source code.",
					   dupex_source_character(data, length, where),
					   dupex_source_position(data, where)),
			 errhint("%s", hint)));
}

/*
 * code ^@ prefix: whether the code begins with the prefix, which is read like a
 * code (case folded, spaces and hyphens ignored) and may be empty. 22023 for
 * other characters.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_starts_with);
Datum
dupex_source_code_starts_with(PG_FUNCTION_ARGS)
{
	int64_t		code = PG_GETARG_SOURCE_CODE(0);
	text	   *prefix = PG_GETARG_TEXT_PP(1);
	DupexCodeRange range;
	size_t		where;

	if (dupex_code_parse_prefix(VARDATA_ANY(prefix), VARSIZE_ANY_EXHDR(prefix),
								&range, &where) != DUPEX_CODE_OK)
		refuse_pattern("prefix",
					   "Operator ^~ takes a pattern: ? for one character, * for the rest.",
					   prefix, where);
	PG_RETURN_BOOL(code >= range.first && code <= range.last);
}

/*
 * code ^~ pattern: ? stands for one character, * for any number of them. 22023
 * for characters that neither a code nor a pattern has.
 */
PG_FUNCTION_INFO_V1(dupex_source_code_matches);
Datum
dupex_source_code_matches(PG_FUNCTION_ARGS)
{
	int64_t		code = PG_GETARG_SOURCE_CODE(0);
	text	   *argument = PG_GETARG_TEXT_PP(1);
	DupexCodePattern pattern;
	size_t		where;

	if (dupex_pattern_parse(VARDATA_ANY(argument), VARSIZE_ANY_EXHDR(argument),
							&pattern, &where) != DUPEX_CODE_OK)
		refuse_pattern("pattern",
					   "In a pattern ? stands for one character and * for the rest.",
					   argument, where);
	PG_RETURN_BOOL(dupex_pattern_matches(&pattern, code));
}

/*
 * "indexed column OPERATOR code" for an index condition, or NULL when the
 * operator family has no such operator.
 */
static Expr *
make_bound(SupportRequestIndexCondition *request, Node *column,
		   StrategyNumber strategy, int64_t code)
{
	Oid		   *argument_types;
	int			arguments;
	Oid			type;
	Oid			operator;

	/* the type of the codes: the first argument of ^@ and ^~ */
	get_func_signature(request->funcid, &argument_types, &arguments);
	type = argument_types[0];
	operator = get_opfamily_member(request->opfamily, type, type, strategy);
	if (!OidIsValid(operator))
		return NULL;
	return make_opclause(operator, BOOLOID, false, (Expr *) column,
						 (Expr *) makeConst(type, -1, InvalidOid, sizeof(int64),
											SourceCodeGetDatum(code), false,
											FLOAT8PASSBYVAL),
						 InvalidOid, InvalidOid);
}

/*
 * Whether the strategies of an operator family are < <= = >= >.
 */
static bool
has_order_strategies(Oid family)
{
	HeapTuple	tuple = SearchSysCache1(OPFAMILYOID, ObjectIdGetDatum(family));
	Oid			method;

	if (!HeapTupleIsValid(tuple))
		return false;
	method = ((Form_pg_opfamily) GETSTRUCT(tuple))->opfmethod;
	ReleaseSysCache(tuple);
	return method == BTREE_AM_OID || method == BRIN_AM_OID;
}

/*
 * The index condition for a range of codes, as a list of clauses, or NIL.
 */
static List *
range_conditions(SupportRequestIndexCondition *request, Node *column,
				 const DupexCodeRange *range)
{
	Expr	   *lower;
	Expr	   *upper;

	if (!has_order_strategies(request->opfamily))
		return NIL;
	if (range->first == range->last)
	{
		Expr	   *same = make_bound(request, column, BTEqualStrategyNumber,
									  range->first);

		return same == NULL ? NIL : list_make1(same);
	}
	lower = make_bound(request, column, BTGreaterEqualStrategyNumber,
					   range->first);
	upper = make_bound(request, column, BTLessEqualStrategyNumber, range->last);
	if (lower == NULL || upper == NULL)
		return NIL;
	return list_make2(lower, upper);
}

/*
 * Whether the constant prefix (or pattern, when is_pattern) confines the code to
 * a range that is worth an index condition. Never raises an error: what is
 * wrong with the text is for the operator to say.
 */
static bool
constant_range(Const *constant, bool is_pattern, DupexCodeRange *range)
{
	text	   *argument;
	const char *data;
	size_t		length;
	size_t		where;
	DupexCodePattern pattern;

	if (constant->constisnull)
		return false;
	argument = DatumGetTextPP(constant->constvalue);
	data = VARDATA_ANY(argument);
	length = VARSIZE_ANY_EXHDR(argument);
	if (!is_pattern)
	{
		if (dupex_code_parse_prefix(data, length, range, &where) != DUPEX_CODE_OK)
			return false;
	}
	else if (dupex_pattern_parse(data, length, &pattern, &where) != DUPEX_CODE_OK ||
			 !dupex_pattern_range(&pattern, range))
		return false;
	/* below the first code is the empty prefix: it confines nothing */
	return range->first > 0 && range->first <= range->last;
}

/*
 * The work of both planner support functions: returns the index condition for
 * "code OPERATOR constant", NULL when there is none.
 */
static Node *
support(Node *raw_request, bool is_pattern)
{
	SupportRequestIndexCondition *request;
	List	   *arguments;
	Node	   *constant;
	DupexCodeRange range;
	List	   *conditions;

	if (!IsA(raw_request, SupportRequestIndexCondition))
		return NULL;
	request = (SupportRequestIndexCondition *) raw_request;
	if (IsA(request->node, OpExpr))
		arguments = ((OpExpr *) request->node)->args;
	else if (IsA(request->node, FuncExpr))
		arguments = ((FuncExpr *) request->node)->args;
	else
		return NULL;
	if (list_length(arguments) != 2 || request->indexarg != 0)
		return NULL;
	constant = (Node *) lsecond(arguments);
	if (!IsA(constant, Const) ||
		!constant_range((Const *) constant, is_pattern, &range))
		return NULL;
	conditions = range_conditions(request, (Node *) linitial(arguments), &range);
	if (conditions == NIL)
		return NULL;
	request->lossy = !range.exact;
	return (Node *) conditions;
}

PG_FUNCTION_INFO_V1(dupex_source_code_starts_with_support);
Datum
dupex_source_code_starts_with_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(support((Node *) PG_GETARG_POINTER(0), false));
}

PG_FUNCTION_INFO_V1(dupex_source_code_matches_support);
Datum
dupex_source_code_matches_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(support((Node *) PG_GETARG_POINTER(0), true));
}

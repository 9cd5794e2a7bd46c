/*
 * pg_share_out.c
 *		share_out(): the arrays in, the choices out. share_out.c has the idea.
 */
#include "dupex.h"

#include "assign/share_out.h"

#include <limits.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "runner/pg_rows.h"

/*
 * An array argument taken apart.
 */
typedef struct Column
{
	const char *name;
	Datum	   *values;
	bool	   *nulls;
	int			count;
} Column;

/*
 * An argument that is an array, its length the expected one unless that is -1. may_be_null: its
 * elements may.
 */
static Column
column_argument(FunctionCallInfo fcinfo, int n, const char *name, int expected, bool may_be_null)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	Column		column = {name, NULL, NULL, 0};

	switch (ARR_ELEMTYPE(array))
	{
		case INT4OID:
			deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT, &column.values, &column.nulls, &column.count);
			break;
		case INT8OID:
			deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &column.values, &column.nulls, &column.count);
			break;
		default:
			deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &column.values, &column.nulls, &column.count);
	}
	if (expected >= 0 && column.count != expected)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%s has %d elements, not %d", name, column.count, expected),
				 errhint("All arrays on receivers are of one length, and all on items; item_pools has as many elements for each item.")));
	for (int i = 0; i < column.count; i++)
		if (!may_be_null && column.nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s[%d] is NULL", name, i + 1)));
	return column;
}

/*
 * The receivers, from arguments 0 to 5, sorted.
 */
static DupexReceiver *
receivers_argument(FunctionCallInfo fcinfo, int *count)
{
	Column		id = column_argument(fcinfo, 0, "receivers", -1, false);
	Column		pool = column_argument(fcinfo, 1, "pools", id.count, false);
	Column		level = column_argument(fcinfo, 2, "levels", id.count, true);
	Column		capacity = column_argument(fcinfo, 3, "capacities", id.count, false);
	Column		weight = column_argument(fcinfo, 4, "weights", id.count, false);
	Column		taken = column_argument(fcinfo, 5, "taken", id.count, false);
	DupexReceiver *receivers = palloc((id.count + 1) * sizeof(DupexReceiver));

	for (int i = 0; i < id.count; i++)
	{
		DupexReceiver *receiver = &receivers[i];

		receiver->id = DatumGetInt64(id.values[i]);
		receiver->pool = DatumGetInt32(pool.values[i]);
		receiver->all_levels = level.nulls[i];
		receiver->level = level.nulls[i] ? 0 : DatumGetInt32(level.values[i]);
		receiver->capacity = DatumGetFloat8(capacity.values[i]);
		receiver->weight = DatumGetFloat8(weight.values[i]);
		receiver->taken = DatumGetInt32(taken.values[i]);
		receiver->place = i;
		if (!(receiver->weight > 0) || isinf(receiver->weight))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the weight of receiver %lld must be a number above 0, not %g", (long long) receiver->id, receiver->weight),
					 errhint("Give somebody who gets nothing a capacity of 0.")));
		if (isnan(receiver->capacity))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the capacity of receiver %lld must be a number or infinity, not %g", (long long) receiver->id, receiver->capacity)));
	}
	dupex_receivers_sort(receivers, id.count);
	for (int i = 1; i < id.count; i++)
		if (receivers[i].pool == receivers[i - 1].pool && receivers[i].id == receivers[i - 1].id)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("receiver %lld is twice in pool %d", (long long) receivers[i].id, receivers[i].pool)));
	*count = id.count;
	return receivers;
}

/*
 * Where in had the receivers of each item begin: count + 1 places.
 */
static int *
had_begins(const Column *had_items, int count)
{
	int		   *begins = palloc((count + 1) * sizeof(int));
	int			item = 0;

	for (int i = 0; i < had_items->count; i++)
	{
		int			number = DatumGetInt32(had_items->values[i]);

		if (number < item || number < 1 || number > count)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("had_items[%d] is %d", i + 1, number),
					 errdetail("They are numbers of items, from 1 to %d here, in ascending order.", count)));
		while (item < number)
			begins[item++] = i;
	}
	/* begins[n - 1] is where item n begins, and begins[n] where it ends */
	while (item <= count)
		begins[item++] = had_items->count;
	return begins;
}

static Datum
make_array(Datum *values, bool *nulls, int count, Oid type, int length, bool by_value, char alignment)
{
	int			bound = 1;

	return PointerGetDatum(construct_md_array(values, nulls, 1, &count, &bound, type, length, by_value, alignment));
}

/*
 * share_out(receivers, pools, levels, capacities, weights, taken,
 *			 item_pools, item_above, item_owners, had_items, had_receivers)
 */
PG_FUNCTION_INFO_V1(dupex_share_out_sql);
Datum
dupex_share_out_sql(PG_FUNCTION_ARGS)
{
	int			receiver_count;
	DupexReceiver *receivers = receivers_argument(fcinfo, &receiver_count);
	Column		owner = column_argument(fcinfo, 8, "item_owners", -1, true);
	int			count = owner.count;
	Column		above = column_argument(fcinfo, 7, "item_above", count, true);
	Column		item_pool = column_argument(fcinfo, 6, "item_pools", -1, false);
	Column		had_item = column_argument(fcinfo, 9, "had_items", -1, false);
	Column		had_receiver = column_argument(fcinfo, 10, "had_receivers", had_item.count, false);
	int			tiers = count == 0 ? 0 : item_pool.count / count;
	int		   *begins = had_begins(&had_item, count);
	int32	   *pools = palloc((item_pool.count + 1) * sizeof(int32));
	int64	   *had = palloc((had_item.count + 1) * sizeof(int64));
	Datum	   *chosen = palloc((count + 1) * sizeof(Datum));
	Datum	   *tier = palloc((count + 1) * sizeof(Datum));
	Datum	   *possible = palloc((count + 1) * sizeof(Datum));
	bool	   *nobody = palloc((count + 1) * sizeof(bool));
	Datum	   *taken = palloc((receiver_count + 1) * sizeof(Datum));
	Datum		values[4];
	bool		nulls[4] = {false};

	if (item_pool.count != tiers * count)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("item_pools has %d elements for %d items", item_pool.count, count),
				 errhint("It has as many elements for each item, one item after the other; 0 stands for no pool.")));
	for (int i = 0; i < item_pool.count; i++)
		pools[i] = DatumGetInt32(item_pool.values[i]);
	for (int i = 0; i < had_item.count; i++)
		had[i] = DatumGetInt64(had_receiver.values[i]);
	for (int i = 0; i < count; i++)
	{
		DupexShareItem item = {pools + (size_t) i * tiers, tiers, 0, !above.nulls[i], 0, !owner.nulls[i],
		had + begins[i], begins[i + 1] - begins[i]};
		DupexShareChoice choice;

		CHECK_FOR_INTERRUPTS();
		if (item.has_above)
			item.above = DatumGetInt32(above.values[i]);
		if (item.has_owner)
			item.owner = DatumGetInt64(owner.values[i]);
		choice = dupex_share_out(receivers, receiver_count, &item);
		nobody[i] = choice.receiver == NULL;
		chosen[i] = Int64GetDatum(nobody[i] ? 0 : choice.receiver->id);
		tier[i] = Int32GetDatum((int32) choice.tier + 1);
		possible[i] = BoolGetDatum(choice.is_possible);
	}
	for (int i = 0; i < receiver_count; i++)
		taken[receivers[i].place] = Int32GetDatum(receivers[i].taken);
	values[0] = make_array(chosen, nobody, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	values[1] = make_array(tier, nobody, count, INT4OID, sizeof(int32), true, TYPALIGN_INT);
	values[2] = make_array(possible, NULL, count, BOOLOID, sizeof(bool), true, TYPALIGN_CHAR);
	values[3] = make_array(taken, NULL, receiver_count, INT4OID, sizeof(int32), true, TYPALIGN_INT);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, 4), values, nulls)));
}

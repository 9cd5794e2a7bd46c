/*
 * pg_spend.c
 *		The aggregate gamma_gamma_agg and its relatives: from rows (repeat orders, mean value) to
 *		the state spend_counts.
 *
 * The state is flat. While an aggregate works on it, it has room for more rows; a full one is
 * sorted and its equal rows are joined, and when that does not make room for as many again it is
 * doubled. The final function sorts and drops the slack. The same rows give the same bytes by
 * whatever plan.
 */
#include "value/pg_spend.h"
#include "state/pg_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_CAPACITY	4

/*
 * Order of rows for the sort: qsort with the comparison written into it.
 */
#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE DupexSpendRow
#define ST_COMPARE(a, b) dupex_spend_row_compare(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

/*
 * A stored state without rows and with room for some; 54000 beyond one gigabyte.
 */
DupexSpendCounts *
dupex_spend_counts_allocate(uint32 capacity)
{
	Size		size = offsetof(DupexSpendCounts, rows) + (Size) capacity * sizeof(DupexSpendRow);
	DupexSpendCounts *counts;

	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different customers for type %s", "spend_counts"),
				 errdetail("%u rows of different frequency and mean value need more than one gigabyte.", capacity),
				 errhint("Round the mean values, or fit to a random part of the customers.")));
	counts = palloc(size);
	memset(counts, 0, offsetof(DupexSpendCounts, rows));
	SET_VARSIZE(counts, size);
	counts->version = DUPEX_SPEND_COUNTS_VERSION;
	counts->capacity = capacity;
	return counts;
}

/*
 * A state that has the rows of another one, with this much room.
 */
static DupexSpendCounts *
copy_counts(const DupexSpendCounts *from, uint32 capacity, bool is_working)
{
	DupexSpendCounts *counts = dupex_spend_counts_allocate(capacity);

	counts->is_working = is_working;
	counts->nulls = from->nulls;
	counts->row_count = from->row_count;
	memcpy(counts->rows, from->rows, from->row_count * sizeof(DupexSpendRow));
	return counts;
}

/*
 * Sorts the rows of a state and joins equal ones.
 */
static void
join_rows(DupexSpendCounts *counts)
{
	sort_rows(counts->rows, counts->row_count);
	if (!dupex_spend_rows_join(counts->rows, &counts->row_count))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the weights of equal customers add up to more than 2^63")));
}

/*
 * What is stored of a state in working form.
 */
static DupexSpendCounts *
make_stored(const DupexSpendCounts *from)
{
	DupexSpendCounts *counts = copy_counts(from, from->row_count, false);

	join_rows(counts);
	counts->capacity = counts->row_count;
	SET_VARSIZE(counts, offsetof(DupexSpendCounts, rows) + counts->row_count * sizeof(DupexSpendRow));
	return counts;
}

/*
 * A state from a datum, in whatever form it is.
 */
static DupexSpendCounts *
counts_of_datum(Datum datum)
{
	DupexSpendCounts *counts = (DupexSpendCounts *) PG_DETOAST_DATUM(datum);

	dupex_state_check_version("spend_counts", counts->version, DUPEX_SPEND_COUNTS_VERSION);
	return counts;
}

const DupexSpendCounts *
dupex_spend_counts_argument(FunctionCallInfo fcinfo, int n)
{
	DupexSpendCounts *counts = counts_of_datum(PG_GETARG_DATUM(n));

	return counts->is_working ? make_stored(counts) : counts;
}

/*
 * The state that a transition function may change, in working form: its first argument where an
 * aggregate calls, else a copy; a new one where it is NULL.
 */
static DupexSpendCounts *
own_state(FunctionCallInfo fcinfo)
{
	DupexSpendCounts *counts;

	if (PG_ARGISNULL(0))
	{
		counts = dupex_spend_counts_allocate(FIRST_CAPACITY);
		counts->is_working = true;
		return counts;
	}
	counts = counts_of_datum(PG_GETARG_DATUM(0));
	if (counts->is_working && AggCheckCallContext(fcinfo, NULL))
		return counts;
	return copy_counts(counts, Max(counts->row_count, FIRST_CAPACITY), true);
}

/*
 * Adds rows to a state in working form, which may move.
 */
static DupexSpendCounts *
add_rows(DupexSpendCounts *counts, const DupexSpendRow *rows, uint32 row_count)
{
	if (row_count > counts->capacity - counts->row_count)
	{
		uint64		needed;

		join_rows(counts);
		needed = (uint64) counts->row_count + row_count;
		if (needed > counts->capacity / 2)
			counts = copy_counts(counts, (uint32) Min(Max(needed, (uint64) counts->row_count * 2), PG_UINT32_MAX), true);
	}
	memcpy(counts->rows + counts->row_count, rows, row_count * sizeof(DupexSpendRow));
	counts->row_count += row_count;
	return counts;
}

/*
 * Complains of a row that cannot be: 22023, and which one.
 */
static void
complain(DupexSpendStatus status, double frequency, double mean_value, double weight)
{
	if (status == DUPEX_SPEND_WEIGHT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("impossible weight %g of row: frequency %g, mean value %g", weight, frequency, mean_value),
				 errdetail("A weight is a number of customers, from 0 to 2^52.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("impossible customer: frequency %g, mean value %g", frequency, mean_value),
			 status == DUPEX_SPEND_VALUE ? errdetail("The mean value must be finite.")
			 : errdetail("Frequency is the number of repeat purchases, a whole number from 0 to 4294967295."),
			 errhint("purchase_summary() makes possible ones of orders.")));
}

void
dupex_spend_check(double frequency, double mean_value)
{
	DupexSpendRow row;
	DupexSpendStatus status = dupex_spend_row_make(frequency, mean_value, 1, &row);

	if (status != DUPEX_SPEND_OK && status != DUPEX_SPEND_NOTHING)
		complain(status, frequency, mean_value, 1);
}

/*
 * The transition of gamma_gamma_agg(frequency, mean_value, weight). Customers without repeat
 * orders do not count, whatever their mean value. Other rows with a NULL are left out and
 * counted.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_add);
Datum
dupex_spend_counts_add(PG_FUNCTION_ARGS)
{
	DupexSpendCounts *counts = own_state(fcinfo);
	bool		is_once = !PG_ARGISNULL(1) && PG_GETARG_FLOAT8(1) == 0;
	DupexSpendStatus status;
	DupexSpendRow row;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(3) || (PG_ARGISNULL(2) && !is_once))
	{
		counts->nulls++;
		PG_RETURN_POINTER(counts);
	}
	status = dupex_spend_row_make(PG_GETARG_FLOAT8(1), PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3), &row);
	if (status == DUPEX_SPEND_OK)
		counts = add_rows(counts, &row, 1);
	else if (status != DUPEX_SPEND_NOTHING)
		complain(status, PG_GETARG_FLOAT8(1), PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3));
	PG_RETURN_POINTER(counts);
}

/*
 * The transition of rollup() and the combine function of the aggregates. NULL on either side
 * adds nothing. The second argument is never changed.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_combine);
Datum
dupex_spend_counts_combine(PG_FUNCTION_ARGS)
{
	DupexSpendCounts *counts;
	DupexSpendCounts *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(own_state(fcinfo));
	}
	other = counts_of_datum(PG_GETARG_DATUM(1));
	counts = own_state(fcinfo);
	counts->nulls += other->nulls;
	PG_RETURN_POINTER(add_rows(counts, other->rows, other->row_count));
}

/*
 * The final function: the stored form; NULL where there is no row.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_final);
Datum
dupex_spend_counts_final(PG_FUNCTION_ARGS)
{
	DupexSpendCounts *counts;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	counts = counts_of_datum(PG_GETARG_DATUM(0));
	if (counts->row_count == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(counts->is_working ? make_stored(counts) : counts);
}

/*
 * spend_counts_customers(counts): those the fit takes.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_customers);
Datum
dupex_spend_counts_customers(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);
	double		customers = 0;

	for (uint32 i = 0; i < counts->row_count; i++)
		if (counts->rows[i].frequency > 0)
			customers += dupex_spend_weight(&counts->rows[i]);
	PG_RETURN_FLOAT8(customers);
}

/*
 * spend_counts_without_value(counts): repeat customers that the fit leaves out because their
 * orders had no value. Their row is the first.
 */
PG_FUNCTION_INFO_V1(dupex_spend_counts_without_value);
Datum
dupex_spend_counts_without_value(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);

	if (counts->row_count == 0 || counts->rows[0].frequency > 0)
		PG_RETURN_FLOAT8(0);
	PG_RETURN_FLOAT8(dupex_spend_weight(&counts->rows[0]));
}

PG_FUNCTION_INFO_V1(dupex_spend_counts_nulls);
Datum
dupex_spend_counts_nulls(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(dupex_spend_counts_argument(fcinfo, 0)->nulls);
}

/*
 * pg_history.c
 *		The aggregate purchase_history_agg, its state purchase_history, and the accessors.
 *
 * The state is flat: purchases in order, and while an aggregate works on it room for more, which
 * doubles when it is full. Orders mostly come by time; one that does not is put at the end and
 * the state is sorted when it is full or finished, so that no order costs a shift of all others.
 */
#include "dupex.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "runner/pg_rows.h"
#include "value/pg_value.h"
#include "state/pg_state.h"
#include "text/blanks.h"

#define VERSION			1
#define MAX_QUOTED		60

typedef struct PurchaseHistory
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		is_unordered;	/* 1 only while an aggregate works on it */
	uint16		unused;
	uint32		count;
	uint32		capacity;
	DupexPurchase purchases[FLEXIBLE_ARRAY_MEMBER];
} PurchaseHistory;

/*
 * Order by time for the sort.
 */
#define ST_SORT sort_purchases
#define ST_ELEMENT_TYPE DupexPurchase
#define ST_COMPARE(a, b) ((a)->at < (b)->at ? -1 : (a)->at > (b)->at)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static PurchaseHistory *
allocate(uint64 capacity)
{
	uint64		size = offsetof(PurchaseHistory, purchases) + capacity * sizeof(DupexPurchase);
	PurchaseHistory *history;

	if (capacity > PG_UINT32_MAX || !AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many purchases for type %s", "purchase_history"),
				 errdetail("The purchases at " UINT64_FORMAT " different times need more than one gigabyte.", capacity),
				 errhint("Is the aggregate grouped by customer?")));
	history = palloc(size);
	memset(history, 0, offsetof(PurchaseHistory, purchases));
	SET_VARSIZE(history, size);
	history->version = VERSION;
	history->capacity = (uint32) capacity;
	return history;
}

static void
complain_of_sum(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("purchase_history out of range"),
			 errdetail("The amounts of orders at the same time add up to %d digits before the decimal point at most.", DUPEX_AMOUNT_DIGITS),
			 errhint("Use a larger unit of money, such as thousands.")));
}

/*
 * Brings purchases into order, those of the same time together.
 */
static void
put_in_order(PurchaseHistory *history)
{
	if (!history->is_unordered)
		return;
	sort_purchases(history->purchases, history->count);
	if (!dupex_history_merge(history->purchases, &history->count))
		complain_of_sum();
	history->is_unordered = 0;
}

static PurchaseHistory *
copy_with_capacity(const PurchaseHistory *from, uint64 capacity)
{
	PurchaseHistory *history = allocate(capacity);

	history->count = from->count;
	history->is_unordered = from->is_unordered;
	memcpy(history->purchases, from->purchases, from->count * sizeof(DupexPurchase));
	return history;
}

/*
 * A history from a datum, in whatever form it is.
 */
static PurchaseHistory *
history_of_datum(Datum datum)
{
	PurchaseHistory *history = (PurchaseHistory *) PG_DETOAST_DATUM(datum);

	dupex_state_check_version("purchase_history", history->version, VERSION);
	return history;
}

/*
 * Argument n as it is stored: in order and without slack; may be the argument itself.
 */
static const PurchaseHistory *
history_argument(FunctionCallInfo fcinfo, int n)
{
	PurchaseHistory *history = history_of_datum(PG_GETARG_DATUM(n));

	if (!history->is_unordered && history->capacity == history->count)
		return history;
	history = copy_with_capacity(history, history->count);
	put_in_order(history);
	history->capacity = history->count;
	SET_VARSIZE(history, offsetof(PurchaseHistory, purchases) + history->count * sizeof(DupexPurchase));
	return history;
}

/*
 * Adds a purchase to a state that may be changed, and may move.
 */
static PurchaseHistory *
add_purchase(PurchaseHistory *history, const DupexPurchase *purchase)
{
	DupexPurchase *last = history->count > 0 ? &history->purchases[history->count - 1] : NULL;

	if (last && last->at == purchase->at)
	{
		if (!dupex_purchase_add(last, purchase))
			complain_of_sum();
		return history;
	}
	if (history->count == history->capacity)
	{
		put_in_order(history);
		if (history->count > history->capacity / 2)
			history = copy_with_capacity(history, (uint64) history->capacity * 2);
		last = &history->purchases[history->count - 1];
	}
	/* after the sort the last one may be of the same moment */
	if (last && last->at >= purchase->at)
		history->is_unordered = 1;
	history->purchases[history->count++] = *purchase;
	return history;
}

/*
 * The state that a transition function may change: its first argument where an aggregate calls,
 * else a copy of it.
 */
static PurchaseHistory *
own_state(FunctionCallInfo fcinfo)
{
	PurchaseHistory *history = history_of_datum(PG_GETARG_DATUM(0));

	if (AggCheckCallContext(fcinfo, NULL))
		return history;
	return copy_with_capacity(history, history->count + 1);
}

/*
 * The amount of an order. Raises 22003 for what cannot be added up exactly, 22023 for a negative
 * one.
 */
static DupexAmount
amount_argument(FunctionCallInfo fcinfo, int n)
{
	char	   *str = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(n)));
	size_t		length = strlen(str);
	DupexAmount amount = {0};
	DupexAmountStatus status = dupex_amount_parse(str, length, &amount);

	if (length > MAX_QUOTED)
		strcpy(str + MAX_QUOTED - 3, "...");
	if (status == DUPEX_AMOUNT_DECIMALS_LOST)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount %s has more than %d decimals", str, DUPEX_AMOUNT_DECIMALS),
				 errhint("Round it first, such as with round(amount, 4).")));
	if (status != DUPEX_AMOUNT_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount %s is out of range for type %s", str, "purchase_history"),
				 errdetail("It is a number of up to %d digits before the decimal point.", DUPEX_AMOUNT_DIGITS)));
	if (amount.whole < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("negative amount of an order: %s", str),
				 errdetail("Each row of the aggregate is a purchase, and a return is none."),
				 errhint("Leave returns out, or subtract them from the amounts of their orders.")));
	pfree(str);
	return amount;
}

/*
 * Transition of purchase_history_agg(ordered_at, amount). A row without time is left out; one
 * without amount is an order of 0.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_add);
Datum
dupex_purchase_history_add(PG_FUNCTION_ARGS)
{
	PurchaseHistory *history;
	DupexPurchase purchase = {0};

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	purchase.at = PG_GETARG_TIMESTAMPTZ(1);
	purchase.orders = 1;
	if (!PG_ARGISNULL(2))
	{
		DupexAmount amount = amount_argument(fcinfo, 2);

		purchase.whole = amount.whole;
		purchase.billionths = amount.billionths;
	}
	if (!dupex_purchase_is_valid(&purchase))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an order at %s", TIMESTAMP_IS_NOBEGIN(purchase.at) ? "-infinity" : TIMESTAMP_IS_NOEND(purchase.at) ? "infinity" : timestamptz_to_str(purchase.at)),
				 errdetail("Times of orders are in the years 1 to 9999.")));
	if (PG_ARGISNULL(0))
	{
		history = allocate(1);
		history->purchases[0] = purchase;
		history->count = 1;
	}
	else
		history = add_purchase(own_state(fcinfo), &purchase);
	PG_RETURN_POINTER(history);
}

/*
 * Transition of rollup() and combine function; NULL on either side adds nothing.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_combine);
Datum
dupex_purchase_history_combine(PG_FUNCTION_ARGS)
{
	PurchaseHistory *history;
	PurchaseHistory *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = history_of_datum(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(copy_with_capacity(other, Max(other->count, 1)));
	history = own_state(fcinfo);
	for (uint32 i = 0; i < other->count; i++)
		history = add_purchase(history, &other->purchases[i]);
	PG_RETURN_POINTER(history);
}

/*
 * Final function: the stored form.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_final);
Datum
dupex_purchase_history_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(history_argument(fcinfo, 0));
}

/*
 * Text: {time amount, time amount xorders, ...}, times in UTC.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_out);
Datum
dupex_purchase_history_out(PG_FUNCTION_ARGS)
{
	const PurchaseHistory *history = history_argument(fcinfo, 0);
	char		purchase[DUPEX_PURCHASE_TEXT_SIZE];
	StringInfoData string;

	initStringInfo(&string);
	appendStringInfoChar(&string, '{');
	for (uint32 i = 0; i < history->count; i++)
	{
		dupex_purchase_format(&history->purchases[i], purchase);
		appendStringInfo(&string, "%s%s", i == 0 ? "" : ", ", purchase);
	}
	appendStringInfoChar(&string, '}');
	PG_RETURN_CSTRING(string.data);
}

/*
 * Text to purchase_history; a text that is none, or not in order, is 22P02, a soft error where
 * PostgreSQL has those.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_in);
Datum
dupex_purchase_history_in(PG_FUNCTION_ARGS)
{
	const char *str = PG_GETARG_CSTRING(0);
	const char *at = str;
	PurchaseHistory *history;
	uint32		commas = 0;
	bool		is_valid;

	for (const char *c = str; *c; c++)
		commas += *c == ',';
	history = allocate((uint64) commas + 1);
	dupex_skip_blanks(&at);
	is_valid = *at++ == '{';
	while (is_valid)
	{
		DupexPurchase *purchase = &history->purchases[history->count];

		dupex_skip_blanks(&at);
		is_valid = dupex_purchase_parse(&at, purchase) && (history->count == 0 || purchase[-1].at < purchase->at);
		if (!is_valid)
			break;
		history->count++;
		dupex_skip_blanks(&at);
		if (*at != ',')
		{
			is_valid = *at++ == '}';
			break;
		}
		at++;
	}
	if (is_valid)
		dupex_skip_blanks(&at);
	if (is_valid && *at == '\0')
		PG_RETURN_POINTER(history);
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"", "purchase_history",
					strlen(str) > MAX_QUOTED ? MAX_QUOTED : (int) strlen(str), str, strlen(str) > MAX_QUOTED ? "..." : ""),
			 errdetail("A purchase_history is written {time amount, ...} with times in UTC, in order and each once, such as {2026-01-31T10:15:00Z 19.99, 2026-02-14T00:00:00Z 30 x2} where x2 are two orders."),
			 errhint("Make one of orders with purchase_history_agg(ordered_at, amount).")));
}

/*
 * Binary form: version int1, number of purchases int4; of each time int8 (microseconds since
 * 2000), amount int8 and int4 (whole and billionths), orders int4.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_send);
Datum
dupex_purchase_history_send(PG_FUNCTION_ARGS)
{
	const PurchaseHistory *history = history_argument(fcinfo, 0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint8(&message, VERSION);
	pq_sendint32(&message, history->count);
	for (uint32 i = 0; i < history->count; i++)
	{
		pq_sendint64(&message, (uint64) history->purchases[i].at);
		pq_sendint64(&message, (uint64) history->purchases[i].whole);
		pq_sendint32(&message, (uint32) history->purchases[i].billionths);
		pq_sendint32(&message, history->purchases[i].orders);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * What dupex could not have sent is 22P03.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_recv);
Datum
dupex_purchase_history_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	PurchaseHistory *history;
	uint32		count;

	if (pq_getmsgbyte(message) != VERSION)
		dupex_message_refuse("purchase_history", "The version is not 1.");
	count = (uint32) pq_getmsgint(message, 4);
	if (count == 0 || (uint64) count * 24 > (uint64) (message->len - message->cursor))
		dupex_message_refuse("purchase_history", "There is no purchase, or the message ends before they do.");
	history = allocate(count);
	history->count = count;
	for (uint32 i = 0; i < count; i++)
	{
		DupexPurchase *purchase = &history->purchases[i];

		purchase->at = pq_getmsgint64(message);
		purchase->whole = pq_getmsgint64(message);
		purchase->billionths = (int32) pq_getmsgint(message, 4);
		purchase->orders = (uint32) pq_getmsgint(message, 4);
		if (!dupex_purchase_is_valid(purchase) || (i > 0 && purchase[-1].at >= purchase->at))
			dupex_message_refuse("purchase_history", "A purchase cannot be, or is not in order.");
	}
	PG_RETURN_POINTER(history);
}

/*
 * What purchase_summary keeps between its calls: the row's description and the time zone of the
 * last call.
 */
typedef struct RowMemory
{
	TupleDesc	description;
	pg_tz	   *zone;			/* NULL for UTC */
	char		zone_name[TZ_STRLEN_MAX + 1];
} RowMemory;

static RowMemory *
row_memory(FunctionCallInfo fcinfo)
{
	RowMemory  *memory = fcinfo->flinfo->fn_extra;

	if (memory == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		memory = palloc0(sizeof(RowMemory));
		memory->description = dupex_row_type(fcinfo, 4);
		strcpy(memory->zone_name, "UTC");
		MemoryContextSwitchTo(old);
		fcinfo->flinfo->fn_extra = memory;
	}
	return memory;
}

/*
 * The time zone that is argument n, into the memory. Raises 22023 for an unknown one.
 */
static void
zone_argument(FunctionCallInfo fcinfo, int n, RowMemory *memory)
{
	text	   *word = PG_GETARG_TEXT_PP(n);
	size_t		length = VARSIZE_ANY_EXHDR(word);
	pg_tz	   *zone = NULL;
	char	   *name;

	if (strlen(memory->zone_name) == length && memcmp(memory->zone_name, VARDATA_ANY(word), length) == 0)
		return;
	name = text_to_cstring(word);
	if (pg_strcasecmp(name, "UTC") != 0)
	{
		zone = length <= TZ_STRLEN_MAX ? pg_tzset(name) : NULL;
		if (zone == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("time zone \"%.60s\" not recognized", name),
					 errhint("View pg_timezone_names lists them, such as Asia/Shanghai.")));
	}
	memory->zone = zone;
	strcpy(memory->zone_name, name);
	pfree(name);
}

/*
 * What the clock on the wall shows at a time.
 */
static int64_t
local_time_of(void *zone, int64_t at)
{
	pg_time_t	seconds = timestamptz_to_time_t(at);
	struct pg_tm *tm = pg_localtime(&seconds, zone);

	return tm ? at + tm->tm_gmtoff * INT64CONST(1000000) : at;
}

/*
 * purchase_summary(history, observed_until, unit, zone): a row of NULLs where there is no
 * purchase until then.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_summary);
Datum
dupex_purchase_summary(PG_FUNCTION_ARGS)
{
	RowMemory  *memory = row_memory(fcinfo);
	const PurchaseHistory *history = history_argument(fcinfo, 0);
	TimestampTz until = PG_GETARG_TIMESTAMPTZ(1);
	const DupexTimeUnit *unit = dupex_time_unit_argument(fcinfo, 2);
	DupexPurchaseSummary summary = {0};
	Datum		values[4];
	bool		nulls[4] = {true, true, true, true};

	zone_argument(fcinfo, 3, memory);
	if (until < DUPEX_PURCHASE_FIRST_TIME || until >= DUPEX_PURCHASE_END_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("observation until %s", TIMESTAMP_IS_NOBEGIN(until) ? "-infinity" : TIMESTAMP_IS_NOEND(until) ? "infinity" : timestamptz_to_str(until)),
				 errdetail("The age of a customer is counted up to it. It is in the years 1 to 9999.")));
	if (dupex_history_summarise(history->purchases, history->count, until, unit,
								memory->zone ? local_time_of : NULL, memory->zone, &summary))
		nulls[0] = nulls[1] = nulls[2] = false;
	nulls[3] = !(summary.frequency > 0);
	values[0] = Float8GetDatum(summary.frequency);
	values[1] = Float8GetDatum(summary.recency);
	values[2] = Float8GetDatum(summary.age);
	values[3] = Float8GetDatum(summary.mean_value);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(memory->description, values, nulls)));
}

/*
 * The amount as a numeric with as many decimals as it needs.
 */
static Datum
amount_to_numeric(int64 whole, int32 billionths)
{
	DupexAmount amount = {whole, billionths};
	char		str[DUPEX_AMOUNT_TEXT_SIZE];

	if (billionths == 0)
		return NumericGetDatum(int64_to_numeric(whole));
	dupex_amount_format(amount, str);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(str), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/*
 * purchase_totals(history, observed_until): orders, amount, first and last time; 0 orders and
 * NULLs where there is none until then.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_totals);
Datum
dupex_purchase_totals(PG_FUNCTION_ARGS)
{
	const PurchaseHistory *history = history_argument(fcinfo, 0);
	TimestampTz until = PG_GETARG_TIMESTAMPTZ(1);
	DupexPurchase total = {0};
	uint64		orders = 0;
	uint32		count;
	Datum		values[4] = {0};
	bool		nulls[4] = {false, true, true, true};

	for (count = 0; count < history->count && history->purchases[count].at <= until; count++)
	{
		orders += history->purchases[count].orders;
		total.orders = 0;
		if (!dupex_purchase_add(&total, &history->purchases[count]))
			complain_of_sum();
	}
	values[0] = Int64GetDatum((int64) orders);
	if (count > 0)
	{
		nulls[1] = nulls[2] = nulls[3] = false;
		values[1] = amount_to_numeric(total.whole, total.billionths);
		values[2] = TimestampTzGetDatum(history->purchases[0].at);
		values[3] = TimestampTzGetDatum(history->purchases[count - 1].at);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(dupex_row_type_once(fcinfo, 4), values, nulls)));
}

/*
 * purchase_history_rows(history): its purchases in order.
 */
PG_FUNCTION_INFO_V1(dupex_purchase_history_rows);
Datum
dupex_purchase_history_rows(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	const PurchaseHistory *history;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->user_fctx = copy_with_capacity(history_argument(fcinfo, 0), history_argument(fcinfo, 0)->count);
		context->tuple_desc = dupex_row_type(fcinfo, 3);
		MemoryContextSwitchTo(old);
	}
	context = SRF_PERCALL_SETUP();
	history = context->user_fctx;
	if (context->call_cntr < history->count)
	{
		const DupexPurchase *purchase = &history->purchases[context->call_cntr];
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		values[0] = TimestampTzGetDatum(purchase->at);
		values[1] = amount_to_numeric(purchase->whole, purchase->billionths);
		values[2] = Int64GetDatum((int64) purchase->orders);
		SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
	}
	SRF_RETURN_DONE(context);
}

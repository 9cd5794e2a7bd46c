/*
 * pg_gamma_gamma.c
 *		The SQL side of the gamma-gamma model of spending; pg_spend.c has its state.
 */
#include "dupex.h"

#include <math.h>

#include "utils/memutils.h"

#include "value/gamma_gamma.h"
#include "value/pg_spend.h"
#include "value/pg_value.h"
#include "value/reason.h"

/*
 * gamma_gamma_fit(counts): NULL where no customer has ordered again for money.
 */
PG_FUNCTION_INFO_V1(dupex_gamma_gamma_sql_fit);
Datum
dupex_gamma_gamma_sql_fit(PG_FUNCTION_ARGS)
{
	const DupexSpendCounts *counts = dupex_spend_counts_argument(fcinfo, 0);
	DupexSpend *rows = MemoryContextAllocHuge(CurrentMemoryContext, Max(counts->row_count, 1) * sizeof(DupexSpend));
	DupexSpend *sample;
	uint32		row_count = 0;
	DupexFit	fit;
	char		reason[300];

	for (uint32 i = 0; i < counts->row_count; i++)
	{
		const DupexSpendRow *row = &counts->rows[i];

		if (row->frequency == 0)
			continue;
		rows[row_count].frequency = row->frequency;
		rows[row_count].total = row->frequency * row->mean_value;
		rows[row_count].weight = dupex_spend_weight(row);
		row_count++;
	}
	if (row_count == 0)
		PG_RETURN_NULL();
	sample = palloc(DUPEX_GAMMA_GAMMA_SAMPLE * sizeof(DupexSpend));
	dupex_gamma_gamma_fit(rows, row_count, dupex_stop_by_interrupt, sample, &fit);
	pfree(sample);
	dupex_gamma_gamma_reason(&fit, reason, sizeof(reason));
	pfree(rows);
	return dupex_model_return(fcinfo, &fit, reason, NULL);
}

/*
 * gamma_gamma_expected(model, frequency, mean_value): NULL where it is infinite, and for NULLs
 * but for the mean value of a customer without repeat orders.
 */
PG_FUNCTION_INFO_V1(dupex_gamma_gamma_sql_expected);
Datum
dupex_gamma_gamma_sql_expected(PG_FUNCTION_ARGS)
{
	DupexGammaGammaModel model;
	const double *parameter;
	double		frequency;
	double		mean_value;
	double		expected;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	frequency = PG_GETARG_FLOAT8(1);
	if (PG_ARGISNULL(2) && frequency != 0)
		PG_RETURN_NULL();
	mean_value = PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2);
	dupex_spend_check(frequency, mean_value);

	parameter = dupex_model_argument(fcinfo, 0, DUPEX_GAMMA_GAMMA_PARAMETERS, sizeof(DupexModelMemory))->parameter;
	model.p = parameter[0];
	model.q = parameter[1];
	model.gamma = parameter[2];
	expected = dupex_gamma_gamma_expected(&model, frequency, mean_value);
	if (!isfinite(expected))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(expected);
}

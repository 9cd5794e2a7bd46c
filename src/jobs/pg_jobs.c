/*
 * pg_jobs.c
 *		What the jobs of a marketing database need of the server and PL/pgSQL cannot do.
 *
 * May I commit? The jobs commit after each step. Called inside a transaction block, from a
 * function or from a driver that opens a transaction by itself, they may not: COMMIT then fails
 * with 2D000 after the first step is done, and PL/pgSQL offers no way to know beforehand (a block
 * with an EXCEPTION clause around the COMMIT forbids it in any case). The server knows, so we
 * ask it.
 *
 * The lock of a run must outlast its commits, so it is held by the session. But a session keeps
 * such a lock when the run is cancelled, and a procedure that commits cannot catch the
 * cancellation: in a pooled connection the job would be locked out for ever. So we remember the
 * lock, and a callback gives it back when the transaction aborts. A session runs one job at a
 * time.
 */
#include "dupex.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

static bool lock_is_held = false;
static int64 lock_key = 0;
static bool callback_is_registered = false;

/*
 * Gives the session's lock back. False when there was none; that is an error of ours, or
 * somebody has called pg_advisory_unlock_all(), and the server warns of it.
 */
static bool
release_lock(void)
{
	if (!lock_is_held)
		return false;
	lock_is_held = false;
	return DatumGetBool(DirectFunctionCall1(pg_advisory_unlock_int8, Int64GetDatum(lock_key)));
}

/* An aborted transaction ends the run, whatever ended the transaction. */
static void
at_end_of_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		release_lock();
}

/*
 * True when the PL/pgSQL procedure or DO block that calls this may COMMIT; false inside a
 * transaction block, a function or a block with an EXCEPTION clause, and outside PL/pgSQL.
 */
PG_FUNCTION_INFO_V1(dupex_may_commit);
Datum
dupex_may_commit(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(SPI_inside_nonatomic_context());
}

/*
 * Takes the advisory lock of a job, without waiting. With keep_after_commit it is the session's,
 * until job_unlock(), the abort of a transaction or the end of the session; without, it is the
 * transaction's. False when another session has it, or when this one is in a job already.
 */
PG_FUNCTION_INFO_V1(dupex_job_lock);
Datum
dupex_job_lock(PG_FUNCTION_ARGS)
{
	int64		key = PG_GETARG_INT64(0);
	bool		keep_after_commit = PG_GETARG_BOOL(1);

	if (lock_is_held)
		PG_RETURN_BOOL(false);
	if (!keep_after_commit)
		return DirectFunctionCall1(pg_try_advisory_xact_lock_int8, Int64GetDatum(key));

	if (!callback_is_registered)
	{
		RegisterXactCallback(at_end_of_transaction, NULL);
		callback_is_registered = true;
	}
	if (!DatumGetBool(DirectFunctionCall1(pg_try_advisory_lock_int8, Int64GetDatum(key))))
		PG_RETURN_BOOL(false);
	lock_key = key;
	lock_is_held = true;
	PG_RETURN_BOOL(true);
}

/* Gives back the lock that job_lock() took for the session; false when there is none. */
PG_FUNCTION_INFO_V1(dupex_job_unlock);
Datum
dupex_job_unlock(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(release_lock());
}

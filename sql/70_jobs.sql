-- What the jobs of a marketing database need of the server: may they commit, and a lock that
-- outlasts their commits but not their cancellation (src/jobs/pg_jobs.c says why).

CREATE FUNCTION may_commit() RETURNS boolean
    LANGUAGE C VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'dupex_may_commit';
COMMENT ON FUNCTION may_commit() IS 'whether the PL/pgSQL procedure or DO block that asks may COMMIT: false inside a transaction block, a function or a block with an EXCEPTION clause';

CREATE FUNCTION job_lock(key bigint, keep_after_commit boolean) RETURNS boolean
    LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'dupex_job_lock';
COMMENT ON FUNCTION job_lock(bigint, boolean) IS 'takes an advisory lock without waiting: of the session until job_unlock(), but given back when a transaction aborts; or, without keep_after_commit, of the transaction. False when another session has it or this one is in a job already';

CREATE FUNCTION job_unlock() RETURNS boolean
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'dupex_job_unlock';
COMMENT ON FUNCTION job_unlock() IS 'gives back the lock that job_lock() took for the session; false when there is none';

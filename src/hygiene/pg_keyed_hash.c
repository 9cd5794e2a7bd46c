/*
 * pg_keyed_hash.c
 *		keyed_hash: HMAC-SHA256 in SQL.
 *
 * A list of people who must not be written to outlives their erasure, so it cannot hold
 * their addresses. A plain hash would not hide them: there are few enough telephone
 * numbers to hash them all. With a secret key it does. The algorithm (RFC 2104) is
 * PostgreSQL's own, as it stands in common/hmac.h.
 */
#include "dupex.h"

#include "common/hmac.h"
#include "common/sha2.h"

/*
 * The hash of a message under a key, 32 bytes; NULL for NULL. XX000 when the cryptographic
 * library that PostgreSQL was built with refuses, as it may where only approved
 * algorithms are allowed.
 */
PG_FUNCTION_INFO_V1(dupex_keyed_hash);
Datum
dupex_keyed_hash(PG_FUNCTION_ARGS)
{
	bytea	   *key = PG_GETARG_BYTEA_PP(0);
	bytea	   *message = PG_GETARG_BYTEA_PP(1);
	bytea	   *result = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);

	SET_VARSIZE(result, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	if (context == NULL
		|| pg_hmac_init(context, (uint8 *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key)) < 0
		|| pg_hmac_update(context, (uint8 *) VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message)) < 0
		|| pg_hmac_final(context, (uint8 *) VARDATA(result), PG_SHA256_DIGEST_LENGTH) < 0)
	{
		pg_hmac_free(context);
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("the keyed hash could not be computed"),
				 errdetail("The cryptographic library of the server refused HMAC-SHA256."),
				 errhint("Ask the administrator of the server which algorithms it allows.")));
	}
	pg_hmac_free(context);
	PG_RETURN_BYTEA_P(result);
}

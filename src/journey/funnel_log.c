/*
 * funnel_log.c
 *		Reads the events that funnel_agg has collected.
 */
#include "journey/funnel_log.h"

/*
 * The events of a log, log->count of them, in the order in which they came.
 */
void
dupex_funnel_log_read(const DupexFunnelLog *log, DupexFunnelEvent *events)
{
	const unsigned char *bytes = log->bytes;
	int64_t		at = 0;

	for (uint32_t i = 0; i < log->count; i++)
	{
		unsigned	code = *bytes & DUPEX_FUNNEL_LOG_CODE;
		unsigned	grain = *bytes++ >> 6;
		uint32_t	steps = code == 0 ? 0 : UINT32_C(1) << ((code - 1) & 31);
		uint64_t	number;

		if (code == DUPEX_FUNNEL_LOG_SEVERAL)
		{
			memcpy(&steps, bytes, sizeof(steps));
			bytes += sizeof(steps);
		}
		bytes = dupex_log_read(bytes, &number);
		at = dupex_log_time(at, grain, number);
		events[i].at = at;
		events[i].steps = steps;
		events[i].group = 0;
	}
}

/*
 * pg_journey.h
 *		Journeys as arguments of functions.
 */
#ifndef DUPEX_PG_JOURNEY_H
#define DUPEX_PG_JOURNEY_H

#include "dupex.h"

#include "journey/touches.h"

extern const DupexJourney *dupex_journey_of_datum(Datum datum);

#endif							/* DUPEX_PG_JOURNEY_H */

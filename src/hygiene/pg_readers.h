/*
 * pg_readers.h
 *		Texts of the database read as names, addresses and numbers, for whoever
 *		compares many of them.
 */
#ifndef DUPEX_PG_READERS_H
#define DUPEX_PG_READERS_H

#include "dupex.h"

#include "hygiene/compare.h"
#include "hygiene/email.h"
#include "hygiene/phone.h"

extern void dupex_letters_of_text(text *argument, DupexLetters *letters);
extern void dupex_email_of_text(text *argument, DupexEmail *email);
extern const DupexPhoneRules *dupex_phone_built_in_rules(void);

#endif							/* DUPEX_PG_READERS_H */

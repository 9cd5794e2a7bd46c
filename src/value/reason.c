/*
 * reason.c
 *		What a fit at a boundary says of customers, in words.
 *
 * Where the likelihood is largest at no finite point, one or two parameters go to 0 or grow
 * without limit. A distribution over the customers is then a single point or two ends, and that
 * can be said: all customers are alike, nobody drops out.
 *
 * Pure C: the caller gives the memory.
 */
#include "value/reason.h"

#include <stdio.h>
#include <string.h>

static const char few_or_alike[] = "the customers are too few or too alike";

/*
 * With beta near 0 the share beta^s of customers lasts. Where s is below this it is more than a few in a
 * thousand, for as small a beta as a search takes: then it stands for those who never drop out.
 */
#define SOME_LAST		0.25

/*
 * Appends more to a text of a given size: behind ": " where there is the limit alone, behind ", "
 * where something has been said of it, alone where there is no text yet.
 */
static void
append(char *text, size_t size, const char *more)
{
	size_t		length = strlen(text);

	if (*more)
		snprintf(text + length, size - length, "%s%s", length == 0 ? "" : strstr(text, ": ") ? ", " : ": ", more);
}

/*
 * A fit that is not identifiable need not go anywhere: then there is no text yet.
 */
static void
append_if_none(char *text, size_t size, const char *more)
{
	if (!*text)
		append(text, size, more);
}

/*
 * A gamma distribution of order rates with this direction of shape and rate.
 */
static const char *
order_rate(int shape, int rate)
{
	if (shape > 0 && rate > 0)
		return "all customers order at the same rate";
	if (shape < 0 || rate > 0)
		return "hardly anybody orders again";
	if (shape > 0 || rate < 0)
		return "the rates of orders have no bound";
	return "";
}

/*
 * A beta distribution with this direction of its parameters: alike, at the ends, at 0, at 1.
 */
static const char *
probability(int a, int b, const char *alike, const char *ends, const char *never, const char *always)
{
	if (a > 0 && b > 0)
		return alike;
	if (a < 0 && b < 0)
		return ends;
	if (a < 0 || b > 0)
		return never;
	return a > 0 || b < 0 ? always : "";
}

/*
 * Of Pareto/NBD: r, alpha, s, beta.
 */
void
dupex_pareto_reason(const DupexFit *fit, bool is_anybody_back, char *reason, size_t size)
{
	static const char *const names[4] = {"r", "alpha", "s", "beta"};
	int			s = fit->direction[2];
	int			beta = fit->direction[3];

	dupex_fit_limit(fit, names, reason, size);
	if (!is_anybody_back)
	{
		append(reason, size, "no customer has ordered again");
		return;
	}
	append(reason, size, order_rate(fit->direction[0], fit->direction[1]));
	if (s > 0 && beta > 0)
		append(reason, size, "all customers drop out at the same rate");
	else if (beta < 0 && (s < 0 || (s == 0 && fit->parameter[2] < SOME_LAST)))
		append(reason, size, "customers drop out at once or never");
	else if (s < 0 || beta > 0)
		append(reason, size, "no customer drops out");
	else if (s > 0 || beta < 0)
		append(reason, size, "customers drop out at once");
	append_if_none(reason, size, few_or_alike);
}

/*
 * Of NBD: r, alpha.
 */
void
dupex_nbd_reason(const DupexFit *fit, bool is_anybody_back, char *reason, size_t size)
{
	static const char *const names[4] = {"r", "alpha", "", ""};

	dupex_fit_limit(fit, names, reason, size);
	append(reason, size, is_anybody_back ? order_rate(fit->direction[0], fit->direction[1]) : "no customer has ordered again");
	append_if_none(reason, size, few_or_alike);
}

/*
 * Of gamma-gamma: p, q, gamma.
 */
void
dupex_gamma_gamma_reason(const DupexFit *fit, char *reason, size_t size)
{
	static const char *const names[4] = {"p", "q", "gamma", ""};

	dupex_fit_limit(fit, names, reason, size);
	if (fit->direction[0] > 0 && fit->direction[1] > 0)
		append(reason, size, "mean values hardly differ, so they do not tell how values vary");
	else if (fit->direction[1] > 0)
		append(reason, size, "all customers spend alike");
	else if (fit->direction[0] > 0)
		append(reason, size, "the orders of a customer have all the same value");
	append_if_none(reason, size, few_or_alike);
}

/*
 * Of BG/BB: alpha, beta (orders), gamma, delta (dropout).
 */
void
dupex_bgbb_reason(const DupexFit *fit, bool has_anybody_ordered, char *reason, size_t size)
{
	static const char *const names[4] = {"alpha", "beta", "gamma", "delta"};

	dupex_fit_limit(fit, names, reason, size);
	if (!has_anybody_ordered)
	{
		append(reason, size, "no customer has ordered again");
		return;
	}
	append(reason, size, probability(fit->direction[0], fit->direction[1], "all customers order with the same probability",
									 "customers order always or never", "hardly anybody orders",
									 "customers order at each opportunity while they stay"));
	append(reason, size, probability(fit->direction[2], fit->direction[3], "all customers drop out with the same probability",
									 "customers drop out at once or never", "no customer drops out",
									 "customers drop out at once"));
	append_if_none(reason, size, few_or_alike);
}

/*
 * Of sBG: alpha, beta.
 */
void
dupex_sbg_reason(const DupexFit *fit, bool has_period_passed, char *reason, size_t size)
{
	static const char *const names[4] = {"alpha", "beta", "", ""};

	dupex_fit_limit(fit, names, reason, size);
	if (!has_period_passed)
	{
		append(reason, size, "no period has passed");
		return;
	}
	append(reason, size, probability(fit->direction[0], fit->direction[1], "all customers leave with the same probability",
									 "customers leave at once or never", "no customer leaves",
									 "customers leave at once"));
	append_if_none(reason, size, "the periods are too few to tell alpha from beta");
}

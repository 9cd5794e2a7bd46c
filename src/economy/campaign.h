/*
 * campaign.h
 *		How the answers to a mailing come in over the days, and how many are still to come.
 *
 * Pure C. campaign.c tells the models.
 */
#ifndef DUPEX_CAMPAIGN_H
#define DUPEX_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>

/* days of a campaign at most */
#define DUPEX_CAMPAIGN_MAX_DAYS	10000

typedef enum DupexCampaignModel
{
	DUPEX_CAMPAIGN_GEOMETRIC = 0,
	DUPEX_CAMPAIGN_DELAYED,
	DUPEX_CAMPAIGN_BETA_GEOMETRIC	/* delayed, and people differ */
} DupexCampaignModel;

typedef enum DupexCampaignStatus
{
	DUPEX_CAMPAIGN_CONVERGED = 0,
	DUPEX_CAMPAIGN_ALL_IN,		/* everything on the first day, or everybody
								 * has answered: nothing more to come */
	/* from here on there is no forecast */
	DUPEX_CAMPAIGN_NO_ANSWERS,
	DUPEX_CAMPAIGN_FEW_DAYS,
	DUPEX_CAMPAIGN_GROWING,		/* they have not begun to become fewer */
	DUPEX_CAMPAIGN_BEYOND_MAILED,	/* the curve wants more answers than
									 * pieces */
	DUPEX_CAMPAIGN_UNCERTAIN,	/* what is to come is not known to its own
								 * size */
	DUPEX_CAMPAIGN_NOT_CONVERGED
} DupexCampaignStatus;

#define DUPEX_CAMPAIGN_HAS_FORECAST(status) ((status) < DUPEX_CAMPAIGN_NO_ANSWERS)

typedef struct DupexCampaignFit
{
	DupexCampaignStatus status;
	double		so_far;
	double		delay_rate;		/* q: share of those to answer who wait one
								 * more day; where they differ, at the
								 * beginning */
	double		delivery;		/* mean delivery time in days, or the fixed
								 * one */
	double		heterogeneity;	/* 0: all wait alike */
	double		share_in;		/* of the final response */
	double		expected;		/* final response */
	bool		has_limits;
	double		lower;
	double		upper;
	double		doubling_day;	/* counted from the day of the first answer */
	double		dispersion;
	double		log_likelihood;
} DupexCampaignFit;

extern double dupex_campaign_share(DupexCampaignModel model, double delay_rate, double delivery, double heterogeneity, long days);
extern size_t dupex_campaign_first(const double *answers, size_t days);
extern double dupex_campaign_doubling_day(const double *answers, size_t days, double total);
extern void dupex_campaign_limits(double mean, double relative_variance, double dispersion, double confidence, double *lower,
								  double *upper);
extern void dupex_campaign_fit(const double *answers, size_t days, double mailed, DupexCampaignModel model, double confidence,
							   bool (*stop) (void *), DupexCampaignFit *fit);

#endif							/* DUPEX_CAMPAIGN_H */

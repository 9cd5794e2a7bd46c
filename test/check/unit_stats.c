/*
 * unit_stats.c
 *		Tests the special functions against sums and series in quadruple precision.
 *
 * The references have nothing in common with what is tested: binomial and Poisson tails are
 * added up term by term, logarithms of factorials come from the factorials, the normal tail from
 * its Taylor series and its continued fraction. Accuracies are those that the sources promise.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stats/gamma.h"
#include "stats/moments.h"
#include "stats/normal.h"
#include "stats/special.h"

#ifdef __SIZEOF_FLOAT128__
typedef __float128 Quad;
#define QUAD(constant) constant##Q
#else
typedef long double Quad;		/* quadruple where there is no __float128 */
#define QUAD(constant) constant##L
#endif

static int	failures = 0;
static int	checks = 0;
static double worst;

/*
 * Notes a relative error; complains when it is above the limit.
 */
static void
expect(const char *what, double got, Quad wanted, double limit, double a, double b)
{
	double		error = wanted == 0 ? fabs(got) : (double) (((Quad) got - wanted) / wanted);

	checks++;
	error = fabs(error);
	if (!(error <= limit))
	{
		failures++;
		if (failures < 50)
			printf("%s(%.17g, %.17g): %.17g, not %.17g: relative error %.2g\n", what, a, b, got, (double) wanted, error);
	}
	else if (error > worst)
		worst = error;
}

/*
 * Prints the largest error since the last call.
 */
static void
report(const char *what)
{
	printf("%-40s largest relative error %.1e\n", what, worst);
	worst = 0;
}

static Quad
quad_abs(Quad x)
{
	return x < 0 ? -x : x;
}

/*
 * exp(x) by its Taylor series, of x / 2^10.
 */
static Quad
quad_exp(Quad x)
{
	Quad		term = 1;
	Quad		sum = 1;

	x /= 1024;
	for (int k = 1; k < 60; k++)
	{
		term *= x / k;
		sum += term;
	}
	for (int i = 0; i < 10; i++)
		sum *= sum;
	return sum;
}

/*
 * log(x) by Newton's method on exp, from the double logarithm.
 */
static Quad
quad_log(Quad x)
{
	Quad		y = log((double) x);

	for (int i = 0; i < 3; i++)
		y += x / quad_exp(y) - 1;
	return y;
}

static Quad
quad_power(Quad x, int n)
{
	Quad		result = 1;

	for (; n > 0; n /= 2)
	{
		if (n % 2 == 1)
			result *= x;
		x *= x;
	}
	return result;
}

/*
 * log(1 + x) - x by its Taylor series, for |x| <= 1/2.
 */
static void
test_log1p_minus_x(void)
{
	for (double x = 0.5; fabs(x) > 1e-18; x = x > 0 ? -x : x * -0.83)
	{
		Quad		sum = 0;
		Quad		power = x;

		for (int k = 2; k < 130; k++)
		{
			power *= -(Quad) x;
			sum += power / k;
		}
		expect("log1p_minus_x", dupex_log1p_minus_x(x), sum, 5e-16, x, 0);
	}
	report("log(1 + x) - x");
}

/*
 * log gamma of whole and half numbers from factorials, near its zeros from the Taylor series
 * with known constants, far out by the duplication formula; Stirling's error from log gamma.
 */
static void
test_log_gamma(void)
{
	const Quad	half_log_pi = quad_log(QUAD(3.14159265358979323846264338327950288)) / 2;
	const Quad	half_log_two_pi = half_log_pi + quad_log(2) / 2;
	Quad		whole = 0;		/* log of (n - 1)! */
	Quad		half = half_log_pi; /* log of gamma(n - 1/2) */

	for (int n = 1; n < 400; n++)
	{
		Quad		wanted;

		expect("log_gamma", dupex_log_gamma(n), whole, n < 3 ? 0 : 4e-15, n, 0);
		expect("log_gamma", dupex_log_gamma(n - 0.5), half, 4e-15, n - 0.5, 0);
		wanted = whole - ((n - (Quad) 0.5) * quad_log(n) - n + half_log_two_pi);
		expect("stirling_error", dupex_stirling_error(n), wanted, n < 10 ? 5e-14 : 1e-15, n, 0);
		wanted = half - ((n - (Quad) 1) * quad_log(n - (Quad) 0.5) - (n - (Quad) 0.5) + half_log_two_pi);
		expect("stirling_error", dupex_stirling_error(n - 0.5), wanted, n - 0.5 < 10 ? 5e-14 : 1e-15, n - 0.5, 0);
		whole += quad_log(n);
		half += quad_log(n - (Quad) 0.5);
	}
	for (double e = 1e-5; e > 1e-15; e /= 7)
	{
		double		x = 1 + e;
		Quad		d = (Quad) x - 1;
		const Quad	gamma = QUAD(0.577215664901532860606512090082402431);
		const Quad	zeta2_half = QUAD(0.822467033424113218236207583323012595);
		const Quad	zeta3_third = QUAD(0.400685634386531428466579387170483331);

		expect("log_gamma", dupex_log_gamma(x), d * (-gamma + d * (zeta2_half - d * zeta3_third)), 4e-15, x, 0);
		x = 2 - e;
		d = (Quad) x - 2;
		expect("log_gamma", dupex_log_gamma(x), d * (1 - gamma + d * (zeta2_half - (Quad) 0.5 - d * (zeta3_third - (Quad) 1 / 3))), 4e-15, x, 0);
	}
	for (double x = 20; x < 1e300; x *= 31)
		expect("log_gamma", dupex_log_gamma(x) + dupex_log_gamma(x + 0.5) + (2 * x - 1) * log(2) - (double) half_log_pi, dupex_log_gamma(2 * x), 8e-15, x, 0);
	report("log gamma, Stirling's error");
}

/*
 * Rising factorials and differences of digamma: sums over the steps, also where Stirling's
 * formula takes over; steps that are no whole numbers by the duplication formulas; digamma
 * itself of whole and half numbers from its recurrence.
 */
static void
test_rising(void)
{
	const Quad	gamma = QUAD(0.57721566490153286060651209008240243);
	const Quad	log_two = quad_log(2);
	Quad		harmonic = 0;
	Quad		odd = 0;

	for (double a = 1e-12; a < 1e13; a *= 3.7)
	{
		Quad		log_sum = 0;
		Quad		sum = 0;

		for (int n = 0; n <= 300; n++)
		{
			/* where factors below and above 1 cancel the error is absolute */
			if (log_sum < -1 || log_sum > 1)
				expect("log_rising", dupex_log_rising(a, n), log_sum, 2e-14, a, n);
			expect("digamma_rising", dupex_digamma_rising(a, n), sum, 1e-14, a, n);
			log_sum += quad_log((Quad) a + n);
			sum += 1 / ((Quad) a + n);
		}

		/*
		 * psi(2 a) = (psi(a) + psi(a + 1/2)) / 2 + log 2; a step of a, then
		 * of a half
		 */
		if (a > 1)
			expect("digamma_rising, half", dupex_digamma_rising(a, a) - dupex_digamma_rising(a, 0.5) / 2, log_two, 1e-14, a, 0);
	}
	for (int n = 1; n < 400; n++)
	{
		odd += (Quad) 2 / (2 * n - 1);
		expect("digamma", dupex_digamma(n), harmonic - gamma, 4e-15, n, 0);
		if (n > 1)				/* its zero is near 1.5 */
			expect("digamma", dupex_digamma(n + 0.5), odd - gamma - 2 * log_two, 4e-15, n + 0.5, 0);
		harmonic += (Quad) 1 / n;
	}
	failures += !isnan(dupex_digamma(0)) || !isnan(dupex_log_rising(0, 1)) || !isnan(dupex_digamma_rising(1, -1));
	report("rising factorials, digamma");
}

/*
 * P(Z > z) for z > 0: the Taylor series in the middle, Laplace's continued fraction outside.
 */
static Quad
normal_upper_tail(Quad z)
{
	Quad		density = quad_exp(-z * z / 2) / (Quad) QUAD(2.50662827463100050241576528481104525);
	Quad		sum = 0;
	Quad		term = z;

	if (z > 4)
	{
		Quad		below = z;

		for (int k = 2000; k > 0; k--)
			below = z + k / below;
		return density / below;
	}
	for (int k = 1; k < 300; k++)
	{
		sum += term;
		term *= z * z / (2 * k + 1);
	}
	return (Quad) 0.5 - density * sum;
}

static void
test_normal(void)
{
	for (double z = 0.001; z < 37; z += 0.0371)
	{
		expect("normal_upper_tail", dupex_normal_upper_tail(z), normal_upper_tail(z), 2e-15, z, 0);
		expect("normal_upper_tail", dupex_normal_upper_tail(-z), 1 - normal_upper_tail(z), 1e-15, -z, 0);
	}
	for (double p = 0.4999; p > 1e-300; p *= p > 0.01 ? 0.97 : 0.31)
	{
		double		z = -dupex_normal_quantile(p);
		Quad		density = quad_exp(-(Quad) z * z / 2) / (Quad) QUAD(2.50662827463100050241576528481104525);
		double		error = (double) ((normal_upper_tail(z) - p) / density);

		expect("normal_quantile, 1 + error", 1 + error / fmax(1, z), 1, 1e-15, p, 0);
	}
	expect("normal_quantile", dupex_normal_quantile(0.975), QUAD(1.95996398454005423552), 1e-15, 0.975, 0);
	expect("normal_quantile", dupex_normal_quantile(0.005), -QUAD(2.57582930354890076102), 1e-15, 0.005, 0);
	expect("normal_quantile", dupex_normal_quantile(0.5), 0, 0, 0.5, 0);
	expect("normal_upper_tail", dupex_normal_upper_tail(INFINITY), 0, 0, INFINITY, 0);
	expect("normal_upper_tail", dupex_normal_upper_tail(-INFINITY), 1, 0, -INFINITY, 0);
	if (!isnan(dupex_normal_quantile(-1)) || !isnan(dupex_normal_quantile(2)) || !isinf(dupex_normal_quantile(0)) || !isinf(dupex_normal_quantile(1)))
		failures++;
	report("normal distribution");
}

/*
 * P(at least s of n) for a probability of x, by adding up the binomial terms. Gives the first
 * term too.
 */
static Quad
binomial_tail(int s, int n, Quad x, Quad *first)
{
	Quad		term = quad_power(x, s) * quad_power(1 - x, n - s);
	Quad		sum = 0;

	for (int k = 1; k <= s; k++)
		term *= (Quad) (n - s + k) / k;
	*first = term;
	for (int k = s; k <= n; k++)
	{
		sum += term;
		term *= (Quad) (n - k) / (k + 1) * x / (1 - x);
	}
	return sum;
}

/*
 * The incomplete beta function of whole parameters is a binomial tail. Goes through both methods
 * (the switch is at 200), both sides of the mean, from the middle to far out.
 */
static void
test_beta(void)
{
	static const int parameter[] = {1, 2, 3, 10, 57, 199, 200, 201, 202, 500, 2000};
	const int	count = (int) (sizeof(parameter) / sizeof(parameter[0]));
	Quad		first;

	for (int i = 0; i < count * count; i++)
	{
		int			a = parameter[i / count];
		int			b = parameter[i % count];
		double		mean = (double) a / (a + b);
		double		deviation = sqrt(mean * (1 - mean) / (a + b + 1));

		for (double z = -11; z <= 11; z += 0.37)
		{
			double		x = mean + z * deviation;
			double		y = 1 - x;
			double		lower;
			double		upper;
			Quad		wanted;

			if (x <= 0 || y <= 0)
				continue;
			x = 1 - y;			/* exact together */
			dupex_beta_tails(a, b, x, y, &lower, &upper);
			wanted = z < 0 ? binomial_tail(a, a + b - 1, x, &first) : binomial_tail(b, a + b - 1, y, &first);
			if (wanted > 1e-30 && wanted < 0.9)
				expect("beta_tails", z < 0 ? lower : upper, wanted, 1e-13, a, b);
			expect("beta_tails, sum", lower + upper, 1, 2e-16, a, b);
		}
	}
	report("incomplete beta function");
	for (int i = 0; i < count * count; i++)
	{
		int			a = parameter[i / count];
		int			b = parameter[i % count];

		for (double p = 0.5; p > 1e-30; p *= 0.04)
		{
			double		x;
			double		y;
			Quad		exact;
			Quad		error;

			dupex_beta_quantile(a, b, p, &x, &y);
			exact = x < y ? (Quad) x : 1 - (Quad) y;
			expect("beta_quantile, sum", x + y, 1, 3e-16, a, b);

			/* the distance to the true quantile by one step of Newton's */
			error = binomial_tail(a, a + b - 1, exact, &first) - p;
			error /= first * a / exact;
			expect("beta_quantile", (double) (exact + error), exact, 1e-13, a, b);
			if (x > y)
				expect("beta_quantile, complement", (double) (1 - exact - error), 1 - exact, 1e-13, a, b);
		}
	}
	report("quantiles of beta");
}

/*
 * Rare successes among very many trials: the tail is that of Poisson.
 */
static void
test_beta_rare(void)
{
	for (int a = 1; a < 400; a = a * 3 / 2 + 1)
	{
		for (double p = 0.4; p > 1e-25; p *= 0.003)
		{
			const double b = 4611686018427387904.0;
			double		x;
			double		y;
			Quad		rate;
			Quad		term;
			Quad		sum = 0;

			dupex_beta_quantile(a, b, p, &x, &y);
			rate = (Quad) x * b;
			term = quad_exp(-rate);
			for (int k = 1; k <= a; k++)
				term *= rate / k;
			for (int k = a; k < a + 3000; k++)
			{
				sum += term;
				term *= rate / (k + 1);
			}
			expect("beta_quantile, Poisson", (double) sum, p, 2e-11, a, p);
		}
	}
	report("quantiles of beta, rare successes");
}

/*
 * Both parameters huge: the tail is normal. One ulp of x is 1e-6 standard deviations here.
 */
static void
test_beta_huge(void)
{
	const double n = 4611686018427387904.0;

	for (double share = 0.5; share > 1e-9; share *= 0.01)
	{
		for (double p = 0.3; p > 1e-13; p *= 0.05)
		{
			double		a = n * share;
			double		x;
			double		y;
			double		z = dupex_normal_quantile(p);
			double		deviation = sqrt(share * (1 - share) / n);

			dupex_beta_quantile(a, n - a, p, &x, &y);
			expect("beta_quantile, normal", x, share + z * deviation, 1e-15 + 2e-4 * deviation / share, a, p);
			dupex_beta_quantile(n - a, a, p, &y, &x);
			expect("beta_quantile, normal", y, 1 - share + z * deviation, 1e-15 + 2e-4 * deviation, n - a, p);
		}
	}
	report("quantiles of beta, 2^62 trials");
}

/*
 * What has no value is NaN, the ends are exact.
 */
static void
test_beta_ends(void)
{
	double		lower;
	double		upper;

	dupex_beta_tails(2, 3, 0, 1, &lower, &upper);
	expect("beta_tails", lower, 0, 0, 2, 3);
	expect("beta_tails", upper, 1, 0, 2, 3);
	dupex_beta_tails(2, 3, 1, 0, &lower, &upper);
	expect("beta_tails", lower, 1, 0, 2, 3);
	dupex_beta_tails(0, 3, 0.5, 0.5, &lower, &upper);
	failures += !isnan(lower) || !isnan(upper);
	dupex_beta_quantile(2, 3, 0, &lower, &upper);
	failures += !isnan(lower) || !isnan(upper);
	dupex_beta_quantile(2, NAN, 0.5, &lower, &upper);
	failures += !isnan(lower) || !isnan(upper);
	failures += !isnan(dupex_log_gamma(-1)) || !isinf(dupex_log_gamma(0));
}

/*
 * The incomplete gamma function of a whole parameter is a Poisson tail. Goes through all three
 * methods (the switch is at 200), from the middle to far out, and back by the quantile.
 */
static void
test_gamma(void)
{
	static const int parameter[] = {1, 2, 3, 10, 57, 199, 200, 201, 500, 2000};

	for (size_t i = 0; i < sizeof(parameter) / sizeof(parameter[0]); i++)
	{
		int			a = parameter[i];

		for (double z = -11; z <= 14; z += 0.37)
		{
			double		x = a + z * sqrt(a);
			double		lower;
			double		upper;
			Quad		term = quad_exp(-(Quad) x);
			Quad		below = 0;	/* fewer than a events */
			Quad		from = 0;

			if (x <= 0 || x > 10000)
				continue;
			for (int k = 0; k < a + 4000; k++)
			{
				if (k < a)
					below += term;
				else
					from += term;
				term *= (Quad) x / (k + 1);
			}
			dupex_gamma_tails(a, x, &lower, &upper);
			if (z < 0 && from > 1e-30)
				expect("gamma_tails", lower, from, 1e-13, a, x);
			if (z > 0 && below > 1e-30)
				expect("gamma_tails", upper, below, 1e-13, a, x);
			expect("gamma_tails, sum", lower + upper, 1, 2e-16, a, x);
			if (z < 0 && from > 1e-30 && from < 0.5)
				expect("gamma_quantile", dupex_gamma_quantile(a, lower, false), x, 1e-13, a, lower);
			if (z > 0 && below > 1e-30 && below < 0.5)
				expect("gamma_quantile", dupex_gamma_quantile(a, upper, true), x, 1e-13, a, upper);
		}
	}
	failures += !isnan(dupex_gamma_quantile(0, 0.5, false)) || !isnan(dupex_gamma_quantile(1, 1, false));
	report("incomplete gamma function");
}

/*
 * Moments of the amounts 0, -2 + 1e-9, 2, -4 + 1e-9, 4 ...: mean and variance from sums in
 * quadruple precision; the text leads back to the same bytes.
 */
static void
test_moments(void)
{
	for (int n = 2; n < 2000; n = n * 3 / 2)
	{
		const DupexAmount nothing = {0, 0};
		DupexMoments sum = dupex_moments_of(nothing);
		DupexMoments back;
		char		text[DUPEX_MOMENTS_TEXT_SIZE];
		Quad		total = 0;
		Quad		squares = 0;

		for (int i = 1; i < n; i++)
		{
			DupexAmount amount = {i % 2 == 0 ? i : -i - 1, i % 2 == 0 ? 0 : 1};
			DupexMoments one = dupex_moments_of(amount);
			Quad		x = amount.whole + (Quad) amount.billionths / DUPEX_BILLION;

			failures += dupex_moments_add(&sum, &one) != DUPEX_MOMENTS_OK;
			total += x;
			squares += x * x;
		}
		expect("moments_mean", dupex_moments_mean(&sum), total / n, 1e-15, n, 0);
		expect("moments_variance", dupex_moments_variance(&sum), (squares - total * total / n) / (n - 1), 1e-15, n, 0);
		failures += !dupex_moments_is_valid(&sum);
		failures += dupex_moments_parse(text, dupex_moments_format(&sum, text), &back) != DUPEX_MOMENTS_OK;
		failures += memcmp(&sum, &back, sizeof(sum)) != 0;
	}
	report("moments");
}

int
main(void)
{
	test_gamma();
	test_moments();
	test_log1p_minus_x();
	test_log_gamma();
	test_rising();
	test_normal();
	test_beta();
	test_beta_rare();
	test_beta_huge();
	test_beta_ends();
	failures += quad_abs(quad_exp(quad_log(10)) - 10) > 1e-30;
	printf("%d checks, %d failures\n", checks, failures);
	return failures > 0;
}

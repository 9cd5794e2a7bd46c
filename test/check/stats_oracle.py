#!/usr/bin/env python3
"""Independent values of distributions and tests, for test/sql/stats_*.sql.

Prints the VALUES lists that the tests carry, by 60 digits of mpmath (Debian: python3-mpmath) and
by definition: tails as integrals of densities or sums of probabilities, quantiles and bounds as
roots, Fisher's test by going through all tables. Arguments are doubles.

    python3 test/check/stats_oracle.py
"""
from fractions import Fraction
from math import comb

from mpmath import mp, mpf, betainc, exp, findroot, gammainc, inf, linspace, log, loggamma, ncdf, nstr, pi, quad, sqrt

mp.dps = 60


def show(value):
    return nstr(value, 20, min_fixed=0, max_fixed=0) if value else '0'


def beta_lower(a, b, x):
    if a > 3000 and b > 3000:
        # the series would need thousands of digits: the density, over 60 standard deviations
        deviation = sqrt(a * b / (a + b) ** 3)
        start = max(mpf(0), x - 60 * deviation)
        constant = loggamma(a + b) - loggamma(a) - loggamma(b)
        return quad(lambda t: exp(constant + (a - 1) * log(t) + (b - 1) * log(1 - t)), linspace(start, x, 61))
    return betainc(a, b, 0, x, regularized=True)


def cdf(name, x, *p):
    x = mpf(float(x))
    p = [mpf(float(q)) for q in p]
    if name == 'normal':
        return ncdf(x), ncdf(-x)
    if name == 't':
        half = beta_lower(p[0] / 2, mpf(1) / 2, p[0] / (p[0] + x * x)) / 2
        return (1 - half, half) if x > 0 else (half, 1 - half)
    if name == 'chi_square':
        return gammainc(p[0] / 2, 0, x / 2, regularized=True), gammainc(p[0] / 2, x / 2, inf, regularized=True)
    if name == 'gamma':
        return gammainc(p[0], 0, x / p[1], regularized=True), gammainc(p[0], x / p[1], inf, regularized=True)
    if name == 'f':
        share = p[0] * x / (p[0] * x + p[1])
        return beta_lower(p[0] / 2, p[1] / 2, share), beta_lower(p[1] / 2, p[0] / 2, 1 - share)
    if name == 'beta':
        return beta_lower(p[0], p[1], x), beta_lower(p[1], p[0], 1 - x)
    if name == 'poisson':
        terms = [exp(k * log(p[0]) - p[0] - loggamma(k + 1)) for k in range(int(x + 60 + 20 * sqrt(p[0])))]
        return mp.fsum(terms[:int(x) + 1]), mp.fsum(terms[int(x) + 1:])
    if name == 'binomial':
        n = int(p[0])
        terms = [comb(n, k) * p[1] ** k * (1 - p[1]) ** (n - k) for k in range(n + 1)]
        return mp.fsum(terms[:int(x) + 1]), mp.fsum(terms[int(x) + 1:])


PLACES = [
    ('normal', -37), ('normal', -8.3), ('normal', -1e-10), ('normal', 1.96), ('normal', 12),
    ('t', 0.001, 1), ('t', 2.5, 1), ('t', 1e8, 1), ('t', -3.2, 2.5), ('t', 6, 30), ('t', 40, 1000), ('t', 1.7, 0.3), ('t', 9, 1e5), ('t', -1e-9, 7),
    ('chi_square', 1e-6, 1), ('chi_square', 3.84, 1), ('chi_square', 700, 1), ('chi_square', 30.07, 2), ('chi_square', 0.01, 50), ('chi_square', 99, 100),
    ('chi_square', 600, 401), ('chi_square', 150, 401), ('chi_square', 1.1e5, 1e5), ('chi_square', 0.3, 0.7), ('chi_square', 2600, 2000),
    ('gamma', 1e-3, 0.1, 1), ('gamma', 2.5, 0.1, 3), ('gamma', 30, 7, 0.5), ('gamma', 250, 199.5, 1), ('gamma', 900, 1000, 1),
    ('f', 1e-5, 1, 1), ('f', 4.2, 3, 12), ('f', 1e4, 2, 5), ('f', 0.2, 300, 40), ('f', 1.3, 999, 1001), ('f', 7, 1, 100000), ('f', 0.01, 7.5, 2.5),
    ('beta', 1e-10, 0.5, 0.5), ('beta', 0.999, 0.5, 12), ('beta', 0.02, 101, 4001), ('beta', 0.11, 1201, 9801), ('beta', 0.5, 1e4, 1.02e4), ('beta', 0.3, 1e-3, 5),
    ('poisson', 0, 1e-12), ('poisson', 3, 25), ('poisson', 40, 12.5), ('poisson', 480, 350),
    ('binomial', 0, 40, 0.001), ('binomial', 15, 50, 0.05), ('binomial', 30, 1000, 0.06), ('binomial', 682, 925, 0.75), ('binomial', 999, 1000, 0.9),
]

PROBABILITIES = [
    ('normal',), ('t', 1), ('t', 2.2), ('t', 29), ('t', 1e5), ('chi_square', 1), ('chi_square', 2), ('chi_square', 7.5), ('chi_square', 400),
    ('gamma', 0.2, 1), ('gamma', 55, 2), ('f', 1, 1), ('f', 3, 12), ('f', 250, 7), ('beta', 0.5, 0.5), ('beta', 5, 1), ('beta', 300, 400),
]


def quantile(name, p, parameters):
    """The root of log(cdf) - log(p), by bisection in the logarithm of a positive variable (or in a signed one)."""
    p = mpf(float(p))
    signed = name in ('normal', 't')
    place = (lambda v: v) if signed else (lambda v: exp(v) / (1 + exp(v)) if name == 'beta' else exp(v))
    low, high = (mpf(-40), mpf(40)) if name == 'normal' else (mpf(-200), mpf(60))
    if name == 't':
        place = lambda v: mp.sinh(v)
    if name in ('gamma', 'beta'):
        low, high = mpf(-400), mpf(10)
    saved, mp.dps = mp.dps, 35
    for _ in range(110):
        middle = (low + high) / 2
        x = place(middle)
        if name == 't':
            half = beta_lower(mpf(float(parameters[0])) / 2, mpf(1) / 2, parameters[0] / (parameters[0] + x * x)) / 2
            value = 1 - half if x > 0 else half
        elif name == 'normal':
            value = ncdf(x)
        elif name in ('chi_square', 'gamma'):
            a, scale = (mpf(float(parameters[0])) / 2, 2) if name == 'chi_square' else parameters
            value = gammainc(a, 0, x / scale, regularized=True)
        elif name == 'f':
            value = beta_lower(mpf(float(parameters[0])) / 2, mpf(float(parameters[1])) / 2, parameters[0] * x / (parameters[0] * x + parameters[1]))
        else:
            value = beta_lower(parameters[0], parameters[1], x)
        low, high = (middle, high) if value < p else (low, middle)
    mp.dps = saved
    return place((low + high) / 2)


def fisher(a, b, c, d):
    """All tables: p values exactly, odds ratio and bounds as roots."""
    row, other, column = a + b, c + d, a + c
    counts = range(max(0, column - other), min(row, column) + 1)
    weight = {k: comb(row, k) * comb(other, column - k) for k in counts}
    total = sum(weight.values())
    two = sum(w for w in weight.values() if w <= weight[a] * Fraction(10000001, 10000000))
    less = sum(w for k, w in weight.items() if k <= a)
    greater = sum(w for k, w in weight.items() if k >= a)

    def mean_and_tails(t):
        terms = {k: w * exp(t * (k - a)) for k, w in weight.items()}
        whole = mp.fsum(terms.values())
        return (mp.fsum(k * w for k, w in terms.items()) / whole, mp.fsum(w for k, w in terms.items() if k >= a) / whole,
                mp.fsum(w for k, w in terms.items() if k <= a) / whole)

    def root(f, rising):
        low, high = mpf(-60), mpf(60)
        for _ in range(140):
            middle = (low + high) / 2
            low, high = (middle, high) if (f(middle) < 0) == rising else (low, middle)
        return exp((low + high) / 2)
    ratio = mpf(0) if a == counts[0] else None if a == counts[-1] else root(lambda t: mean_and_tails(t)[0] - a, True)
    lower = mpf(0) if a == counts[0] else root(lambda t: mean_and_tails(t)[1] - mpf('.025'), True)
    upper = None if a == counts[-1] else root(lambda t: mean_and_tails(t)[2] - mpf('.025'), False)
    return [mpf(two) / total, mpf(less) / total, mpf(greater) / total, ratio, lower, upper]


def koopman(s1, n1, s2, n2):
    """The ratios at which the constrained score statistic is 1.96 squared, the constrained rate by maximising the likelihood."""
    z2 = (mp.sqrt(2) * mp.erfinv(mpf('.95'))) ** 2

    def score(ratio):
        n, s = n1 + n2, s1 + s2
        linear = ratio * (n1 + s2) + s1 + n2
        p1 = (linear - sqrt(linear ** 2 - 4 * ratio * n * s)) / (2 * n)
        p2 = p1 / ratio
        return (s1 - n1 * p1) ** 2 / (n1 * p1 * (1 - p1)) + (s2 - n2 * p2) ** 2 / (n2 * p2 * (1 - p2)) - z2
    middle = mpf(max(s1, .5)) / n1 / (mpf(max(s2, .5)) / n2)
    spread = exp(2 * sqrt(1 / mpf(max(s1, .5)) + 1 / mpf(max(s2, .5))))
    result = []
    for place, present in ((middle / spread, s1), (middle * spread, s2)):
        result.append(findroot(score, place) if present else None)
    return result


def power_t(n, delta, significance):
    """P(T > critical) of the noncentral t, as the mean of the normal tail over the distribution of the spread."""
    mp.dps = 30
    df = 2 * mpf(n) - 2
    critical = sqrt(df * (1 / findroot_share(df, mpf(significance)) - 1))
    shift = sqrt(mpf(n) / 2) * delta
    density = lambda v: 2 * exp(df / 2 * log(df / 2 * exp(2 * v)) - df / 2 * exp(2 * v) - loggamma(df / 2))
    value = quad(lambda v: density(v) * ncdf(shift - critical * exp(v)), linspace(-60 / df - 12 / sqrt(2 * df), min(mpf(4), 14 / sqrt(2 * df)), 120))
    mp.dps = 60
    return value


def findroot_share(df, significance):
    low, high = mpf(0), mpf(1)
    for _ in range(110):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_lower(df / 2, mpf(1) / 2, middle) < significance else (low, middle)
    return (low + high) / 2


def best(groups, a0=1, b0=1):
    """Probability to be best and expected loss, by quadrature of incomplete beta functions."""
    mp.dps = 25
    belief = [(mpf(s) + a0, mpf(n - s) + b0) for s, n in groups]
    points = {mpf(0), mpf(1)}
    for a, b in belief:
        mean, deviation = a / (a + b), sqrt(a * b / (a + b) ** 2 / (a + b + 1))
        points |= {mean + k * deviation for k in range(-12, 13) if 0 < mean + k * deviation < 1}
    points = sorted(points)
    lower = lambda i, x: beta_lower(belief[i][0], belief[i][1], x)
    result = []
    for i, (a, b) in enumerate(belief):
        others = [j for j in range(len(belief)) if j != i]
        constant = loggamma(a + b) - loggamma(a) - loggamma(b)
        win = quad(lambda x: exp(constant + (a - 1) * log(x) + (b - 1) * log(1 - x)) * mp.fprod(lower(j, x) for j in others) if 0 < x < 1 else mpf(0), points, maxdegree=4)
        loss = quad(lambda x: lower(i, x) * (1 - mp.fprod(lower(j, x) for j in others)), points, maxdegree=4)
        result += [win, loss]
    mp.dps = 60
    return result


def main():
    print('-- distributions: lower and upper tail')
    for name, x, *p in PLACES:
        low, up = cdf(name, x, *p)
        print(f"    ('{name}', {x!r}, '{{{','.join(repr(q) for q in p)}}}', {show(low)}, {show(up)}),")
    print('-- quantiles')
    for name, *p in PROBABILITIES:
        for probability in (1e-30, 1e-6, 0.025, 0.4):
            print(f"    ('{name}', {probability!r}, '{{{','.join(repr(q) for q in p)}}}', {show(quantile(name, probability, p))}),")
    print('-- Fisher')
    for table in ((3, 1, 1, 3), (10, 2, 3, 15), (0, 8, 5, 3), (4, 0, 0, 4), (30, 970, 55, 945), (2, 99998, 11, 99989), (700, 300, 690, 310), (1, 9, 0, 1000)):
        values = ', '.join('NULL' if v is None else show(v) for v in fisher(*table))
        print(f"    ({', '.join(map(str, table))}, {values}),")
    print('-- Koopman')
    for counts in ((36, 40, 16, 80), (3, 100, 1, 120), (0, 50, 4, 60), (5, 5000, 0, 4000), (24000, 1000000, 25000, 1000000)):
        print(f"    ('{counts[0]}/{counts[1]}', '{counts[2]}/{counts[3]}', {', '.join('NULL' if v is None else show(v) for v in koopman(*counts))}),")
    print('-- power of t')
    for n, delta, significance in ((2, 1.5, .05), (3.5, 2, .01), (20, 1, .05), (100, .4, .001), (5000, .05, .05)):
        print(f"    ({n}, {delta}, {significance}, {show(power_t(n, delta, significance))}),")
    print('-- best')
    for groups, a0, b0 in (([(100, 1000), (120, 1000)], 1, 1), ([(0, 10), (1, 12), (3, 9)], .5, .5), ([(40, 2000), (44, 2000), (4, 150)], 1, 1), ([(0, 0), (5, 100)], 1, 1)):
        print(f"    ('{{{','.join(str(s) for s, n in groups)}}}', '{{{','.join(str(n) for s, n in groups)}}}', {a0}, {b0}, '{{{','.join(show(v) for v in best(groups, a0, b0))}}}'),")


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Independent values of the models of customer value, for test/sql/value_*.sql.

Prints the VALUES lists that the tests carry. The formulas are those of the papers, not the ones
of src/value: hypergeometric functions, beta functions and plain sums, computed with 120 digits by
mpmath (Debian: python3-mpmath), so that cancellation does not matter. Arguments are doubles.

    python3 test/check/value_oracle.py
"""
from mpmath import mp, mpf, hyp2f1, hyperu, loggamma, exp, log, quad, beta, binomial, rf, nstr

mp.dps = 120


def exact(*numbers):
    return [mpf(float(n)) for n in numbers]


# Pareto/NBD, Fader and Hardie (2005), "A Note on Deriving the Pareto/NBD Model": both terms of
# the likelihood, without the factor that they share
def pareto_parts(model, x, t_x, age):
    r, alpha, s, b = model
    k = r + s + x
    if alpha >= b:
        term = lambda t: hyp2f1(k, s + 1, k + 1, (alpha - b) / (alpha + t)) / (alpha + t) ** k
    else:
        term = lambda t: hyp2f1(k, r + x, k + 1, (b - alpha) / (b + t)) / (b + t) ** k
    return (alpha + age) ** -(r + x) * (b + age) ** -s, s / k * (term(t_x) - term(age))


def pareto(model, x, t_x, age, horizon, orders, rate):
    r, alpha, s, b = model
    stays, gone = pareto_parts(model, x, t_x, age)
    alive = stays / (stays + gone)
    likelihood = loggamma(r + x) - loggamma(r) + r * log(alpha) + s * log(b) + log(stays + gone)
    later = alive * ((b + age) / (b + age + horizon)) ** s
    if s == 1:
        staying = -log((b + age) / (b + age + horizon))
    else:
        staying = (1 - ((b + age) / (b + age + horizon)) ** (s - 1)) / (s - 1)
    expected = alive * (r + x) * (b + age) / (alpha + age) * staying

    # one who is alive is a new customer with other parameters
    k, a, c = r + x, alpha + age, b + age
    stays, gone = pareto_parts((k, a, s, c), 0, mpf(0), horizon)
    none = 1 - alive + alive * a ** k * c ** s * (stays + gone)

    # orders by the moment of dropout, a mixture over it; its density is smooth in log(u)
    def negative_binomial(u):
        return exp(loggamma(k + orders) - loggamma(k) - loggamma(orders + 1)) * (a / (a + u)) ** k * (u / (a + u)) ** orders
    old, mp.dps = mp.dps, 30
    gone = quad(lambda w: negative_binomial(exp(w)) * s * (c / (c + exp(w))) ** s / (c + exp(w)) * exp(w),
                [log(horizon) - mpf(i) / 2 for i in range(160, -1, -1)], maxdegree=8)
    exactly = alive * (negative_binomial(horizon) * (c / (c + horizon)) ** s + gone)
    mp.dps = old
    residual = alive * k * c / a * hyperu(1, 2 - s, rate * c)
    return likelihood, alive, later, expected, none, exactly, residual


def nbd(model, x, age, horizon, orders):
    r, alpha = model
    k, a = r + x, alpha + age
    likelihood = loggamma(k) - loggamma(r) + r * log(alpha) - k * log(a)
    return (likelihood, k * horizon / a, (a / (a + horizon)) ** k,
            exp(loggamma(k + orders) - loggamma(k) - loggamma(orders + 1)) * (a / (a + horizon)) ** k * (horizon / (a + horizon)) ** orders)


# BG/BB, Fader, Hardie and Shang (2010)
def bgbb(model, x, t_x, n, horizon, orders, rate):
    a, b, c, d = model
    stays = beta(a + x, b + n - x) / beta(a, b) * beta(c, d + n) / beta(c, d)
    gone = sum(beta(a + x, b + t_x - x + i) / beta(a, b) * beta(c + 1, d + t_x + i) / beta(c, d) for i in range(n - t_x))
    alive = stays / (stays + gone)
    survives = lambda k: rf(d + n, k) / rf(c + d + n, k)
    p, q, e = a + x, b + n - x, d + n
    expected = alive * p / (p + q) * sum(survives(k) for k in range(1, horizon + 1))
    mixed = lambda i: binomial(i, orders) * beta(p + orders, q + i - orders) / beta(p, q)
    exactly = mixed(horizon) * survives(horizon) + sum(mixed(i) * beta(c + 1, e + i) / beta(c, e) for i in range(orders, horizon))
    z = 1 / (1 + rate)
    residual = alive * p / (p + q) * survives(1) * z * hyp2f1(1, e + 1, c + e + 1, z)
    return log(stays + gone), alive, alive * survives(horizon), expected, alive * exactly + (1 - alive if orders == 0 else 0), residual


def sbg(model, period, rate):
    a, b = model
    z = 1 / (1 + rate)
    return ((b + period - 1) / (a + b + period - 1), beta(a, b + period) / beta(a, b),
            (b + period) / (a + b + period) * z * hyp2f1(1, b + period + 1, a + b + period + 1, z))


def gamma_gamma(model, x, mean):
    p, q, c = model
    likelihood = (loggamma(p * x + q) - loggamma(p * x) - loggamma(q) - log(mean) + q * log(c / (c + mean * x))
                  + p * x * log(mean * x / (c + mean * x)))
    return likelihood, p * (c + mean * x) / (p * x + q - 1)


def show(name, points, function, split):
    print('-- ' + name)
    lines = []
    for kind, model, *arguments in points:
        given = [repr(v) for v in (*model, *arguments)]
        values = function(exact(*model), *[v if isinstance(v, int) else exact(v)[0] for v in arguments])
        lines.append("    ('%s', %s, %s)" % (kind, ', '.join(given), ', '.join("'%s'" % ('0' if i == 0 and abs(v) < 1e-100 else nstr(v, 20)) for i, v in enumerate(values))))
    print(',\n'.join(lines))


CDNOW = (0.5532770, 10.5776835, 0.6062400, 11.6687353)
PARETO = [  # x, t_x, age, horizon, orders, rate
    ('ordinary', CDNOW, 2, 30.428571428571427, 38.857142857142854, 39.0, 1, 0.0027),
    ('ordinary', CDNOW, 0, 0.0, 38.857142857142854, 39.0, 1, 0.0027),
    ('ordinary', CDNOW, 0, 0.0, 0.0, 52.0, 2, 0.0027),
    ('ordinary', CDNOW, 26, 30.857142857142858, 31.0, 10.0, 7, 0.0027),
    ('ordinary', (0.4, 10.0, 0.8, 32.0), 5, 20.8, 26.0, 10.0, 3, 0.01),
    ('ordinary', (1.7, 55.0, 0.35, 3.0), 4, 11.0, 60.0, 5.0, 1, 0.001),
    ('many orders', CDNOW, 1000, 38.0, 38.857142857142854, 39.0, 900, 0.0027),
    ('many orders', (0.03, 0.1, 0.03, 300.0), 2000, 990.0, 1000.0, 100.0, 150, 1e-05),
    ('many orders', (4.8, 0.2, 1.0, 2.4), 1000, 407.6, 407.7, 1.0, 3, 0.1),
    ('s = 1', (0.55, 10.6, 1.0, 11.7), 2, 30.4, 38.9, 39.0, 1, 0.0027),
    ('s near 1', (0.55, 10.6, 1.000000001, 11.7), 2, 30.4, 38.9, 39.0, 1, 0.0027),
    ('s near 1', (0.55, 10.6, 0.9999999999999, 11.7), 2, 30.4, 38.9, 1000.0, 12, 1e-09),
    ('alpha = beta', (0.55, 11.0, 0.6, 11.0), 3, 20.0, 38.9, 39.0, 2, 0.0027),
    ('alpha far below beta', (2.0, 0.01, 0.5, 10000.0), 3, 20.0, 38.9, 39.0, 2, 0.0027),
    ('alpha far above beta', (2.0, 10000.0, 0.5, 0.01), 3, 20.0, 38.9, 39.0, 2, 0.0027),
    ('just ordered', CDNOW, 7, 38.857142857142854, 38.857142857142854, 39.0, 2, 0.0027),
    ('just ordered', CDNOW, 7, 38.85714285, 38.857142857142854, 39.0, 2, 0.0027),
    ('just seen', CDNOW, 0, 0.0, 1e-09, 39.0, 2, 0.0027),
    ('customers alike', (5000.0, 50000.0, 0.6, 11.7), 3, 20.0, 38.9, 39.0, 2, 0.0027),
    ('dropout alike', (0.55, 10.6, 500.0, 50000.0), 3, 20.0, 38.9, 39.0, 2, 0.0027),
    ('hardly any dropout', (0.55, 10.6, 1e-08, 11.7), 3, 20.0, 38.9, 39.0, 2, 0.0027),
    ('short horizon', CDNOW, 2, 30.0, 38.0, 1e-06, 2, 50.0),
    ('long horizon', CDNOW, 2, 30.0, 38.0, 1000000.0, 50, 1e-12),
]
NBD = [  # x, age, horizon, orders
    ('ordinary', (0.385, 12.072), 2, 38.857142857142854, 39.0, 1),
    ('ordinary', (0.385, 12.072), 0, 0.0, 39.0, 3),
    ('many orders', (0.385, 12.072), 1000, 38.0, 39.0, 900),
    ('customers alike', (1e10, 1e11), 3, 38.9, 39.0, 4),
    ('short horizon', (0.385, 12.072), 3, 38.9, 1e-06, 2),
]
BGBB = [  # x, t_x, n, horizon, orders, rate
    ('ordinary', (1.204, 0.750, 0.657, 2.783), 3, 4, 6, 5, 2, 0.1),
    ('ordinary', (1.204, 0.750, 0.657, 2.783), 0, 0, 6, 5, 0, 0.1),
    ('ordinary', (1.204, 0.750, 0.657, 2.783), 6, 6, 6, 5, 5, 0.1),
    ('new', (1.204, 0.750, 0.657, 2.783), 0, 0, 0, 10, 3, 0.1),
    ('gamma = 1', (1.204, 0.750, 1.0, 2.783), 2, 5, 8, 5, 1, 0.001),
    ('gamma near 1', (1.204, 0.750, 1.0000000001, 2.783), 2, 5, 8, 50, 10, 1e-06),
    ('many periods', (0.5, 20.0, 0.1, 30.0), 20, 300, 500, 400, 9, 0.0001),
    ('many periods', (300.0, 0.5, 0.01, 0.5), 500, 500, 500, 400, 400, 0.01),
    ('customers alike', (5000.0, 2000.0, 300.0, 9000.0), 3, 5, 8, 6, 4, 0.05),
    ('high rate', (1.2, 0.75, 0.66, 2.8), 3, 4, 6, 5, 2, 100.0),
]
SBG = [  # period, rate
    ('ordinary', (0.668, 3.806), 1, 0.1),
    ('ordinary', (0.704, 1.182), 7, 0.1),
    ('ordinary', (2.5, 4.0), 3, 0.05),
    ('alpha = 1', (1.0, 4.0), 100, 0.001),
    ('low rate', (0.3, 0.5), 3, 1e-06),
    ('customers alike', (4000.0, 30000.0), 1000, 0.01),
    ('customers alike', (0.00001, 0.00003), 12, 0.02),
]
GAMMA_GAMMA = [  # x, mean value
    ('ordinary', (6.25, 3.74, 15.44), 2, 22.345),
    ('ordinary', (6.25, 3.74, 15.44), 1, 300.0),
    ('ordinary', (17.9, 3.44, 4.436), 8, 9.09),
    ('many orders', (6.25, 3.74, 15.44), 5000, 30.0),
    ('q below 1', (2.0, 0.5, 15.44), 3, 30.0),
    ('customers alike', (6.0, 10000.0, 50000.0), 3, 30.0),
    ('orders alike', (100000.0, 3.0, 0.0005), 3, 30.0),
]

show('likelihood, alive, alive after the horizon, expected, none, exactly, residual', PARETO, pareto, 4)
show('likelihood, expected, none, exactly', NBD, nbd, 2)
show('likelihood, alive, alive after the horizon, expected, exactly, residual', BGBB, bgbb, 4)
show('retention, survival, residual', SBG, sbg, 2)
show('likelihood, expected', GAMMA_GAMMA, gamma_gamma, 3)

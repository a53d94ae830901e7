"""Lengths, failures and absences, drawn from a seed; written for `compiled.py` to compile as it stands.

A length is log-normal around its estimate: its own part, one shared by its application, one by all tasks of its kind,
one by all tasks. A task under way that nobody said the rest of is longer than what was worked of it so far.
A draw is a function of (seed, run, what it is for), so no run depends on how many others were asked for, and all are
the same on every machine: whole numbers below 2^62, division, and `math`.
"""

from math import erfc, exp, log, sqrt

from releve.restoration.forecast.shapes import Reals, Row, Tables

__all__ = ["draw_runs", "key_of", "normal_at", "uniform"]

FAILS_MAX = 20  # a gate that never passes would keep a run for ever
ROOT_2 = 1.4142135623730951
MASK = 0xFFFFFFFF
ODD = 2654435769  # 2^32 over the golden ratio: neighbours come to lie far apart


def mixed(value: int) -> int:
    """Return 32 bits that look unlike the 32 bits given. Source: O'Neill 2014, PCG, RXS-M-XS 32."""
    state = (value * 747796405 + 2891336453) & MASK
    word = (((state >> ((state >> 28) + 4)) ^ state) * 277803737) & MASK
    return (word >> 22) ^ word


def key_of(seed: int, run: int) -> int:
    """Return the key of a run."""
    return mixed(mixed(seed & MASK) ^ mixed((run + ODD) & MASK))


def uniform(key: int, number: int) -> float:
    """Return the draw `number` of a run, between 0 and 1, both excluded."""
    return (mixed(mixed((number * ODD) & MASK) ^ key) + 0.5) / 4294967296.0


def normal_at(p: float) -> float:
    """Return the standard normal quantile of p. Source: Acklam 2003, relative error below 1.2e-9."""
    if p < 0.02425:
        q = sqrt(-2.0 * log(p))
        return lower_tail(q)
    if p > 0.97575:
        q = sqrt(-2.0 * log(1.0 - p))
        return -lower_tail(q)
    q = p - 0.5
    r = q * q
    top = (
        (((-3.969683028665376e01 * r + 2.209460984245205e02) * r - 2.759285104469687e02) * r)
        + 1.383577518672690e02
    ) * r - 3.066479806614716e01
    low = (
        (((-5.447609879822406e01 * r + 1.615858368580409e02) * r - 1.556989798598866e02) * r)
        + 6.680131188771972e01
    ) * r - 1.328068155288572e01
    return (top * r + 2.506628277459239e00) * q / (low * r + 1.0)


def lower_tail(q: float) -> float:
    top = (
        ((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e00) * q
        - 2.549732539343734e00
    ) * q + 4.374664141464968e00
    low = (
        (7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e00
    ) * q + 3.754408661907416e00
    return (top * q + 2.938163982698783e00) / (low * q + 1.0)


def draw_runs(
    t: Tables, d: Row, f: Reals, seed: int, first_run: int, runs: int, shifts: Reals, drawn: Row
) -> None:
    """Write run after run: work, work when done again, failures, absences, reinfections."""
    length = 3 * t.tasks + t.windows + t.applications
    for run in range(runs):
        draw(t, d, f, key_of(seed, first_run + run), shifts, drawn, run * length)


def draw(t: Tables, d: Row, f: Reals, key: int, shifts: Reals, drawn: Row, at: int) -> None:
    """Write the draws of one run from a place on."""
    common = f[t.shared] * normal_at(uniform(key, 0))
    for k in range(t.kinds):
        shifts[k] = common + f[t.shared + 1] * normal_at(uniform(key, 1 + k))
    for a in range(t.applications):
        number = t.kinds + a
        shifts[number] = f[t.application_sigma + a] * normal_at(uniform(key, 1 + number))
    number = 1 + t.kinds + t.applications
    again = at + t.tasks
    fails = again + t.tasks
    for i in range(t.tasks):
        work = d[t.work + i]
        drawn[at + i] = work
        drawn[again + i] = work
        drawn[fails + i] = 0
        if d[t.fixed + i] >= 0 or d[t.out + i] == 1:
            continue
        shift = shifts[d[t.kind + i]]
        if d[t.application + i] >= 0:
            shift += shifts[t.kinds + d[t.application + i]]
        u = uniform(key, number + i)
        sigma = f[t.sigma + i]
        factor = exp(shift + sigma * normal_at(u))
        estimate = f[t.estimate + i]
        if estimate > 0.0:
            drawn[again + i] = max(1, int(estimate * factor + 0.5))
        if d[t.done + i] >= 0:
            drawn[at + i] = remaining(estimate, d[t.done + i], shift, sigma, u)
        elif work > 0:
            drawn[at + i] = max(1, int(work * factor + 0.5))
        fail = f[t.fail + i]
        if fail > 0.0:
            drawn[fails + i] = min(FAILS_MAX, int(log(uniform(key, number + t.tasks + i)) / log(fail)))
    number += 2 * t.tasks
    absent = fails + t.tasks
    for k in range(t.windows):
        drawn[absent + k] = 1 if uniform(key, number + k) < f[t.no_show + k] else 0
    number += t.windows
    for a in range(t.applications):
        drawn[absent + t.windows + a] = 1 if uniform(key, number + a) < f[t.shared + 2] else 0


def remaining(estimate: float, done: int, shift: float, sigma: float, u: float) -> int:
    """Return the hours that remain of work longer than the hours done."""
    if sigma <= 0.0:
        return max(1, int(estimate * exp(shift) - done + 0.5))
    # The chance to take longer than that; the tail is mirrored, since 1 - p would lose its digits.
    beyond = 0.5 * erfc((log((done + 0.5) / estimate) - shift) / sigma / ROOT_2)
    if beyond < 1e-9:
        return max(1, int(0.1 * done + 0.5))
    return max(1, int(estimate * exp(shift - sigma * normal_at(beyond * (1.0 - u))) - done + 0.5))

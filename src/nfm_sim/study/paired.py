"""Intervals of what two scenarios differ by, replication by replication: of means, of shares and of quantiles.

What is compared had the same random draws, so that most of what varies cancels. What so few pairs may hide does not: an
effect that no pair has shown may still show in some of the next.
"""

import math
from dataclasses import replace

import numpy as np
import scipy

from nfm_sim.kinds.families import Floats
from nfm_sim.study import intervals
from nfm_sim.study.intervals import Interval, Sample, last_that_holds, normal_quantile, t_quantile, usual_value

HALVINGS = 50
"""Of the interval in which a bound of Tango's lies: down to the last digits."""


def mean_difference(change: Sample, confidence: float = 0.95, share: bool = False) -> Interval:
    """Interval of the mean of paired differences; of those of shares within -1 and 1.

    Where shares are truth values, so that a pair has -1, 0 or 1, it is Tango's score interval (1998, Stat. Med.
    17:891), unless there are blocks and enough pairs of either kind; else that of a mean. Where some pairs do not
    differ, and of those that do a sign test tells nothing even if all are to one side, each holds 0."""
    values = change.values
    moved = int((values != 0).sum())
    single = change.size == 1 or not intervals.FEW_EVENTS <= moved <= len(values) - intervals.FEW_EVENTS
    if share and len(values) and single and np.isin(values, (-1, 0, 1)).all():
        found = _tango(int((values > 0).sum()), int((values < 0).sum()), len(values), confidence)
    else:
        found = intervals.mean_interval(change, confidence, (-1.0, 1.0) if share else (-np.inf, np.inf))
    if moved == len(values) or least_p(moved) <= 1 - confidence:
        return found
    return replace(found, low=min(found.low, 0.0), high=max(found.high, 0.0))


def _tango(more: int, fewer: int, number: int, confidence: float) -> Interval:
    """The difference of two paired shares, of so many pairs with one of them alone: those differences that a score test
    does not reject."""
    estimate, z = (more - fewer) / number, normal_quantile(confidence)

    def score(difference: float) -> float:
        middle = 2 * number * difference - (more + fewer) - (more - fewer) * difference
        last = -fewer * difference * (1 - difference)
        alone = (math.sqrt(middle**2 - 8 * number * last) - middle) / (4 * number)
        variance = number * (2 * alone + difference * (1 - difference))
        off = more - fewer - number * difference
        return off / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, off) if off else 0.0

    low = last_that_holds(lambda difference: score(difference) <= z, estimate, -1.0, HALVINGS)
    high = last_that_holds(lambda difference: -score(difference) <= z, estimate, 1.0, HALVINGS)
    return Interval(estimate, low, high)


def quantile_difference(one: Sample, other: Sample, q: float, confidence: float = 0.95) -> Interval:
    """Interval of the difference of two quantiles of paired samples: that of the second less that of the first.

    Each quantile lies some places off its own among its values (`quantile_places`). As the pairs have the same
    draws, both are off to the same side, and the one further than the other by as much as the pairs tell of which
    only one lies below its quantile, or none has shown (`_places_apart`). What both move together and what they
    move apart are as good as independent; so the interval has the differences of values at all places in the
    ellipse of these two. It needs nothing of the distributions, and where values jump, it has the jumps that the
    places reach."""
    estimate = intervals.quantile_interval(other, q).estimate - intervals.quantile_interval(one, q).estimate
    first, second, own = np.sort(one.values), np.sort(other.values), q * (len(one.values) - 1)
    ends = np.array([intervals.quantile_places(sample, q, confidence)[0] for sample in (one, other)])
    apart, gain = _places_apart(one, other, q, confidence)
    if not np.isfinite(ends).all():
        return Interval(estimate, -np.inf, np.inf, gain)
    down, up = np.sqrt(np.maximum(0, ((ends - own) ** 2).mean(axis=0) - apart**2 / 4))
    together = own + np.where(AROUND < 0, down, up) * AROUND
    ahead = apart / 2 * np.sqrt(1 - AROUND**2)
    with np.errstate(invalid="ignore"):
        least = intervals.value_at(second, together - ahead) - intervals.value_at(first, together + ahead)
        most = intervals.value_at(second, together + ahead) - intervals.value_at(first, together - ahead)
    if np.isnan(least).any() or np.isnan(most).any():  # neither may ever be
        return Interval(estimate, -np.inf, np.inf, gain)
    return Interval(estimate, float(min(least.min(), estimate)), float(max(most.max(), estimate)), gain)


AROUND = np.linspace(-1, 1, 401)
"""Steps along an ellipse."""


def _places_apart(one: Sample, other: Sample, q: float, confidence: float) -> tuple[float, float]:
    """How many places the one quantile may be further off than the other, and the gain of pairs.

    It is by how much the numbers differ of pairs with the one alone below its quantile, and with the other; and as much
    at least as what no pair has shown may move one of them (Wilson's bound): a gain of those that are the latest moves
    it most."""
    number = len(one.values)
    change = Sample(intervals.lowest(other.values, q) - intervals.lowest(one.values, q), one.size)
    alone = int(np.abs(change.values).sum())
    spread = change.spread if number > 1 else 0.0
    gain = 2 * q * (1 - q) / (change.size * spread**2) if spread > 0 else np.nan
    seen = normal_quantile(confidence) * math.sqrt(alone)
    if one.size > 1 and alone >= intervals.FEW_EVENTS:
        blocks = number // one.size
        seen = t_quantile(blocks - 1, confidence) * spread / math.sqrt(blocks) * number
    return max(seen, number * intervals.wilson(0, number, confidence).high * max(q, 1 - q)), gain


def p_of_mean(change: Sample) -> float:
    """Two-sided p-value of a mean difference of 0; 1 when nothing differs, unknown (nan) of a single pair.

    Student's t of the error that its interval has, never less than a sign test can give of so many pairs, and never so
    little that the interval of that confidence holds 0; where few differ, or all by the same, the sign test itself."""
    values = change.values
    _, differing = usual_value(values)
    if not values.any():
        return 1.0
    if len(values) < 2:
        return float("nan")
    if intervals.is_rare(differing, len(values)) or np.isin(values, (-1, 0, 1)).all():
        return p_of_signs(values)
    blocks, decided = len(values) // change.size, change.decided
    t = float(decided.means.mean()) / decided.spread * math.sqrt(blocks)
    p = max(2 * float(scipy.special.stdtr(blocks - 1, -abs(t))), least_p(int((values != 0).sum())))
    return _raised_until_sure(change, p)


def _raised_until_sure(change: Sample, p: float) -> float:
    """A p-value, or if the interval of its confidence holds 0, the least with which it does not, by halving."""

    def sure(p: float) -> bool:
        bounds = intervals.mean_interval(change, 1 - p)
        return bounds.low > 0 or bounds.high < 0

    if p >= 1 or sure(p):
        return min(p, 1.0)
    return math.exp(last_that_holds(lambda log_p: sure(math.exp(log_p)), 0.0, math.log(p), P_HALVINGS))


P_HALVINGS = 12
"""Of the logarithm of a p-value: to a percent or so of it."""


def least_p(differing: int) -> float:
    """The least p-value that a sign test gives of so many pairs that differ: all to one side."""
    return 2.0 ** (1 - differing)


def p_of_signs(values: Floats) -> float:
    """Two-sided p-value of as many differences above 0 as below (exact)."""
    moved = values[values != 0]
    fewer = min(int((moved > 0).sum()), int((moved < 0).sum()))
    return min(1.0, 2 * float(scipy.special.bdtr(fewer, len(moved), 0.5)))

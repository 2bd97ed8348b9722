"""Intervals over replications: of a mean, a share or a quantile, and of what two scenarios differ by.

A berth that helps in 3 % of replications helps in none of 16 more often than not. The spread of such values says
nothing; what counts is how many differ from the usual one, and by how much.

Which interval is used for what was chosen by the share of samples in which it holds a known truth; `docs/studies.md`
has the tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import scipy

from nfm_sim.kinds.families import Floats
from nfm_sim.plan.draws import BLOCK, Sampling
from nfm_sim.study.controls import LEAST_EXPLAINED, Controls, Predictors

FEW_EVENTS = 10
"""With fewer replications on one side of a share or quantile, or apart from the usual value, the spread of block means
is not trusted."""
FEWEST_SEEN = 2
"""Of what was seen less often nobody knows how large it may be."""
MOST_RARE = 0.25
"""The largest share of values that differ from the usual one, of which these bounds are taken. Assumed: beyond it the
spread tells as much."""


def usual_value(values: Floats) -> tuple[float, int]:
    """The most frequent value, and how many differ from it by more than the rounding of a sum."""
    known, counts = np.unique(np.round(values, 9), return_counts=True)
    most = int(np.argmax(counts))
    return float(known[most]), len(values) - int(counts[most])


def is_rare(differing: int, number: int) -> bool:
    """Whether so few of so many values differ from the usual one that their spread does not tell how sure a mean is."""
    return differing < FEW_EVENTS and differing <= MOST_RARE * number


def rare_mean(values: Floats, usual: float, confidence: float) -> tuple[float, float]:
    """The bounds of a mean of which few values differ from the usual one, to either side.

    The sum on each side is one of weighted rare events, with the bounds of Fay and Feuer (1997, Stat. Med. 16:791); an
    event that has not shown may weigh as much as the heaviest that has, to either side. The difference of both has
    the bounds of Zou and Donner (2008, Stat. Med. 27:1693).
    """
    moved = values - usual
    heaviest = float(np.abs(moved).max())
    up, up_low, up_high = _sum_of_events(moved.clip(0), heaviest, confidence)
    down, down_low, down_high = _sum_of_events((-moved).clip(0), heaviest, confidence)
    below = math.hypot(up - up_low, down_high - down)
    above = math.hypot(up_high - up, down - down_low)
    mean, number = usual + (up - down) / len(values), len(values)
    return mean - below / number, mean + above / number


def _sum_of_events(weights: Floats, heaviest: float, confidence: float) -> tuple[float, float, float]:
    """The sum of the weights of events, with its bounds."""
    tail = (1 - confidence) / 2
    total, squares = float(weights.sum()), float((weights**2).sum())
    low = squares / total * float(scipy.special.gammaincinv(total**2 / squares, tail)) if total else 0.0
    more, spread = total + heaviest, squares + heaviest**2
    return total, low, spread / more * float(scipy.special.gammaincinv(more**2 / spread, 1 - tail))


# Confidence intervals of a mean, a share and a quantile of single replications, or of stratified blocks of them


FEWEST_BLOCKS = 6
"""With fewer, stratified replications are taken as if each were drawn alone: the variance of their mean is at most
16/15 of what that says (Owen 1997, Ann. Statist. 25:1541), while the spread of so few block means is hardly known."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; infinite where the data set no bound, nan where it is unknown."""

    estimate: float
    low: float
    high: float
    gain: float = np.nan
    """How many times more replications drawn one by one would need for the same spread; nan without blocks."""

    @property
    def half_width(self) -> float:
        """The larger of the distances from the estimate to its bounds."""
        return max(self.high - self.estimate, self.estimate - self.low)

    @property
    def known(self) -> tuple[float | None, float | None, float | None]:
        """The estimate and its bounds; None for what is not known, or open."""
        return null(self.estimate), null(self.low), null(self.high)


def null(number: float) -> float | None:
    """The number; None for what is none, or infinite."""
    return float(number) if np.isfinite(number) else None


def is_number(value: object) -> bool:
    """Whether something is a number, neither infinite nor a truth."""
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


UNKNOWN = Interval(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of replications, in the order of their numbers: each drawn alone, or in stratified blocks of `size`,
    which are independent of each other."""

    values: Floats
    size: int = 1
    predictors: Predictors | None = None
    """Of blocks: what is known of their draws."""

    @classmethod
    def of(cls, values: Floats, numbers: Sequence[int], sampling: str, controls: Controls | None = None) -> Sample:
        """Return the values of the replications with these numbers. Of stratified ones only whole blocks count, when
        there are enough of them."""
        if sampling == Sampling.STRATIFIED and len(numbers) and numbers[-1] - numbers[0] + 1 == len(numbers):
            first = -numbers[0] % BLOCK
            blocks = (len(values) - first) // BLOCK
            if blocks >= FEWEST_BLOCKS:
                whole = slice(first, first + blocks * BLOCK)
                return cls(values[whole], BLOCK, controls.of(numbers[whole]) if controls is not None else None)
        return cls(values)

    def transformed(self, values: Floats) -> Sample:
        """Other values of the same replications."""
        return replace(self, values=values)

    @property
    def decided(self) -> Sample:
        """The same, without what is known of the draws where that explains too little of what block means differ by."""
        alone, values = replace(self, predictors=None), self.values
        if self.predictors is None or not np.isfinite(values).all() or is_rare(usual_value(values)[1], len(values)):
            return alone
        return self if self.means.var() < (1 - LEAST_EXPLAINED) * alone.means.var() else alone

    @property
    def means(self) -> Floats:
        """The means of blocks, less what is known to have moved them."""
        if self.predictors is not None:
            return self.predictors.controlled(self.values)
        return np.asarray(self.values.reshape(-1, self.size).mean(axis=1))

    @property
    def spread(self) -> float:
        """The standard deviation of block means, with what so few blocks may hide.

        Blocks often agree, because each has an event as often as it is likely, to the next whole number; then one
        block in so many may have it once more. How far that moves the mean of a block is not seen: it is taken to be
        what a cause of two values would do that accounts for the spread and the skewness of all values. What Wilson's
        interval (1927) allows of a count that has shown no spread, and of one that has, is allowed here.
        """
        seen = float(self.means.std(ddof=1))
        if self.size == 1:
            return seen
        blocks = len(self.values) // self.size
        step = float(self.values.std(ddof=1)) * math.sqrt(4 + skewness(self.values) ** 2) / self.size
        return max(hidden_spread(blocks, step), math.hypot(seen, normal_quantile(0.95) * step / (2 * blocks**0.5)))

    @property
    def gain(self) -> float:
        """The variance of a mean of single values over that of block means; nan without blocks or spread."""
        spread = self.means.var(ddof=1) * self.size if self.size > 1 else 0.0
        return float(self.values.var(ddof=1) / spread) if spread > 0 else np.nan


def mean_interval(
    sample: Sample, confidence: float = 0.95, limits: tuple[float, float] = (-np.inf, np.inf)
) -> Interval:
    """Interval of a mean, within the limits that its values have.

    Student's t of block means, less what controls explain of them (`study.controls`). Of single values Willink's (2005,
    Commun. Statist. Theory Meth. 34:1) where it reaches further, which it does on the side on which they are skewed: on
    the other, where its bound is nearer, it does not hold when tails to both sides happen to show on one, as in
    differences of when ships are in. Of values that are nearly always the same, see `_nearly_constant`. Unknown when a
    value is missing (nan) or censored (infinite)."""
    values = sample.values
    if not len(values) or not np.isfinite(values).all():
        return UNKNOWN
    least, most = limits
    sample = sample.decided
    n, mean = len(values) // sample.size, float(min(max(sample.means.mean(), least), most))
    if len(values) == 1:
        return Interval(mean, *limits)
    usual, differing = usual_value(values)
    gain = np.nan
    if is_rare(differing, len(values)):
        low, high = _nearly_constant(values, usual, differing, confidence, limits)
    else:
        error, t, gain = sample.spread / np.sqrt(n), t_quantile(n - 1, confidence), sample.gain
        lean = skewness(values) / (6 * np.sqrt(n)) if sample.size == 1 else 0.0
        low = mean - error * max(t, _leaning(t, lean))
        high = mean + error * max(t, -_leaning(-t, lean))
    return Interval(mean, max(min(low, mean), least), min(max(high, mean), most), gain)


def _nearly_constant(
    values: Floats, usual: float, differing: int, confidence: float, limits: tuple[float, float]
) -> tuple[float, float]:
    """The bounds of a mean of values that are all the same, or but for a few.

    What has not shown in n replications may happen in some of the next, and lead to any value within the limits. Where
    there are none, it is taken to take away what all agree on, or to double it; where all are 0, or where one differs,
    nothing says how far it may lead, and there are no bounds. Where more differ, these say it (`rare_mean`)."""
    if differing >= FEWEST_SEEN:
        return rare_mean(values, usual, confidence)
    least, most = limits
    if not differing and usual and np.isinf(limits).all():
        least, most = min(0.0, 2 * usual), max(0.0, 2 * usual)
    unseen = wilson(differing, len(values), confidence).high
    return usual - unseen * (usual - least), usual + unseen * (most - usual)


def skewness(values: Floats) -> float:
    """The skewness of values; 0 where they have none or are too few."""
    n, spread = len(values), values.std(ddof=1)
    if n < 3 or not spread:
        return 0.0
    return float(n / ((n - 1) * (n - 2)) * (((values - values.mean()) / spread) ** 3).sum())


def _leaning(t: float, lean: float) -> float:
    """Willink's transformation of a quantile of Student's t; t itself without skewness."""
    if abs(lean) < LEAST_LEAN:
        return t
    return float((np.cbrt(1 + 6 * lean * (t - lean)) - 1) / (2 * lean))


LEAST_LEAN = 1e-9


def share_interval(sample: Sample, confidence: float = 0.95) -> Interval:
    """Interval of a share, 0 to 1.

    Of values that are 0 or 1: that of block means, when there are enough of both; else Wilson's (1927), which never
    claims certainty, and in blocks is never too sure. Values that are shares themselves have the interval of a mean
    within 0 and 1."""
    values = sample.values
    if not len(values) or not np.isfinite(values).all():
        return UNKNOWN
    single = ((values == 0) | (values == 1)).all()
    events = float(values.sum())
    if single and (sample.size == 1 or not FEW_EVENTS <= events <= len(values) - FEW_EVENTS):
        return wilson(round(events), len(values), confidence)
    return mean_interval(sample, confidence, (0.0, 1.0))


def wilson(events: int, number: int, confidence: float = 0.95) -> Interval:
    """Wilson's interval (1927, J. Am. Stat. Assoc. 22:209) of a share of events."""
    share, z = events / number, normal_quantile(confidence)
    middle, grown = share + z**2 / (2 * number), 1 + z**2 / number
    half = z * math.sqrt(share * (1 - share) / number + (z / (2 * number)) ** 2)
    low = 0.0 if not events else (middle - half) / grown
    high = 1.0 if events == number else (middle + half) / grown
    return Interval(share, low, high)


def hidden_spread(number: int, step: float, confidence: float = 0.95) -> float:
    """The standard deviation that so many equal values may hide, when others differ from them by a step: as Wilson's
    interval has it of an event that has not shown."""
    chance = wilson(0, number, confidence).high
    return step * math.sqrt(chance * (1 - chance))


def quantile_interval(sample: Sample, q: float, confidence: float = 0.95) -> Interval:
    """Interval of a quantile: the values at two levels beside its own. Censored values are infinite; nan is not
    allowed.

    Of single values the levels come from the binomial distribution, with values interpolated (Beran and Hall 1993, J.
    R. Stat. Soc. B 55:643); they need nothing of the distribution. Of stratified blocks they come from the spread of
    the share of the lowest over blocks (Woodruff 1952, J. Am. Stat. Assoc. 47:635; Avramidis and Wilson 1998,
    Oper. Res. 46:574), when there are values enough on both sides."""
    values = sample.values
    if not len(values) or np.isnan(values).any():
        return UNKNOWN
    ordered = np.sort(values)
    estimate = float(value_at(ordered, q * (len(ordered) - 1)))
    places, gain = quantile_places(sample, q, confidence)
    low, high = (float(value_at(ordered, place)) for place in places)
    # of an extreme quantile and few values the bound may lie beyond what is interpolated between these
    return Interval(min(max(estimate, low), high), low, high, gain)


def quantile_places(sample: Sample, q: float, confidence: float) -> tuple[tuple[float, float], float]:
    """The places, from 0, of the bounds of a quantile among the values in their order, infinite where so few give
    none; and the gain of blocks (see `Interval`)."""
    values = sample.values
    n = len(values)
    if sample.size > 1 and FEW_EVENTS <= q * n <= n - FEW_EVENTS:
        below = Sample(lowest(values, q), sample.size)
        blocks = n // sample.size
        reach = t_quantile(blocks - 1, confidence) * below.spread / np.sqrt(blocks) * n
        return (q * (n + 1) - 1 - reach, q * (n + 1) - 1 + reach), below.gain
    low, high = (_order_place(n, level, (1 + confidence) / 2) for level in (q, 1 - q))
    return (low, n - 1 - high), np.nan


def lowest(values: Floats, q: float) -> Floats:
    """Whether each value is one of the lowest share q. Which of equal ones are, does not depend on anything else in a
    replication, is spread evenly over blocks, and is the same for other values of the same replications."""
    among_equals = np.arange(len(values)) * GOLDEN % 1
    rank = np.empty(len(values))
    rank[np.lexsort((among_equals, values))] = np.arange(len(values))
    return (rank < round(q * len(values))).astype(np.float64)


GOLDEN = (math.sqrt(5) - 1) / 2
"""Its multiples fill the range from 0 to 1 evenly (Weyl)."""


def value_at(ordered: Floats, place: float | Floats) -> Floats:
    """The values at places from 0, with what lies between two values in proportion; infinite beyond the first and the
    last."""
    last = len(ordered) - 1
    inside = np.clip(place, 0, last)
    below = np.floor(inside).astype(np.int64)
    weight, low, high = inside - below, ordered[below], ordered[np.minimum(below + 1, last)]
    between = weight >= LEAST_WEIGHT
    with np.errstate(invalid="ignore"):
        value = np.where(between & (low != high), np.where(np.isinf(high), high, low + weight * (high - low)), low)
    return np.where(np.less(place, 0), -np.inf, np.where(np.greater(place, last), np.inf, value))


LEAST_WEIGHT = 1e-12


@lru_cache(maxsize=4096)
def _order_place(n: int, q: float, confidence: float) -> float:
    """The place, from 0, of the lower bound of a quantile with a one-sided confidence; minus infinity when there are
    too few values."""
    # by rank, from 0: P(so many values at least lie below the quantile)
    reach = np.array([1.0, *scipy.special.bdtrc(np.arange(0, n), n, q), 0.0])
    rank = int(np.flatnonzero(reach >= confidence)[-1])
    weight = (reach[rank] - confidence) / (reach[rank] - reach[rank + 1]) if rank < n else 0.0
    return float(rank - 1 + weight) if rank >= 1 else -np.inf


def last_that_holds(holds: Callable[[float], bool], inside: float, outside: float, halvings: int) -> float:
    """The last number that holds, from one that does towards one that does not, by so many halvings."""
    for _ in range(halvings):
        between = (inside + outside) / 2
        inside, outside = (between, outside) if holds(between) else (inside, between)
    return inside


@lru_cache(maxsize=4096)
def t_quantile(freedom: int, confidence: float) -> float:
    """The quantile of Student's t that a two-sided interval of this confidence takes."""
    return float(scipy.special.stdtrit(freedom, (1 + confidence) / 2))


def normal_quantile(confidence: float) -> float:
    """The quantile of the normal distribution that a two-sided interval of this confidence takes."""
    return float(scipy.special.ndtri((1 + confidence) / 2))


# Intervals of what two scenarios differ by, replication by replication: of means, of shares and of quantiles.
#
# What is compared had the same random draws, so that most of what varies cancels. What so few pairs may hide does not:
# an effect that no pair has shown may still show in some of the next.


HALVINGS = 50
"""Of the interval in which a bound of Tango's lies: down to the last digits."""


def mean_difference(change: Sample, confidence: float = 0.95, share: bool = False) -> Interval:
    """Interval of the mean of paired differences; of those of shares within -1 and 1.

    Where shares are truth values, so that a pair has -1, 0 or 1, it is Tango's score interval (1998, Stat. Med.
    17:891), unless there are blocks and enough pairs of either kind; else that of a mean. Where so few pairs
    differ that a sign test tells nothing even if all are to one side, each holds 0."""
    values = change.values
    moved = int((values != 0).sum())
    single = change.size == 1 or not FEW_EVENTS <= moved <= len(values) - FEW_EVENTS
    if share and len(values) and single and np.isin(values, (-1, 0, 1)).all():
        found = _tango(int((values > 0).sum()), int((values < 0).sum()), len(values), confidence)
    else:
        found = mean_interval(change, confidence, (-1.0, 1.0) if share else (-np.inf, np.inf))
    if least_p(moved) <= 1 - confidence:
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
    estimate = quantile_interval(other, q).estimate - quantile_interval(one, q).estimate
    first, second, own = np.sort(one.values), np.sort(other.values), q * (len(one.values) - 1)
    ends = np.array([quantile_places(sample, q, confidence)[0] for sample in (one, other)])
    apart, gain = _places_apart(one, other, q, confidence)
    if not np.isfinite(ends).all():
        return Interval(estimate, -np.inf, np.inf, gain)
    down, up = np.sqrt(np.maximum(0, ((ends - own) ** 2).mean(axis=0) - apart**2 / 4))
    together = own + np.where(AROUND < 0, down, up) * AROUND
    ahead = apart / 2 * np.sqrt(1 - AROUND**2)
    with np.errstate(invalid="ignore"):
        least = value_at(second, together - ahead) - value_at(first, together + ahead)
        most = value_at(second, together + ahead) - value_at(first, together - ahead)
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
    change = Sample(lowest(other.values, q) - lowest(one.values, q), one.size)
    alone = int(np.abs(change.values).sum())
    spread = change.spread if number > 1 else 0.0
    gain = 2 * q * (1 - q) / (change.size * spread**2) if spread > 0 else np.nan
    seen = normal_quantile(confidence) * math.sqrt(alone)
    if one.size > 1 and alone >= FEW_EVENTS:
        blocks = number // one.size
        seen = t_quantile(blocks - 1, confidence) * spread / math.sqrt(blocks) * number
    return max(seen, number * wilson(0, number, confidence).high * max(q, 1 - q)), gain


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
    if is_rare(differing, len(values)) or np.isin(values, (-1, 0, 1)).all():
        return p_of_signs(values)
    blocks, decided = len(values) // change.size, change.decided
    t = float(decided.means.mean()) / decided.spread * math.sqrt(blocks)
    p = max(2 * float(scipy.special.stdtr(blocks - 1, -abs(t))), least_p(int((values != 0).sum())))
    return _raised_until_sure(change, p)


def _raised_until_sure(change: Sample, p: float) -> float:
    """A p-value, or if the interval of its confidence holds 0, the least with which it does not, by halving."""

    def sure(p: float) -> bool:
        bounds = mean_interval(change, 1 - p)
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

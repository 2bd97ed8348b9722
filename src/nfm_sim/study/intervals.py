"""Confidence intervals of a mean, a share and a quantile of single replications, or of stratified blocks of them.

Which interval is used for what was chosen by the share of samples in which it holds a known truth; `docs/studies.md`
has the tables.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special  # `scipy.stats` takes half a second to load, in every command and worker

from nfm_sim.plan.draws import BLOCK, Sampling

Floats = NDArray[np.float64]

FEWEST_BLOCKS = 6
"""With fewer, stratified replications are taken as if each were drawn alone: the variance of their mean is at most
16/15 of what that says (Owen 1997, Ann. Statist. 25:1541), while the spread of so few block means is hardly known."""
FEW_EVENTS = 10
"""With fewer replications on one side of a share or quantile, the spread of block means is not trusted either."""


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


UNKNOWN = Interval(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of replications, in the order of their numbers: each drawn alone, or in stratified blocks of `size`,
    which are independent of each other."""

    values: Floats
    size: int = 1

    @classmethod
    def of(cls, values: Floats, numbers: Sequence[int], sampling: str) -> Sample:
        """Return the values of the replications with these numbers. Of stratified ones only whole blocks count, when
        there are enough of them."""
        if sampling == Sampling.STRATIFIED and len(numbers) and numbers[-1] - numbers[0] + 1 == len(numbers):
            first = -numbers[0] % BLOCK
            blocks = (len(values) - first) // BLOCK
            if blocks >= FEWEST_BLOCKS:
                return cls(values[first : first + blocks * BLOCK], BLOCK)
        return cls(values)

    def block_means(self, values: Floats) -> Floats:
        """The means of blocks of other values of these replications, such as whether they lie below a bound."""
        return np.asarray(values.reshape(-1, self.size).mean(axis=1), dtype=np.float64)

    def transformed(self, values: Floats) -> Sample:
        """Other values of the same replications."""
        return Sample(values, self.size)

    @property
    def spread(self) -> float:
        """The standard deviation of block means. Blocks of an event often agree on its number, because each has it as
        often as it is likely, to the next whole number: so it is as much at least as so few of them may hide."""
        spread = float(self.block_means(self.values).std(ddof=1))
        if self.size == 1 or ((self.values != 0) & (self.values != 1)).any():
            return spread
        return max(spread, hidden_spread(len(self.values) // self.size, 1 / self.size))

    @property
    def gain(self) -> float:
        """The variance of a mean of single values over that of block means; nan without blocks or spread."""
        spread = self.block_means(self.values).var(ddof=1) * self.size if self.size > 1 else 0.0
        return float(self.values.var(ddof=1) / spread) if spread > 0 else np.nan


def mean_interval(sample: Sample, confidence: float = 0.95) -> Interval:
    """Interval of a mean: Student's t of block means; of single values Willink's (2005, Commun. Statist. Theory Meth.
    34:1), which is Student's t, leaning to the side on which they are skewed. Unknown when a value is missing (nan) or
    censored (infinite)."""
    values = sample.values
    if not len(values) or not np.isfinite(values).all():
        return UNKNOWN
    means = sample.block_means(values)
    n, mean = len(means), float(means.mean())
    if n == 1:
        return Interval(mean, -np.inf, np.inf)
    error, t = sample.spread / np.sqrt(n), t_quantile(n - 1, confidence)
    lean = _skewness(means) / (6 * np.sqrt(n)) if sample.size == 1 else 0.0
    low, high = (mean - _leaning(side * t, lean) * error for side in (1, -1))
    return Interval(mean, min(low, mean), max(high, mean), sample.gain)


def _skewness(values: Floats) -> float:
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
    claims certainty, and in blocks is never too sure. Values that are shares themselves have the interval of a mean;
    where all of them agree on a share between, that of an event as far as they are from 0 and 1."""
    values = sample.values
    if not len(values) or not np.isfinite(values).all():
        return UNKNOWN
    single = ((values == 0) | (values == 1)).all()
    events = float(values.sum())
    if single and (sample.size == 1 or not FEW_EVENTS <= events <= len(values) - FEW_EVENTS):
        return _wilson(round(events), len(values), confidence)
    inner = mean_interval(sample, confidence)
    low, high = inner.low, inner.high
    if not np.ptp(values):
        unseen = _wilson(0, len(values), confidence).high
        low, high = low - unseen * inner.estimate, high + unseen * (1 - inner.estimate)
    return Interval(inner.estimate, max(0.0, low), min(1.0, high), inner.gain)


def _wilson(events: int, number: int, confidence: float) -> Interval:
    share, z = events / number, normal_quantile(confidence)
    middle, grown = share + z**2 / (2 * number), 1 + z**2 / number
    half = z * math.sqrt(share * (1 - share) / number + (z / (2 * number)) ** 2)
    low = 0.0 if not events else (middle - half) / grown
    high = 1.0 if events == number else (middle + half) / grown
    return Interval(share, low, high)


def hidden_spread(number: int, step: float, confidence: float = 0.95) -> float:
    """The standard deviation that so many equal values may hide, when others differ from them by a step: as Wilson's
    interval has it of an event that has not shown."""
    z = normal_quantile(confidence)
    chance = z**2 / (number + z**2)
    return step * math.sqrt(chance * (1 - chance))


def quantile_interval(sample: Sample, q: float, confidence: float = 0.95) -> Interval:
    """Interval of a quantile: the values at two levels beside its own. Censored values are infinite; nan is not
    allowed.

    Of single values the levels come from the binomial distribution, with values interpolated (Beran and Hall 1993, J.
    R. Stat. Soc. B 55:643); they need nothing of the distribution. Of stratified blocks they come from the spread of
    the share below the estimate over blocks (Woodruff 1952, J. Am. Stat. Assoc. 47:635; Avramidis and Wilson 1998,
    Oper. Res. 46:574), when there are values enough on both sides."""
    values = sample.values
    if not len(values) or np.isnan(values).any():
        return UNKNOWN
    ordered = np.sort(values)
    n = len(ordered)
    estimate = _between(ordered, q * (n - 1))
    if sample.size > 1 and FEW_EVENTS <= q * n <= n - FEW_EVENTS:
        below = sample.transformed((values <= estimate).astype(np.float64))
        blocks = n // sample.size
        reach = t_quantile(blocks - 1, confidence) * below.spread / np.sqrt(blocks) * n
        gain = below.gain
        low, high = (_at(ordered, q * (n + 1) - 1 + side * reach) for side in (-1, 1))
    else:
        low = _order_bound(ordered, q, (1 + confidence) / 2)
        high = -_order_bound(-ordered[::-1], 1 - q, (1 + confidence) / 2)
        gain = np.nan
    # of an extreme quantile and few values the bound may lie beyond what is interpolated between these
    return Interval(min(max(estimate, low), high), low, high, gain)


def _at(ordered: Floats, place: float) -> float:
    """The value at a place; infinite beyond the first and the last."""
    if place < 0:
        return -np.inf
    return np.inf if place > len(ordered) - 1 else _between(ordered, place)


def _order_bound(ordered: Floats, q: float, confidence: float) -> float:
    """The lower bound of a quantile with a one-sided confidence; minus infinity when there are too few values."""
    rank, weight = _order_rank(len(ordered), q, confidence)
    return _between(ordered, rank - 1 + weight) if rank >= 1 else -np.inf


@lru_cache(maxsize=4096)
def _order_rank(n: int, q: float, confidence: float) -> tuple[int, float]:
    """The rank r, from 1, and the weight of r + 1 beside it; r is 0 when there is no such bound."""
    reach = np.array([1.0, *special.bdtrc(np.arange(0, n), n, q), 0.0])  # P(at least r values lie below the quantile)
    rank = int(np.flatnonzero(reach >= confidence)[-1])
    weight = (reach[rank] - confidence) / (reach[rank] - reach[rank + 1])
    return rank, float(weight) if rank < n else 0.0


def _between(ordered: Floats, place: float) -> float:
    """The value at a place from 0, with what lies between two values in proportion."""
    below = int(np.floor(place))
    weight = place - below
    if weight < 1e-12 or below + 1 >= len(ordered) or ordered[below] == ordered[below + 1]:
        return float(ordered[below])
    if np.isinf(ordered[below + 1]):
        return float(ordered[below + 1])
    if np.isinf(ordered[below]):
        return float(ordered[below])
    return float(ordered[below] * (1 - weight) + ordered[below + 1] * weight)


@lru_cache(maxsize=4096)
def t_quantile(freedom: int, confidence: float) -> float:
    """The quantile of Student's t that a two-sided interval of this confidence takes."""
    return float(special.stdtrit(freedom, (1 + confidence) / 2))


def normal_quantile(confidence: float) -> float:
    """The quantile of the normal distribution that a two-sided interval of this confidence takes."""
    return float(special.ndtri((1 + confidence) / 2))

"""How often do the intervals on which money is spent hold the truth? Differences, prices, rare gains and the like.

Each case is a pair of answers as a function of the uniforms of its owners, so that the truth is known. What cannot be
told is counted apart: an interval without bounds, a range of the next of too few, a cause that has not shown, of which
the answer says so.

Run: python -m tests.study.last_step [REPEATS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from nfm_sim.kinds.families import Floats
from nfm_sim.measures import likely
from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.estimates import each_confidence
from nfm_sim.study.intervals import UNKNOWN, Interval, Sample, mean_difference, quantile_difference
from tests.study.coverage import late, normal, print_table

Rng = np.random.Generator
Pair = tuple[Floats, Floats]
Draws = Callable[[Rng, int, int, int], Floats]
"""What draws uniforms: owners, repeats and replications."""


def independent(rng: Rng, owners: int, repeats: int, number: int) -> Floats:
    return rng.random((owners, repeats, number))


def stratified(rng: Rng, owners: int, repeats: int, number: int) -> Floats:
    """As the simulator draws them: in each block every owner has each part of its range once."""
    parts = rng.random((owners, repeats, -(-number // BLOCK), BLOCK)).argsort(axis=-1)
    drawn = (parts + rng.random(parts.shape)) / BLOCK
    return np.asarray(drawn.reshape(owners, repeats, -1)[..., :number])


@dataclass(frozen=True)
class Case:
    """A pair of answers, before and after a change; and what is estimated of it."""

    name: str
    owners: int
    answers: Callable[[Floats], Pair]
    q: float | None = None
    """The quantile whose difference is estimated; None: the mean difference."""
    share: bool = False
    chances: tuple[float, ...] = ()
    """Of the first owners: those of causes that must have shown, else it is said that they have not."""

    def truth(self) -> float:
        """What very many replications say."""
        before, after = self.answers(stratified(np.random.default_rng(0), self.owners, 1, 2**20))
        if self.q is None:
            return float((after - before).mean())
        return float(np.quantile(after, self.q) - np.quantile(before, self.q))

    def interval(self, before: Sample, after: Sample, confidence: float = 0.95) -> Interval:
        if self.q is not None:
            return quantile_difference(before, after, self.q, confidence)
        return mean_difference(before.transformed(after.values - before.values), confidence, self.share)

    def intervals(self, draws: Draws, number: int, repeats: int, confidence: float = 0.95) -> Iterator[Interval]:
        """The intervals of so many studies."""
        u = draws(np.random.default_rng(number), self.owners, repeats, number)
        shown = np.all([(u[owner] < chance).any(axis=-1) for owner, chance in enumerate(self.chances)], axis=0)
        for before, after, is_told in zip(*self.answers(u), np.broadcast_to(shown, repeats), strict=True):
            samples = (Sample.of(values, range(number), draws.__name__) for values in (before, after))
            yield self.interval(*samples, confidence) if is_told else UNKNOWN


def alone(answer: Callable[[Floats], Floats]) -> Callable[[Floats], Pair]:
    """An answer as a pair with nothing before."""
    return lambda u: (np.zeros_like(u[0]), answer(u))


def gain(chance: float, size: Callable[[Floats], Floats]) -> Callable[[Floats], Pair]:
    """A change that takes something off, in few replications."""
    return lambda u: (100 + 50 * u[2], 100 + 50 * u[2] - (u[0] < chance) * size(u[1]))


def cause(name: str, chance: float, noise: float) -> Case:
    """A bridge that is lost for 240 h or not, and what else varies."""
    return Case(name, 2, alone(lambda u: 240 * (u[0] < chance) + noise * u[1]), chances=(chance,))


def queue(u: Floats, berths: float) -> Floats:
    """The last of four ships that wait for each other."""
    return np.asarray((late(u[:4]) + np.arange(4).reshape(-1, 1, 1) * 24 / berths).max(axis=0))


CONSTANT, UNIFORM = lambda u: 20 + 0 * u, lambda u: 20 * u
EXPONENTIAL = lambda u: -10 * np.log1p(-u)  # noqa: E731
GALE = lambda u, chance: 94 + 30.0 * (u[0] < chance) + u[1]  # noqa: E731
KINDS: dict[str, list[Case]] = {
    "mean": [
        Case("lateness of one ship", 1, alone(lambda u: late(u[0]))),
        Case("latest of 6 ships", 6, alone(lambda u: late(u).max(axis=0))),
        Case("sum of 8 uniforms", 8, alone(lambda u: u.sum(axis=0))),
        Case("one lognormal, sigma 1", 1, alone(lambda u: np.exp(normal(u[0])))),
        Case("product of 4 lognormals", 4, alone(lambda u: np.exp(0.5 * normal(u).sum(axis=0)))),
    ],
    "cause of two values": [
        cause("lost with a chance of 0.56", 0.56, 5),
        cause("lost with a chance of 0.30", 0.30, 5),
        cause("lost with a chance of 0.08", 0.08, 5),
        cause("lost with a chance of 0.03", 0.03, 5),
        cause("0.56, beside other delays of up to 200 h", 0.56, 200),
        Case("two bridges", 3, alone(lambda u: 240 * (u[0] < 0.3) + 100 * (u[1] < 0.7) + 5 * u[2]), chances=(0.3, 0.7)),
    ],
    "difference": [
        Case("a second berth, ships wait in turn", 4, lambda u: (queue(u, 1), queue(u, 2))),
        Case("a tenth off all", 2, lambda u: (late(u[0]) + 50 * u[1], 0.9 * (late(u[0]) + 50 * u[1]))),
        Case("another ship", 6, lambda u: (late(u[:5]).max(axis=0), late(u[1:]).max(axis=0))),
        Case("a bridge mended with a chance of 0.3", 2, lambda u: (240.0 * (u[0] < 0.6), 240.0 * (u[0] < 0.3))),
    ],
    "rare gain": [
        Case("20 h in 3 %", 3, gain(0.03, CONSTANT)),
        Case("up to 20 h in 3 %", 3, gain(0.03, UNIFORM)),
        Case("10 h on the mean, skewed, in 6 %", 3, gain(0.06, EXPONENTIAL)),
        Case("up to 20 h in 10 %", 3, gain(0.1, UNIFORM)),
        Case("up to 20 h in 20 %", 3, gain(0.2, UNIFORM)),
    ],
    "difference of quantiles": [
        Case("median, half as late", 6, lambda u: (late(u).sum(axis=0), late(u).sum(axis=0) / 2), 0.5),
        Case("p90, half as late", 6, lambda u: (late(u).sum(axis=0), late(u).sum(axis=0) / 2), 0.9),
        Case("median, another ship", 6, lambda u: (late(u[:5]).max(axis=0), late(u[1:]).max(axis=0)), 0.5),
        Case("p90, a gale in 12 or 8 %", 2, lambda u: (GALE(u, 0.12), GALE(u, 0.08)), 0.9),
        Case("p90, a gale in 30 % or none", 2, lambda u: (GALE(u, 0.3), GALE(u, 0)), 0.9),
        Case("median, nothing in common", 2, lambda u: (EXPONENTIAL(u[0]), 2 * EXPONENTIAL(u[1])), 0.5),
        Case("median, 20 h in 5 %", 3, gain(0.05, CONSTANT), 0.5),
    ],
    "difference of shares": [
        Case("0.90 to 0.95", 1, lambda u: (1.0 * (u[0] < 0.9), 1.0 * (u[0] < 0.95)), share=True),
        Case("0.30 and 0.30, nothing in common", 2, lambda u: (1.0 * (u[0] < 0.3), 1.0 * (u[1] < 0.3)), share=True),
        Case("0.98 to 1", 1, lambda u: (1.0 * (u[0] < 0.98), np.ones_like(u[0])), share=True),
        Case("0 to 0.97", 1, lambda u: (np.zeros_like(u[0]), 1.0 * (u[0] < 0.97)), share=True),
        Case(
            "12 elements, one more likely", 12, lambda u: ((u < 0.8).mean(axis=0), (u < 0.83).mean(axis=0)), share=True
        ),
    ],
}
CAPACITIES = [Case("", 3, gain(chance, UNIFORM)) for chance in np.linspace(0.02, 0.35, 12)]
"""Twelve capacities whose gains are estimated together."""


def coverage(case: Case, draws: Draws, number: int, repeats: int) -> tuple[float, float]:
    """The share of intervals with a bound that hold the truth (nan without any), and the share that have one."""
    truth, intervals = case.truth(), list(case.intervals(draws, number, repeats))
    told = [one for one in intervals if np.isfinite(one.low) or np.isfinite(one.high)]
    held = [one.low - SLACK <= truth <= one.high + SLACK for one in told]
    return float(np.mean(held)) if held else np.nan, len(told) / repeats


SLACK = 1e-9
"""Of sums of floats."""


def of_prices(draws: Draws, number: int, repeats: int) -> tuple[float, float]:
    """The share of studies in which all of twelve gains that are told hold together, and the share that are told."""
    each = each_confidence(0.95, len(CAPACITIES))
    truths = [case.truth() for case in CAPACITIES]
    told, held = 0, 0
    for gains in zip(*(case.intervals(draws, number, repeats, each) for case in CAPACITIES), strict=True):
        known = [(one, truth) for one, truth in zip(gains, truths, strict=True) if np.isfinite(one.low)]
        told += len(known)
        held += all(one.low <= truth <= one.high for one, truth in known)
    return held / repeats, told / repeats / len(CAPACITIES)


def of_next(draws: Draws, number: int, repeats: int, chance: float) -> tuple[float, float]:
    """How often the next replication lies within the range that is told, and the share of studies that tell one."""
    values = draws(np.random.default_rng(number), 1, repeats, number)[0]
    ends = [likely(pl.Series(row), chance) for row in values]
    told = [high - low for low, high in ends if low is not None and high is not None]
    return float(np.mean(told)) if told else np.nan, len(told) / repeats


NUMBERS = (16, 48, 96)
Coverage = Callable[[Draws, int], tuple[float, float]]


def row(kind: str, name: str, covered: Coverage) -> list[str]:
    """A row of the table: % that hold, and % that are told where that is not always so."""
    cells = []
    for draws in (stratified, independent):
        for number in NUMBERS:
            held, told = covered(draws, number)
            some = f" of {100 * told:.0f}" if told < 1 else ""
            cells.append("not told" if not told else f"{100 * held:.0f}{some}")
    return [kind, name, *cells]


def last_step(repeats: int) -> None:
    """Print the table of docs/studies.md."""
    rows = [
        row(kind, case.name, lambda draws, number, case=case: coverage(case, draws, number, repeats))  # type: ignore[misc]
        for kind, cases in KINDS.items()
        for case in cases
    ]
    rows.append(
        row("prices", "12 capacities, all together", lambda draws, number: of_prices(draws, number, repeats // 3))
    )
    rows += [
        row("the next replication", f"{chance:.0%}", lambda draws, number, c=chance: of_next(draws, number, repeats, c))  # type: ignore[misc]
        for chance in (0.8, 0.9)
    ]
    heads = [f"{draws.__name__}, n = {number}" for draws in (stratified, independent) for number in NUMBERS]
    title = "What money is spent on: % of 95 % intervals that are told and hold the truth, of those % that are told"
    print_table(title, ["what", "of", *heads], rows)


if __name__ == "__main__":
    last_step(int(sys.argv[1]) if len(sys.argv) > 1 else 600)

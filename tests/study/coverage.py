"""How often do intervals hold a known truth? Prints the tables of docs/studies.md.

Run: python -m tests.study.coverage [REPEATS]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from scipy import stats

from nfm_sim.kinds import Distribution
from nfm_sim.kinds.families import Floats
from nfm_sim.plan.draws import BLOCK, Owners, Stream
from nfm_sim.study import TargetState
from nfm_sim.study.controls import predictors
from nfm_sim.study.estimates import BLOCKS_TO_STOP, band, next_number
from nfm_sim.study.intervals import Interval, Sample, mean_interval, quantile_interval, share_interval

Rng = np.random.Generator
MANY = 500_000
LATENESS = Distribution("gamma", (35.0, 35.0), 0.55)


@dataclass(frozen=True)
class Model:
    """An answer as a function of the uniforms of its owners, one column each."""

    owners: int
    answer: Callable[[Floats], Floats]
    share: bool = False

    def truth(self, statistic: Callable[[Floats], float]) -> float:
        """A statistic of very many replications."""
        return statistic(self.answer(np.random.default_rng(0).random((MANY, self.owners))))

    def independent(self, rng: Rng, number: int) -> Sample:
        """The answers of replications drawn one by one."""
        return Sample(self.answer(rng.random((number, self.owners))))

    def stratified(self, rng: Rng, number: int, repeats: int) -> list[Sample]:
        """Samples of the answers of so many stratified replications, as the simulator draws them: each is of owners of
        its own, and all of these are drawn together."""
        drawn = stratified_uniforms(rng, number, repeats * self.owners).reshape(number, repeats, self.owners)
        return [Sample.of(self.answer(drawn[:, one]), range(number), "stratified") for one in range(repeats)]


def stratified_uniforms(rng: Rng, number: int, owners: int) -> Floats:
    """The uniforms of stratified replications, a row each, as the simulator draws them."""
    all_owners, seed = Owners(np.arange(owners, dtype=np.uint64)), int(rng.integers(2**63))
    return np.array([all_owners.uniforms(Stream(seed, replication))[0] for replication in range(number)])


def late(u: Floats) -> Floats:
    """The lateness of ships in the shipped scenarios: 55 % on time, the others by a gamma of mean and sd 35 h."""
    return np.where(u < 0.55, 0.0, -35 * np.log1p(-(u - 0.55).clip(0) / 0.45))


def normal(u: Floats) -> Floats:
    return np.asarray(stats.norm.ppf(u))


ON_TIME = np.linspace(0.5, 0.99, 12)
LAWS = {
    "uniform": Model(1, lambda u: u[:, 0]),
    "normal": Model(1, lambda u: normal(u[:, 0])),
    "gamma of shape 4": Model(1, lambda u: stats.gamma.ppf(u[:, 0], 4)),
    "exponential": Model(1, lambda u: -np.log1p(-u[:, 0])),
    "lateness of ships": Model(1, lambda u: late(u[:, 0])),
    "lognormal, sigma 0.5": Model(1, lambda u: np.exp(0.5 * normal(u[:, 0]))),
    "lognormal, sigma 1": Model(1, lambda u: np.exp(normal(u[:, 0]))),
    "one in five is 20 later": Model(1, lambda u: np.where(u[:, 0] < 0.8, u[:, 0], 20 + u[:, 0])),
}
"""Laws of single answers."""
MODELS = {
    "sum of 8 uniforms": Model(8, lambda u: u.sum(axis=1)),
    "sum of the lateness of 6 ships": Model(6, lambda u: late(u).sum(axis=1)),
    "latest of 6 ships": Model(6, lambda u: late(u).max(axis=1)),
    "one ship": Model(1, lambda u: late(u[:, 0])),
    "product of 4 lognormals": Model(4, lambda u: np.exp(0.5 * normal(u).sum(axis=1))),
    "two that only interact": Model(2, lambda u: (u[:, 0] - 0.5) * (u[:, 1] - 0.5)),
    "share of 12 elements on time": Model(12, lambda u: (u < ON_TIME).mean(axis=1), share=True),
}
"""Answers of several owners: additive, interacting, skewed and discrete."""


def held(intervals: Iterator[Interval], truth: float) -> float:
    """The share of intervals that hold the truth."""
    return float(np.mean([one.low <= truth <= one.high for one in intervals]))


def students_t(sample: Sample) -> Interval:
    """Student's t interval of a mean, as it is usual."""
    n, mean = len(sample.values), float(sample.values.mean())
    half = float(stats.t.ppf(0.975, n - 1) * sample.values.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half)


def of_mean(model: Model) -> Callable[[Sample], Interval]:
    """The interval of a mean of a model."""
    return share_interval if model.share else mean_interval


def stopped(
    model: Model, draw: str, rng: Rng, interval: Callable[[Sample], Interval], half_width: float, repeats: int
) -> list[tuple[Interval, int]]:
    """The intervals at which so many studies stop, and after how many replications each does. The owners of all are
    drawn together, replication by replication, as far as any study goes."""
    owners, seed = Owners(np.arange(repeats * model.owners, dtype=np.uint64)), int(rng.integers(2**63))
    drawn: list[Floats] = []

    def answers(study: int, number: int) -> Floats:
        for replication in range(len(drawn), number):
            if draw == "stratified":
                uniforms = owners.uniforms(Stream(seed, replication))[0]
            else:
                uniforms = rng.random(repeats * model.owners)
            drawn.append(uniforms.reshape(repeats, model.owners))
        return model.answer(np.array([uniforms[study] for uniforms in drawn[:number]]))

    return [_stopped(partial(answers, study), draw, interval, half_width) for study in range(repeats)]


def _stopped(
    answers: Callable[[int], Floats], draw: str, interval: Callable[[Sample], Interval], half_width: float
) -> tuple[Interval, int]:
    number, met, after = 0, False, 20
    while after != number:
        number = after
        counted = draw if number >= BLOCKS_TO_STOP * BLOCK else "independent"
        found = interval(Sample.of(answers(number), range(number), counted))
        over = found.half_width / half_width
        needed = math.ceil(number * over**2) if np.isfinite(over) and over < 1e6 else None
        state = TargetState("", "", None, None, bool(over <= 1), needed)
        after = next_number([state], number, 4_000, met, BLOCK if draw == "stratified" else 1)
        met = bool(over <= 1)
    return found, number


def curve(rng: Rng, number: int, draw: str) -> pl.DataFrame:
    """The share of 12 elements that are ready by an hour, in so many replications: each is ready after some hours."""
    ready = Model(12, lambda u: 10 * np.arange(1, 13) + stats.gamma.ppf(u, 2, scale=10))
    u = stratified_uniforms(rng, number, 12) if draw == "stratified" else rng.random((number, 12))
    hours = ready.answer(u)
    grid = np.arange(0, 300, 6.0)
    shares = (hours[:, :, None] <= grid).mean(axis=1)
    return pl.DataFrame(
        {"replication": np.repeat(np.arange(number), len(grid)), "hour": np.tile(grid, number), "share": shares.ravel()}
    )


def true_curve() -> Floats:
    """The curve that `curve` estimates."""
    grid = np.arange(0, 300, 6.0)[:, None]
    return np.asarray(stats.gamma.cdf(grid - 10 * np.arange(1, 13), 2, scale=10).mean(axis=1))


def bands_hold(number: int, draw: str, repeats: int, seed: int = 5) -> tuple[float, float]:
    """The share of simultaneous bands that hold the whole curve, and the least share of pointwise ones that hold a
    point."""
    rng, truth = np.random.default_rng(seed), true_curve()
    whole, points = 0, np.zeros(len(truth))
    for _ in range(repeats):
        found = band(curve(rng, number, draw), "share", share=True)
        slack = 1e-9
        whole += bool(
            (found["all_low"].to_numpy() <= truth + slack).all()
            and (found["all_high"].to_numpy() >= truth - slack).all()
        )
        points += (found["low"].to_numpy() <= truth + slack) & (found["high"].to_numpy() >= truth - slack)
    return whole / repeats, float(points.min() / repeats)


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"


def print_table(title: str, heads: list[str], rows: list[list[str]]) -> None:
    """Print a table as the documents have it."""
    print(f"\n{title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def means(repeats: int) -> None:
    """Means of replications drawn one by one, with Student's t beside."""
    numbers = (5, 10, 20, 50, 100)
    rows = []
    for name, model in LAWS.items():
        truth, rng = model.truth(lambda values: float(values.mean())), np.random.default_rng(1)
        cells = []
        for number in numbers:
            samples = [model.independent(rng, number) for _ in range(repeats)]
            ours, usual = (held(map(interval, samples), truth) for interval in (mean_interval, students_t))
            cells.append(f"{_percent(ours)} ({_percent(usual)})")
        rows.append([name, *cells])
    print_table(
        "Means of independent replications: % of 95 % intervals that hold the truth (Student's t)",
        ["law", *(f"n = {number}" for number in numbers)],
        rows,
    )


SHIPS = 6
SPACED = 24 * np.arange(SHIPS)
WITH_SHIPS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "sum of 6 ships and a normal of 40 h": lambda late, other: late.sum(axis=1) + 40 * normal(other),
    "the same and 40 h in one of 50": lambda late, other: late.sum(axis=1) + 40 * (other < 0.02),
    "latest of 6 ships": lambda late, other: late.max(axis=1),
    "last of 6 ships, a day apart": lambda late, other: (late + SPACED).max(axis=1),
    "mean ship of a queue": lambda late, other: np.maximum.accumulate(late + SPACED, axis=1).mean(axis=1),
    "middle ship": lambda late, other: np.median(late + SPACED, axis=1),
    "share of ships within 2 days": lambda late, other: (late < 48).mean(axis=1),
    "product of the first two": lambda late, other: late[:, 0] * late[:, 1] / 35,
    "no ship": lambda late, other: 40 * normal(other),
}
"""Answers by what ships are late and one more uniform number."""


def controls(repeats: int) -> None:
    """Means of stratified replications, with what is known of ships and without."""
    rows, owners = [], Owners(np.arange(SHIPS + 1, dtype=np.uint64))
    grid = np.broadcast_to((np.arange(2**20) + 0.5) / 2**20, (2, SHIPS + 1, 2**20))
    many = np.random.default_rng(0).permuted(grid, axis=2).transpose(0, 2, 1)
    truths = {name: float(answer(_late(*many), many[0, :, -1]).mean()) for name, answer in WITH_SHIPS.items()}
    for number in (96, 192):
        found: dict[str, list[tuple[Interval, Interval]]] = {name: [] for name in WITH_SHIPS}
        for seed in range(repeats):
            u, whether = np.array([owners.uniforms(Stream(seed, n)) for n in range(number)]).transpose(1, 0, 2)
            known = predictors([("flow", LATENESS, 1)] * SHIPS, u[:, :SHIPS], whether[:, :SHIPS])
            for name, answer in WITH_SHIPS.items():
                sample = Sample(answer(_late(u, whether), u[:, -1]), BLOCK, known)
                interval = share_interval if name.startswith("share") else mean_interval
                found[name].append((interval(sample), interval(replace(sample, predictors=None))))
        for name, pairs in found.items():
            ours, alone = zip(*pairs, strict=True)
            error, other = (np.std([one.estimate for one in some]) for some in (ours, alone))
            bias = (np.mean([one.estimate for one in ours]) - truths[name]) / max(error, 1e-9)
            width, before = (np.median([one.half_width for one in some]) for some in (ours, alone))
            cells = [_percent(held(iter(some), truths[name])) for some in (alone, ours)]
            rows.append([name, str(number), *cells, f"{bias:+.2f}", f"{error / other:.2f}", f"{width / before:.2f}"])
    heads = ["answer", "n", "strata alone, % that hold", "and controls", "bias over its standard error"]
    print_table(
        "Means with what is known of ships", [*heads, "standard error over strata's", "width over strata's"], rows
    )


def _late(u: Floats, whether: Floats) -> Floats:
    """What six ships are late, by the two uniform numbers that a draw with a share of zeros takes."""
    return np.where(whether < 0.55, 0.0, -35 * np.log1p(-u))[:, :SHIPS]


def shares(repeats: int) -> None:
    """Shares of events, rare ones among them."""
    numbers = (20, 50, 100, 200)
    rows = []
    for chance in (0.01, 0.05, 0.2, 0.5):
        rng = np.random.default_rng(2)
        cells = [
            _percent(
                held((share_interval(Sample((rng.random(n) < chance).astype(float))) for _ in range(repeats)), chance)
            )
            for n in numbers
        ]
        rows.append([f"{chance:.0%}", *cells])
    print_table(
        "Shares of independent replications: % that hold the truth", ["chance", *(f"n = {n}" for n in numbers)], rows
    )


def stratified(repeats: int) -> None:
    """Stratified replications: coverage, and widths beside those of independent ones."""
    rows = []
    for name, model in MODELS.items():
        mean, median, p90 = (
            model.truth(statistic) for statistic in (np.mean, np.median, lambda values: float(np.quantile(values, 0.9)))
        )
        for number in (48, 96, 192):
            rng = np.random.default_rng(3)
            samples = model.stratified(rng, number, repeats)
            plain = [model.independent(rng, number) for _ in range(min(repeats, 200))]
            found = [list(map(of_mean(model), samples))]
            found += [[quantile_interval(sample, q) for sample in samples] for q in (0.5, 0.9)]
            cells = [_percent(held(iter(one), truth)) for one, truth in zip(found, (mean, median, p90), strict=True)]
            usual = np.median([of_mean(model)(sample).half_width for sample in plain])
            width = np.median([one.half_width for one in found[0]]) / usual
            rows.append([name, str(number), *cells, f"{width:.2f}"])
    heads = ["answer", "n", "mean", "median", "90 %", "width of the mean, stratified over independent"]
    print_table("Stratified replications: % that hold the truth", heads, rows)


def stopping(repeats: int) -> None:
    """Studies that stop when they are sure enough."""
    rows = []
    asked = {**{name: LAWS[name] for name in list(LAWS)[2:7]}, **{name: MODELS[name] for name in list(MODELS)[:3]}}
    for name, model in asked.items():
        truth, spread = (
            model.truth(lambda values: float(values.mean())),
            model.truth(lambda values: float(values.std())),
        )
        for part in (0.3, 0.1):
            cells = []
            for draw in ("independent", "stratified"):
                rng = np.random.default_rng(4)
                found = stopped(model, draw, rng, mean_interval, part * spread, repeats)
                cells += [
                    _percent(held((one for one, _ in found), truth)),
                    f"{np.mean([number for _, number in found]):.0f}",
                ]
            rows.append([name, f"±{part:g} sd", *cells])
    for chance, width in ((0.01, 0.02), (0.05, 0.03), (0.3, 0.05)):
        event = Model(1, lambda u, chance=chance: (u[:, 0] < chance).astype(float), share=True)  # type: ignore[misc]
        cells = []
        for draw in ("independent", "stratified"):
            rng = np.random.default_rng(4)
            found = stopped(event, draw, rng, share_interval, width, repeats)
            cells += [
                _percent(held((one for one, _ in found), chance)),
                f"{np.mean([number for _, number in found]):.0f}",
            ]
        rows.append([f"event of {chance:.0%}", f"±{width:.0%}", *cells])
    heads = [
        "mean of",
        "asked for",
        "independent, % that hold",
        "replications",
        "stratified, % that hold",
        "replications",
    ]
    print_table("Studies that stop when sure enough", heads, rows)


def curves(repeats: int) -> None:
    """Bands of a curve of shares."""
    rows = []
    for draw, number in (("independent", 20), ("independent", 40), ("stratified", 96), ("stratified", 192)):
        whole, point = bands_hold(number, draw, repeats)
        rows.append([draw, str(number), _percent(whole), _percent(point)])
    heads = ["replications", "n", "% of bands that hold the whole curve", "% that hold a point, at the worst"]
    print_table("Bands of the share of 12 elements that are ready by an hour", heads, rows)


if __name__ == "__main__":
    asked_for = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    means(asked_for)
    shares(asked_for)
    stratified(asked_for // 2)
    controls(asked_for // 2)
    stopping(asked_for // 4)
    curves(asked_for // 4)

"""Designs over inputs, and sensitivity: which uncertain inputs an answer depends on.

A point is a set of changes by dotted path, as `Scenario.with_changes` takes them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Unpack

import numpy as np
import polars as pl
import scipy

from nfm_sim.extras import import_extra
from nfm_sim.kinds.families import Floats
from nfm_sim.plan.draws import read_seed
from nfm_sim.problems import InputError, Problem, refuse
from nfm_sim.scenario import Distribution, Scenario, expect_scenario, read_distribution
from nfm_sim.study.compare import Comparison, compare, sweep
from nfm_sim.study.estimates import groups_of
from nfm_sim.study.intervals import Sample, mean_interval, null
from nfm_sim.study.quantities import read_quantity
from nfm_sim.study.replicate import How, asked_alone

Point = dict[str, Any]
Ranges = Mapping[str, Any]
"""By dotted path: (low, high), whole numbers when both are; or a distribution such as {"pert": [1, 2, 4]}."""


@dataclass(frozen=True)
class Input:
    """An input that is varied: its path, and the value at each share of its range."""

    path: str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    distribution: Distribution | None = None

    def at(self, share: float) -> float:
        """The value that a share (0 to 1) of the range lies below."""
        if self.distribution is not None:
            inside = min(max(share, 1e-9), 1 - 1e-9)
            value = float(self.distribution.quantiles(np.array([inside]))[0])
            return max(1, round(value)) if self.whole else value
        if self.whole:
            return int(min(self.low + np.floor(share * (self.high - self.low + 1)), self.high))
        return self.low + share * (self.high - self.low)

    def place_of(self, share: float) -> float:
        """Where in its range the value of a share lies, 0 to 1: whole numbers lie beside it."""
        if self.whole and self.distribution is None:
            return (self.at(share) - self.low) / (self.high - self.low)
        return share


def inputs_of(scenario: Scenario, ranges: Ranges | None) -> list[Input]:
    """The inputs to vary: those of ranges, or without any, what the scenario holds uncertain. Raises `InputError`."""
    expect_scenario(scenario)
    if ranges is not None:
        return read_ranges(ranges)
    if not scenario.uncertain:
        remedy = "are not given, and the scenario has no number that is a distribution and no [uncertainty]"
        raise InputError.of("sensitivity", "ranges", "", remedy)
    whole = scenario.whole_paths
    return [Input(path, whole=path in whole, distribution=of) for path, of in scenario.uncertain.items()]


def read_ranges(ranges: Ranges) -> list[Input]:
    """Read ranges; raise `InputError` with all that are none."""
    inputs, problems = [], []
    for path, given in ranges.items():
        try:
            inputs.append(_input(path, given))
        except ValueError as error:
            problems.append(Problem("ranges", path, str(given), f"cannot be varied: {error}"))
    if not inputs and not problems:
        problems.append(Problem("ranges", "", "", "is empty; name at least one path to vary"))
    refuse(problems)
    return inputs


def _input(path: str, given: Any) -> Input:
    if isinstance(given, Mapping):
        return Input(path, distribution=read_distribution(dict(given)))
    numbers = isinstance(given, Sequence) and not isinstance(given, str) and len(given) == 2
    if not numbers or not all(isinstance(n, int | float) and np.isfinite(n) for n in given) or given[0] >= given[1]:
        raise ValueError("give (low, high) with low below high, or a distribution")
    return Input(path, given[0], given[1], whole=all(isinstance(n, int) for n in given))


def factorial(levels: Mapping[str, Sequence[Any]]) -> list[Point]:
    """Every combination of the levels of each path.

    >>> nfm.study.factorial({"pools.trucks.capacity": [1, 2], "horizon_days": [10]})
    [{'pools.trucks.capacity': 1, 'horizon_days': 10}, {'pools.trucks.capacity': 2, 'horizon_days': 10}]
    """
    return [dict(zip(levels, values, strict=True)) for values in product(*levels.values())]


def latin_hypercube(ranges: Ranges, points: int, *, seed: int = 0) -> list[Point]:
    """A Latin hypercube: each input takes each of so many strata of its range once.

    >>> nfm.study.latin_hypercube({"pools.trucks.capacity": (1, 4)}, 2)
    [{'pools.trucks.capacity': 1}, {'pools.trucks.capacity': 4}]
    """
    inputs = read_ranges(ranges)
    return spread(inputs, scipy.stats.qmc.LatinHypercube(len(inputs), rng=read_seed(seed)).random(points))


def sobol(ranges: Ranges, points: int, *, seed: int = 0) -> list[Point]:
    """A scrambled Sobol sequence, which fills the space evenly; a power of two of points is best.

    >>> nfm.study.sobol({"pools.trucks.capacity": (1, 4)}, 2)
    [{'pools.trucks.capacity': 2}, {'pools.trucks.capacity': 4}]
    """
    inputs = read_ranges(ranges)
    exponent = max(0, int(np.ceil(np.log2(max(points, 1)))))
    return spread(inputs, scipy.stats.qmc.Sobol(len(inputs), rng=read_seed(seed)).random_base2(exponent)[:points])


def spread(inputs: Sequence[Input], shares: Floats) -> list[Point]:
    """The points at these shares of the ranges: a row for each point, a column for each input."""
    return [{i.path: i.at(float(share)) for i, share in zip(inputs, row, strict=True)} for row in shares]


# Sensitivity: which uncertain inputs an answer depends on


LEVELS = 4
"""Levels of the grid that Morris's trajectories walk on."""
TAILS = 0.05, 0.95
"""The shares of a distribution that stand for its low and its high end."""


def morris(
    scenario: Scenario,
    ranges: Ranges | None = None,
    *,
    quantity: str = "closure",
    trajectories: int = 10,
    replications: int = 5,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Screen inputs by Morris's elementary effects (Morris 1991, Campolongo 2007), along trajectories of SALib's.

    It takes `trajectories` x (inputs + 1) points of `replications` each, all on the same random draws. Columns:
    path; what the rows of the quantity are about; mu_star (mean absolute effect of going through the whole range)
    with low and high (null where so few trajectories do not tell), mu (mean effect, with its sign) and sigma (spread:
    interactions and bends). Sorted by mu_star. Without ranges, what the scenario holds uncertain is varied. Needs the
    extra "sensitivity". Raises `InputError` when the quantity is not known at every point.

    >>> ranges = {"pools.trucks.capacity": (1, 4)}
    >>> nfm.study.morris(scenario, ranges, trajectories=2, replications=1, jobs=1)["path"].to_list()
    ['pools.trucks.capacity']
    """
    sample = import_extra("SALib.sample.morris", "sensitivity")
    asked, inputs = read_quantity(quantity), inputs_of(scenario, ranges)
    shares = sample.sample(_problem(inputs), trajectories, num_levels=LEVELS, seed=read_seed(how.get("seed", 0)))
    places = np.array([[i.place_of(share) for i, share in zip(inputs, row, strict=True)] for row in shares])
    how = asked_alone([asked], how)
    result = sweep(scenario, spread(inputs, shares), replications=replications, **how)
    rows = []
    for key, values in _responses(result, quantity):
        for i, effects in zip(inputs, elementary_effects(values, places), strict=True):
            star = mean_interval(Sample(np.abs(effects)))
            numbers = (star.estimate, max(0.0, star.low), star.high, effects.mean(), effects.std(ddof=1))
            rows.append((i.path, *key, *map(null, numbers)))
    return _table(rows, asked.by, ("mu_star", "low", "high", "mu", "sigma")).sort("mu_star", descending=True)


def elementary_effects(values: Floats, places: Floats) -> Floats:
    """What going through its whole range would make of an answer, by input (rows) and trajectory: the difference over
    each step of a trajectory, by how far the one input that it moves went.

    `values` are those of the points of trajectories, one after the other; `places` are where in their ranges the points
    have the inputs, a column each, 0 to 1."""
    inputs = places.shape[1]
    moved = np.diff(places.reshape(-1, inputs + 1, inputs), axis=1)
    changed = np.diff(values.reshape(-1, inputs + 1), axis=1)
    which = np.abs(moved).argmax(axis=2)
    effects = changed / np.take_along_axis(moved, which[:, :, None], axis=2)[:, :, 0]
    return np.take_along_axis(effects, which.argsort(axis=1), axis=1).T


def sobol_indices(
    scenario: Scenario,
    ranges: Ranges | None = None,
    *,
    quantity: str = "closure",
    points: int = 64,
    replications: int = 5,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Return the shares of the variance of an answer that inputs account for (Sobol 2001, Saltelli 2010), by
    SALib.

    It takes `points` x (inputs + 2) points of `replications` each; a power of two of points is best. Columns:
    path; what the rows of the quantity are about; first (alone) and total (with all interactions), each with low
    and high; they may lie somewhat below 0 or above 1, being estimates. Sorted by total. Without ranges, what the
    scenario holds uncertain is varied. Needs the extra "sensitivity".

    >>> ranges = {"pools.trucks.capacity": (1, 4)}
    >>> nfm.study.sobol_indices(scenario, ranges, points=2, replications=1, jobs=1)["path"].to_list()
    ['pools.trucks.capacity']
    """
    analysis, sample = (import_extra(f"SALib.{part}.sobol", "sensitivity") for part in ("analyze", "sample"))
    asked, inputs = read_quantity(quantity), inputs_of(scenario, ranges)
    problem = _problem(inputs)
    shares = sample.sample(problem, points, calc_second_order=False, seed=read_seed(how.get("seed", 0)))
    how = asked_alone([asked], how)
    result = sweep(scenario, spread(inputs, shares), replications=replications, **how)
    rows: list[tuple[Any, ...]] = []
    for key, values in _responses(result, quantity):
        if not np.ptp(values):
            found = {name: np.zeros(len(inputs)) for name in ("S1", "S1_conf", "ST", "ST_conf")}
        else:
            again = how.get("seed", 0) + 1  # SALib takes a seed of 0 for none, and its bounds would be others each time
            found = analysis.analyze(problem, values, calc_second_order=False, seed=again)
        first, first_half, total, total_half = (found[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
        indices = (first, first - first_half, first + first_half, total, total - total_half, total + total_half)
        rows += ((i.path, *key, *numbers) for i, numbers in zip(inputs, np.transpose(indices).tolist(), strict=True))
    names = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    return _table(rows, asked.by, names).sort("total", descending=True)


def tornado(
    scenario: Scenario,
    ranges: Ranges | None = None,
    *,
    quantity: str = "closure",
    replications: int = 20,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Take each input alone to the low and the high end of its range (of a distribution, 5 and 95 %), and return
    what the answer then differs by from the scenario as it is. Without ranges, what it holds uncertain is varied.

    Columns: path, end ("low" or "high"), value, then those of `Comparison.difference`, whose intervals hold for
    all together. Sorted by the largest difference of a path. `nfm.plots.tornado` draws it.

    >>> table = nfm.study.tornado(scenario, {"pools.trucks.capacity": (1, 4)}, replications=2, jobs=1)
    >>> table.select("path", "end", "difference").rows()
    [('pools.trucks.capacity', 'low', 12.5), ('pools.trucks.capacity', 'high', -5.5)]
    """
    how = asked_alone([read_quantity(quantity)], how)
    points: dict[str, dict[str, Any]] = {}
    for i in inputs_of(scenario, ranges):
        for end, tail, share in (("low", TAILS[0], 0.0), ("high", TAILS[1], 1.0)):
            value = i.at(tail if i.distribution is not None else share)
            points[f"{i.path} = {value:g} ({end})"] = {"path": i.path, "end": end, "value": value}
    changes = {name: {point["path"]: point["value"]} for name, point in points.items()}
    scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
    result = compare(scenarios, replications, changes=changes, **how)
    about = pl.DataFrame([{"study": name, **point, "value": float(point["value"])} for name, point in points.items()])
    table = about.join(result.difference(quantity), on="study", maintain_order="left")
    size = pl.col("difference").abs().max().over("path")
    return table.drop("study").sort(size, "path", descending=[True, False], nulls_last=True, maintain_order=True)


def _problem(inputs: list[Input]) -> dict[str, Any]:
    """The problem as SALib has it: every input by the share of its range."""
    return {"num_vars": len(inputs), "names": [i.path for i in inputs], "bounds": [[0, 1]] * len(inputs)}


def _responses(result: Comparison, quantity: str) -> Iterator[tuple[tuple[object, ...], Floats]]:
    """Yield the estimate at each point for each row of the quantity."""
    table = result.estimates(quantity)
    unknown = table.filter(pl.col("estimate").is_null())
    if not unknown.is_empty() or table["study"].n_unique() < len(result):
        name = unknown["study"][0] if not unknown.is_empty() else "some points"
        point = result.changes.get(name, "")
        remedy = f"is not known at {name}, {point}; give a longer horizon, or take a statistic that is known"
        raise InputError.of("sensitivity", quantity, "", remedy)
    for key, rows in groups_of(table, read_quantity(quantity).by):
        yield key, rows["estimate"].to_numpy()


def _table(rows: list[tuple[Any, ...]], by: Sequence[str], numbers: tuple[str, ...]) -> pl.DataFrame:
    kinds = dict.fromkeys(numbers, pl.Float64)
    return pl.DataFrame(rows, schema=["path", *by, *numbers], schema_overrides=kinds, orient="row")

"""Designs: which points of a space of inputs are simulated.

A point is a set of changes by dotted path, as `Scenario.with_changes` takes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import scipy

from nfm_sim.plan.draws import read_seed
from nfm_sim.problems import InputError, Problem
from nfm_sim.scenario import Distribution, Scenario, read_distribution
from nfm_sim.study.intervals import Floats

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

    def place_of(self, point: Point, share: float) -> float:
        """Where in its range a point has it, 0 to 1, when it was asked for at a share: whole numbers lie beside it."""
        if self.whole and self.distribution is None:
            return (float(point[self.path]) - self.low) / (self.high - self.low)
        return share


def inputs_of(scenario: Scenario, ranges: Ranges | None) -> list[Input]:
    """The inputs to vary: those of ranges, or without any, what the scenario holds uncertain. Raises `InputError`."""
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
    if problems:
        raise InputError(problems)
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

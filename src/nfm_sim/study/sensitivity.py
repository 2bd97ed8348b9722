"""Sensitivity: which uncertain inputs an answer depends on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl

from nfm_sim.extras import import_extra
from nfm_sim.plan.draws import read_seed
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario
from nfm_sim.study.asked import read_quantity
from nfm_sim.study.compare import compare, sweep
from nfm_sim.study.designs import Input, Ranges, inputs_of, spread
from nfm_sim.study.estimates import groups_of, null
from nfm_sim.study.how import How
from nfm_sim.study.intervals import Floats, Sample, mean_interval

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
    seed: int = 0,
    out: str | Path | None = None,
    confidence: float = 0.95,
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
    inputs = inputs_of(scenario, ranges)
    shares = sample.sample(_problem(inputs), trajectories, num_levels=LEVELS, seed=read_seed(seed))
    points = spread(inputs, shares)
    placed = zip(points, shares, strict=True)
    places = np.array([[i.place_of(p, share) for i, share in zip(inputs, row, strict=True)] for p, row in placed])
    rows = []
    for key, values in _responses(scenario, inputs, shares, quantity, replications, seed, out, how):
        for i, effects in zip(inputs, elementary_effects(values, places), strict=True):
            star = mean_interval(Sample(np.abs(effects)), confidence)
            numbers = (star.estimate, max(0.0, star.low), star.high, effects.mean(), effects.std(ddof=1))
            rows.append((i.path, *key, *map(null, numbers)))
    return _table(rows, quantity, ("mu_star", "low", "high", "mu", "sigma")).sort("mu_star", descending=True)


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
    seed: int = 0,
    out: str | Path | None = None,
    confidence: float = 0.95,
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
    inputs = inputs_of(scenario, ranges)
    problem = _problem(inputs)
    shares = sample.sample(problem, points, calc_second_order=False, seed=read_seed(seed))
    rows: list[tuple[Any, ...]] = []
    for key, values in _responses(scenario, inputs, shares, quantity, replications, seed, out, how):
        if not np.ptp(values):
            found = {name: np.zeros(len(inputs)) for name in ("S1", "S1_conf", "ST", "ST_conf")}
        else:
            again = seed + 1  # SALib takes a seed of 0 for none, and its bounds would be others each time
            found = analysis.analyze(problem, values, calc_second_order=False, conf_level=confidence, seed=again)
        first, first_half, total, total_half = (found[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
        indices = (first, first - first_half, first + first_half, total, total - total_half, total + total_half)
        rows += ((i.path, *key, *numbers) for i, numbers in zip(inputs, np.transpose(indices).tolist(), strict=True))
    names = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    return _table(rows, quantity, names).sort("total", descending=True)


def tornado(
    scenario: Scenario,
    ranges: Ranges | None = None,
    *,
    quantity: str = "closure",
    replications: int = 20,
    seed: int = 0,
    out: str | Path | None = None,
    confidence: float = 0.95,
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
    read_quantity(quantity)
    points: dict[str, dict[str, Any]] = {}
    for i in inputs_of(scenario, ranges):
        for end, tail, share in (("low", TAILS[0], 0.0), ("high", TAILS[1], 1.0)):
            value = i.at(tail if i.distribution is not None else share)
            points[f"{i.path} = {value:g}"] = {"path": i.path, "end": end, "value": value}
    changes = {name: {point["path"]: point["value"]} for name, point in points.items()}
    scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
    result = compare(scenarios, replications, seed=seed, out=out, changes=changes, **how)
    about = pl.DataFrame([{"study": name, **point, "value": float(point["value"])} for name, point in points.items()])
    table = about.join(result.difference(quantity, confidence=confidence), on="study", maintain_order="left")
    size = pl.col("difference").abs().max().over("path")
    return table.drop("study").sort(size, "path", descending=[True, False], nulls_last=True, maintain_order=True)


def _problem(inputs: list[Input]) -> dict[str, Any]:
    """The problem as SALib has it: every input by the share of its range."""
    return {"num_vars": len(inputs), "names": [i.path for i in inputs], "bounds": [[0, 1]] * len(inputs)}


def _responses(
    scenario: Scenario,
    inputs: list[Input],
    shares: Floats,
    quantity: str,
    replications: int,
    seed: int,
    out: str | Path | None,
    how: How,
) -> Iterator[tuple[tuple[object, ...], Floats]]:
    """Simulate the points, and yield the estimate at each of them for each row of the quantity."""
    asked = read_quantity(quantity)
    result = sweep(scenario, spread(inputs, shares), replications=replications, seed=seed, out=out, **how)
    table = result.estimates(quantity)
    unknown = table.filter(pl.col("estimate").is_null())
    if not unknown.is_empty() or table["study"].n_unique() < len(result):
        name = unknown["study"][0] if not unknown.is_empty() else "some points"
        point = result.changes.get(name, "")
        remedy = f"is not known at {name}, {point}; give a longer horizon, or take a statistic that is known"
        raise InputError.of("sensitivity", quantity, "", remedy)
    for key, rows in groups_of(table, asked.by):
        yield key, rows["estimate"].to_numpy()


def _table(rows: list[tuple[Any, ...]], quantity: str, numbers: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["path", *read_quantity(quantity).by, *numbers], orient="row")

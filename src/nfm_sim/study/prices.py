"""Shadow prices: what one more of each capacity would gain, so what to buy first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Unpack

import polars as pl

from nfm_sim.measures import bottlenecks
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario import More, Scenario, one_more
from nfm_sim.study.compare import Comparison, compare, compare_quantity
from nfm_sim.study.how import How
from nfm_sim.study.quantities import read_quantity
from nfm_sim.study.replicate import replicate
from nfm_sim.study.study import Study

PILOT = 5
"""Replications that show which capacities hold anything up."""


def shadow_prices(
    scenario: Scenario,
    replications: int = 50,
    *,
    quantities: Iterable[str] = ("closure", "ready_by_deadline"),
    most: int = 12,
    more: Mapping[str, float] | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    confidence: float = 0.95,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Give a scenario one more of each capacity that holds movements or elements up, one at a time, and return
    what each gains on the same random draws: what to buy first.

    The first replications of the scenario show which capacities hold anything up; the `most` with the largest
    delay are tried. One more is a berth, a ramp with its gang, a team; a train's worth of wagons or trucks, 1,000 m2 of
    yard, 100 beds, a train path in every hour; `more` gives other amounts by name ("heavy_wagons"). Columns:
    capacity, more, unit, piece_hours (the delay it caused, mean), and for each quantity its paired difference,
    with _low and _high: means over its rows (flows, elements), whose intervals hold for all capacities together. A
    quantity that the scenario has no rows for is left out. Sorted by the first quantity, what gains most first.
    Raises `InputError` when nothing holds anything up.

    >>> nfm.shadow_prices(scenario, 2, quantities=["closure"], jobs=1).select("capacity", "more", "closure").rows()
    [('trucks', 1.0, -0.5), ('harbour.truck_ramps', 1.0, -0.39999961853027344)]
    """
    quantities = list(quantities)
    for quantity in quantities:
        read_quantity(quantity)
    unknown = [name for name in more or {} if not _is_capacity(scenario, name)]
    if unknown:
        known = [*scenario.pools, *(".".join(key) for key in scenario.loaded_network.facilities)]
        remedy = "is no pool, and no facility of a place"
        raise InputError([Problem("--more", name, "", f"{remedy}{did_you_mean(name, known)}") for name in unknown])
    folder = Path(out or mkdtemp(prefix="nfm_sim-"))
    try:
        number = min(PILOT, replications)
        pilot = replicate(scenario, number, seed=seed, out=folder / "base", **how)
        wanted = _most_wanted(pilot, number, scenario, most, more or {})
        if not wanted:
            remedy = "holds nothing up by a capacity, so one more of any gains nothing"
            raise InputError([Problem(scenario.file, "bottlenecks", "", remedy)])
        changes = {found.name: found.changes for found, _ in wanted}
        scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
        result = compare(scenarios, replications, seed=seed, out=folder, changes=changes, **how)
        return _ranked(result, wanted, quantities, confidence)
    finally:
        if out is None:
            rmtree(folder, ignore_errors=True)


def _is_capacity(scenario: Scenario, name: str) -> bool:
    """Whether one more of something by this name can be given: a pool, a facility of a place, paths of a line."""
    if name in scenario.pools or name.startswith("paths of "):
        return True
    return one_more(scenario, CauseKind.FACILITY, name) is not None


def _most_wanted(
    pilot: Study, number: int, scenario: Scenario, most: int, more: Mapping[str, float]
) -> list[tuple[More, float]]:
    """The capacities that caused most delay, each with its piece-hours a replication."""
    held = (
        bottlenecks(pilot)
        .filter(pl.col("replication") < number)  # the folder may hold more: the choice is the same again
        .group_by("kind", "name")
        .agg(pl.col("piece_hours").sum() / number)
        .sort("piece_hours", "name", descending=[True, False])
    )
    found: dict[str, tuple[More, float]] = {}
    for kind, name, piece_hours in held.rows():
        one = one_more(scenario, kind, name, more.get(name))
        if one is not None and one.name in found:  # links of lines that share a timetable
            found[one.name] = (one, found[one.name][1] + piece_hours)
        elif one is not None and len(found) < most:
            found[one.name] = (one, piece_hours)
    return list(found.values())


def _ranked(
    result: Comparison, wanted: list[tuple[More, float]], quantities: list[str], confidence: float
) -> pl.DataFrame:
    table = pl.DataFrame(
        [(one.name, one.amount, one.unit, piece_hours) for one, piece_hours in wanted],
        schema={"capacity": pl.String, "more": pl.Float64, "unit": pl.String, "piece_hours": pl.Float64},
        orient="row",
    )
    names = []
    for quantity in quantities:
        over_rows = replace(read_quantity(quantity), by=())
        gains = compare_quantity(result, over_rows, result.base, confidence)
        if gains["pairs"].sum():
            columns = {"difference": quantity, "low": f"{quantity}_low", "high": f"{quantity}_high"}
            wide = gains.select(pl.col("study").alias("capacity"), *(pl.col(c).alias(n) for c, n in columns.items()))
            table = table.join(wide, on="capacity", how="left", maintain_order="left")
            names.append(quantity)
    if not names:
        return table
    return table.sort(names[0], descending=read_quantity(names[0]).declared.more_is_better, nulls_last=True)

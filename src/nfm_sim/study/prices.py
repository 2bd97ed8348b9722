"""Shadow prices: what one more of each capacity would gain, so what to buy first."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Unpack

import polars as pl

from nfm_sim.measures.bottlenecks import held_up
from nfm_sim.plan.draws import BLOCK
from nfm_sim.problems import InputError, Problem, did_you_mean, refuse
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario import More, Scenario, expect_scenario, one_more
from nfm_sim.sentences.effects import Effect
from nfm_sim.study.compare import Comparison, compare, compare_quantity, effects_of
from nfm_sim.study.estimates import beside
from nfm_sim.study.intervals import is_number
from nfm_sim.study.quantities import read_quantity
from nfm_sim.study.replicate import How, asked_alone, complete, folder_for, replicate
from nfm_sim.study.study import Study
from nfm_sim.study.tried import fresh_numbers

PRICED = ("closure", "closure.mean_h", "ready_by_deadline")
"""The last piece of all flows, their mean piece, and the share of all elements that are ready by their deadline."""
FRESH, FRESH_LOW = "_fresh", "_fresh_low"
PILOT = 5
"""Replications that show which capacities hold anything up."""


def shadow_prices(
    scenario: Scenario,
    replications: int = 50,
    *,
    quantities: Iterable[str] = PRICED,
    most: int = 12,
    more: Mapping[str, float] | None = None,
    confidence: float = 0.95,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Give a scenario one more of each capacity that holds movements or elements up, one at a time, and return
    what each gains on the same random draws: what to buy first.

    The first replications of the scenario show which capacities hold anything up; the `most` with the largest
    delay are tried. One more is a berth, a ramp with its gang, a team; a train's worth of wagons or trucks, 1,000 m2 of
    yard, 100 beds, a train path in every hour; `more` gives other amounts by name ("heavy_wagons"). Whose intervals are
    as narrow after some blocks of replications as the widest will be after all, has no more of them. Columns:
    capacity, more, unit, piece_hours (the delay it caused, mean), replications, and for each quantity its paired
    difference, with _low and _high, of all its rows together: of the last pieces of flows the last (`closure` is
    that of the whole operation), of their mean pieces the mean, weighted by pieces; of elements the mean. Intervals
    hold for all capacities together. A quantity that the scenario has no rows for is left out. Sorted by the first
    quantity, what gains most first. When its gain is sure, that one is tried again on as many fresh replications,
    which did not choose it: _fresh, _fresh_low, _fresh_high and _fresh_replications of the first quantity, null for
    all others.
    Raises `InputError` when nothing holds anything up.

    >>> nfm.shadow_prices(scenario, 2, quantities=["closure"], jobs=1).select("capacity", "more", "closure").rows()
    [('trucks', 1.0, -0.5), ('harbour.truck_ramps', 1.0, -0.39999961853027344)]
    """
    expect_scenario(scenario)
    quantities = list(dict.fromkeys(quantities))
    how = asked_alone(map(read_quantity, quantities), how)
    refuse(fault for name, amount in (more or {}).items() for fault in wrong_amount(scenario, name, amount))
    folder, _temporary = folder_for(how.get("out"))  # which goes when this ends
    number = min(PILOT, replications)
    pilot = replicate(scenario, number, **How(**{**how, "out": folder / "base"})).part(0, number)
    wanted = most_wanted(pilot, scenario, most, more or {})  # made of these few alone, where nobody asked for them
    if not wanted:
        remedy = "holds nothing up by a capacity, so one more of any gains nothing"
        raise InputError.of(scenario.file, "bottlenecks", "", remedy)
    changes = {found.name: found.changes for found, _ in wanted}
    scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
    how = How(**{**how, "out": folder})
    result = compare(scenarios, min(BLOCK, replications), changes=changes, **how)
    seen = _as_sure(result, replications, quantities, confidence, how)
    table = _ranked(seen, result.base, wanted, quantities, confidence)
    return _tried_again(table, result, replications, confidence, how)


def wrong_amount(scenario: Scenario, name: str, amount: Any) -> list[Problem]:
    """What is wrong with this amount as one more of this capacity."""
    faults = []
    lines = (f"paths of {line}" for line in scenario.movement.civil.paths)
    known = [*scenario.pools, *(".".join(key) for key in scenario.loaded_network.facilities), *lines]
    if name not in known and one_more(scenario, CauseKind.FACILITY, name) is None:
        remedy = f"is no pool, no facility of a place and no line with a timetable{did_you_mean(name, known)}"
        faults.append(Problem("--more", name, "", remedy))
    if not (is_number(amount) and amount > 0):
        faults.append(Problem("--more", name, f"{amount}", "must be a number above 0"))
    return faults


def _as_sure(
    result: Comparison, replications: int, quantities: list[str], confidence: float, how: How
) -> Mapping[str, Study]:
    """The replications of each, block by block, until no interval is wider than the widest will be after all."""
    seen = {name: study.part(0, min(BLOCK, replications)) for name, study in result.items()}
    going = list(seen)
    for done in range(BLOCK, replications, BLOCK):
        parts = {name: seen[name] for name in going}
        wide = _wide(parts, result.base, quantities, math.sqrt(done / replications), confidence)
        if not wide:
            break
        going = [name for name in going if name == result.base or name in wide]
        more = min(done + BLOCK, replications)
        complete([result[name] for name in going], more, how, begin=done)
        seen |= {name: result[name].part(0, more) for name in going}
    return seen


def _wide(
    studies: Mapping[str, Study], base: str, quantities: list[str], shrinks: float, confidence: float
) -> set[str]:
    """The capacities with an interval that is wider than the widest of its quantity will be, shrunk so much."""
    wide: set[str] = set()
    for quantity in quantities:
        gains = compare_quantity(studies, read_quantity(quantity).whole, base, confidence)
        width = pl.col("high") - pl.col("low")
        is_wide = (width > width.max() * shrinks).fill_null(True)  # open bounds are
        wide |= set(gains.filter(is_wide & (pl.col("differing") > 0))["study"])
    return wide


def most_wanted(pilot: Study, scenario: Scenario, most: int, more: Mapping[str, float]) -> list[tuple[More, float]]:
    """The capacities that caused most delay, each with its piece-hours a replication."""
    found: dict[str, tuple[More, float]] = {}
    for kind, name, piece_hours in held_up(pilot).select("kind", "name", "piece_hours").iter_rows():
        one = one_more(scenario, kind, name)
        if one is not None and one.name in more:  # links go by their line
            one = one_more(scenario, kind, name, more[one.name])
        if one is not None and one.name in found:  # links of lines that share a timetable
            found[one.name] = (one, found[one.name][1] + piece_hours)
        elif one is not None and len(found) < most:
            found[one.name] = (one, piece_hours)
    return list(found.values())


def _ranked(
    studies: Mapping[str, Study], base: str, wanted: list[tuple[More, float]], quantities: list[str], confidence: float
) -> pl.DataFrame:
    rows = [(one.name, one.amount, one.unit, held, len(studies[one.name].replications)) for one, held in wanted]
    table = pl.DataFrame(rows, schema=["capacity", "more", "unit", "piece_hours", "replications"], orient="row")
    names = []
    for quantity in quantities:
        gains = compare_quantity(studies, read_quantity(quantity).whole, base, confidence)
        if gains["pairs"].sum():
            table = beside(table, gains.rename({"study": "capacity"}), "capacity", quantity, "difference")
            names.append(quantity)
    if not names:
        return table
    better, first = read_quantity(names[0]).declared.better, pl.col(names[0])
    return table.sort({"more": -first, "less": first, "": -first.abs()}[better], nulls_last=True)


def price_effects(prices: pl.DataFrame, quantity: str, part: str = "") -> list[Effect]:
    """The prices in a quantity as effects that sentences tell; with the part "_fresh", on fresh replications."""
    name, amounts = f"{quantity}{part}", prices.select("capacity", "more", "unit").iter_rows()
    changes = [f"{_called(capacity)} (+{f'{more:g} {unit}'.rstrip()})" for capacity, more, unit in amounts]
    found = prices.select(pl.Series("study", changes), difference=name, low=f"{name}_low", high=f"{name}_high")
    return effects_of(found, read_quantity(quantity).whole)


def _called(capacity: str) -> str:
    """What sentences call a pool, or a facility with its place."""
    return capacity.replace(".", ": ").replace("_", " ")


def priced(prices: pl.DataFrame) -> list[str]:
    """The quantities of a table of prices."""
    lows = (name for name in prices.columns if name.endswith("_low") and not name.endswith(FRESH_LOW))
    return [name.removesuffix("_low") for name in lows]


def _tried_again(
    table: pl.DataFrame, result: Comparison, replications: int, confidence: float, how: How
) -> pl.DataFrame:
    """The prices, with what the first does on fresh replications when it surely gains."""
    name = next(iter(priced(table)), "")
    first = price_effects(table, name)[0] if name else None
    if first is None or not first.is_sure or not first.is_welcome:
        return table
    both = {which: result[which] for which in (result.base, table["capacity"][0])}
    fresh = fresh_numbers(replications, replications)
    complete(list(both.values()), fresh.stop, how, begin=fresh.start)
    parts = {which: study.part(fresh.start, fresh.stop) for which, study in both.items()}
    again = compare_quantity(parts, read_quantity(name).whole, result.base, confidence).rename({"study": "capacity"})
    number = pl.when(pl.col("capacity") == table["capacity"][0]).then(len(fresh)).alias(f"{name}{FRESH}_replications")
    return beside(table, again, "capacity", f"{name}{FRESH}", "difference").with_columns(number)

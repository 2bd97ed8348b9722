"""The exchange rate of support: what one more and one fewer of each capability on a task gains allies, and costs us."""

from collections.abc import Iterable
from typing import Any, Unpack

import polars as pl

from nfm_sim.problems import InputError, one_of
from nfm_sim.scenario import Scenario, join_path
from nfm_sim.scenario.options import raised
from nfm_sim.sentences.effects import differences
from nfm_sim.sentences.losses import SUPPORT
from nfm_sim.study import Comparison, How, compare, read_quantity
from nfm_sim.study.compare import compare_quantity
from nfm_sim.study.estimates import beside
from nfm_sim.study.overview import effects_in
from nfm_sim.study.quantities import Quantity

EXCHANGED = ("closure.mean_h", "closure", "closure.on_time_share", "ready_by_deadline", "double_booked.days")
"""The mean and the last piece of all flows and those on time; elements ready by the deadline of each tier; and
element-days that are asked for twice."""
BY_ROW = ("ready_by_deadline",)
"""Quantities of which each row counts: the tiers. Of the others all rows are taken together."""
WITHOUT = "without any"
"""The name of the study in which the task asks for nobody."""


def one_more_and_one_fewer(scenario: Scenario, task: str = SUPPORT) -> dict[str, dict[str, Any]]:
    """Return the changes that give a task one element more, and one fewer, of each capability that it asks for, and
    those that leave it without any.

    An element that serves at hour 0 already is not taken away. Of a number that is drawn the distribution is moved.
    Raises `InputError` for a task that asks for none, and for a number that is drawn and may have none to take away.

    >>> force = nfm.read_scenario("scenarios/one_force.toml")
    >>> nfm.decide.one_more_and_one_fewer(force)["Escorts of march columns -1"]
    {'tasks.host_nation_support.commitments.escorts.number': 1.0}
    """
    commitments = scenario.tasks[one_of(scenario.tasks, task, scenario.file, "tasks")].commitments
    asked = {name: commitment for name, commitment in commitments.items() if commitment.capability}
    if not asked:
        raise InputError.of(scenario.file, join_path(("tasks", task)), "", "asks for no elements, so nothing is traded")
    serving = [element.commitment for element in scenario.elements.values()]
    away: dict[str, Any] = {}
    changes: dict[str, dict[str, Any]] = {}
    for name, commitment in asked.items():
        path = ("tasks", task, "commitments", name)
        at_least = serving.count(f"{task}/{name}")
        number = join_path((*path, "number"))
        called = commitment.title or name.replace("_", " ")
        drawn = scenario.uncertain.get(number)
        least = commitment.number if drawn is None else drawn.ends[0] if drawn.ends else 0
        changes[f"{called} +1"] = {number: raised(scenario, number, 1)}
        if least > max(at_least, 1):
            changes[f"{called} -1"] = {number: raised(scenario, number, -1)}
        elif drawn is not None:
            enough = max(at_least, 1) + 1
            remedy = f"may be {least:g}, of which one fewer cannot be had; give one that is {enough} or more"
            raise InputError.of(scenario.file, number, drawn.as_written(), remedy)
        elif not at_least:
            changes[f"{called} -1"] = {join_path(path): False}
        away |= {number: at_least} if at_least else {join_path(path): False}
    return {**changes, WITHOUT: away}


def exchange(scenario: Scenario, replications: int = 50, *, task: str = SUPPORT, **how: Unpack[How]) -> Comparison:
    """Compare a scenario with itself with one element more and one fewer of each capability on a task, and without any
    of them, on the same random draws: a study of each, by name ("Guards +1"). `exchanged` makes the table of it.

    Raises `InputError` for a task that asks for no elements.

    >>> post = {"regional_plans": {}, "host_nation_support": {"commitments": {"post": {"capability": "control"}}}}
    >>> element = {"home": "barracks", "capability": "control"}
    >>> supported = scenario.with_changes({"tasks": post, "elements": {"team": element}})
    >>> list(nfm.decide.exchange(supported, 1, jobs=1))
    ['base', 'post +1', 'post -1', 'without any']
    """
    changes = one_more_and_one_fewer(scenario, task)
    scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
    return compare(scenarios, replications, changes=changes, **how)


def exchanged(comparison: Comparison, quantities: Iterable[str] = EXCHANGED) -> pl.DataFrame:
    """Return both sides of the trade, a row for each study but the base: change, and of each quantity its paired
    difference, with _low and _high, after minus before; quantities of tiers by tier ("tier 3"). Null where something
    is not known in all replications, such as a closure that does not come; intervals hold for all rows of a quantity
    together.

    >>> two = nfm.Comparison({"few": study, "more": nfm.replicate(scenario, 2, jobs=1)})
    >>> nfm.decide.exchanged(two, ["closure"]).select("change", "closure").rows()
    [('more', 0.0)]
    """
    table = pl.DataFrame({"change": [name for name in comparison if name != comparison.base]})
    for quantity in quantities:
        found = compare_quantity(comparison, _asked(quantity), comparison.base, 0.95).rename({"study": "change"})
        parts = {quantity: found} if found["pairs"].sum() else {}
        if quantity in BY_ROW:
            parts = {f"tier {tier}": rows for (tier,), rows in found.group_by("tier", maintain_order=True)}
        for part, rows in parts.items():
            table = beside(table, rows, "change", part, "difference")
    return table


def exchange_told(comparison: Comparison, quantities: Iterable[str] = EXCHANGED) -> list[str]:
    """Return what surely differs, in sentences: what the support as a whole buys and costs is among the first.

    >>> two = nfm.Comparison({"few": study, "more": nfm.replicate(scenario, 2, jobs=1)})
    >>> nfm.decide.exchange_told(two, ["closure"])[0]
    'Nothing differs from few.'
    """
    effects, pairs = effects_in(comparison, map(_asked, quantities))
    return differences(effects, comparison.base, pairs)


def _asked(quantity: str) -> Quantity:
    asked = read_quantity(quantity)
    return asked if quantity in BY_ROW else asked.whole

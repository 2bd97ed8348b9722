"""One more of a capacity: the change that adds it to a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nfm_sim.kinds import FACILITIES
from nfm_sim.kinds.facilities import GANGS
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario.changes import join_path
from nfm_sim.scenario.scenario import Scenario


@dataclass(frozen=True)
class More:
    """An amount added to a capacity, and the changes of the scenario that add it."""

    name: str
    amount: float
    unit: str
    changes: Mapping[str, Any]


def one_more(scenario: Scenario, kind: str, name: str, amount: float | None = None) -> More | None:
    """Return the change that adds one more of a pool, of a facility ("place.facility"), or of the train paths of a
    link ("link"); None when it is none of these.

    One more is 1, but a train's worth of wagons and as many trucks, 1,000 m2 of yard, 100 beds, and a train path in
    every hour. A ramp or crane brings its gang where there are too few.
    """
    if kind == CauseKind.POOL and name in scenario.pools:
        pool = scenario.pools[name]
        step = float(scenario.movement.train.max_wagons) if pool.unit in ("wagons", "trucks") else 1.0
        more = step if amount is None else amount
        return More(name, more, pool.unit, {join_path(("pools", name, "capacity")): pool.capacity + more})
    if kind == CauseKind.FACILITY:
        return _facility(scenario, *place_of(name), amount)
    return _paths(scenario, name, 1.0 if amount is None else amount) if kind == CauseKind.LINK else None


def place_of(name: str) -> tuple[str, str]:
    """Return the place and the facility of a name such as "eemshaven.berths"; no place for that of a pool."""
    place, _, facility = name.rpartition(".")
    return place, facility


def _facility(scenario: Scenario, node: str, facility: str, amount: float | None) -> More | None:
    there = scenario.facility(node, facility)
    if there is None:
        return None
    unit = there.unit or ("m2" if facility.endswith("_m2") else facility)
    more = _one_more(unit) if amount is None else amount
    changes = {_capacity_of(scenario, node, facility): there.capacity + more}
    gangs = scenario.facility(node, GANGS)
    manned = facility in FACILITIES and FACILITIES[facility].needs_gang
    if manned and gangs is not None and gangs.capacity < there.capacity + more:
        changes[_capacity_of(scenario, node, GANGS)] = there.capacity + more
        unit = f"{unit}, each with a gang"
    return More(f"{node}.{facility}", more, unit, changes)


def _one_more(unit: str) -> float:
    """The size of one more of what is counted in a unit: yards of a scenario's own names are square metres too."""
    return next((kind.one_more for kind in FACILITIES.values() if kind.unit == unit), 1.0)


def _capacity_of(scenario: Scenario, node: str, facility: str) -> str:
    """The path of the capacity of a facility, as the scenario gives it or may give it."""
    given = scenario.given("places", node, facility)
    return join_path(("places", node, facility, *(("capacity",) if isinstance(given, dict) else ())))


def _paths(scenario: Scenario, link: str, amount: float) -> More | None:
    """More train paths an hour on the line of a link, on all lines that share its timetable."""
    known = scenario.loaded_network.links.get(link)
    if known is None:
        return None
    paths = scenario.movement.civil.paths
    line = known.line if known.line in paths else "other"
    if "rail" not in known.modes or line not in paths:
        return None
    days = paths[line].model_dump(exclude_none=True)
    key = ("movement", "civil", "paths", line)
    changes = {join_path((*key, day)): [value + amount for value in hours] for day, hours in days.items()}
    return More(f"paths of {line}", amount, "train paths an hour", changes)

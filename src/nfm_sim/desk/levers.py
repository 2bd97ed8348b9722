"""What can be moved at the desk: capacities that hold something up, dates, places, priorities, and options."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nfm_sim.network import BORDER
from nfm_sim.problems import InputError
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario import More, Scenario, one_more
from nfm_sim.scenario.changes import join_path
from nfm_sim.scenario.options import Options
from nfm_sim.study import Study
from nfm_sim.study.prices import most_wanted

MOST_CAPACITIES = 12
"""Of those that hold something up."""
MOST_VALUE = 1e6
Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Lever:
    """Something of a scenario that can be moved: what it is, the value that it has in the base, and what another value
    changes."""

    name: str
    group: str
    title: str
    base: float
    changes: Callable[[float], Changes]
    unit: str = ""
    step: float = 1
    most: float = MOST_VALUE
    place: str = ""
    """The node of the network that it shuts."""
    whole: bool = False

    def read(self, value: object) -> float:
        """A value that it may have. Raises `InputError`."""
        number = "a whole number" if self.whole else "a number"
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= self.most:
            raise InputError.of("desk", self.name, value, f"must be {number} from 0 to {self.most:g}")
        if self.whole and value % 1:
            raise InputError.of("desk", self.name, value, f"must be {number}")
        return float(value)


def levers_of(pilot: Study, options: Options | None = None) -> list[Lever]:
    """The levers of the scenario of a study, whose replications show what holds anything up and where pieces pass."""
    scenario = pilot.scenario
    return [
        *_capacities(pilot),
        *_dates(scenario),
        *_places(pilot),
        *_priorities(scenario),
        *(_options(options, scenario) if options is not None else ()),
    ]


def _capacities(pilot: Study) -> Iterator[Lever]:
    scenario = pilot.scenario
    for one, _ in most_wanted(pilot, scenario, MOST_CAPACITIES, {}):
        lever = partial(Lever, f"capacity {one.name}", "Capacities", one.name)
        if isinstance(next(iter(one.changes.values())), list):
            yield lever(0, partial(_more_paths, one), f"more {one.unit}")
        else:
            kind = CauseKind.POOL if one.name in scenario.pools else CauseKind.FACILITY
            changes = partial(_capacity, scenario, kind, one.name, one.base)
            yield lever(one.base, changes, one.unit.partition(",")[0], one.amount)


def _capacity(scenario: Scenario, kind: str, name: str, base: float, value: float) -> Changes:
    more = one_more(scenario, kind, name, value - base)
    return more.changes if more is not None else {}


def _more_paths(one: More, value: float) -> Changes:
    """So many train paths more in every hour."""
    return {path: [hour - one.amount + value for hour in hours] for path, hours in one.changes.items()}


def _dates(scenario: Scenario) -> Iterator[Lever]:
    for name, flow in scenario.flows.items():
        title = scenario.titles["flows"][name]
        if flow.required_day is not None:
            yield _number(("flows", name, "required_day"), "Dates", f"{title}: required", flow.required_day, "day")
        for ship, cargo in flow.ships.items():
            days = [call.day for call in cargo.calls]
            key = ("flows", name, "ships", ship, "calls")

            def moved(value: float, days: list[float] = days, key: tuple[str, ...] = key) -> Changes:
                return {join_path((*key, str(n), "day")): day + value - days[0] for n, day in enumerate(days)}

            yield Lever(f"ship {name}/{ship}", "Dates", f"{title}: ship {ship}", days[0], moved, "day")
        for where in (flow.origins, flow.airlifts):
            for own, there in where.items():
                part = "origins" if where is flow.origins else "airlifts"
                yield _number(("flows", name, part, own, "day"), "Dates", f"{title}: {own}", there.day, "day")


def _places(pilot: Study) -> Iterator[Lever]:
    """Places that movements pass and that do something: terminals, ports and borders."""
    scenario, network = pilot.scenario, pilot.network
    working = {node for node, _ in network.facilities} | {n.name for n in network.nodes.values() if n.kind == BORDER}
    passed = [network.links[link] for link in used_links(pilot)]
    there = {node for link in passed for node in (link.start, link.end)}
    there |= {port for flow in scenario.flows.values() for _, port, _ in flow.cargoes()}
    for node in sorted(there & working):
        title = scenario.titles["nodes"][node]

        def shut(value: float, node: str = node, title: str = title) -> Changes:
            hit = {"title": f"{title} is shut", "nodes": [node], "start_h": 0, "duration_h": scenario.horizon_h}
            return {join_path(("disruptions", f"shut_{node}")): hit} if value else {}

        yield Lever(f"shut {node}", "Places", title, 0, shut, "shut", most=1, place=node, whole=True)


def used_links(pilot: Study) -> list[str]:
    """The links that movements of the replications kept pass."""
    return pilot.kept.legs["link"].unique(maintain_order=True).to_list()


def _priorities(scenario: Scenario) -> Iterator[Lever]:
    for table in ("tasks", "flows"):
        for name, item in getattr(scenario, table).items():
            title = scenario.titles[table][name]
            yield _number((table, name, "priority"), "Priorities", title, item.priority, whole=True)


def _options(options: Options, scenario: Scenario) -> Iterator[Lever]:
    """Those that are there from hour 0: what comes later changes a scenario under way, which no file of it says."""
    for name, option in options.options.items():
        if options.changes({name: 1}, scenario).keys() <= {0.0}:

            def bought(value: float, name: str = name) -> Changes:
                return options.changes({name: int(value)}, scenario).get(0.0, {}) if value else {}

            title = f"{name} ({option.eur / 1e6:,g} M euros each)"
            yield Lever(f"option {name}", "Options", title, 0, bought, most=option.at_most, whole=True)


def _number(key: tuple[str, ...], group: str, title: str, base: float, unit: str = "", whole: bool = False) -> Lever:
    path = join_path(key)
    return Lever(path, group, title, base, lambda value: {path: int(value) if whole else value}, unit, whole=whole)


def together(levers: Mapping[str, Lever], moved: Mapping[str, float]) -> dict[str, Any]:
    """What several levers change. Two that set the same number, as two ramps that bring their gangs, give the larger.
    Raises `InputError` for those that set one path to different things."""
    found: dict[str, Any] = {}
    for name, value in moved.items():
        for path, new in levers[name].changes(value).items():
            old = found.get(path, new)
            if old != new and not (isinstance(old, int | float) and isinstance(new, int | float)):
                raise InputError.of("desk", name, path, "is moved by another lever too; put that back before")
            found[path] = new if old == new else max(old, new)
    return found

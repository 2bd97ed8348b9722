"""What may be added or bought: options with what each changes, costs and takes to come, and one more of a capacity."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator

from nfm_sim.kinds import FACILITIES, Distribution
from nfm_sim.kinds.modes import GANGS
from nfm_sim.limits import MOST_AMOUNT
from nfm_sim.problems import InputError, Problem, did_you_mean, explained_by, refuse
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario.changes import join_path, read_change, split_change
from nfm_sim.scenario.files import as_model, read_rows, read_toml
from nfm_sim.scenario.scenario import Scenario
from nfm_sim.scenario.values import NUMBER, Model, Name, Text, bounds, numbers_at, split

ADDED = re.compile(r"[+-]\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def _changes(value: object) -> Any:
    """Changes as a table; of a cell of a CSV file: "path = +60; path = 3"."""
    if isinstance(value, str):
        pairs = [split_change(text, "changes") for text in value.split(";") if text.strip()]
        value = {p: text if text[:1] in "+-" else read_change(f"{p} = {text}", "changes")[1] for p, text in pairs}
    for path, text in value.items() if isinstance(value, dict) else ():
        if isinstance(text, str) and text[:1] in ("+", "-") and not ADDED.fullmatch(text):
            raise ValueError(f'adds "{text}" to {path}; write a number, as "+60", and ";" between changes')
    return value


Names = Annotated[tuple[Name, ...], BeforeValidator(partial(split, mark=";"))]


class Option(Model):
    """Something that may be bought."""

    changes: Annotated[dict[str, Any], BeforeValidator(_changes)]
    """By dotted path a value, or a number that is added: "+60"."""
    eur: Annotated[float, bounds(0, 1e6 * MOST_AMOUNT), NUMBER]
    lead_days: Annotated[float, bounds(0, MOST_AMOUNT), NUMBER] = 0
    """From its order until it exists."""
    at_most: Annotated[int, bounds(1, 1000), NUMBER] = 1
    excludes: Names = ()
    requires: Names = ()
    source: Text = "notional"
    """Of its cost and its lead time."""

    def added(self, path: str) -> float | None:
        """What it adds at a path; None where it sets a value."""
        text = self.changes[path]
        return float(text) if isinstance(text, str) and text[:1] in ("+", "-") else None


class Options(Model):
    """All that may be bought."""

    options: dict[Name, Option]
    ordered_day: Annotated[float, bounds(-MOST_AMOUNT, MOST_AMOUNT), NUMBER] = 0
    """The day, after hour 0, on which all is ordered: what has come by hour 0 is there from the beginning."""

    def __getitem__(self, name: str) -> Option:
        return self.options[name]

    def changes(self, bought: Mapping[str, int], scenario: Scenario) -> dict[float, dict[str, Any]]:
        """What so many of some options change in a scenario, by the hour from which they are there: 0 for what comes
        before. What is added is added to all that has come by then."""
        found: dict[float, dict[str, Any]] = {}
        so_far: dict[str, float] = {}
        """By path: what has been added."""
        for name in sorted(bought, key=lambda name: self[name].lead_days):
            option = self[name]
            at_h = max(0.0, (self.ordered_day + option.lead_days) * 24)
            for path in option.changes:
                added, value = option.added(path), option.changes[path]
                if added is not None:
                    so_far[path] = so_far.get(path, 0.0) + added * bought[name]
                    value = raised(scenario, path, so_far[path])
                found.setdefault(at_h, {})[path] = value
        return found


@explained_by("buy")
def read_options(file: str | Path, *, scenario: Scenario) -> Options:
    """Read options for a scenario, of a TOML file or a table (CSV, .xlsx) whose first column names them.

    A TOML file has a table `[options.<name>]` for each, and `ordered_day`. Raises `InputError` with all that is wrong:
    names and paths that are none, and options that set the same path to different values and do not exclude each other.

    >>> corps = nfm.read_scenario("scenarios/corps_transit.toml")
    >>> nfm.decide.read_options(nfm.example("corps_options"), scenario=corps)["heavy_wagons"].eur
    15000000.0
    """
    path = Path(file)
    data = read_toml(path) if path.suffix == ".toml" else {"options": read_rows(path)}
    options = as_model(path, data, Options)
    refuse([*_faults(options, str(path)), *_unlike(options, scenario, str(path))])
    return options


def _faults(options: Options, file: str) -> Iterator[Problem]:
    known = options.options
    for name, option in known.items():
        for key in ("excludes", "requires"):
            for other in getattr(option, key):
                if other not in known:
                    remedy = f"is no option of this file{did_you_mean(other, known)}"
                    yield Problem(file, f"options.{name}.{key}", other, remedy)
        if option.at_most > 1 and any(option.added(path) is None for path in option.changes):
            remedy = 'sets a value, so more than one is no more; write what is added, as "+60"'
            yield Problem(file, f"options.{name}.at_most", str(option.at_most), remedy)
    for (one, first), (other, second) in combinations(known.items(), 2):
        both = first.changes.keys() & second.changes.keys()
        if other in first.excludes or one in second.excludes:
            continue
        for path in sorted(both):
            if first.added(path) is None or second.added(path) is None:
                remedy = f"is set by {one} too; have one exclude the other, or both add to it"
                yield Problem(file, f"options.{other}.changes", path, remedy)


def _unlike(options: Options, scenario: Scenario, file: str) -> Iterator[Problem]:
    """What the scenario does not have."""
    for name, option in options.options.items():
        lacking = [p for p in option.changes if option.added(p) is not None and raised(scenario, p, 0.0) is None]
        for path in lacking:
            yield Problem(file, f"options.{name}.changes", path, f"is no number of {scenario.file} to add to")
        if not lacking:
            try:
                for changes in options.changes({name: 1}, scenario).values():
                    scenario.with_changes(changes)
            except InputError as error:
                yield from (Problem(file, f"options.{name}", p.key, f"{p.value} {p.remedy}") for p in error.problems)


def raised(scenario: Scenario, path: str, by: float) -> Any:
    """What a scenario has at a path, and so much more: of what is drawn its distribution. None where it has none."""
    numbers = numbers_at(scenario, scenario.loaded_network, path)
    if len(numbers) != 1:
        return None
    ((key, number),) = numbers.items()
    there = scenario.uncertain.get(path) or scenario.uncertain.get(key, number)
    return there.moved(by).as_written() if isinstance(there, Distribution) else float(there) + by


class More(NamedTuple):
    """An amount added to a capacity, and the changes of the scenario that add it."""

    name: str
    amount: float
    unit: str
    changes: Mapping[str, Any]
    base: float
    """What there is; of a number that is drawn, its middle."""


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
        path = join_path(("pools", name, "capacity"))
        return More(name, more, pool.unit, {path: raised(scenario, path, more)}, pool.capacity)
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
    of_unit = (kind.one_more for kind in FACILITIES.values() if kind.unit == unit)  # own yards are square metres too
    more = next(of_unit, 1.0) if amount is None else amount
    path = _capacity_of(scenario, node, facility)
    changes = {path: raised(scenario, path, more) or there.capacity + more}
    gangs = scenario.facility(node, GANGS)
    manned = facility in FACILITIES and FACILITIES[facility].needs_gang
    if manned and gangs is not None and gangs.capacity < there.capacity + more:
        changes[_capacity_of(scenario, node, GANGS)] = there.capacity + more
        unit = f"{unit}, each with a gang"
    return More(f"{node}.{facility}", more, unit, changes, there.capacity)


def _capacity_of(scenario: Scenario, node: str, facility: str) -> str:
    """The path of the capacity of a facility, as the scenario gives it or may give it."""
    short, given = join_path(("places", node, facility)), scenario.given("places", node, facility)
    return f"{short}.capacity" if isinstance(given, dict) and short not in scenario.uncertain else short


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
    return More(f"paths of {line}", amount, "train paths an hour", changes, 0.0)

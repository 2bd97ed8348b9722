"""What is played with: a base, the levers that are moved, and the paired study of what these change, which goes on in
the background. It knows no page and no notebook."""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Any

import polars as pl

from nfm_sim.files import write_all, writing
from nfm_sim.network import BORDER
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.record.words import CauseKind
from nfm_sim.reports import report
from nfm_sim.reports.levers import effect_rows
from nfm_sim.scenario import More, Scenario, expect_scenario, one_more
from nfm_sim.scenario.changes import join_path, set_path, split_path, toml_of
from nfm_sim.scenario.options import Options
from nfm_sim.study import Comparison, Study, read_quantity
from nfm_sim.study.compare import compare_quantity
from nfm_sim.study.prices import most_wanted
from nfm_sim.study.replicate import Progress, Temporary, begin, complete

# What can be moved at the desk: capacities that hold something up, dates, places, priorities, and options.


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
        for part in ("origins", "airlifts"):
            for own, there in getattr(flow, part).items():
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


FIRST = 4
"""Pairs of replications of the first answer; each further one is of twice as many."""
BASE, MOVED = "base", "moved"


@dataclass(frozen=True)
class Answer:
    """What the desk says at a moment: what is moved, of how many pairs the differences are, and what is going on."""

    version: int = 0
    moved: Mapping[str, float] = field(default_factory=dict)
    moves: int = 0
    pairs: int = 0
    asked: int = 0
    going_on: bool = False
    rows: Sequence[Mapping[str, Any]] = ()
    problems: Sequence[str] = ()


class Cancelled(Exception):  # noqa: N818 - it is no error
    """A later move has made this study pointless."""


class Desk:
    """A scenario with levers. Each move starts a study of what is moved, on the draws of the base; a second move ends
    the first. Its differences are those of `nfm.compare`, bit for bit, for as many replications and the same seed.

    >>> desk = nfm.Desk(scenario, replications=2)
    >>> desk.move("capacity trucks", 4).moves
    1
    >>> desk.wait().pairs
    2
    >>> desk.difference("closure")["difference"].to_list()
    [-5.5]
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        replications: int = 64,
        seed: int = 0,
        jobs: int = 1,
        options: Options | None = None,
    ) -> None:
        expect_scenario(scenario)
        self.scenario, self.replications, self.seed = scenario, replications, seed
        self._temporary, self._jobs = Temporary(), jobs
        self._studies: dict[str, Study] = {}
        self._working, self._told = Lock(), Condition()
        self._moves: list[tuple[str, float | None]] = []
        self.answer = Answer(asked=replications)
        base = self._study({})
        complete([base], min(FIRST, replications), {"jobs": 1})
        self.levers: Mapping[str, Lever] = {lever.name: lever for lever in levers_of(base, options)}

    @property
    def changes(self) -> dict[str, Any]:
        """What is changed of the base, by dotted path."""
        return together(self.levers, self.answer.moved)

    @property
    def changed(self) -> Scenario:
        """The scenario as the levers stand."""
        return self.scenario.with_changes(self.changes)

    @property
    def comparison(self) -> Comparison:
        """The base and what is moved, as far as both are made."""
        changes = self.changes
        return Comparison({BASE: self._study({}), MOVED: self._study(changes)}, {MOVED: changes})

    def difference(self, quantity: str) -> pl.DataFrame:
        """The paired differences in a quantity, as of `Comparison.difference`, in the pairs of the last answer."""
        both = {name: study.part(0, self.answer.pairs) for name, study in self.comparison.items()}
        return compare_quantity(both, read_quantity(quantity), BASE, 0.95)

    def move(self, name: str, value: object) -> Answer:
        """Move a lever to a value; return the answer as it is then. Raises `InputError`, and moves nothing, for what
        cannot be."""
        if name not in self.levers:
            raise InputError.of("desk", "lever", name, f"is no lever{did_you_mean(name, self.levers)}")
        with self._told:
            before = self.answer.moved.get(name)
            return self._put(name, self.levers[name].read(value), [*self._moves, (name, before)])

    def undo(self) -> Answer:
        """Take the last move back; return the answer as it is then. Raises `InputError` when there is none."""
        with self._told:
            if not self._moves:
                raise InputError.of("desk", "undo", "", "has no move to take back")
            return self._put(*self._moves[-1], self._moves[:-1])

    def wait(self, after: int | None = None, timeout: float | None = None) -> Answer:
        """Return the answer as soon as it is a later one than `after`; without it, when nothing goes on."""
        with self._told:
            self._told.wait_for(
                lambda: not self.answer.going_on if after is None else self.answer.version > after, timeout
            )
        return self.answer

    def save(self, folder: Path) -> Path:
        """Write a scenario that extends the base by what is moved, in a file of its own; return it."""
        file = _free(folder, f"{Path(self.scenario.file).stem}_desk", ".toml")
        return write_all(folder, {file.name: self.as_file(folder).encode()})[0]

    def as_file(self, folder: Path) -> str:
        """The text of that file. Of a list it has the whole, as files that extend others do."""
        changed, data = self.changed, dict[str, Any]()
        base = Path(os.path.relpath(self.scenario.file, folder)).as_posix()
        for path in self.changes:
            steps = split_path(path)
            parts = [steps[:end] for end in range(1, len(steps) + 1)]
            whole = next((part for part in parts if isinstance(changed.given(*part), list)), steps)
            set_path(data, join_path(whole), changed.given(*whole))
        return toml_of({"extends": base, "title": f"{self.scenario.title}, as at the desk", **data})

    def page(self, folder: Path) -> Path:
        """Write the page of the base and what is moved; return it."""
        file = _free(folder, f"{Path(self.scenario.file).stem}_desk", ".html")
        with self._working, writing(file, "choose another --out"):
            return report(self.comparison, file, command=self.command(), jobs=1)

    def command(self, saved: Path | None = None) -> str:
        """The command line that makes the same comparison of the base and a file that was saved."""
        name = saved or Path(f"{Path(self.scenario.file).stem}_desk.toml")
        often = f"--replications {self.replications} --seed {self.seed}"
        return f"{shlex.join(['nfm-sim', 'compare', self.scenario.file, str(name)])} {often}"

    def map(self) -> dict[str, Any]:
        """The outline of the network, the courses of the links that are used, and the places that can be shut."""
        base = self._study({})
        network = base.network
        nodes = [network.nodes[lever.place] for lever in self.levers.values() if lever.place]
        return {
            "outline": [ring for rings in network.outline.values() for ring in rings],
            "links": [network.course(network.links[name]) for name in used_links(base)],
            "places": {f"shut {node.name}": (node.lon, node.lat) for node in nodes},
        }

    def _put(self, name: str, value: float | None, moves: list[tuple[str, float | None]]) -> Answer:
        """Have a lever stand at a value after these moves, and begin to work; None and that of the base are as it
        was."""
        moved = {key: there for key, there in self.answer.moved.items() if key != name}
        if value is not None and value != self.levers[name].base:
            moved[name] = value
        self.scenario.with_changes(together(self.levers, moved))
        self._moves = moves
        self._tell(moved=moved, moves=len(moves), going_on=bool(moved), pairs=0, rows=(), problems=())
        if moved:
            Thread(target=self._work, args=(moved,), daemon=True).start()
        return self.answer

    def _tell(self, **what: Any) -> None:
        with self._told:
            self.answer = replace(self.answer, version=self.answer.version + 1, **what)
            self._told.notify_all()

    def _study(self, changes: Mapping[str, Any]) -> Study:
        """The study of the scenario with changes, begun when it is first asked for."""
        key = str(sorted(changes.items()))
        with self._told:
            if key not in self._studies:
                folder = self._temporary.folder / str(len(self._studies))
                scenario = self.scenario.with_changes(changes)
                self._studies[key] = begin(scenario, {"seed": self.seed, "out": folder})
            return self._studies[key]

    def _work(self, moved: Mapping[str, float]) -> None:
        """Make pair after pair of replications, and tell what they say, until another move is made."""

        def go_on(_: Progress | None = None) -> None:
            if self.answer.moved is not moved:
                raise Cancelled

        try:
            with self._working:
                go_on()
                studies = list(self.comparison.values())
                done = 0
                while done < self.replications:
                    done = min(2 * done or FIRST, self.replications)
                    jobs = self._jobs if done > FIRST else 1
                    complete(studies, done, {"jobs": jobs, "batch": FIRST, "progress": go_on})
                    both = {name: study.part(0, done) for name, study in self.comparison.items()}
                    rows = effect_rows(both, self.scenario)
                    with self._told:
                        go_on()
                        self._tell(pairs=done, rows=rows, going_on=done < self.replications)
        except Cancelled:
            return
        except InputError as error:
            self._fail(moved, [str(problem) for problem in error.problems])
        except BrokenExecutor as error:
            self._fail(moved, [f"a worker process was ended, as when memory runs out ({error})"])
        except Exception as error:  # whatever it is, it is told: nobody waits for ever
            self._fail(moved, [str(error) or type(error).__name__])

    def _fail(self, moved: Mapping[str, float], problems: list[str]) -> None:
        if self.answer.moved is moved:
            self._tell(going_on=False, problems=problems)


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """The first name of a file that is not there."""
    names = (f"{stem}{number or ''}{suffix}" for number in range(10_000))
    return next(folder / name for name in names if not (folder / name).exists())

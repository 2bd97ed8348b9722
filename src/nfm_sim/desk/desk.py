"""What is played with: a base, the levers that are moved, and the paired study of what these change, which goes on in
the background. It knows no page and no notebook."""

import os
import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Any

import polars as pl

from nfm_sim.desk.levers import Lever, levers_of, together, used_links
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.reports import report
from nfm_sim.reports.levers import effect_rows
from nfm_sim.scenario import Scenario, expect_scenario
from nfm_sim.scenario.changes import join_path, set_path, split_path, toml_of
from nfm_sim.scenario.options import Options
from nfm_sim.study import Comparison, Study, read_quantity
from nfm_sim.study.compare import compare_quantity
from nfm_sim.study.replicate import Progress, Temporary, begin, complete
from nfm_sim.writing import write_all, writing

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
    >>> desk.move("capacity trucks", 4)
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

    def move(self, name: str, value: object) -> None:
        """Move a lever to a value. Raises `InputError`, and moves nothing, for what cannot be."""
        if name not in self.levers:
            raise InputError.of("desk", "lever", name, f"is no lever{did_you_mean(name, self.levers)}")
        with self._told:
            before = self.answer.moved.get(name)
            self._put(name, self.levers[name].read(value))
            self._moves.append((name, before))
            self._begin()

    def undo(self) -> None:
        """Take the last move back. Raises `InputError` when there is none."""
        with self._told:
            if not self._moves:
                raise InputError.of("desk", "undo", "", "has no move to take back")
            self._put(*self._moves.pop())
            self._begin()

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

    def _put(self, name: str, value: float | None) -> None:
        """Have a lever stand at a value; None and that of the base are as it was."""
        moved = {key: there for key, there in self.answer.moved.items() if key != name}
        if value is not None and value != self.levers[name].base:
            moved[name] = value
        self.scenario.with_changes(together(self.levers, moved))
        self._tell(moved=moved, going_on=bool(moved), pairs=0, rows=(), problems=())

    def _begin(self) -> None:
        self._tell(moves=len(self._moves))
        if self.answer.moved:
            Thread(target=self._work, args=(self.answer.moved,), daemon=True).start()

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

    def plain(self) -> dict[str, Any]:
        """The answer as plain data, such as JSON holds."""
        return {**asdict(self.answer), "moved": dict(self.answer.moved)}


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """The first name of a file that is not there."""
    names = (f"{stem}{number or ''}{suffix}" for number in range(10_000))
    return next(folder / name for name in names if not (folder / name).exists())

"""The options of every command that makes replications: how many, of which draws, where and how; and their progress."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

import nfm_sim as nfm
from nfm_sim.cli.app import complain, err, people_look, say
from nfm_sim.files import writing
from nfm_sim.problems import InputError, Problem, gathered, plain, refuse

Given = TypeVar("Given")
Value = TypeVar("Value")


def read_changed(file: Path, changes: list[str] | None) -> nfm.Scenario:
    """Read a scenario, with what is to be changed in it. Raises `InputError`."""
    from nfm_sim.scenario import read_change

    scenario = nfm.read_scenario(file)
    if not changes:
        return scenario
    return scenario.with_changes(once(changes, "--change", lambda text: read_change(text, "--change")))


def spare(file: Path | None, option: str, force: bool, ours: bytes = b"") -> None:
    """Raise `InputError` when a file would be overwritten that is there already, unless it is to be, or is one of ours:
    those hold the mark `ours` near their beginning."""
    if file is None or force or not os.path.lexists(file):
        return
    if ours and file.is_file():
        with writing(file), file.open("rb") as there:
            if ours in there.read(NEAR):
                return
    raise InputError.of(file, option, "", "is there already; choose another name, or give --force")


NEAR = 1_000
"""Bytes."""


def once(given: Iterable[Given] | None, option: str, read: Callable[[Given], tuple[str, Value]]) -> dict[str, Value]:
    """Read all that an option gives, each as a name and a value. Raises `InputError` with what is wrong with any, and
    with the names that stand twice."""
    table: dict[str, Value] = {}
    faults: list[Problem] = []
    for each in given or ():
        with gathered(faults):
            name, value = read(each)
            if name in table:
                raise InputError.of(option, name, "", "stands twice; give it once, or another name")
            table[name] = value
    refuse(faults)
    return table


def levels(texts: Iterable[str], option: str) -> dict[str, list[Any]]:
    """Read the values by path of an option such as "path = 1, 2, 3"."""
    from nfm_sim.scenario import read_value, split_change

    def read(text: str) -> tuple[str, list[Any]]:
        path, values = split_change(text, option)
        return path, [read_value(level.strip(), f"{option} {path}") for level in values.split(",")]

    return once(texts, option, read)


@dataclass(frozen=True)
class Making:
    """The replications that are asked for, and how they are made."""

    replications: int = 50
    seed: int = 0
    out_dir: Path | None = None
    targets: list[str] | None = None
    min_replications: int = 20
    sampling: str = "stratified"
    jobs: int | None = None
    batch: int | None = None
    backend: str = "loky"
    address: str | None = None
    keep: str = "0"

    def say_where(self) -> None:
        """Say in which folder the study is, where it is kept."""
        if self.out_dir is not None:
            say(f"In {self.out_dir}")

    @contextmanager
    def running(self, quantities: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
        """Show the progress of a study; yield the arguments that functions of studies take by these names. Of
        `quantities` alone answers are made, when the study is kept nowhere."""
        from nfm_sim.study.replicate import asked_alone

        if self.backend == "dask" and self.out_dir is None:
            raise InputError.of("nfm-sim", "--out", "", "is needed with a cluster: a folder that all its machines see")
        until = {"targets": self.targets, "min_replications": self.min_replications} if self.targets else {}
        with study_progress(self.out_dir) as progress:
            names = ("seed", "sampling", "jobs", "batch", "backend", "address")
            kept = "all" if self.keep == "all" else numbers(self.keep, "--keep")
            how: Any = {"out": self.out_dir, "keep": kept, "progress": progress}
            how |= {name: getattr(self, name) for name in names}
            asked = [nfm.study.read_quantity(name) for name in quantities]
            yield {**until, **(asked_alone(asked, how) if asked else how)}


@dataclass(frozen=True)
class Deciding(Making):
    """Where the answer of a decision is drawn and written too."""

    figure: Path | None = None
    page: Path | None = None
    force: bool = False

    def __post_init__(self) -> None:
        """Spare files that are there, before anything is made."""
        for option, file in (("--figure", self.figure), ("--page", self.page)):
            if file is not None:
                spare(file, option, self.force)


def numbers(text: str, option: str) -> list[int]:
    """Read numbers of replications: "0,17", or "none". Raises `InputError`."""
    if text == "none":
        return []
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError.of("nfm-sim", option, text, 'must be numbers with commas between, such as "0,17"')
    return [int(part) for part in parts]


# Progress of studies, shown to people only


INTERRUPTED = 130
EVERY_S = 2.0
"""Between two looks at the estimates."""


class Noted(Bar):
    """A bar with what is to be said of it on lines of its own below."""

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield the bar, and its note."""
        yield self.make_tasks_table(self.tasks)
        for task in self.tasks:
            if task.fields["note"]:
                yield Text(task.fields["note"])


@contextmanager
def study_progress(folder: object) -> Iterator[Callable[[nfm.study.Progress], None]]:
    """Yield what a study calls after each batch. To people it shows what is done, the rate, the time left, and
    how far the targets are or what the estimates are by now. Interrupted, a study says how to go on.
    """
    counted = ("replications", BarColumn(bar_width=20), "{task.completed:.0f} of {task.total:.0f}")
    timed = ("{task.fields[rate]}", TimeElapsedColumn(), "left", TimeRemainingColumn())
    done = 0
    try:
        with Noted(*counted, *timed, console=err, transient=True, disable=not people_look()) as bar:
            task = bar.add_task("study", total=1, rate="", note="")
            begin, looked, first, note = time.monotonic(), 0.0, 0, ""

            def show(progress: nfm.study.Progress) -> None:
                nonlocal looked, done, first, note
                now = time.monotonic()
                first = first if done else progress.done
                done = progress.done
                if progress.targets:
                    note = describe_targets(progress.targets)
                elif people_look() and (now - looked > EVERY_S or progress.done == progress.asked):
                    note = _estimates(progress.folders[0])
                    looked = now
                rate = f"{(done - first) / (now - begin):.1f} a second" if done > first else ""
                bar.update(task, completed=done, total=progress.asked, rate=rate, note=plain(note))

            yield show
    except KeyboardInterrupt:
        where = f"{done} replications are in {folder}; the same command goes on" if folder else "nothing was kept"
        complain(f"Stopped: {where}")
        raise typer.Exit(INTERRUPTED) from None


def describe_targets(states: Sequence[nfm.study.TargetState]) -> str:
    """Say which targets are open, how far, and how many replications they likely need."""
    from nfm_sim.sentences.answers import target

    still_open = [state for state in states if not state.met]
    told = (target(of.target, of.row, of.half_width, of.needed, unit=of.unit, met=False) for of in still_open)
    return "; ".join(told) or "targets met; a tenth more, to be sure"


def _estimates(folder: Path) -> str:
    from nfm_sim.study.overview import glance

    try:
        study = nfm.open_study(folder)
    except InputError:  # it holds no replication yet
        return ""
    return "; ".join(glance(study)) if len(study.replications) > 1 else ""


@contextmanager
def day_progress(days: float) -> Iterator[Callable[[float], None]]:
    """Show progress in simulated days, to people only; yield the function to call with a day."""
    columns = ("simulating", BarColumn(), "day {task.completed:.0f} of {task.total:.0f}", TimeElapsedColumn())
    with Bar(*columns, console=err, transient=True, disable=not people_look()) as bar:
        task = bar.add_task("days", total=days)
        yield lambda day: bar.update(task, completed=day)
        bar.update(task, completed=days)

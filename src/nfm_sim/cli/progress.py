"""Progress of studies, shown to people only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from nfm_sim.cli.app import complain, err, people_look
from nfm_sim.problems import InputError, plain

if TYPE_CHECKING:
    from nfm_sim.study import Progress, TargetState

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
def study_progress(folder: object) -> Iterator[Callable[[Progress], None]]:
    """Yield what a study calls after each batch. To people it shows what is done, the rate, the time left, and
    how far the targets are or what the estimates are by now. Interrupted, a study says how to go on.
    """
    columns = (
        TextColumn("replications"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    done = 0
    try:
        with Noted(*columns, console=err, transient=True, disable=not people_look()) as bar:
            task = bar.add_task("study", total=1, rate="", note="")
            begin, looked, first, note = time.monotonic(), 0.0, 0, ""

            def show(progress: Progress) -> None:
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


def describe_targets(states: Sequence[TargetState]) -> str:
    """Say which targets are open, how far, and how many replications they likely need."""
    from nfm_sim.sentences.answers import target

    still_open = (
        target(state.target, state.row, state.half_width, state.needed, unit=state.unit, met=False)
        for state in states
        if not state.met
    )
    return "; ".join(still_open) or "targets met; a tenth more, to be sure"


def _estimates(folder: Path) -> str:
    from nfm_sim.study import glance, open_study

    try:
        study = open_study(folder)
    except InputError:  # it holds no replication yet
        return ""
    return "; ".join(glance(study)) if len(study.replications) > 1 else ""

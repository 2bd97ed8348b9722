"""Figures of a stored run or study: `nfm-sim plot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nfm_sim.cli.app import AsJson, app, say_written
from nfm_sim.problems import InputError
from nfm_sim.writing import writing

if TYPE_CHECKING:
    from nfm_sim.record import Record

SUFFIXES = ("png", "svg", "pdf")


def draw(
    record: Record, folder: Path, names: Sequence[str] = (), suffix: str = "png", out: Path | None = None
) -> list[Path]:
    """Draw the figures of a run or study that have something to show, into the folder of figures in its own, in which
    no link is followed, or into another; return their files."""
    from nfm_sim import plots
    from nfm_sim.study.records import inside

    written = []
    with writing(out or folder, "choose another --out"):
        for name, ax in plots.drawn(record, names or tuple(plots.FIGURES)):
            file = f"{name}.{suffix}"
            to = inside(folder, f"figures/{file}") if out is None else out / file
            to.parent.mkdir(parents=True, exist_ok=True)
            plots.save(ax, to)
            written.append(to)
    return written


@app.command()
def plot(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A run or a study.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIGURE]...", help="Which figures; else all that have something to show."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder to write to; else `figures` in that of the study.")
    ] = None,
    suffix: Annotated[str, typer.Option("--format", help=f"One of {', '.join(SUFFIXES)}.")] = "png",
    as_json: AsJson = False,
) -> None:
    """Draw the figures of a stored run or study."""
    from nfm_sim.study import open_study

    if suffix not in SUFFIXES:
        raise InputError.of("plot", "--format", suffix, f"must be one of {', '.join(SUFFIXES)}")
    written = draw(open_study(folder), folder, names or (), suffix, out)
    if not written:
        raise InputError.of(folder, "figures", ", ".join(names or ()), "have nothing to show of this study")
    say_written(written, as_json)

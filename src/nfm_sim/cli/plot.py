"""Figures of a stored run or study: `nfm-sim plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nfm_sim.cli.app import AsJson, app, say_written
from nfm_sim.problems import InputError, Problem
from nfm_sim.study import open_study
from nfm_sim.writing import writing

SUFFIXES = ("png", "svg", "pdf")


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
    from nfm_sim import plots

    if suffix not in SUFFIXES:
        raise InputError([Problem("plot", "--format", suffix, f"must be one of {', '.join(SUFFIXES)}")])
    study = open_study(folder)
    to = folder / "figures" if out is None else out
    written = []
    with writing(to, "choose another --out"):
        for name, ax in plots.drawn(study, names or tuple(plots.FIGURES)):
            to.mkdir(parents=True, exist_ok=True)
            plots.save(ax, to / f"{name}.{suffix}")
            written.append(to / f"{name}.{suffix}")
    if not written:
        raise InputError(
            [Problem(str(folder), "figures", ", ".join(names or ()), "have nothing to show of this study")]
        )
    say_written(written, as_json)

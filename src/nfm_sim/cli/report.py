"""One offline page of a stored run, study or comparison: `nfm-sim report`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from nfm_sim.cli.app import AsJson, app, err, people_look, say_written
from nfm_sim.cli.options import Force, Jobs, spare
from nfm_sim.problems import InputError, plain
from nfm_sim.writing import writing

if TYPE_CHECKING:
    from nfm_sim.study import Comparison, Study


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A run, a study or a comparison.")],
    out: Annotated[Path | None, typer.Option(help="The page; else FOLDER.html beside the folder.")] = None,
    prices: Annotated[
        int, typer.Option(min=0, help="Replications for the prices of one more of each capacity; 0: without prices.")
    ] = 0,
    record: Annotated[
        Path | None, typer.Option(help="What is on record of the operation, beside the model: a file of records/.")
    ] = None,
    quantity: Annotated[
        list[str] | None, typer.Option("--quantity", help="Of a comparison: what to compare too. May be repeated.")
    ] = None,
    jobs: Jobs = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page with everything in it, to be mailed, printed, believed and checked."""
    from nfm_sim.reports import SEAL
    from nfm_sim.reports import report as make_report
    from nfm_sim.scenario.on_record import read_record
    from nfm_sim.study import open_comparison, open_study
    from nfm_sim.study.compare import COMPARISON

    shown: Study | Comparison = open_comparison(folder) if (folder / COMPARISON).exists() else open_study(folder)
    to = folder.with_suffix(".html") if out is None else out
    if to.is_dir():
        raise InputError.of(to, "--out", "", "is a folder; name a file, such as page.html")
    spare(to, "--out", force, ours=SEAL.encode())
    on_record = read_record(record) if record is not None else None
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not people_look()) as bar:
        task = bar.add_task("reading")
        with writing(to, "choose another --out"):
            page = make_report(
                shown,
                to,
                prices=prices,
                on_record=on_record,
                quantities=quantity or (),
                command=shlex.join(["nfm-sim", *map(plain, sys.argv[1:])]),
                jobs=jobs,
                tell=lambda what: bar.update(task, description=what),
            )
    say_written([page], as_json)

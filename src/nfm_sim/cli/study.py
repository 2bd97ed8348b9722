"""Studies: `nfm-sim study, verify`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import typer
from rich.table import Table

from nfm_sim.cli.app import AsJson, ScenarioFile, Seed, app, day, err, out, share
from nfm_sim.cli.progress import study_progress
from nfm_sim.problems import InputError, Problem
from nfm_sim.scenario import read_scenario
from nfm_sim.study import How, Progress, Study, precision, replicate, study_estimates
from nfm_sim.study import verify as verify_study

Replications = Annotated[int, typer.Option(min=1, help="How many; with --until, at most so many.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Keep the study in this folder; go on with what is there.")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Worker processes; else as many as there are cores.")]
BatchSize = Annotated[int | None, typer.Option("--batch", min=1, help="Replications written together.")]
Backend = Annotated[str, typer.Option(help="Where workers run: loky (this machine), dask or ray.")]
Address = Annotated[str | None, typer.Option(help="Address of the Dask or Ray cluster.")]
Keep = Annotated[str, typer.Option(help='Replications whose tables are kept whole: "0,17", "all" or "none".')]
Until = Annotated[
    list[str] | None,
    typer.Option(
        "--until", metavar="TARGET", help='Stop when sure enough: "closure.median ±6h". May be repeated.'
    ),
]
Least = Annotated[int, typer.Option(min=2, help="With --until, at least so many replications.")]


@app.command()
def study(
    scenario: ScenarioFile,
    replications: Replications = 100,
    seed: Seed = 0,
    out_dir: Out = None,
    until: Until = None,
    least: Least = 20,
    jobs: Jobs = None,
    batch: BatchSize = None,
    backend: Backend = "loky",
    address: Address = None,
    keep: Keep = "0",
    as_json: AsJson = False,
) -> None:
    """Replicate a scenario, and print its answers with their 95 % intervals."""
    asked = read_scenario(scenario)
    with study_progress(out_dir) as progress:
        how = how_of(jobs, batch, backend, address, keep, out_dir, progress)
        result = replicate(asked, replications, seed, out_dir, until or (), least, **how)
    states = precision(result, until or ())
    found = study_estimates(result)
    if as_json:
        answer: dict[str, Any] = {"title": asked.title, "seed": seed, "replications": len(result.replications)}
        answer |= {name: table.to_dicts() for name, table in found.items()}
        answer["targets"] = states.to_dicts()
        print(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    _print(result, found)
    for row in states.rows(named=True):
        width = "unknown" if row["half_width"] is None else f"±{row['half_width']:.3g}"
        likely = "" if row["met"] else f"; likely {row['needed'] or 'very many'} replications"
        verdict = "met" if row["met"] else "not met"
        out.print(f"{row['target']}: {verdict} ({row['row']} {width}{likely})", highlight=False, soft_wrap=True)
    if out_dir is not None:
        out.print(f"In {out_dir}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A run or a study.")],
    replications: Annotated[
        str, typer.Option(help='Which to simulate again: "0,17"; else the first, the last and one between.')
    ] = "",
) -> None:
    """Check the files of a run or study, simulate some of its replications again, and compare them bit for bit."""
    found = verify_study(folder, _numbers(replications, "--replications") if replications else None)
    for fault in found.faults:
        err.print(fault, markup=False, highlight=False, soft_wrap=True)
    for line in found.made_with:
        err.print(f"made with other {line}", markup=False, highlight=False, soft_wrap=True)
    if not found.sound:
        raise typer.Exit(1)
    again = ", ".join(map(str, found.replications))
    out.print(
        f"{folder}: {found.files} files are as written; replications {again} made again are the same, bit for bit",
        highlight=False,
        soft_wrap=True,
    )


def how_of(
    jobs: int | None,
    batch: int | None,
    backend: str,
    address: str | None,
    keep: str,
    folder: Path | None,
    progress: Callable[[Progress], None] | None,
) -> How:
    """What the options say of how replications are made."""
    if backend in ("dask", "ray") and folder is None:
        mend = "is needed with a cluster: a folder that all its machines see"
        raise InputError([Problem("nfm-sim", "--out", "", mend)])
    kept: Literal["all"] | list[int] = "all" if keep == "all" else _numbers(keep, "--keep")
    return How(jobs=jobs, batch=batch, backend=backend, address=address, keep=kept, progress=progress)


def _numbers(text: str, option: str) -> list[int]:
    if text == "none":
        return []
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts):
        raise InputError([Problem("nfm-sim", option, text, 'must be numbers with commas between, such as "0,17"')])
    return [int(part) for part in parts]


def _print(result: Study, found: dict[str, pl.DataFrame]) -> None:
    number = len(result.replications)
    out.print(f"[bold]{result.about['title']}[/bold]  (seed {result.seed}, {number} replications)")
    if not found["readiness"].is_empty():
        table = Table(title="Readiness by tier")
        for heading in ("tier", "ready by its deadline", "in place", "effective"):
            table.add_column(heading, justify="right")
        for row in found["readiness"].rows(named=True):
            table.add_row(
                str(row["tier"]), *(_interval(row, name, share) for name in ("on_time", "in_place", "effective"))
            )
        table.caption = "share of the tier's elements (95 % interval); in place and effective within the horizon"
        out.print(table)
    if not found["closure"].is_empty():
        table = Table(title="Closure by flow")
        for heading in ("flow", "closed", "last piece, median", "last piece, 90 %", "on time"):
            table.add_column(heading, justify="left" if heading == "flow" else "right")
        for row in found["closure"].rows(named=True):
            table.add_row(
                row["flow"],
                share(row["reached_share"]),
                _interval(row, "median", day),
                _interval(row, "p90", day),
                _interval(row, "on_time", share),
            )
        table.caption = "closed: share of replications in which the last piece crossed; (95 % intervals)"
        out.print(table)


def _interval(row: dict[str, Any], name: str, show: Callable[[float | None], str]) -> str:
    """An estimate with its interval, as far as there are replications enough for one."""
    low, high = (row[f"{name}_{side}"] for side in ("low", "high"))
    if row[name] is None and low is None:
        return "-"
    if low is None and high is None:
        return f"{show(row[name])} (too few)"
    first, last = (show(bound).removeprefix("day ") for bound in (low, high))
    span = f"from {first}" if high is None else f"to {last}" if low is None else f"{first} to {last}"
    return f"{show(row[name])} ({span})"

"""One replication, and what concerns a scenario alone: `run, validate, versions, schema`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from nfm_sim.cli.app import INPUT_ERROR, AsJson, ScenarioFile, Seed, app, day, err, out, share
from nfm_sim.engine import Run, compile_scenario, simulate
from nfm_sim.measures import summary
from nfm_sim.scenario import Scenario, read_scenario, scenario_schema
from nfm_sim.study import plan_versions, write_run


@app.command()
def run(
    scenario: ScenarioFile,
    seed: Seed = 0,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write tables (Parquet) and a manifest to this folder.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures", help="Write figures to OUT/figures too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Simulate one replication of a scenario and print its summary."""
    if figures and out_dir is None:
        raise typer.BadParameter("needs --out, the folder to write to", param_hint="--figures")
    if out_dir is not None and out_dir.exists() and not out_dir.is_dir():
        raise typer.BadParameter(f"{out_dir} is a file; name a folder", param_hint="--out")
    asked = read_scenario(scenario)
    plan = compile_scenario(asked)
    with _days(plan.horizon_h / 24) as progress:
        result = simulate(plan, seed=seed, progress=progress)
    answer = summary(result)
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print_summary(answer)
    if out_dir is not None:
        _write(result, asked, out_dir, figures, quiet=as_json)


@app.command()
def validate(scenario: ScenarioFile) -> None:
    """Check a scenario file whole, and report every error at once."""
    read = read_scenario(scenario)
    compile_scenario(read)
    flows = sum(len(flow.ships) for flow in read.flows.values())
    out.print(
        f"{scenario}: sound ({len(read.elements)} force elements, {len(read.flows)} flows, {flows} ships)",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def versions(
    scenario: ScenarioFile,
    names: Annotated[list[str], typer.Argument(metavar="VERSION...", help="Versions of the regional plans.")],
    replications: Annotated[int, typer.Option(min=1, help="Replications that both are matched against.")] = 10,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Compare versions of the regional plans: what each asks for, and what of it is met."""
    answer = plan_versions(read_scenario(scenario), names, replications, seed)
    if as_json:
        print(json.dumps(answer.to_dicts(), indent=2, ensure_ascii=False))
        return
    table = Table(title=f"Regional plans over {replications} replications")
    for heading in ("plan", "capability", *names):
        table.add_column(heading)
    for (plan, capability), rows in answer.group_by("plan", "capability", maintain_order=True):
        met = {row["version"]: _met(row) for row in rows.to_dicts()}
        table.add_row(str(plan), str(capability), *(met.get(name, "-") for name in names))
    table.caption = "elements in place by their day, of those asked for (means); - is not asked for"
    out.print(table)


def _met(row: dict[str, Any]) -> str:
    never = f", {row['unmet']:.1f} never" if row["unmet"] else ""
    return f"{row['on_time']:.1f} of {row['number']:.0f}{never}"


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors to complete and check with."""
    print(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))


@contextmanager
def _days(days: float) -> Iterator[Callable[[float], None]]:
    """Show progress in simulated days, to people only; yield the function to call with a day."""
    columns = (
        TextColumn("simulating"),
        BarColumn(),
        TextColumn("day {task.completed:.0f} of {task.total:.0f}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("days", total=days)
        yield lambda day: bar.update(task, completed=day)
        bar.update(task, completed=days)


def _write(result: Run, scenario: Scenario, folder: Path, figures: bool, quiet: bool) -> None:
    try:
        write_run(result, folder, scenario)
        if figures:
            _draw(result, folder / "figures")
    except OSError as error:
        err.print(f"{folder}: cannot be written ({error.strerror}); choose another --out", soft_wrap=True)
        raise typer.Exit(INPUT_ERROR) from None
    if not quiet:
        out.print(f"Written to {folder}" + (" with figures" if figures else ""), highlight=False)


def _draw(result: Run, folder: Path) -> None:
    from nfm_sim import plots

    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in plots.FIGURES.items():
        plots.save(figure(result), folder / f"{name}.png")


def _print_summary(answer: dict[str, Any]) -> None:
    out.print(f"[bold]{answer['title']}[/bold]  (seed {answer['seed']}, {answer['horizon_days']:g} days)")
    if answer["readiness"]:
        table = Table(title="Readiness by tier")
        for heading in ("tier", "elements", "deadline", "ready by it", "ready", "in place", "effective"):
            table.add_column(heading, justify="right")
        for row in answer["readiness"]:
            table.add_row(
                str(row["tier"]),
                str(row["elements"]),
                day(row["deadline_h"]),
                share(row["ready_by_deadline"]),
                day(row["ready_median_h"]),
                day(row["in_place_median_h"]),
                day(row["effective_median_h"]),
            )
        table.caption = "median day of the tier's elements; - was not reached by half of them"
        out.print(table)
    if len(answer["tasks"]) > 1:
        table = Table(title="The one force by task")
        for heading in ("task", "element-days asked", "missing", "filled"):
            table.add_column(heading, justify="left" if heading == "task" else "right")
        for row in answer["tasks"]:
            asked, missing = f"{row['asked_days']:,.0f}", f"{row['short_days']:,.0f}"
            table.add_row(row["task"], asked, missing, share(row["filled_share"]))
        out.print(table)
    if answer["closure"]:
        table = Table(title="Closure by flow")
        for heading in ("flow", "pieces", "closed", "first", "half", "last", "on time"):
            table.add_column(heading, justify="left" if heading == "flow" else "right")
        for row in answer["closure"]:
            table.add_row(
                row["flow"],
                f"{row['pieces']:,}",
                f"{row['closed_pieces']:,.0f}",
                day(row["first_h"]),
                day(row["median_h"]),
                day(row["last_h"]),
                share(row["on_time_share"]),
            )
        table.caption = "day after hour 0 at which the first piece, half and the last crossed the border"
        out.print(table)
    if answer["worst_waits"]:
        table = Table(title="Worst waits")
        for heading in ("place", "waiting for", "waits", "piece-hours", "longest"):
            table.add_column(heading, justify="left" if heading in ("place", "waiting for") else "right")
        for row in answer["worst_waits"]:
            table.add_row(
                row["place"],
                row["cause"],
                f"{row['waits']:,.0f}",
                f"{row['piece_hours']:,.0f}",
                f"{row['longest_h']:,.0f} h",
            )
        out.print(table)

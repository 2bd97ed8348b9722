"""The command line: `nfm-sim run, versions, validate, schema, network`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from nfm_sim.engine import Run, compile_scenario, simulate
from nfm_sim.measures import summary
from nfm_sim.network import NoRouteError, check_network, count_network, read_network
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, read_scenario, scenario_schema
from nfm_sim.study import plan_versions, write_run

app = typer.Typer(
    name="nfm-sim",
    help="Simulate NATO Force Model activation and allied transit through the Netherlands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
network_app = typer.Typer(help="Check a network and route over it.", no_args_is_help=True)
app.add_typer(network_app, name="network")

INPUT_ERROR = 2
out = Console()
err = Console(stderr=True)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file (TOML).")]


def main() -> None:
    """Run the command line; wrong input ends with one clear message and exit status 2."""
    try:
        app()
    except InputError as error:
        for problem in error.problems:
            err.print(str(problem), markup=False, highlight=False, soft_wrap=True)
        sys.exit(INPUT_ERROR)
    except NoRouteError as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(INPUT_ERROR)


@app.command()
def run(
    scenario: ScenarioFile,
    seed: Annotated[int, typer.Option(min=0, max=2**64 - 1, help="Seed of the random draws.")] = 0,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Write tables (Parquet) and a manifest to this folder.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures", help="Write figures to OUT/figures too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
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
    seed: Annotated[int, typer.Option(min=0, max=2**64 - 1, help="Seed of the random draws.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
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


@network_app.command("check")
def network_check(folder: Annotated[Path, typer.Argument(metavar="NETWORK")]) -> None:
    """Prove that a network holds together, and count what it has by mode."""
    network = read_network(folder)
    problems = check_network(network)
    table = Table(title=str(folder))
    counts = count_network(network)
    table.add_column("mode")
    for name in counts["road"]:
        table.add_column(name, justify="right")
    for mode, numbers in counts.items():
        table.add_row(mode, *(f"{number:,.0f}" for number in numbers.values()))
    out.print(table)
    if problems:
        raise InputError(problems)
    out.print(
        f"Sound: all endpoints exist, no link is shorter than the great circle, every terminal reaches every "
        f"border crossing of its mode; {len(network.facilities)} facilities.",
        highlight=False,
    )


@network_app.command("route")
def network_route(
    start: Annotated[str, typer.Argument(metavar="FROM")],
    end: Annotated[str, typer.Argument(metavar="TO")],
    mode: Annotated[str, typer.Option(help="road, rail, water or sea.")] = "road",
    folder: Annotated[Path, typer.Option("--network", help="Folder of the network.")] = Path(
        "networks/netherlands"
    ),
) -> None:
    """Print the fastest route when nothing is in the way: its links, km and hours."""
    network = read_network(folder)
    route = network.route(start, end, mode)
    table = Table(title=f"{start} to {end} by {mode}")
    for heading, justify in (
        ("link", "left"),
        ("line", "left"),
        ("to", "left"),
        ("km", "right"),
        ("h", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for link, hours, node in zip(route.links, route.link_h, route.nodes[1:], strict=True):
        table.add_row(link.name, link.line, network.nodes[node].title, f"{link.km:.1f}", f"{hours:.2f}")
    table.add_section()
    table.add_row(f"{len(route.links)} links", "", "", f"{route.km:.1f}", f"{route.hours:.2f}")
    out.print(table)


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
                _day(row["deadline_h"]),
                _share(row["ready_by_deadline"]),
                _day(row["ready_median_h"]),
                _day(row["in_place_median_h"]),
                _day(row["effective_median_h"]),
            )
        table.caption = "median day of the tier's elements; - was not reached by half of them"
        out.print(table)
    if len(answer["tasks"]) > 1:
        table = Table(title="The one force by task")
        for heading in ("task", "element-days asked", "missing", "filled"):
            table.add_column(heading, justify="left" if heading == "task" else "right")
        for row in answer["tasks"]:
            asked, missing = f"{row['asked_days']:,.0f}", f"{row['short_days']:,.0f}"
            table.add_row(row["task"], asked, missing, _share(row["filled_share"]))
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
                _day(row["first_h"]),
                _day(row["median_h"]),
                _day(row["last_h"]),
                _share(row["on_time_share"]),
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


def _day(hours: float | None) -> str:
    return "-" if hours is None else f"day {hours / 24:.1f}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"

"""Comparisons: `nfm-sim compare, sweep, prices`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table

from nfm_sim.cli.app import AsJson, ScenarioFile, Seed, app, out
from nfm_sim.cli.progress import study_progress
from nfm_sim.cli.study import Address, Backend, BatchSize, Jobs, Keep, Least, Out, Replications, Until, how_of
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import Scenario, read_change, read_scenario, read_value, split_change
from nfm_sim.study import compare as compare_scenarios
from nfm_sim.study import factorial, latin_hypercube, read_quantity, response, shadow_prices, sobol
from nfm_sim.study import sweep as sweep_scenario

DESIGNS = {"latin_hypercube": latin_hypercube, "sobol": sobol}
BOUND = re.compile(r"(^|_)(low|high)$")
TOGETHER = "in brackets: 95 % intervals, which hold for all rows together"
EACH = "in brackets: 95 % intervals, each for itself"
PRICES = "one more of each"
UNSAID = ("pairs", "replications", "half_width")
Quantities = Annotated[
    list[str] | None,
    typer.Option("--quantity", metavar="QUANTITY", help='What to answer: "closure.median". May be repeated.'),
]


@app.command()
def compare(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files; the first is the base.")
    ],
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change", metavar="CHANGE", help='The base, changed: "more lorries: pools.trucks.capacity = 200".'
        ),
    ] = None,
    quantity: Quantities = None,
    replications: Replications = 50,
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
    """Compare scenarios on the same random draws: the paired differences from the first, with their intervals."""
    asked = {file.stem: read_scenario(file) for file in scenarios}
    if len(asked) < len(scenarios):
        raise InputError([Problem("nfm-sim", "compare", "", "needs files of different names; two have the same")])
    changes: dict[str, dict[str, Any]] = {}
    base = next(iter(asked.values()))
    for text in change or ():
        name, changed = _named_changes(text)
        changes[name], asked[name] = changed, base.with_changes(changed)
    if len(asked) < 2:
        raise InputError(
            [Problem("nfm-sim", "compare", "", "needs a second scenario with a name of its own, or --change")]
        )
    wanted = _wanted(quantity, base)
    with study_progress(out_dir) as progress:
        how = how_of(jobs, batch, backend, address, keep, out_dir, progress)
        result = compare_scenarios(asked, replications, seed, out_dir, until or (), least, changes, **how)
    tables = {name: result.difference(name) for name in wanted}
    _show(
        tables,
        as_json,
        out_dir,
        f"Differences from {result.base}, {min(map(_done, result.values()))} replications",
    )


@app.command()
def sweep(
    scenario: ScenarioFile,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary", metavar="INPUT", help='"path = 1, 2, 3", "path = 80:160" or "path = {pert = [1, 2, 4]}".'
        ),
    ],
    design: Annotated[
        str, typer.Option(help="factorial (of levels), latin_hypercube or sobol (of ranges).")
    ] = "factorial",
    points: Annotated[int, typer.Option(min=1, help="Points of a design over ranges.")] = 16,
    quantity: Quantities = None,
    replications: Replications = 20,
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
    """Replicate a scenario at every point of a design, and print the answers beside the inputs."""
    asked = read_scenario(scenario)
    chosen = _design(design, vary, points, seed)
    wanted = _wanted(quantity, asked)
    with study_progress(out_dir) as progress:
        how = how_of(jobs, batch, backend, address, keep, out_dir, progress)
        result = sweep_scenario(asked, chosen, replications, seed, out_dir, until or (), least, **how)
    tables = {name: response(result, name).drop("study", "half_width") for name in wanted}
    _show(tables, as_json, out_dir, f"{len(chosen)} points", EACH)


@app.command()
def prices(
    scenario: ScenarioFile,
    quantity: Quantities = None,
    more: Annotated[
        list[str] | None, typer.Option("--more", metavar="AMOUNT", help='What one more is: "heavy_wagons = 60".')
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Capacities that are tried, those that cause most delay.")] = 12,
    replications: Replications = 50,
    seed: Seed = 0,
    out_dir: Out = None,
    jobs: Jobs = None,
    batch: BatchSize = None,
    backend: Backend = "loky",
    address: Address = None,
    as_json: AsJson = False,
) -> None:
    """Say what one more of each scarce capacity gains: what to buy first."""
    asked = read_scenario(scenario)
    amounts = dict(_amount(text) for text in more or ())
    with study_progress(out_dir) as progress:
        how = how_of(jobs, batch, backend, address, "0", out_dir, progress)
        table = shadow_prices(asked, replications, _wanted(quantity, asked), most, amounts, seed, out_dir, **how)
    what = " and of ".join(_heading(name) for name in _wanted(quantity, asked))
    _show({PRICES: table}, as_json, out_dir, f"Differences of {what}, {replications} replications")


def _done(study: Any) -> int:
    return len(study.replications)


def _wanted(quantities: list[str] | None, scenario: Scenario) -> list[str]:
    """The quantities that are asked for, checked before anything runs; else those that the scenario can answer."""
    for quantity in quantities or ():
        read_quantity(quantity, "--quantity")
    if quantities:
        return quantities
    offered = any(element.tier is not None for element in scenario.elements.values())
    return (["closure"] if scenario.flows else []) + (["ready_by_deadline"] if offered else [])


def _amount(text: str) -> tuple[str, float]:
    """Read "heavy_wagons = 60"."""
    name, value = read_change(text, "--more")
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        raise InputError([Problem("--more", name, str(value), "must be a number above 0")])
    return name, float(value)


def _named_changes(text: str) -> tuple[str, dict[str, Any]]:
    """Read "name: path = value; path = value"."""
    name, sign, rest = (part.strip() for part in text.partition(":"))
    if not (name and sign and rest) or "=" in name:
        mend = 'must read like "more lorries: pools.trucks.capacity = 200"'
        raise InputError([Problem("--change", text, "", mend)])
    return name, dict(read_change(part, "--change") for part in rest.split(";"))


def _design(design: str, vary: list[str], points: int, seed: int) -> list[dict[str, Any]]:
    """The points of a design over what is varied."""
    inputs = dict(split_change(text, "--vary") for text in vary)
    if design == "factorial":
        levels = {
            path: [read_value(level.strip(), f"--vary {path}") for level in text.split(",")]
            for path, text in inputs.items()
        }
        return factorial(levels)
    if design not in DESIGNS:
        known = ("factorial", *DESIGNS)
        mend = f"must be one of {', '.join(known)}{did_you_mean(design, known)}"
        raise InputError([Problem("nfm-sim", "--design", design, mend)])
    ranges = {
        path: tuple(read_value(end, f"--vary {path}") for end in text.split(":"))
        if ":" in text
        else read_value(text, f"--vary {path}")
        for path, text in inputs.items()
    }
    return DESIGNS[design](ranges, points, seed)


def _show(
    tables: dict[str, pl.DataFrame], as_json: bool, folder: Path | None, title: str, caption: str = TOGETHER
) -> None:
    if as_json:
        print(json.dumps({name: table.to_dicts() for name, table in tables.items()}, indent=2, ensure_ascii=False))
        return
    out.print(title, highlight=False)
    for name, rows in tables.items():
        columns = [column for column in rows.columns if not (BOUND.search(column) or column in UNSAID)]
        table = Table(title=_heading(name), caption=caption)
        for column in columns:
            number = rows.schema[column].is_numeric()
            table.add_column(column.replace("_", " "), justify="right" if number else "left", overflow="fold")
        for row in rows.rows(named=True):
            table.add_row(*(_cell(row, column) for column in columns))
        out.print(table)
    if folder is not None:
        out.print(f"In {folder}", highlight=False, soft_wrap=True)


def _heading(name: str) -> str:
    """A quantity with its column, whose name ends in its unit."""
    if name == PRICES:
        return name
    column = read_quantity(name).column
    return name if column in name else f"{name} ({column})"


def _cell(row: dict[str, Any], column: str) -> str:
    """A value, with its interval where it has one."""
    value = row[column]
    prefix = "" if column in ("estimate", "difference") else f"{column}_"
    if f"{prefix}low" not in row:
        return _number(value)
    low, high = (_number(row[f"{prefix}{end}"]) for end in ("low", "high"))
    return _number(value) if value is None and low == "-" else f"{_number(value)} ({low} to {high})"


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "-" if value is None else str(value)

"""Comparisons: `nfm-sim compare, sweep, prices`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import nfm_sim as nfm
from nfm_sim.cli.app import Row, ScenarioFile, app, print_json, print_table, say
from nfm_sim.cli.options import Changes, Making, levels, making, once, read_changed
from nfm_sim.in_words import UNKNOWN, between
from nfm_sim.problems import InputError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from nfm_sim.sentences.cells import Shown

BOUND = re.compile(r"(^|_)(low|high)$|_fresh")
TOGETHER = "in brackets: 95 % intervals, which hold for all rows together"
EACH = "in brackets: 95 % intervals, each for itself"
PRICES = "one more of each"
LEAST_P = 0.0001
"""A smaller p value says no more: it is that of a normal distribution."""
UNSAID = ("differing", "pairs", "replications", "half_width", "unit")
Quantities = Annotated[
    list[str] | None,
    typer.Option("--quantity", metavar="QUANTITY", help='What to answer: "closure.median". May be repeated.'),
]


@app.command()
@making(replications=50)
def compare(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files; the first is the base.")
    ],
    making: Making,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change", metavar="CHANGE", help='The base, changed: "more trucks: pools.trucks.capacity = 200".'
        ),
    ] = None,
    quantity: Quantities = None,
) -> None:
    """Compare scenarios on the same random draws: the paired differences from the first, with their intervals."""
    asked = {file.stem: nfm.read_scenario(file) for file in scenarios}
    if len(asked) < len(scenarios):
        raise InputError.of("nfm-sim", "compare", "", "needs files of different names; two have the same")
    changes: dict[str, dict[str, Any]] = {}
    base = next(iter(asked.values()))
    for text in change or ():
        name, changed = named_changes(text)
        if name in asked:
            raise InputError.of("--change", name, "", "is the name of another that is compared; give it another")
        changes[name], asked[name] = changed, base.with_changes(changed)
    if len(asked) < 2:
        raise InputError.of("nfm-sim", "compare", "", "needs a second scenario with a name of its own, or --change")
    wanted = _wanted(quantity, base)
    with making.running() as how:
        result = nfm.compare(asked, making.replications, changes=changes, **how)
    tables = {name: result.difference(name) for name in wanted}
    declared = {name: nfm.study.read_quantity(name).declared for name in wanted}
    kinds = {name: dict.fromkeys(("before", "after", "difference"), column) for name, column in declared.items()}
    number = min(len(study.replications) for study in result.values())
    told = nfm.study.differences_told(result, wanted)
    show(tables, kinds, making, f"Differences from {result.base}, {number} replications", told=told)


@app.command()
@making(replications=20)
def sweep(
    scenario: ScenarioFile,
    making: Making,
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
    change: Changes = None,
) -> None:
    """Replicate a scenario at every point of a design, and print the answers beside the inputs."""
    asked = read_changed(scenario, change)
    chosen = _design(design, vary, points, making.seed)
    wanted = _wanted(quantity, asked)
    with making.running() as how:
        result = nfm.sweep(asked, chosen, replications=making.replications, **how)
    tables = {name: nfm.study.response(result, name).drop("study", "half_width") for name in wanted}
    kinds = {name: {"estimate": nfm.study.read_quantity(name).declared} for name in wanted}
    show(tables, kinds, making, f"{len(chosen)} points", caption=EACH)


@app.command()
@making("targets", "min_replications", "keep", replications=50)
def prices(
    scenario: ScenarioFile,
    making: Making,
    quantity: Quantities = None,
    change: Changes = None,
    more: Annotated[
        list[str] | None, typer.Option("--more", metavar="AMOUNT", help='What one more is: "heavy_wagons = 60".')
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Capacities that are tried, those that cause most delay.")] = 12,
) -> None:
    """Say what one more of each scarce capacity gains: what to buy first."""
    from nfm_sim.study.prices import PRICED, priced

    asked = read_changed(scenario, change)
    amounts = once((_amount(text) for text in more or ()), "--more")
    wanted = _wanted(quantity, asked, PRICED)
    with making.running() as how:
        table = nfm.shadow_prices(asked, making.replications, quantities=wanted, most=most, more=amounts, **how)
    quantities = {name: nfm.study.read_quantity(name).whole for name in priced(table)}
    kinds = {PRICES: {name: whole.declared for name, whole in quantities.items()}}
    what = "; ".join(f"{name}: {whole.words}" for name, whole in quantities.items())
    title = f"What one more of each does, {making.replications} replications ({what})"
    show({PRICES: table}, kinds, making, title, told=nfm.study.prices_told(table))


def _wanted(quantities: list[str] | None, scenario: nfm.Scenario, usual: Sequence[str] = ()) -> list[str]:
    """The quantities that are asked for, checked before anything runs; else those of the usual, or main, ones that the
    scenario can answer."""
    from nfm_sim.study.quantities import rows_missing

    if not quantities:
        offered = usual or nfm.study.main_quantities(scenario)
        return [name for name in offered if not rows_missing(nfm.study.read_quantity(name), scenario)]
    missing = [
        problem
        for quantity in quantities
        for problem in rows_missing(nfm.study.read_quantity(quantity, "--quantity"), scenario, "--quantity")
    ]
    if missing:
        raise InputError(missing)
    return quantities


def _amount(text: str) -> tuple[str, float]:
    """Read "heavy_wagons = 60"."""
    from nfm_sim.scenario import read_change

    name, value = read_change(text, "--more")
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        raise InputError.of("--more", name, value, "must be a number above 0")
    return name, float(value)


def named_changes(text: str) -> tuple[str, dict[str, Any]]:
    """Read "name: path = value; path = value"."""
    from nfm_sim.scenario import read_change

    name, sign, rest = (part.strip() for part in text.partition(":"))
    if not (name and sign and rest) or "=" in name:
        raise InputError.of("--change", text, "", 'must read like "more trucks: pools.trucks.capacity = 200"')
    return name, once((read_change(part, "--change") for part in rest.split(";")), "--change")


def _design(design: str, vary: list[str], points: int, seed: int) -> list[dict[str, Any]]:
    """The points of a design over what is varied."""
    from nfm_sim.scenario import read_value, split_change

    over_ranges = {"latin_hypercube": nfm.study.latin_hypercube, "sobol": nfm.study.sobol}
    if design == "factorial":
        return nfm.study.factorial(levels(vary, "--vary"))
    inputs = once((split_change(text, "--vary") for text in vary), "--vary")
    if design not in over_ranges:
        known = ("factorial", *over_ranges)
        remedy = f"must be one of {', '.join(known)}{did_you_mean(design, known)}"
        raise InputError.of("nfm-sim", "--design", design, remedy)
    ranges = {
        path: tuple(read_value(end, f"--vary {path}") for end in text.split(":"))
        if ":" in text
        else read_value(text, f"--vary {path}")
        for path, text in inputs.items()
    }
    return over_ranges[design](ranges, points, seed=seed)


def show(
    tables: Mapping[str, pl.DataFrame],
    kinds: Mapping[str, Mapping[str, nfm.measures.Column]],
    making: Making,
    title: str,
    *,
    told: Sequence[str] = (),
    caption: str = TOGETHER,
) -> None:
    """Print sentences and tables; `kinds` has by table what its columns hold, and for a column its bounds too."""
    from nfm_sim.sentences.cells import looks
    from nfm_sim.study.prices import priced

    if making.as_json:
        print_json({**{name: table.to_dicts() for name, table in tables.items()}, "told": list(told)})
        return
    say(title, style="bold")
    for line in told:
        say(line)
    for name, rows in tables.items():
        columns = [column for column in rows.columns if not (BOUND.search(column) or column in UNSAID)]
        shown = looks(rows, kinds[name], ("difference", *priced(rows)))
        headings = {column: shown[column].heading(column.replace("_", " ")) for column in columns}
        print_table(
            _heading(name),
            rows.rows(named=True),
            {
                heading: partial(interval_cell, column=column, shown=shown[column])
                for column, heading in headings.items()
            },
            left=[headings[column] for column in columns if not rows.schema[column].is_numeric()],
            caption=caption,
        )
    if making.out_dir is not None:
        say(f"In {making.out_dir}")


def _heading(name: str) -> str:
    """A quantity with what it is in words; another table has a name of several words already."""
    return name if " " in name else f"{name}: {nfm.study.read_quantity(name).words}"


def interval_cell(row: Row, column: str, shown: Shown) -> str:
    """A value, with its interval where it has one."""
    from nfm_sim.sentences.cells import bounds_of

    value = row[column]
    if not isinstance(value, float):
        return UNKNOWN if value is None else str(value)
    if column == "p_value" and value < LEAST_P:
        return f"< {LEAST_P}"
    low, high = (row.get(name) for name in bounds_of(column))
    return shown.text(value) if low is high is None else f"{shown.text(value)} ({between(low, high, shown.text)})"

"""Comparisons: `nfm-sim compare, sweep, prices`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nfm_sim as nfm
from nfm_sim.cli.app import Row, answered, app, print_table, say
from nfm_sim.cli.options import Making, levels, once, read_changed
from nfm_sim.problems import InputError, Problem, counted, gathered, one_of, refuse

if TYPE_CHECKING:
    import polars as pl

    from nfm_sim.in_words import Unit
    from nfm_sim.sentences.cells import Readout

FRESH = re.compile("_fresh")
PRICES = "one more of each"
UNSAID = ("differing", "gain", "pairs", "replications", "half_width", "unit")


@app.command(replications=50)
def compare(
    scenarios: list[Path], making: Making, change: list[str] | None = None, quantity: list[str] | None = None
) -> None:
    """Compare scenarios on the same random draws: the paired differences from the first, with their intervals."""
    from nfm_sim.measures.columns import PART

    asked = once(scenarios, "SCENARIO", lambda file: (file.stem, nfm.read_scenario(file)))
    base = next(iter(asked.values()))
    changes = once(change, "--change", lambda text: named_changes(text, "--change", asked))
    asked |= once(changes.items(), "--change", lambda named: (named[0], base.with_changes(named[1])))
    if len(asked) < 2:
        raise InputError.of("nfm-sim", "compare", "", "needs a second scenario with a name of its own, or --change")
    wanted = _wanted(quantity, base)
    with making.running([*nfm.study.main_quantities(base), *wanted]) as how:  # the first are told in words
        result = nfm.compare(asked, making.replications, changes=changes, **how)
    tables = {}
    for name in wanted:
        declared = nfm.study.read_quantity(name).declared
        kinds = {"reached_share": PART, **dict.fromkeys(("before", "after", "difference"), declared)}
        tables[name] = _table(name, result.difference(name), kinds, ("difference",))
    number = min(len(study.replications) for study in result.values())
    title = f"Differences from {result.base}, {counted(number, 'replication')}"
    _show(title, nfm.study.differences_told(result, wanted), tables, making)


@app.command(replications=20)
def sweep(
    scenario: Path,
    making: Making,
    vary: list[str],
    design: str = "factorial",
    points: int = 16,
    quantity: list[str] | None = None,
    change: list[str] | None = None,
) -> None:
    """Replicate a scenario at every point of a design, and print the answers beside the inputs."""
    from nfm_sim.sentences.cells import EACH

    asked = read_changed(scenario, change)
    chosen = _design(design, vary, points, making.seed)
    wanted = _wanted(quantity, asked)
    with making.running(wanted) as how:
        result = nfm.sweep(asked, chosen, replications=making.replications, **how)
    tables = {}
    for name in wanted:
        rows, kinds = nfm.study.response(result, name), {"estimate": nfm.study.read_quantity(name).declared}
        tables[name] = _table(name, rows.drop("study", "half_width"), kinds, caption=EACH)
    _show(counted(len(chosen), "point"), (), tables, making)


@app.command(without=("targets", "min_replications", "keep"), replications=50)
def prices(
    scenario: Path,
    making: Making,
    quantity: list[str] | None = None,
    change: list[str] | None = None,
    more: list[str] | None = None,
    most: int = 12,
) -> None:
    """Say what one more of each scarce capacity gains: what to buy first."""
    from nfm_sim.scenario import read_change
    from nfm_sim.study.prices import PRICED, priced, wrong_amount

    def amount(text: str) -> tuple[str, float]:
        name, value = read_change(text, "--more")
        refuse(wrong_amount(asked, name, value))
        return name, value

    asked = read_changed(scenario, change)
    amounts = once(more, "--more", amount)
    wanted = _wanted(quantity, asked, PRICED)
    with making.running() as how:
        table = nfm.shadow_prices(asked, making.replications, quantities=wanted, most=most, more=amounts, **how)
    quantities = {name: nfm.study.read_quantity(name).whole for name in priced(table)}
    kinds = {name: whole.declared for name, whole in quantities.items()}
    what = "; ".join(f"{name}: {whole.words}" for name, whole in quantities.items())
    title = f"What one more of each does, at most {making.replications} replications of each ({what})"
    _show(title, nfm.study.prices_told(table), {PRICES: _table(PRICES, table, kinds, tuple(kinds))}, making)


def _wanted(quantities: list[str] | None, scenario: nfm.Scenario, usual: Sequence[str] = ()) -> list[str]:
    """The quantities that are asked for, checked before anything runs; else those of the usual, or main, ones that the
    scenario can answer."""
    from nfm_sim.study.quantities import rows_missing

    if not quantities:
        offered = usual or nfm.study.main_quantities(scenario)
        return [name for name in offered if not rows_missing(nfm.study.read_quantity(name), scenario)]
    missing: list[Problem] = []
    for quantity in quantities:
        with gathered(missing):
            missing += rows_missing(nfm.study.read_quantity(quantity, "--quantity"), scenario, "--quantity")
    refuse(missing)
    return quantities


def named_changes(text: str, option: str, taken: Collection[str] = ()) -> tuple[str, dict[str, Any]]:
    """Read "name: path = value; path = value", of another name than those that are `taken`."""
    from nfm_sim.scenario import read_change

    name, sign, rest = (part.strip() for part in text.partition(":"))
    if not (name and sign and rest) or "=" in name:
        raise InputError.of(option, text, "", 'must read like "more trucks: pools.trucks.capacity = 200"')
    if name in taken:
        raise InputError.of(option, name, "", "is the name of another that is compared; give it another")
    return name, once(rest.split(";"), option, lambda part: read_change(part, option))


RANGE = re.compile(r"-?[\d.]+\s*:\s*-?[\d.]+")


def _design(design: str, vary: list[str], points: int, seed: int) -> list[dict[str, Any]]:
    """The points of a design over what is varied."""
    from nfm_sim.scenario import read_value, split_change

    over_ranges = {"latin_hypercube": nfm.study.latin_hypercube, "sobol": nfm.study.sobol}
    one_of(("factorial", *over_ranges), design, "nfm-sim", "--design")
    if design == "factorial":
        chosen = levels(vary, "--vary")
        remedy = "is a range, for --design latin_hypercube or sobol; give levels with commas between, such as 1, 2, 3"
        ranged = ((path, value) for path, values in chosen.items() for value in values if RANGE.fullmatch(str(value)))
        refuse(Problem("nfm-sim", f"--vary {path}", value, remedy) for path, value in ranged)
        return nfm.study.factorial(chosen)
    ranges: dict[str, Any] = {}
    for path, text in once(vary, "--vary", lambda text: split_change(text, "--vary")).items():
        ends = [read_value(end, f"--vary {path}") for end in text.split(":")]
        ranges[path] = tuple(ends) if len(ends) > 1 else ends[0]
    return over_ranges[design](ranges, points, seed=seed)


def _show(title: str, told: Sequence[str], tables: Mapping[str, Readout], making: Making) -> None:
    """Print sentences and tables, or all of these as JSON, by their names."""
    if answered({**{name: table.rows.to_dicts() for name, table in tables.items()}, "told": list(told)}):
        return
    say(title, style="bold")
    for line in told:
        say(line)
    for table in tables.values():
        print_answer(table)
    making.say_where()


def print_answer(table: Readout) -> None:
    """Print a table, each value with its interval."""
    from nfm_sim.sentences.cells import interval_text, value_text

    def cell(row: Row, column: str, unit: Unit) -> str:
        interval = interval_text(row, column, unit)
        return f"{value_text(row, column, unit)} ({interval})" if interval else value_text(row, column, unit)

    columns = list(table.columns())
    cells = {heading: partial(cell, column=column, unit=unit) for column, heading, unit in columns}
    words = [heading for column, heading, _ in columns if not table.rows.schema[column].is_numeric()]
    print_table(table.title, table.rows.rows(named=True), cells, left=words, caption=table.caption)


def _table(
    name: str,
    rows: pl.DataFrame,
    kinds: Mapping[str, nfm.measures.Column],
    differences: Sequence[str] = (),
    caption: str | None = None,
) -> Readout:
    """The answers in a quantity, or another table, whose name has several words."""
    from nfm_sim.sentences.cells import TOGETHER, Readout

    unsaid = [column for column in rows.columns if column in UNSAID or FRESH.search(column)]
    title = name if " " in name else f"{name}: {nfm.study.read_quantity(name).words}"
    return Readout(title, rows, kinds, differences, caption or TOGETHER, left_out=unsaid)

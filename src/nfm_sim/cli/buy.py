"""What to buy: `nfm-sim buy`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nfm_sim.cli.app import Row, ScenarioFile, app, print_json, print_table, say
from nfm_sim.cli.compare import interval_cell
from nfm_sim.cli.decide import bounds, plain
from nfm_sim.cli.options import Changes, Force, Making, making, once, read_changed, spare, study_progress
from nfm_sim.cli.run import say_notional
from nfm_sim.in_words import between, number
from nfm_sim.problems import InputError, Problem, counted
from nfm_sim.writing import writing

if TYPE_CHECKING:
    import polars as pl

    from nfm_sim.decide import Purchase
    from nfm_sim.measures import Column
    from nfm_sim.scenario import Scenario
    from nfm_sim.sentences.effects import Effect
    from nfm_sim.study.intervals import Interval


@app.command()
@making("targets", "min_replications", "keep", replications=48)
def buy(
    scenario: ScenarioFile,
    making: Making,
    options: Annotated[Path, typer.Option(help="What may be bought: a file (TOML, CSV, .xlsx).")],
    budget: Annotated[float | None, typer.Option(min=0, help="Euros.")] = None,
    year: Annotated[
        list[str] | None, typer.Option(help='Euros of a year: "2027 = 20e6"; of several, what is bought in which.')
    ] = None,
    goal: Annotated[str | None, typer.Option("--for", metavar="GOAL", help="Whose chance is to grow.")] = None,
    quantity: Annotated[
        str | None, typer.Option(help="What is to gain, without a goal: closure.mean_h; by year demands_met.unmet.")
    ] = None,
    indifference: Annotated[
        float | None, typer.Option(help="The difference that does not matter, in hours, or a share (0.02).")
    ] = None,
    most: Annotated[int, typer.Option(min=16, help="Replications of packages that are hard to tell apart.")] = 96,
    figure: Annotated[Path | None, typer.Option(help="Draw the frontier to this file (.png, .svg).")] = None,
    change: Changes = None,
    force: Force = False,
) -> None:
    """Say which package of options gives most for a budget, confirmed on fresh replications (--replications)."""

    from nfm_sim.decide import buy as buy_of

    if figure is not None:
        spare(figure, "--figure", force)
    asked = read_changed(scenario, change)
    if (budget is None) == (not year):
        raise InputError.of("nfm-sim", "buy", "", "needs --budget, or --year for each year")
    if budget is None:
        _buy_by_year(asked, options, year or [], quantity or "demands_met.unmet", making)
        return
    with study_progress(making.out_dir) as progress:
        found = buy_of(
            asked,
            options,
            budget=budget,
            goal=goal,
            quantity=quantity or "closure.mean_h",
            indifference=indifference,
            most_replications=most,
            confirming=making.replications,
            seed=making.seed,
            out=making.out_dir,
            **making.how(progress),
        )
    if figure is not None:
        _draw(found, figure)
    if making.as_json:
        print_json(plain(found))
        return
    _print_purchase(found)
    say_notional(asked)
    for place, name in ((making.out_dir, "In"), (figure, "Written:")):
        if place is not None:
            say(f"{name} {place}")


def _buy_by_year(scenario: Scenario, options: Path, years: list[str], quantity: str, making: Making) -> None:
    from nfm_sim.decide import buy_by_year
    from nfm_sim.scenario import read_change
    from nfm_sim.sentences.cells import looks
    from nfm_sim.study import read_quantity

    read = once((read_change(text, "--year") for text in years), "--year")
    wrong = [name for name, eur in read.items() if not (name.isdigit() and isinstance(eur, int | float))]
    if wrong:
        raise InputError([Problem("--year", name, str(read[name]), 'must read like "2027 = 20e6"') for name in wrong])
    with study_progress(making.out_dir) as progress:
        table = buy_by_year(
            scenario,
            options,
            budgets={int(name): float(eur) for name, eur in read.items()},
            quantity=quantity,
            replications=making.replications,
            seed=making.seed,
            out=making.out_dir,
            **making.how(progress),
        )
    if making.as_json:
        print_json(table.to_dicts())
        return
    asked = read_quantity(quantity).whole
    shown = looks(table, {"estimate": asked.declared})["estimate"]
    columns: dict[str, Callable[[Row], str]] = {
        **{name: partial(lambda name, row: str(row[name]), name) for name in ("year", "bought", "there")},
        "left (EUR million)": lambda row: number(row["left"] / 1e6),
        shown.heading("what it gives"): partial(interval_cell, column="estimate", shown=shown),
    }
    print_table("By year", table.rows(named=True), columns, left=("bought", "there"), caption=asked.words)


def _print_purchase(found: Purchase) -> None:
    from nfm_sim.decide.buy import STEP_EUR
    from nfm_sim.decide.packages import called
    from nfm_sim.sentences.decisions import next_told, purchase_told, rivals_told
    from nfm_sim.sentences.effects import Effect
    from nfm_sim.study.intervals import Interval

    column, words = found.quantity.declared, found.quantity.words
    sign = -1.0 if column.better == "less" else 1.0

    def effect(of: Interval) -> Effect:
        ends = sorted((sign * of.low, sign * of.high))
        found = bounds(Interval(sign * of.estimate, *ends))
        return Effect(words, "", words, column, found.value, found.low, found.high)

    for title, table, name in (
        ("What each gains alone", found.alone, "option"),
        ("The best for each budget", found.frontier, "package"),
    ):
        print_table(title, table.rows(named=True), _columns(table, name, column), left=(name,))
    best, parts, more = (effect(of) for of in (found.gain, found.singles, found.together))
    for line in purchase_told(called(found.best), found.eur, best, parts, more, found.replications):
        say(line)
    say(rivals_told(found.rivals["package"].to_list(), found.replications))
    say(next_told(STEP_EUR, "" if found.next.estimate == 0 else found.frontier["package"][-1], effect(found.next)))
    say(f"{counted(found.tried, 'package')} tried, {found.took:,} replications to select among them.")


def _columns(table: pl.DataFrame, name: str, column: Column) -> dict[str, Callable[[Row], str]]:
    from nfm_sim.sentences.cells import Shown, unit_of_differences

    unit = unit_of_differences(column, [value for key in ("gain", "low", "high") for value in table[key]])
    show = Shown(unit).text
    columns: dict[str, Callable[[Row], str]] = {
        name: lambda row: str(row[name]),
        "EUR million": lambda row: number(row["eur"] / 1e6),
        f"gain ({unit.name})": lambda row: _gain_cell(row, show),
    }
    if "budget" in table.columns:
        return {"budget": lambda row: number(row["budget"] / 1e6), **columns}
    return columns


def _gain_cell(row: Row, show: Callable[[float | None], str]) -> str:
    gain = show(row["gain"])
    return gain if row["low"] is row["high"] is None else f"{gain} ({between(row['low'], row['high'], show)})"


def _draw(found: Purchase, file: Path) -> None:
    import polars as pl

    from nfm_sim import plots  # matplotlib takes as long to load as all else
    from nfm_sim.sentences.cells import unit_of_differences

    column = found.quantity.declared
    unit = unit_of_differences(column, found.frontier["gain"])
    shown = found.frontier.with_columns(pl.col("gain", "low", "high") * unit.factor)
    ax = plots.frontier(shown, f"gain in {found.quantity.words} ({unit.name})")
    with writing(file, "choose another --figure"):
        plots.save(ax, file)

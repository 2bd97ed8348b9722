"""What means buy, what support buys and costs, and what of it to protect first: `nfm-sim buy, exchange, protect`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nfm_sim.cli.app import ScenarioFile, app
from nfm_sim.cli.decide import give, plain
from nfm_sim.cli.options import Changes, Deciding, making, once, read_changed
from nfm_sim.problems import InputError, Problem

if TYPE_CHECKING:
    from nfm_sim.scenario import Scenario


@app.command()
@making("targets", "min_replications", "keep", options=Deciding, replications=48)
def buy(
    scenario: ScenarioFile,
    making: Deciding,
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
    change: Changes = None,
) -> None:
    """Say which package of options gives most for a budget, confirmed on fresh replications (--replications)."""

    from nfm_sim.decide import buy as buy_of
    from nfm_sim.decide.answers import of_purchase

    asked = read_changed(scenario, change)
    if (budget is None) == (not year):
        raise InputError.of("nfm-sim", "buy", "", "needs --budget, or --year for each year")
    if budget is None:
        _buy_by_year(asked, options, year or [], quantity or "demands_met.unmet", making)
        return
    with making.running() as how:
        found = buy_of(
            asked,
            options,
            budget=budget,
            goal=goal,
            quantity=quantity or "closure.mean_h",
            indifference=indifference,
            most_replications=most,
            confirming=making.replications,
            **how,
        )
    give(of_purchase(found, asked), making, asked, plain(found))


def _buy_by_year(scenario: Scenario, options: Path, years: list[str], quantity: str, making: Deciding) -> None:
    from nfm_sim.decide import buy_by_year
    from nfm_sim.decide.answers import of_years
    from nfm_sim.scenario import read_change

    read = once((read_change(text, "--year") for text in years), "--year")
    wrong = [name for name, eur in read.items() if not (name.isdigit() and isinstance(eur, int | float))]
    if wrong:
        raise InputError([Problem("--year", name, str(read[name]), 'must read like "2027 = 20e6"') for name in wrong])
    with making.running() as how:
        table = buy_by_year(
            scenario,
            options,
            budgets={int(name): float(eur) for name, eur in read.items()},
            quantity=quantity,
            replications=making.replications,
            **how,
        )
    give(of_years(table, quantity), making, scenario, plain(table))


@app.command("exchange")
@making(options=Deciding, replications=50)
def exchange_rate(
    scenario: ScenarioFile,
    making: Deciding,
    task: Annotated[str, typer.Option(help="The task whose capabilities are traded.")] = "host_nation_support",
    change: Changes = None,
) -> None:
    """Say what one more and one fewer of each capability on a task gains allies, and costs our own readiness."""
    from nfm_sim.decide import exchange
    from nfm_sim.decide.answers import of_exchange

    asked = read_changed(scenario, change)
    with making.running() as how:
        result = exchange(asked, making.replications, task=task, **how)
    give(of_exchange(result, making.replications), making, asked)


@app.command("protect")
@making(options=Deciding, replications=16)
def protect_first(
    scenario: ScenarioFile,
    making: Deciding,
    losses: Annotated[int, typer.Option(min=1, max=6, help="How many are lost together.")] = 2,
    at: Annotated[list[float] | None, typer.Option("--at", help="An hour from which on. May be repeated.")] = None,
    lasts: Annotated[float, typer.Option(min=1, help="For how many hours.")] = 240,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="link, place or pool. May be repeated.")] = None,
    most: Annotated[int, typer.Option(min=1, help="What is tried, those that are used most.")] = 9,
    change: Changes = None,
) -> None:
    """Say which losses together delay allies most, and what a guard, a spare or a repair team buys back."""
    from nfm_sim.decide import protect
    from nfm_sim.decide.answers import of_protection
    from nfm_sim.decide.protect import TARGETS

    asked = read_changed(scenario, change)
    with making.running() as how:
        found = protect(
            asked,
            making.replications,
            losses=losses,
            hours=at or (),
            lasts_h=lasts,
            kinds=kind or tuple(TARGETS),
            most=most,
            **how,
        )
    give(of_protection(found, lasts, asked.loaded_network), making, asked)

"""Commands that weigh support of allies: what it buys and costs, and what of it to protect first."""

from __future__ import annotations

from typing import Annotated

import typer

from nfm_sim.cli.app import ScenarioFile, app
from nfm_sim.cli.decide import give, plain
from nfm_sim.cli.options import Changes, Deciding, making, read_changed

TRADES = "one more and one fewer of each"
PROTECTED = "what is bought back"


@app.command("exchange")
@making(options=Deciding, replications=50)
def exchange_rate(
    scenario: ScenarioFile,
    making: Deciding,
    task: Annotated[str, typer.Option(help="The task whose capabilities are traded.")] = "host_nation_support",
    change: Changes = None,
) -> None:
    """Say what one more and one fewer of each capability on a task gains allies, and costs our own readiness."""
    from nfm_sim.decide import exchange, exchanged
    from nfm_sim.decide.answers import of_exchange

    asked = read_changed(scenario, change)
    with making.running() as how:
        result = exchange(asked, making.replications, task=task, **how)
    answer = of_exchange(result, making.replications)
    give(answer, {TRADES: plain(exchanged(result)), "told": list(answer.told)}, making, asked)


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
    answer = of_protection(found, lasts, asked.loaded_network)
    give(answer, {PROTECTED: plain(found.worth), "told": list(answer.told)}, making, asked)

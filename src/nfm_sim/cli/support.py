"""Commands that weigh support of allies: what it buys and costs, and what of it to protect first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nfm_sim.cli.app import ScenarioFile, app
from nfm_sim.cli.compare import EACH, show
from nfm_sim.cli.options import Changes, Force, Making, making, read_changed, spare, study_progress
from nfm_sim.cli.run import say_notional
from nfm_sim.in_words import between
from nfm_sim.problems import some_of
from nfm_sim.writing import writing

if TYPE_CHECKING:
    import polars as pl

TRADES = "one more and one fewer of each"
PROTECTED = "what is bought back"


@app.command("exchange")
@making(replications=50)
def exchange_rate(
    scenario: ScenarioFile,
    making: Making,
    task: Annotated[str, typer.Option(help="The task whose capabilities are traded.")] = "host_nation_support",
    figure: Annotated[Path | None, typer.Option(help="Draw both sides to this file (.png, .svg).")] = None,
    change: Changes = None,
    force: Force = False,
) -> None:
    """Say what one more and one fewer of each capability on a task gains allies, and costs our own readiness."""
    from nfm_sim.decide import exchange, exchange_told, exchanged
    from nfm_sim.study import read_quantity
    from nfm_sim.study.prices import priced

    if figure is not None:
        spare(figure, "--figure", force)
    asked = read_changed(scenario, change)
    with study_progress(making.out_dir) as progress:
        result = exchange(asked, making.replications, task=task, **making.wanted, **making.how(progress))
    table = exchanged(result)
    kinds = {
        name: read_quantity("ready_by_deadline" if name.startswith("tier ") else name).declared
        for name in priced(table)
    }
    title = f"What one more and one fewer of each does, {making.replications} replications"
    show({TRADES: table}, {TRADES: kinds}, making, title, told=exchange_told(result))
    hours, days = "closure.mean_h", "double_booked.days"
    sides = {hours: "hours by which the mean piece of allies closes later", days: "more element-days asked for twice"}
    _draw(table, {side: label for side, label in sides.items() if side in table.columns}, title, figure)


@app.command("protect")
@making(replications=16)
def protect_first(
    scenario: ScenarioFile,
    making: Making,
    losses: Annotated[int, typer.Option(min=1, max=6, help="How many are lost together.")] = 2,
    at: Annotated[list[float] | None, typer.Option("--at", help="An hour from which on. May be repeated.")] = None,
    lasts: Annotated[float, typer.Option(min=1, help="For how many hours.")] = 240,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="link, place or pool. May be repeated.")] = None,
    most: Annotated[int, typer.Option(min=1, help="What is tried, those that are used most.")] = 9,
    figure: Annotated[Path | None, typer.Option(help="Draw what each protection is worth to this file.")] = None,
    change: Changes = None,
    force: Force = False,
) -> None:
    """Say which losses together delay allies most, and what a guard, a spare or a repair team buys back."""
    import polars as pl

    from nfm_sim.decide import protect
    from nfm_sim.decide.protect import TARGETS
    from nfm_sim.measures import Column

    if figure is not None:
        spare(figure, "--figure", force)
    asked = read_changed(scenario, change)
    with study_progress(making.out_dir) as progress:
        found = protect(
            asked,
            making.replications,
            losses=losses,
            hours=at or (),
            lasts_h=lasts,
            kinds=kind or tuple(TARGETS),
            most=most,
            seed=making.seed,
            out=making.out_dir,
            **making.how(progress),
        )
    delay, low, high = found.delay
    told = [
        f"Lost together for {lasts:g} h, these delay the mean piece most: {some_of(map(str, found.losses))}.",
        f"On fresh replications, which did not choose them, by {delay:.1f} h ({between(low, high, '{:.1f}'.format)}).",
        f"{found.tried} sets of losses were tried. Where and when is found by a search: others may do as much.",
    ]
    hours = Column(unit="h", better="more")
    table = found.worth.with_columns(loss=pl.format("{} {} at hour {}", "kind", "name", "hour"))
    table = table.select("loss", "protection", "hours", "hours_low", "hours_high")
    show({PROTECTED: table}, {PROTECTED: {"hours": hours}}, making, "What to protect first", told=told, caption=EACH)
    named = table.with_columns(loss=pl.format("{}: {}", "loss", "protection"))
    _draw(named, {"hours": "hours by which the mean piece closes sooner"}, "What to protect first", figure)
    say_notional(asked)


def _draw(table: pl.DataFrame, sides: Mapping[str, str], title: str, file: Path | None) -> None:
    if file is None:
        return
    from nfm_sim import plots  # matplotlib takes as long to load as all else

    with writing(file, "choose another --figure"):
        plots.save(plots.weighed(table, sides, title=title), file)

"""What a scenario asks for, in words: `nfm-sim explain`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import nfm_sim as nfm
from nfm_sim.cli.app import answered, app, say
from nfm_sim.cli.options import read_changed, spare
from nfm_sim.problems import counted, some_of
from nfm_sim.writing import writing

if TYPE_CHECKING:
    from nfm_sim.plan import Plan


@app.command()
def explain(scenario: Path, change: list[str] | None = None, picture: Path | None = None, force: bool = False) -> None:
    """Say in words what a scenario asks for, what limits it and what is assumed, and what a replication will do."""
    from nfm_sim.compile import compile_scenario

    spare(picture, "--picture", force)
    asked = read_changed(scenario, change)
    plan = compile_scenario(asked)
    parts = {
        "what it is": list(_is(asked)),
        "what it asks for": [*_flows(asked, plan), *_elements(asked), *_tasks(asked)],
        "what limits it": list(_limits(asked, plan)),
        "what is not known": list(_unknown(asked)),
        "what a replication does": list(_does(plan)),
    }
    if picture is not None:
        with writing(picture):
            nfm.plots.save(nfm.plots.network_load(nfm.simulate(plan)), picture)
    if not answered(parts):
        for heading, lines in parts.items():
            say(heading.capitalize(), style="bold")
            for line in lines or ["nothing"]:
                say(f"  {line}")
        if picture is not None:
            say(f"Written: {picture}")


def _is(scenario: nfm.Scenario) -> Iterator[str]:
    network = scenario.loaded_network
    end = scenario.g_day + timedelta(hours=scenario.horizon_h)
    yield scenario.title
    yield f"from {scenario.g_day:%A %d %B %Y, %H:%M} (hour 0) for {scenario.horizon_days:g} days, to {end:%d %B %Y}"
    parts = (counted(len(network.nodes), "node"), counted(len(network.links), "link"))
    yield f"on {network.path}: {', '.join(parts)}, {len(network.facilities):,} facilities"


def _flows(scenario: nfm.Scenario, plan: Plan) -> Iterator[str]:
    from nfm_sim.sentences.answers import flows_asked

    for name, asked in flows_asked(scenario, plan):
        flow = scenario.flows[name]
        due = "" if flow.required_day is None else f"; required by day {flow.required_day:g}"
        booked = "; on a movement programme" if name in plan.programmes else ""
        permit = "" if flow.permit_applied_day is None else f"; permit asked for on day {flow.permit_applied_day:g}"
        yield f"flow {name}: {asked} ({flow.destination}){due}{permit}{booked}"


def _elements(scenario: nfm.Scenario) -> Iterator[str]:
    tiers: dict[str, list[str]] = {}
    for name, element in scenario.elements.items():
        tiers.setdefault("no tier" if element.tier is None else f"tier {element.tier}", []).append(name)
    for tier in sorted(tiers):
        people = sum(scenario.elements[name].personnel or 0 for name in tiers[tier])
        yield f"{tier}: {counted(len(tiers[tier]), 'force element')} ({some_of(tiers[tier])}), {people:,.0f} people"
    if scenario.elements:
        yield f"stages of activation: {', '.join(scenario.activation.stages) or 'none'}"
    if scenario.formations:
        yield f"formations: {some_of(scenario.formations)}"
    for name, plan in scenario.plans.items():
        yield f"plan {name}: {plan.title}"


def _tasks(scenario: nfm.Scenario) -> Iterator[str]:
    for name, task in scenario.tasks.items():
        yield f"task {name}, priority {task.priority:g}"


def _limits(scenario: nfm.Scenario, plan: Plan) -> Iterator[str]:
    from nfm_sim.compile import drawn, drawn_by, idle_means, not_limited

    used = drawn_by(scenario, plan)
    for (place, name), pool in plan.pools.items():
        if not place and used.get(name):
            unit = f" {pool.unit}" if pool.unit else ""
            yield f"pool {name}: {pool.capacity:g}{unit}, drawn on by {_who(used[name])}"
    places = dict.fromkeys(place for place, _ in sorted(plan.pools.keys() & drawn(scenario, plan)) if place)
    if places:
        yield f"facilities at {counted(len(places), 'place')}: {some_of(places)}"
    free, idle = not_limited(plan), idle_means(scenario, plan)
    for line, names in (("not limited, as nothing gives it", free), ("not used", idle)):
        if names:
            yield f"{line}: {', '.join(names)}"
    yield from _stocks(plan)
    yield from _barred(plan)
    for name, disruption in scenario.disruptions.items():
        mended = f", over when mended by {some_of(disruption.needs)}" if disruption.needs else ""
        yield f"disruption {name}: with a chance of {disruption.chance:.0%}{mended}"


def _barred(plan: Plan) -> Iterator[str]:
    """What cannot pass where: by mode, the links that the movement which most are closed to goes around."""
    worst: dict[str, tuple[str, list[str]]] = {}
    lots = [*(lot for _, lot in plan.flow_lots()), *(lot for element in plan.elements for lot in element.lots)]
    for lot in lots:
        network = nfm.kinds.MODES[lot.mode].network
        links = sorted(plan.book.barred(lot.trip.way, network)) if network else []
        if len(links) > len(worst.get(lot.mode, ("", []))[1]):
            worst[lot.mode] = (lot.subject, links)
    for mode, (subject, links) in worst.items():
        yield f"{counted(len(links), 'link')} cannot carry {subject} by {mode}: {some_of(links)}"


def _stocks(plan: Plan) -> Iterator[str]:
    """What is used of each stock when all are there who draw on it."""
    supply = plan.supply
    for stock in supply.stocks if supply is not None else ():
        used = [sum(use.per_h) * 24 for use in supply.uses.values() if use.stock == stock.name]  # type: ignore[union-attr]
        if not used:
            continue
        orders = f", ordered from {stock.drawn_from}" if stock.drawn_from else ""
        yield f"stock {stock.name}: {sum(used):,.0f} t a day for {counted(len(used), 'element')}{orders}"


def _who(paths: list[str]) -> str:
    """Those who draw on a pool: flows and tasks by name, force elements in their number."""
    others = [path for path in paths if not path.startswith("elements.")]
    filled = {"activation.trades": "elements that fill up"}  # with people of the pool's trade
    names = [filled.get(path, path.removeprefix("supply.").split(".", 1)[-1]) for path in others]
    elements = len(paths) - len(others)
    return some_of([*names, *([counted(elements, "force element")] if elements else [])])


def _unknown(scenario: nfm.Scenario) -> Iterator[str]:
    if scenario.notional:
        yield f"notional: {' '.join(scenario.notional.split())}"
    uncertain = list(scenario.uncertain)
    if uncertain:
        yield f"drawn once a replication: {counted(len(uncertain), 'number')} ({some_of(uncertain)})"
    assumed = [name for name, pool in scenario.pools.items() if pool.source.startswith("assumed")]
    if assumed:
        yield f"assumed, without a source: {counted(len(assumed), 'pool')} ({some_of(assumed)})"


def _does(plan: Plan) -> Iterator[str]:
    lots = Counter(lot.mode for _, lot in plan.flow_lots())
    lots.update(lot.mode for element in plan.elements for lot in element.lots)
    moved = ", ".join(counted(number, mode) for mode, number in lots.most_common())
    yield f"moves {moved or 'nothing'}, and discharges {counted(len(plan.ships), 'ship')}"
    yield f"ends after {plan.horizon_h / 24:g} days; what has not closed by then is not known, and never 0"

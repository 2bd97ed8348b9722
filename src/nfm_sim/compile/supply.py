"""Compile supply: what elements use, the stocks that they draw on, and the ways by which these are filled."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load
from nfm_sim.compile.modes import Mode
from nfm_sim.kinds import Distribution
from nfm_sim.plan.movement import Rank
from nfm_sim.plan.supply import Carriage, StockPlan, SupplyPlan, SupplyWay, UsePlan
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario.model import KG_A_T, Element
from nfm_sim.scenario.supply import Stock, Supply

DRAWS = 64
"""Draws of one way: the lots of a stock take them in turn, again from the first after the last."""
MOST_LOADS = 60
"""Pieces of one lot at most, whatever the mode takes: an ammunition train had 58 containers (DVIDS 188055)."""


def compile_supply(kit: Kit, modes: Mapping[str, Mode]) -> SupplyPlan | None:
    """Compile the supply of a scenario; None where there are no stocks."""
    supply = kit.scenario.supply
    if not supply.stocks:
        return None
    classes, carriages = supply.used, tuple(_carriages(supply))
    found = {name: supply.stock_of(e.destination, e.supplied_from or "") for name, e in kit.scenario.elements.items()}
    uses = {name: _use(kit, kit.scenario.elements[name], stock) for name, stock in found.items() if stock}
    changes = [
        (in_hours(start.day), tuple(regime.supply_factor.get(name, 1.0) for name in classes))
        for start, regime in kit.times.regimes
    ]
    return SupplyPlan(
        classes=classes,
        stops_effect=tuple(supply.stops_effect(name) for name in classes),
        carriages=carriages,
        stocks=tuple(_stock(kit, modes, carriages, name, supply.stocks[name]) for name in _sources_first(supply)),
        uses=uses,
        factors=Timeline.of(changes, (1.0,) * len(classes)),
    )


def _carriages(supply: Supply) -> Iterator[Carriage]:
    """The classes of supply by the pieces in which they move."""
    for (piece, load_t), names in supply.carriages.items():
        yield Carriage(piece, load_t, tuple(map(supply.used.index, names)))


def _sources_first(supply: Supply) -> list[str]:
    """The names of the stocks, each after the one that it is drawn from."""
    done: list[str] = []
    while len(done) < len(supply.stocks):
        done += [
            n for n, s in supply.stocks.items() if n not in done and (s.drawn_from is None or s.drawn_from in done)
        ]
    return done


def _use(kit: Kit, element: Element, stock: str) -> UsePlan:
    """What an element uses in an hour, and what it carries."""
    supply = kit.scenario.supply
    per_h = tuple(kit.scenario.used_t_a_day(element, name) / 24 for name in supply.used)
    days = [supply.days_carried.get(name, supply.usual_days_carried) for name in supply.used]
    return UsePlan(stock, per_h, tuple(in_hours(of) * each for of, each in zip(days, per_h, strict=True)))


def _stock(kit: Kit, modes: Mapping[str, Mode], carriages: tuple[Carriage, ...], name: str, stock: Stock) -> StockPlan:
    used = kit.scenario.supply.used
    begins = stock.drawn_from is None
    usual = math.inf if begins else 0.0
    rank: Rank = (kit.scenario.priority_of(stock.task or kit.scenario.activation.task), stock.priority, 0, math.inf)
    moves = not begins and stock.lead_h is None
    ways = {of.piece: tuple(_ways(kit, modes, name, stock, of, rank)) for of in carriages} if moves else {}
    return StockPlan(
        name=name,
        rank=rank,
        place=stock.place or "",
        per_vehicle=tuple(stock.each_vehicle_kg.get(of, 0.0) / KG_A_T for of in used),
        drawn_from=stock.drawn_from or "",
        there=tuple(stock.tonnes.get(of, usual) for of in used),
        up_to_h=in_hours(stock.days),
        up_to=tuple(stock.up_to_t.get(of, 0.0) for of in used),
        order_at_h=None if stock.order_at_days is None else in_hours(stock.order_at_days),
        order_at=tuple(stock.order_at_t.get(of, 0.0) for of in used),
        review_h=whole_ticks(stock.review_h or (24.0 if stock.daily_t else 0.0)),
        push=tuple(stock.daily_t.get(of, 0.0) for of in used),
        lead=() if stock.lead_h is None else tuple(_draws(kit, "supply", name, stock.lead_h)),
        ways=ways,
    )


def _draws(kit: Kit, purpose: str, name: str, hours: Distribution) -> Iterator[int]:
    return (kit.sheet.ask(purpose, f"{name}/{number}", hours) for number in range(DRAWS))


def _ways(
    kit: Kit, modes: Mapping[str, Mode], name: str, stock: Stock, of: Carriage, rank: Rank
) -> Iterator[SupplyWay]:
    """The modes by which pieces come to a stock, with the largest lot of each."""
    scenario = kit.scenario
    source = scenario.supply.stocks[stock.drawn_from or ""]
    assert source.place is not None, "checked"
    assert stock.destination is not None, "checked"
    goal = scenario.destinations[stock.destination]
    for mode, share in stock.shares_of(of.piece, scenario.shares).items():
        if not share:
            continue
        start = (source.railhead if modes[mode].kind.at_railhead else None) or source.place
        largest = modes[mode].lots_of({of.piece: MOST_LOADS}, start, goal.exits[mode])[0]
        subject = f"{name}/{of.piece}/{mode}"
        load = Load(subject, name, mode, largest, rank, source.place, start, goal)
        beyond_h = goal.beyond_h.get(mode)
        draws = () if beyond_h is None else tuple(_draws(kit, "beyond", subject, beyond_h))
        lot = modes[mode].compile(load)
        yield SupplyWay(mode, share, replace(lot, batch=subject), draws)

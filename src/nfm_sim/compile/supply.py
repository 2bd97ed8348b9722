"""Compile supply and attrition: what elements use and draw on, what falls out of them, and the ways of all that."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load
from nfm_sim.compile.modes import Modes
from nfm_sim.kinds import UNIFORM, Distribution
from nfm_sim.plan import supply as plan
from nfm_sim.plan.movement import Need, Rank
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.words import in_hours, whole_ticks
from nfm_sim.scenario.activation import Regime
from nfm_sim.scenario.model import KG_A_T, Destination
from nfm_sim.scenario.supply import Attrition, Posture, Stock, Supply

DRAWS = 64
"""Draws of one way: the lots of a stock take them in turn, again from the first after the last."""
MOST_FALLEN = 150
"""Of what fell out, in one lot: a Dutch hospital train has room for 130 to 150 patients (MAG specials 2024/01)."""
MOST_LOADS = 60
"""Pieces of one lot at most, whatever the mode takes: an ammunition train had 58 containers (DVIDS 188055)."""


def compile_supply(kit: Kit, modes: Modes) -> plan.SupplyPlan:
    """Compile the supply of a scenario."""
    supply = kit.scenario.supply
    classes = supply.used
    carriages = tuple(
        plan.Carriage(*key, tuple(map(classes.index, together))) for key, together in supply.carriages.items()
    )
    found = {name: supply.stock_of(e.destination, e.supplied_from or "") for name, e in kit.scenario.elements.items()}
    uses = {name: _use(kit, name, stock) for name, stock in found.items() if stock}
    return plan.SupplyPlan(
        classes=classes,
        stops_effect=tuple(supply.kind(name).stops_effect for name in classes),
        carriages=carriages,
        stocks=tuple(_stock(kit, modes, carriages, name, supply.stocks[name]) for name in _sources_first(supply)),
        uses=uses,
    )


def _sources_first(supply: Supply) -> list[str]:
    """The names of the stocks, each after the one that it is drawn from."""
    done: list[str] = []
    while len(done) < len(supply.stocks):
        done += [n for n, of in supply.stocks.items() if n not in done and of.drawn_from in (None, *done)]
    return done


def _use(kit: Kit, name: str, stock: str) -> plan.UsePlan:
    """What an element uses in an hour, and what it carries."""
    supply, element = kit.scenario.supply, kit.scenario.elements[name]
    per_h = tuple(kit.scenario.used_t_a_day(element, name) / 24 for name in supply.used)
    days = [supply.days_carried.get(name, supply.usual_days_carried) for name in supply.used]
    carries = tuple(in_hours(of) * each for of, each in zip(days, per_h, strict=True))
    factors = _factors(kit, name, lambda of: tuple(of.supply_factor.get(name, 1.0) for name in supply.used))
    return plan.UsePlan(stock, per_h, carries, factors)


def _stock(kit: Kit, modes: Modes, carriages: tuple[plan.Carriage, ...], name: str, stock: Stock) -> plan.StockPlan:
    used = kit.scenario.supply.used
    begins = stock.drawn_from is None
    usual = math.inf if begins else 0.0
    rank: Rank = (kit.scenario.priority_of(stock.task or kit.scenario.activation.task), stock.priority, 0, math.inf)
    moves = not begins and stock.lead_h is None
    ways = {of.piece: _lane(kit, modes, name, stock, of.piece, rank).ways() for of in carriages} if moves else {}
    return plan.StockPlan(
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


def _lane(kit: Kit, modes: Modes, name: str, stock: Stock, piece: str, rank: Rank) -> Lane:
    """Where the pieces of a class come from that fill a stock, and go to."""
    scenario = kit.scenario
    source = scenario.supply.stocks[stock.drawn_from or ""]
    assert source.place is not None, "checked"
    assert stock.destination is not None, "checked"
    shares, goal = stock.shares_of(piece, scenario.shares), scenario.destinations[stock.destination]
    return Lane(kit, modes, f"{name}/{piece}", piece, shares, rank, source.place, source.railhead, goal)


def _draws(kit: Kit, purpose: str, name: str, hours: Distribution) -> Iterator[int]:
    return (kit.sheet.ask(purpose, f"{name}/{number}", hours) for number in range(DRAWS))


class Lane(NamedTuple):
    """Pieces of a class that go time and again between a place in the country and a destination."""

    kit: Kit
    modes: Modes
    subject: str
    piece: str
    shares: Mapping[str, float]
    rank: Rank
    place: str
    railhead: str | None
    goal: Destination
    most: int = MOST_LOADS

    def ways(self, *, back: bool = False) -> tuple[plan.SupplyWay, ...]:
        """The modes by which they go there, or come back from there, with the largest lot of each."""
        return tuple(self._way(mode, back) for mode, share in self.shares.items() if share)

    def _way(self, mode: str, goes_back: bool) -> plan.SupplyWay:
        home, there = self.modes[mode].kind.ends_at(self.place, self.railhead), self.goal.exits[mode]
        origin, loads_at, goal = self.place, home, self.goal
        if goes_back:
            origin, loads_at, goal = there, there, Destination(exits={mode: home})
        beyond_h = self.goal.beyond_h.get(mode)
        subject = f"{self.subject}/{'back/' if goes_back else ''}{mode}"
        largest = self.modes[mode].lots_of({self.piece: self.most}, loads_at, goal.exits[mode])[0]
        owner = self.subject.split("/")[0]
        load = Load(subject, owner, mode, largest, self.rank, origin, loads_at, goal)
        draws = () if beyond_h is None else tuple(_draws(self.kit, "beyond", subject, beyond_h))
        lot = replace(self.modes[mode].compile(load), batch=subject)
        return plan.SupplyWay(mode, self.shares[mode], lot, draws, goes_back)


def compile_attrition(kit: Kit, modes: Modes) -> dict[str, tuple[plan.ElementAttrition, ...]]:
    """Compile what falls out of each element."""
    found: dict[str, list[plan.ElementAttrition]] = {}
    for name, attrition in kit.scenario.attrition.items():
        concerned = kit.scenario.concerned_by(attrition)
        falls = _attrition(kit, modes, name, attrition, concerned)
        for element, number in concerned.items():
            factors = _factors(kit, element, lambda of, name=name: (of.attrition_factor.get(name, 1.0),))  # type: ignore[misc]
            steps = tuple((hour, attrition.share_a_day * of) for hour, (of,) in factors.steps)
            shares = Timeline(steps, attrition.share_a_day)
            days = tuple(_draws(kit, "attrition", f"{element}/{name}", UNIFORM))
            found.setdefault(element, []).append(plan.ElementAttrition(falls, number, shares, days))
    return {element: tuple(of) for element, of in found.items()}


def _attrition(kit: Kit, modes: Modes, name: str, attrition: Attrition, elements: Iterable[str]) -> plan.AttritionPlan:
    scenario, place = kit.scenario, attrition.place
    rank: Rank = (scenario.priority_of(scenario.activation.task), 1, 0, math.inf)
    goals = dict.fromkeys(scenario.elements[element].destination or "" for element in elements) if place else {}
    moved = attrition.piece, attrition.shares, rank, place or "", attrition.railhead
    lanes = {to: Lane(kit, modes, f"{name}/{to}", *moved, scenario.destinations[to], MOST_FALLEN) for to in goals}
    uses = tuple(attrition.uses_kg.get(of, 0.0) / KG_A_T for of in scenario.supply.used)
    return plan.AttritionPlan(
        name=name,
        rank=rank,
        lost_share=attrition.lost_share,
        stays_share=attrition.stays_share,
        stays_h=kit.sheet.ask("stays", name, attrition.stays_h),
        mended_by=tuple(Need(("", pool), amount) for pool, amount in attrition.mended_by.items()),
        uses=uses if any(uses) else (),
        bed=Need((place, attrition.facility), 1.0) if place and attrition.facility else None,
        there_h=kit.sheet.ask("there", name, attrition.there_h),
        every_h=in_hours(attrition.every_days),
        comes_back=attrition.comes_back,
        least_share=attrition.least_share,
        back={goal: lane.ways(back=True) for goal, lane in lanes.items()},
        forward={goal: lane.ways() for goal, lane in lanes.items()} if attrition.comes_back else {},
    )


def _factors(kit: Kit, element: str, of: Callable[[Regime | Posture], plan.Amounts]) -> Timeline[plan.Amounts]:
    """What holds for an element over time: the factors of its regime times those of all its postures."""
    scenario = kit.scenario
    capability = scenario.elements[element].capability
    postures = [posture for posture in scenario.postures.values() if posture.is_of(element, capability)]
    spans = [(in_hours(p.from_day), in_hours(p.until_day or math.inf), of(p)) for p in postures]
    before = of(Regime())
    regimes = Timeline.of([(in_hours(start.day), of(regime)) for start, regime in kit.times.regimes], before)
    hours = {hour for hour, _ in regimes.steps} | {hour for span in spans for hour in span[:2] if hour < math.inf}

    def at(now: float) -> plan.Amounts:
        holding = [factors for start, end, factors in spans if start <= now < end]
        return tuple(map(math.prod, zip(regimes.at(now), *holding, strict=True)))

    return Timeline.of([(hour, at(hour)) for hour in sorted(hours)], before)

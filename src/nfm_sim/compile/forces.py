"""Compile force elements: the stages that they pass, their people, the tasks that call on them, and their supply."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from nfm_sim.compile.kit import DrawSheet, Kit, Times
from nfm_sim.compile.loads import Load, split_over_modes
from nfm_sim.compile.modes import Modes
from nfm_sim.kinds import UNIFORM, Distribution, ModeKind
from nfm_sim.plan import forces
from nfm_sim.plan.movement import Lot, Need, Rank
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.words import OFFERED, in_hours, whole_ticks
from nfm_sim.scenario import Scenario, activation
from nfm_sim.scenario.activation import Regime
from nfm_sim.scenario.model import KG_A_T, Commitment, Destination, Element, Formation, Task
from nfm_sim.scenario.options import place_of
from nfm_sim.scenario.supply import Attrition, Posture, Stock, Supply


def compile_forces(kit: Kit, modes: Modes) -> forces.ForcePlans:
    """Compile all force elements and formations, and the tasks that call on them."""
    scenario = kit.scenario
    people = {name: _people_of(scenario.activation.trades, element) for name, element in scenario.elements.items()}
    commitments = commitment_plans(scenario, task_plans(scenario, kit.times))
    elements = tuple(_element_plan(kit, modes, number, name) for number, name in enumerate(scenario.elements))
    return forces.ForcePlans(
        decision=kit.sheet.ask("decision", "", kit.times.decision_h),
        elements=elements,
        formations=tuple(_formation_plan(scenario, name, of) for name, of in scenario.formations.items()),
        people=people,
        donors=_donors_of(people, elements),
        commitments=tuple(commitment for commitment in commitments if not commitment.pool),
        pool_commitments=tuple(commitment for commitment in commitments if commitment.pool),
        supply=_supply(kit, modes),
        attrition=_attrition(kit, modes),
    )


UNTIERED = 4
"""The tier of elements that are not offered: they come after the others."""


def _rank(scenario: Scenario, element: Element) -> Rank:
    """The order in which pools serve elements: by task, priority, tier and deadline."""
    tier = UNTIERED if element.tier is None else element.tier
    deadline = math.inf if element.tier is None else in_hours(scenario.deadline_days[element.tier])
    first = tier if element.priority is None else element.priority
    return scenario.priority_of(scenario.activation.task), first, tier, deadline


def _element_plan(kit: Kit, modes: Modes, number: int, name: str) -> forces.ElementPlan:
    """Compile the element that stands at a place, from 0, in the table of elements."""
    ask, scenario, element = kit.sheet.ask, kit.scenario, kit.scenario.elements[name]
    rank = _rank(scenario, element)
    goal = None if element.destination is None else scenario.destinations[element.destination]
    partner = ((element.partner,),) if element.partner in scenario.elements else ()
    task_name, _, commitment = element.commitment.partition("/")
    return forces.ElementPlan(
        subject=name,
        rank=rank,
        capability=element.capability,
        offered=element.tier is not None,
        order=(-(UNTIERED if element.tier is None else element.tier), number),
        commitment=(task_name, commitment) if commitment else None,
        tour_left=ask("tour left", name, UNIFORM),
        travel=_travel(kit, name, element),
        reliefs=dict(_reliefs(scenario, modes, name, rank)),
        redeploy=_redeploy(kit, name),
        permit=kit.permit_lead(name),
        home=element.home,
        stages=tuple(stage_steps(kit, name, element)),
        lots=() if goal is None else tuple(_lots(scenario, modes, name, name, rank, goal)),
        deploys=ask("deploy", name, element.deploys_h) if element.deploys_h else None,
        area=element.destination or element.home,
        integration=ask("integration", name, scenario.activation.integration_h),
        requires=(*element.requires, *partner),
        pre_alert_h=in_hours(kit.times.early_days[name]),
        partner=element.partner or "partner",
        partner_at=ask("partner", name, element.partner_h) if element.partner_h else None,
    )


def _reliefs(
    scenario: Scenario, modes: Modes, name: str, rank: Rank
) -> Iterator[tuple[forces.TaskKey, forces.ReliefPlan]]:
    """Yield the commitments to which the pieces of an element move, and how."""
    capability = scenario.elements[name].capability
    for task_name, task in scenario.tasks.items():
        own_rank = (task.priority, *rank[1:])
        for key, commitment in task.commitments.items():
            if commitment.destination is not None and capability in commitment.capability:
                goal, subject = scenario.destinations[commitment.destination], f"{name}/{task_name}/{key}"
                out = tuple(_lots(scenario, modes, name, subject, own_rank, goal))
                back = tuple(_lots(scenario, modes, name, f"{subject}/back", own_rank, goal, back=True))
                yield (task_name, key), forces.ReliefPlan(out, back)


def _lots(
    scenario: Scenario, modes: Modes, name: str, subject: str, rank: Rank, goal: Destination, back: bool = False
) -> Iterator[Lot]:
    """The lots in which the pieces of an element go to a destination, or come back from it to where they are loaded."""
    element = scenario.elements[name]
    for mode, pieces in split_over_modes(element.pieces, scenario.shares).items():
        origin, loads_at, to = _ends(modes[mode].kind, element.home, element.railhead, goal, back)
        from_h = goal.beyond_h.get(mode) if back else None
        for number, lot in enumerate(modes[mode].lots_of(pieces, loads_at, to.exits[mode]), start=1):
            subject_of_lot = f"{subject}/{mode}-{number:03d}"
            yield modes[mode].compile(Load(subject_of_lot, name, mode, lot, rank, origin, loads_at, to, from_h=from_h))


def _ends(
    kind: ModeKind, place: str, railhead: str | None, goal: Destination, back: bool
) -> tuple[str, str, Destination]:
    """Where pieces stand, where they are loaded, and where they go: from a place to a destination, or back that way."""
    home, there = kind.ends_at(place, railhead), goal.exits[kind.name]
    if not back:
        return place, home, goal
    return there, there, Destination(exits={kind.name: home}, via={kind.name: goal.via.get(kind.name, ())[::-1]})


def _travel(kit: Kit, name: str, element: Element) -> dict[forces.TaskKey, int]:
    """Ask for the hours in which an element goes to each commitment that it may serve."""
    return {
        (task_name, key): kit.sheet.ask(f"travel {task_name}/{key}", name, commitment.travel_h)
        for task_name, task in kit.scenario.tasks.items()
        for key, commitment in task.commitments.items()
        if element.capability in commitment.capability and not commitment.travel_h.is_zero
    }


def _redeploy(kit: Kit, name: str) -> dict[str, int]:
    """Ask for the hours in which an element comes back from each task."""
    return {
        task_name: kit.sheet.ask(f"redeploy {task_name}", name, task.redeploy_h)
        for task_name, task in kit.scenario.tasks.items()
        if not task.redeploy_h.is_zero
    }


def _people_of(trades: Mapping[str, Mapping[str, float]], element: Element) -> dict[str, forces.People]:
    """The people of an element by trade."""
    mix = trades.get(element.capability) or trades.get("other") or {}
    number = element.personnel or 0
    return {trade: forces.People(number * share, number * share * element.filled_share) for trade, share in mix.items()}


def _donors_of(
    people: Mapping[str, Mapping[str, forces.People]], elements: Iterable[forces.ElementPlan]
) -> dict[str, tuple[tuple[str, Rank], ...]]:
    """The elements that have people of each trade, the least urgent last; of equals the first in the table."""
    # sorting in reverse keeps equals in the order of the table; turned round, the first of them stands last
    by_rank = sorted(elements, key=lambda element: element.rank, reverse=True)[::-1]
    trades = {trade for mix in people.values() for trade in mix}
    return {trade: tuple((e.subject, e.rank) for e in by_rank if trade in people[e.subject]) for trade in trades}


def _formation_plan(scenario: Scenario, name: str, formation: Formation) -> forces.FormationPlan:
    """Compile a formation of the elements that it names and those that name it as their parent."""
    elements = dict.fromkeys(formation.elements)
    elements |= dict.fromkeys(e for e, element in scenario.elements.items() if element.parent == name)
    needed = math.ceil(formation.in_place_share * len(elements) - 1e-9)
    return forces.FormationPlan(name, tuple(elements), needed, formation.headquarters, formation.requires)


NIGHT, WEEKEND = "22:00-06:00", "sat-sun 00:00-24:00"


def stage_steps(kit: Kit, name: str, element: Element) -> list[forces.StageStep]:
    """Compile the chain of stages of an element."""
    early = kit.scenario.activation.pre_alert_stages
    return [
        forces.StageStep(
            stage=STAGES[stage.kind](kit, stage_name, stage, name, element),
            whether=kit.sheet.ask(f"{stage_name} needed", name, UNIFORM),
            share=stage.share if element.tier is None else stage.share_by_tier.get(element.tier, stage.share),
            early=stage_name in early,
        )
        for stage_name, stage in kit.scenario.activation.stages.items()
    ]


def _stage_hours(sheet: DrawSheet, name: str, stage: activation.TimedStage, subject: str, element: Element) -> int:
    """Ask for the hours of a stage: the element's own, its tier's, or the stage's."""
    by_tier = stage.hours if element.tier is None else stage.hours_by_tier.get(element.tier, stage.hours)
    return sheet.ask(name, subject, element.hours.get(name) or by_tier)


def _hours(kit: Kit, name: str, stage: activation.HoursStage, subject: str, element: Element) -> forces.HoursPlan:
    need = None if stage.pool is None else Need(("", stage.pool), stage.amount)
    draw = _stage_hours(kit.sheet, name, stage, subject, element)
    return forces.HoursPlan(name, element.home, draw, need, stage.breaks_off)


def _recall(kit: Kit, name: str, stage: activation.RecallStage, subject: str, element: Element) -> forces.RecallPlan:
    nights, weekends = kit.times.windows((NIGHT,)), kit.times.windows((WEEKEND,))
    assert nights is not None, "these are hours of the clock"
    assert weekends is not None, "these are hours of the clock"
    return forces.RecallPlan(
        name,
        element.home,
        _stage_hours(kit.sheet, name, stage, subject, element),
        (nights, stage.night_adds_h),
        (weekends, stage.weekend_adds_h),
        Timeline.of([(in_hours(start.day), regime.recall_factor) for start, regime in kit.times.regimes], 1.0),
    )


def _fill_up(kit: Kit, name: str, stage: activation.FillUpStage, subject: str, element: Element) -> forces.FillUpPlan:
    joining = _stage_hours(kit.sheet, name, stage, subject, element)
    return forces.FillUpPlan(name, element.home, joining, stage.full_share, stage.donor_share)


def _repair(kit: Kit, name: str, stage: activation.RepairStage, subject: str, element: Element) -> forces.RepairPlan:
    spares = {class_name: Need(("", stock), 1.0) for class_name, stock in stage.spares.items()}
    jobs = [
        forces.Job(Need(("", bays), 1.0), spares.get(class_name))
        for class_name, bays in stage.bays.items()
        for _ in range(round(element.pieces.get(class_name, 0) * (1 - element.mission_capable_share)))
    ]
    one_piece = kit.sheet.ask(name, subject, element.hours.get(name) or stage.repair_h)
    return forces.RepairPlan(name, element.home, one_piece, tuple(jobs), stage.at_once)


def _issue(kit: Kit, name: str, stage: activation.IssueStage, subject: str, element: Element) -> forces.IssuePlan:
    """An element without pieces draws nothing either."""
    pieces = sum(element.pieces.values())
    if element.depot is None or not pieces:
        return forces.IssuePlan(name, element.home, None, 0.0, None)
    hours = pieces / kit.places.rate_per_h(element.depot, stage.docks)
    dock = Need((element.depot, stage.docks), 1.0)
    return forces.IssuePlan(name, element.depot, dock, whole_ticks(hours), kit.places.opening(*dock.pool))


STAGES: Mapping[str, Callable[..., forces.StagePlan]] = {
    of.__name__.removeprefix("_"): of for of in (_hours, _recall, _fill_up, _repair, _issue)
}
"""By kind: what compiles such a stage for an element of (kit, stage name, stage, element name, element)."""


def task_plans(scenario: Scenario, times: Times) -> dict[str, forces.TaskPlan]:
    """The tasks of a scenario; the one that elements are activated for stands without being listed."""
    plans = {}
    for name, task in (scenario.tasks or {scenario.activation.task: Task()}).items():
        may = [(in_hours(start.day), of.may_withdraw[name]) for start, of in times.regimes if name in of.may_withdraw]
        may_withdraw, stages = Timeline.of(may, task.may_withdraw), frozenset(task.stages)
        plans[name] = forces.TaskPlan(name, task.priority, task.weight, stages, task.breaks_rest, may_withdraw)
    return plans


def commitment_plans(scenario: Scenario, tasks: Mapping[str, forces.TaskPlan]) -> list[forces.CommitmentPlan]:
    """Compile the commitments of all tasks: elements by capability, amounts of pools, and all that is offered."""
    offered = Counter(e.capability for e in scenario.elements.values() if e.tier is not None)
    own = tasks[scenario.activation.task]
    made = [
        _commitment(own, OFFERED, Commitment(capability=(capability,)), offers=True)._replace(number=number)
        for capability, number in offered.items()
    ]
    for name, task in scenario.tasks.items():
        made += [_commitment(tasks[name], key, commitment) for key, commitment in task.commitments.items()]
    return _with_reserves(scenario, made)


def _commitment(
    task: forces.TaskPlan, name: str, commitment: Commitment, offers: bool = False
) -> forces.CommitmentPlan:
    tour = math.inf if commitment.tour_days is None else commitment.tour_days
    asked = math.inf if commitment.mends else -math.inf
    return forces.CommitmentPlan(
        task=task,
        name=name,
        offers=offers,
        capabilities=commitment.capability,
        pool=commitment.pool or "",
        number=commitment.number,
        reserve=0,
        staffs=tuple(Need(place_of(name), amount) for name, amount in commitment.staffs.items()),
        takes_over=commitment.takes_over,
        mends=commitment.mends,
        from_h=in_hours(asked if commitment.from_day is None else commitment.from_day),
        until_h=in_hours(math.inf if commitment.until_day is None else commitment.until_day),
        tour_h=in_hours(tour),
        longest_tour_h=in_hours(commitment.longest_tour_days or tour),
        rest_h=in_hours(commitment.rest_days),
        overlap_h=in_hours(commitment.overlap_days),
    )


def _with_reserves(scenario: Scenario, made: list[forces.CommitmentPlan]) -> list[forces.CommitmentPlan]:
    """Give the commitments of each task, in their order, what is reserved for the task."""
    everyone = Counter(element.capability for element in scenario.elements.values())
    kept = {
        (name, capability): math.floor(share * number + 1e-9)
        for name, task in scenario.tasks.items()
        for capability, number in everyone.items()
        if (share := task.reserved_share.get(capability, task.reserved_share.get("other", 0.0)))
    }
    with_reserves = []
    for commitment in made:
        reserve = 0
        for capability in commitment.capabilities:
            part = min(kept.get((commitment.task.name, capability), 0), int(commitment.number) - reserve)
            if part:
                kept[commitment.task.name, capability] -= part
                reserve += part
        with_reserves.append(commitment._replace(reserve=reserve))
    return with_reserves


# Supply and attrition: what elements use and draw on, what falls out of them, and the ways of all that.

DRAWS = 64
"""Draws of one way: the lots of a stock take them in turn, again from the first after the last."""
MOST_FALLEN = 150
"""Of what fell out, in one lot: a Dutch hospital train has room for 130 to 150 patients (MAG specials 2024/01)."""
MOST_LOADS = 60
"""Pieces of one lot at most, whatever the mode takes: an ammunition train had 58 containers (DVIDS 188055)."""


def _supply(kit: Kit, modes: Modes) -> forces.SupplyPlan:
    """Compile the supply of a scenario."""
    supply = kit.scenario.supply
    classes = supply.used
    carriages = tuple(
        forces.Carriage(*key, tuple(map(classes.index, together))) for key, together in supply.carriages.items()
    )
    found = {name: supply.stock_of(e.destination, e.supplied_from or "") for name, e in kit.scenario.elements.items()}
    uses = {name: _use(kit, name, stock) for name, stock in found.items() if stock}
    return forces.SupplyPlan(
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


def _use(kit: Kit, name: str, stock: str) -> forces.UsePlan:
    """What an element uses in an hour, and what it carries."""
    supply, element = kit.scenario.supply, kit.scenario.elements[name]
    per_h = tuple(kit.scenario.used_t_a_day(element, name) / 24 for name in supply.used)
    days = [supply.days_carried.get(name, supply.usual_days_carried) for name in supply.used]
    carries = tuple(in_hours(of) * each for of, each in zip(days, per_h, strict=True))
    factors = _factors(kit, name, lambda of: tuple(of.supply_factor.get(name, 1.0) for name in supply.used))
    return forces.UsePlan(stock, per_h, carries, factors)


def _stock(kit: Kit, modes: Modes, carriages: tuple[forces.Carriage, ...], name: str, stock: Stock) -> forces.StockPlan:
    used = kit.scenario.supply.used
    begins = stock.drawn_from is None
    usual = math.inf if begins else 0.0
    rank: Rank = (kit.scenario.priority_of(stock.task or kit.scenario.activation.task), stock.priority, 0, math.inf)
    moves = not begins and stock.lead_h is None
    ways = {of.piece: _lane(kit, modes, name, stock, of.piece, rank).ways() for of in carriages} if moves else {}
    return forces.StockPlan(
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

    def ways(self, *, back: bool = False) -> tuple[forces.SupplyWay, ...]:
        """The modes by which they go there, or come back from there, with the largest lot of each."""
        return tuple(self._way(mode, back) for mode, share in self.shares.items() if share)

    def _way(self, mode: str, goes_back: bool) -> forces.SupplyWay:
        origin, loads_at, goal = _ends(self.modes[mode].kind, self.place, self.railhead, self.goal, goes_back)
        beyond_h = self.goal.beyond_h.get(mode)
        subject = f"{self.subject}/{'back/' if goes_back else ''}{mode}"
        largest = self.modes[mode].lots_of({self.piece: self.most}, loads_at, goal.exits[mode])[0]
        owner = self.subject.split("/")[0]
        load = Load(subject, owner, mode, largest, self.rank, origin, loads_at, goal)
        draws = () if beyond_h is None else tuple(_draws(self.kit, "beyond", subject, beyond_h))
        lot = replace(self.modes[mode].compile(load), batch=subject)
        return forces.SupplyWay(self.shares[mode], lot, draws, goes_back)


def _attrition(kit: Kit, modes: Modes) -> dict[str, tuple[forces.ElementAttrition, ...]]:
    """Compile what falls out of each element."""
    found: dict[str, list[forces.ElementAttrition]] = {}
    for name, attrition in kit.scenario.attrition.items():
        concerned = kit.scenario.concerned_by(attrition)
        falls = _falls(kit, modes, name, attrition, concerned)
        for element, number in concerned.items():
            factors = _factors(kit, element, lambda of, name=name: (of.attrition_factor.get(name, 1.0),))  # type: ignore[misc]
            steps = tuple((hour, attrition.share_a_day * of) for hour, (of,) in factors.steps)
            shares = Timeline(steps, attrition.share_a_day)
            days = tuple(_draws(kit, "attrition", f"{element}/{name}", UNIFORM))
            found.setdefault(element, []).append(forces.ElementAttrition(falls, number, shares, days))
    return {element: tuple(of) for element, of in found.items()}


def _falls(kit: Kit, modes: Modes, name: str, attrition: Attrition, elements: Iterable[str]) -> forces.AttritionPlan:
    scenario, place = kit.scenario, attrition.place
    rank: Rank = (scenario.priority_of(scenario.activation.task), 1, 0, math.inf)
    goals = dict.fromkeys(scenario.elements[element].destination or "" for element in elements) if place else {}
    moved = attrition.piece, attrition.shares, rank, place or "", attrition.railhead
    lanes = {to: Lane(kit, modes, f"{name}/{to}", *moved, scenario.destinations[to], MOST_FALLEN) for to in goals}
    uses = tuple(attrition.uses_kg.get(of, 0.0) / KG_A_T for of in scenario.supply.used)
    return forces.AttritionPlan(
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


def _factors(kit: Kit, element: str, of: Callable[[Regime | Posture], forces.Amounts]) -> Timeline[forces.Amounts]:
    """What holds for an element over time: the factors of its regime times those of all its postures."""
    scenario = kit.scenario
    capability = scenario.elements[element].capability
    postures = [posture for posture in scenario.postures.values() if posture.is_of(element, capability)]
    spans = [(in_hours(p.from_day), in_hours(p.until_day or math.inf), of(p)) for p in postures]
    before = of(Regime())
    regimes = Timeline.of([(in_hours(start.day), of(regime)) for start, regime in kit.times.regimes], before)
    hours = {hour for hour, _ in regimes.steps} | {hour for span in spans for hour in span[:2] if hour < math.inf}

    def at(now: float) -> forces.Amounts:
        holding = [factors for start, end, factors in spans if start <= now < end]
        return tuple(map(math.prod, zip(regimes.at(now), *holding, strict=True)))

    return Timeline.of([(hour, at(hour)) for hour in sorted(hours)], before)

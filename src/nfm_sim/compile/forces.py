"""Compile force elements and formations: the stages that they pass, their people, and the tasks that call on them."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from nfm_sim.compile.kit import DrawSheet, Kit, Times
from nfm_sim.compile.loads import Load, split_over_modes
from nfm_sim.compile.modes import Modes
from nfm_sim.kinds import UNIFORM
from nfm_sim.plan import forces
from nfm_sim.plan.movement import Lot, Need, Rank
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.words import OFFERED, in_hours, whole_ticks
from nfm_sim.scenario import Scenario, activation
from nfm_sim.scenario.model import Commitment, Destination, Element, Formation, Task
from nfm_sim.scenario.options import place_of


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
        home, there = modes[mode].kind.ends_at(element.home, element.railhead), goal.exits[mode]
        start, end = (there, home) if back else (home, there)
        for number, lot in enumerate(modes[mode].lots_of(pieces, start, end), start=1):
            load = Load(
                name=f"{subject}/{mode}-{number:03d}",
                part_of=name,
                mode=mode,
                pieces=lot,
                rank=rank,
                origin=there if back else element.home,
                loads_at=start,
                goal=Destination(exits={mode: home}, via={mode: goal.via.get(mode, ())[::-1]}) if back else goal,
                from_h=goal.beyond_h.get(mode) if back else None,
            )
            yield modes[mode].compile(load)


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

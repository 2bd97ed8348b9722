"""Compile force elements and formations, and the people that elements have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nfm_sim.compile import tasks
from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import split_over_modes
from nfm_sim.compile.modes import mode_of
from nfm_sim.compile.stages import stage_steps
from nfm_sim.kinds import UNIFORM
from nfm_sim.plan.forces import CommitmentPlan, ElementPlan, FormationPlan, People
from nfm_sim.plan.movement import Lot, Rank
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.model import Element, Formation


@dataclass(frozen=True, slots=True)
class Forces:
    """The force of a plan: its elements and formations, the people that they have, and the calls on them."""

    elements: tuple[ElementPlan, ...]
    formations: tuple[FormationPlan, ...]
    people: dict[str, dict[str, People]]
    donors: dict[str, tuple[tuple[str, Rank], ...]]
    commitments: tuple[CommitmentPlan, ...]
    """To elements, and to amounts of pools."""


def compile_forces(kit: Kit) -> Forces:
    """Compile all force elements and formations, and the tasks that call on them."""
    scenario = kit.scenario
    elements = tuple(
        _element_plan(kit, number, name, element) for number, (name, element) in enumerate(scenario.elements.items())
    )
    people = {name: _people_of(scenario.activation.trades, element) for name, element in scenario.elements.items()}
    return Forces(
        elements,
        tuple(_formation_plan(scenario, name, formation) for name, formation in scenario.formations.items()),
        people,
        _donors_of(people, elements),
        tuple(tasks.commitment_plans(scenario, tasks.task_plans(scenario, kit.times))),
    )


UNTIERED = 4
"""The tier of elements that are not offered: they come after the others."""


def _element_plan(kit: Kit, number: int, name: str, element: Element) -> ElementPlan:
    """Compile the element that stands at a place, from 0, in the table of elements."""
    ask, activation = kit.sheet.ask, kit.scenario.activation
    tier = UNTIERED if element.tier is None else element.tier
    deadline = math.inf if element.tier is None else in_hours(kit.scenario.deadline_days[element.tier])
    rank: Rank = (
        kit.scenario.priority_of(activation.task),
        tier if element.priority is None else element.priority,
        tier,
        deadline,
    )
    task_name, _, commitment = element.commitment.partition("/")
    return ElementPlan(
        subject=name,
        rank=rank,
        capability=element.capability,
        offered=element.tier is not None,
        order=(-tier, number),
        commitment=(task_name, commitment) if commitment else None,
        tour_left=ask("tour left", name, UNIFORM),
        travel=tasks.travel(kit, name, element),
        redeploy=tasks.redeploy(kit, name, element),
        permit=kit.times.permit_lead(kit.sheet, name),
        home=element.home,
        stages=tuple(stage_steps(kit, name, element)),
        lots=tuple(_lots(kit, name, element, rank)),
        deploys=ask("deploy", name, element.deploys_h) if element.deploys_h else None,
        area=element.destination or element.home,
        integration=ask("integration", name, activation.integration_h),
        requires=element.requires,
        pre_alert_h=whole_ticks(kit.scenario.pre_alert_days(element) * 24),
        partner=element.partner or "partner",
        partner_at=ask("partner", name, element.partner_h) if element.partner_h else None,
    )


def _lots(kit: Kit, name: str, element: Element, rank: Rank) -> Iterable[Lot]:
    """The lots in which an element moves; none when it serves where it is."""
    if element.destination is None:
        return
    exits = kit.scenario.destinations[element.destination].exits
    for mode, pieces in split_over_modes(element.pieces, kit.scenario.shares).items():
        loads_at = mode_of(mode).loading_place(element)
        for number, lot in enumerate(mode_of(mode).lots_of(kit, pieces, loads_at, exits[mode]), start=1):
            load = Load(
                name=f"{name}/{mode}-{number:03d}",
                part_of=name,
                mode=mode,
                pieces=lot,
                rank=rank,
                origin=element.home,
                loads_at=loads_at,
                destination=element.destination,
            )
            yield mode_of(mode).compile(kit, load)


def _people_of(trades: Mapping[str, Mapping[str, float]], element: Element) -> dict[str, People]:
    """The people of an element by trade."""
    mix = trades.get(element.capability) or trades.get("other") or {}
    number = element.personnel or 0
    return {trade: People(number * share, number * share * element.filled_share) for trade, share in mix.items()}


def _donors_of(
    people: Mapping[str, Mapping[str, People]], elements: Iterable[ElementPlan]
) -> dict[str, tuple[tuple[str, Rank], ...]]:
    """The elements that have people of each trade, the least urgent last; of equals the first in the table."""
    # sorting in reverse keeps equals in the order of the table; turned round, the first of them stands last
    by_rank = sorted(elements, key=lambda element: element.rank, reverse=True)[::-1]
    trades = {trade for mix in people.values() for trade in mix}
    return {trade: tuple((e.subject, e.rank) for e in by_rank if trade in people[e.subject]) for trade in trades}


def _formation_plan(scenario: Scenario, name: str, formation: Formation) -> FormationPlan:
    """Compile a formation of the elements that it names and those that name it as their parent."""
    elements = dict.fromkeys(formation.elements)
    elements |= dict.fromkeys(e for e, element in scenario.elements.items() if element.parent == name)
    needed = math.ceil(formation.in_place_share * len(elements) - 1e-9)
    return FormationPlan(name, tuple(elements), needed, formation.headquarters, formation.requires)

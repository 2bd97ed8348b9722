"""How an element passes the stages of activation: recall, fill-up, repair, issue, and stages that take hours.

A new kind of stage is a function here and a line in `STAGES`; `compile/forces.py` compiles it.
"""

import math
from collections.abc import Callable, Iterator, Mapping

from simpy import AllOf, AnyOf, Event

from nfm_sim.engine.log import Who
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.forces import FillUpPlan, HoursPlan, IssuePlan, Job, RecallPlan, RepairPlan
from nfm_sim.plan.plan import Plan
from nfm_sim.record.words import Kind, whole_ticks


class Staff:
    """The people of all elements by trade, and which elements may still give some away."""

    def __init__(self, plan: Plan) -> None:
        self.present = {
            element: {trade: people.present for trade, people in trades.items()}
            for element, trades in plan.people.items()
        }
        self.filled_up: set[str] = set()
        self.donors = {trade: list(donors) for trade, donors in plan.donors.items()}
        """Elements that may still give people of a trade, the least urgent last."""
        self.lent: list[tuple[str, str, str, float, float, float]] = []
        """People that one element gives to another: trade, giver, taker, number, from when, until when."""


def hours(world: World, staff: Staff, stage: HoursPlan, who: Who, away: Event | None) -> Steps:
    """Take time, and hold of a pool meanwhile; a stage of 0 hours holds nothing. Called away, the element leaves it."""
    if not world.value[stage.hours]:
        return
    held = yield from world.take_all(who, stage.needs(), stage.name, stage.place, unless=away)
    if away is None or not away.triggered:
        who.log.to(world.now, stage.name, Kind.WORK, stage.place)
        done = world.pause(world.value[stage.hours])
        yield done if away is None else AnyOf(world.env, [done, away])
    world.release_all(held)


def recall(world: World, staff: Staff, stage: RecallPlan, who: Who, away: Event | None) -> Steps:
    """Call people back from leave: slower when it begins at night, and when it runs into a weekend."""
    hours = world.value[stage.hours] * stage.factor.at(world.now)
    if stage.at_night[0].opens_at(world.now) == world.now:
        hours += stage.at_night[1]
    if stage.at_weekend[0].within(world.now, world.now + hours):
        hours += stage.at_weekend[1]
    yield from world.work(who.log, stage.name, stage.place, whole_ticks(hours), None)


def fill_up(world: World, staff: Staff, stage: FillUpPlan, who: Who, away: Event | None) -> Steps:
    """Fill up with people of each trade: from the unassigned, from less urgent elements, and from reservists.

    An element that begins to fill up gives no people any more; what it gave before, it now misses itself.
    """
    staff.filled_up.add(who.subject)
    here = staff.present.get(who.subject, {})
    for trade, people in world.plan.people.get(who.subject, {}).items():
        missing = math.ceil(stage.full_share * people.establishment - here[trade] - 1e-9)
        if missing <= 0:
            continue
        missing -= _from_unassigned(world, who, trade, missing)
        missing -= _from_elements(world, staff, stage, who, trade, missing)
        if missing:
            yield from world.take(who, ("", trade), missing, stage.name, stage.place)
    yield from world.work(who.log, stage.name, stage.place, world.value[stage.hours], None)


def _from_unassigned(world: World, who: Who, trade: str, missing: int) -> int:
    pool = world.pools["", trade]
    found = min(missing, math.floor(pool.free))
    if found <= 0 or not pool.take_now(found, who.rank):
        return 0
    world.hold(pool, who.subject, found)
    return found


def _from_elements(world: World, staff: Staff, stage: FillUpPlan, who: Who, trade: str, missing: int) -> int:
    """Take from the least urgent elements first; one that can give no more is a donor no more."""
    found = 0
    donors = staff.donors[trade]
    while donors and found < missing:
        donor, rank = donors[-1]
        if rank <= who.rank:
            break
        there = staff.present[donor]
        least = stage.donor_share * world.plan.people[donor][trade].establishment
        spare = 0 if donor in staff.filled_up else math.floor(there[trade] - least + 1e-9)
        given = min(missing - found, spare)
        if given > 0:
            there[trade] -= given
            found += given
            staff.lent.append((trade, donor, who.subject, given, world.now, world.plan.horizon_h))
        if given == spare:
            donors.pop()
    return found


def repair(world: World, staff: Staff, stage: RepairPlan, who: Who, away: Event | None) -> Steps:
    """Repair piece after piece, several at once, in bays by class and with spare parts that may run out."""
    jobs = iter(stage.jobs)
    crews = range(min(stage.at_once, len(stage.jobs)))
    yield AllOf(world.env, [world.env.process(_crew(world, stage, who, jobs)) for _ in crews])


def _crew(world: World, stage: RepairPlan, who: Who, jobs: Iterator[Job]) -> Steps:
    """One crew of those that repair side by side; the log of the element follows the crew that changed last. Spares
    are used up."""
    for job in jobs:
        if job.spares is not None:
            yield from world.take(who, *job.spares, stage.name, stage.place)
        bay = yield from world.take(who, *job.bay, stage.name, stage.place)
        yield from world.work(who.log, stage.name, stage.place, world.value[stage.hours], None, bay)
        world.release(bay)


def issue(world: World, staff: Staff, stage: IssuePlan, who: Who, away: Event | None) -> Steps:
    """Draw ammunition and supplies at a depot, over its docks, in its opening hours."""
    dock = None
    if stage.dock is not None:
        dock = yield from world.take(who, *stage.dock, stage.name, stage.place)
    yield from world.work(who.log, stage.name, stage.place, stage.hours, stage.windows, dock)
    world.release(dock)


STAGES: Mapping[type, Callable[..., Steps]] = {
    HoursPlan: hours,
    RecallPlan: recall,
    FillUpPlan: fill_up,
    RepairPlan: repair,
    IssuePlan: issue,
}
"""By the kind of stage: how an element passes it. The last argument is the event that it is called away, where it may
then leave the stage."""

"""The life of a force element: activation, one task after the other, and what tasks hold of pools meanwhile."""

import math
from functools import partial

from simpy import AnyOf, Interrupt

from nfm_sim.engine.forces.board import Board, CommitmentDuties, Duty
from nfm_sim.engine.log import Log
from nfm_sim.engine.movement.modes import move_together
from nfm_sim.engine.movement.mover import Movements
from nfm_sim.engine.world import Steps
from nfm_sim.plan.forces import CommitmentPlan, FormationPlan, Requirement
from nfm_sim.plan.movement import PoolKey, Rank
from nfm_sim.record.words import Activity, CauseKind, DutyState, Kind, Milestone, Rule, whole_ticks

# Activation: a force element from the order to ready to move, in place, and effective.


def activate(board: Board, duty: Duty, commitment: CommitmentDuties) -> Steps:
    """The way of an element on the regional plans: its stages, its movement, and its time in place.

    Called away, it goes at the end of the movement or the stage that it is in, at once where the stage breaks off, and
    later goes on where it left off.
    """
    element, world = duty.element, board.world
    if world.now < board.ordered_h:
        for step in element.stages:
            if step.early and not duty.called_away:
                yield from board.pass_stage(duty, step)
        board.blame_task(duty, commitment)
        yield from duty.stay(board.ordered_h)
    if duty.permit_h is None:
        duty.permit_h = world.permitted(element.permit, max(world.now, board.ordered_h))
    for step in element.stages:
        if not duty.called_away:
            yield from board.pass_stage(duty, step)
    if not duty.called_away:
        if duty.deployed:
            yield from come_back(board, duty, commitment, element.area)
        else:
            duty.log.mark(world.now, Milestone.READY, element.home)
            yield from deploy(board.movements, duty, duty.permit_h)
            integration_h = world.value[element.integration]
            yield from world.work(duty.log, Activity.INTEGRATION, element.area, integration_h, None)
            duty.deployed = True
        yield from be_in_place(board, duty, commitment)
    if duty.goal is not None:
        board.blame_task(duty, duty.goal)


def be_in_place(board: Board, duty: Duty, commitment: CommitmentDuties) -> Steps:
    """In place, and effective once its partner and enablers are there; until it is withdrawn."""
    element, log, world = duty.element, duty.log, board.world
    log.mark(world.now, Milestone.IN_PLACE, element.area)
    board.in_place[element.subject].succeed()
    duty.to(DutyState.SERVE, commitment)
    if not duty.called_away:
        effect = world.env.process(take_effect(board, duty))
        stock = board.supply.stock_of.get(element.subject)
        if stock is not None:
            stock.join(element, partial(lack, board, duty))
        board.attrition.join(element, partial(lack, board, duty))
        yield from duty.stay()
        duty.was_effective = False  # what it lacks, it takes along: nobody has it effective by that
        board.attrition.leave(element)
        if stock is not None:
            stock.leave(element)
        if effect.is_alive:
            effect.interrupt()
    board.in_place[element.subject] = world.env.event()
    if board.effective[element.subject].triggered:  # else who waits for it goes on to do so
        board.effective[element.subject] = world.env.event()
    yield from come_back(board, duty, commitment, element.area)


def lack(board: Board, duty: Duty, what: str, lacks: bool) -> None:
    """An element in place lacks a class of supply, or those whom an attrition took, and cannot be effective without; or
    has it again."""
    subject = duty.element.subject
    (duty.lacks.add if lacks else duty.lacks.discard)(what)
    is_short = not duty.lacks.isdisjoint(board.world.plan.supply.classes)
    state = DutyState.SHORT if is_short else DutyState.WEAK if duty.lacks else DutyState.SERVE
    if state == duty.state:
        return
    duty.to(state, duty.commitment)
    if duty.supplied is not None:
        duty.supplied.succeed()
    duty.supplied = None if state == DutyState.SERVE else board.world.env.event()
    if state == DutyState.SERVE and duty.was_effective:
        duty.was_effective = False
        board.effective[subject].succeed()
    elif board.effective[subject].triggered:
        duty.was_effective = True
        board.effective[subject] = board.world.env.event()


def take_effect(board: Board, duty: Duty) -> Steps:
    """Wait for the partner, for the enablers and for supply; one that is withdrawn before has had no effect."""
    element, log, world = duty.element, duty.log, board.world
    try:
        if element.partner_at is not None and world.now < world.value[element.partner_at]:
            cause = (CauseKind.PARTNER, element.partner)
            log.to(world.now, Activity.SYNCHRONISE, Kind.WAIT, element.area, cause)
            yield world.until(world.value[element.partner_at])
        yield from meet(board, element.requires, log, element.area)
        while duty.supplied is not None:
            rule = Rule.SUPPLY if duty.state == DutyState.SHORT else Rule.ATTRITION
            log.to(world.now, Activity.EFFECT, Kind.WAIT, element.area, rule)
            yield duty.supplied
            yield from meet(board, element.requires, log, element.area)
    except Interrupt:
        return
    log.mark(world.now, Milestone.EFFECTIVE, element.area)
    board.effective[element.subject].succeed()
    log.close(world.now)


def meet(board: Board, requires: Requirement, log: Log, place: str) -> Steps:
    """Wait until all parts of a requirement are met at one moment, each by any of its alternatives: one that was in
    place and has been withdrawn counts no more."""
    world = board.world
    there = board.in_place
    while missing := next((part for part in requires if not any(there[name].triggered for name in part)), ()):
        log.to(world.now, Activity.EFFECT, Kind.WAIT, place, (CauseKind.ELEMENT, " or ".join(missing)))
        yield AnyOf(world.env, [there[name] for name in missing])


def assemble(board: Board, formation: FormationPlan) -> Steps:
    """A formation is in place when as many elements as it needs are there together, and effective with its headquarters
    and enablers."""
    world = board.world
    log = world.open_log(formation.subject, 0.0, Activity.ASSEMBLE, Kind.WAIT, "")
    there: list[str] = []
    while True:
        before, there = there, [name for name in formation.elements if board.in_place[name].triggered]
        for name in there:
            if name not in before:  # until now, it waited for this one
                log.name_cause((CauseKind.ELEMENT, name))
                log.to(world.now, Activity.ASSEMBLE, Kind.WAIT, "")
        if len(there) >= formation.needed:
            break
        yield AnyOf(world.env, [board.in_place[name] for name in formation.elements if name not in there])
    log.mark(world.now, Milestone.IN_PLACE, "")
    headquarters = formation.headquarters
    if headquarters is not None and not board.effective[headquarters].triggered:
        log.to(world.now, Activity.EFFECT, Kind.WAIT, "", (CauseKind.ELEMENT, headquarters))
        yield board.effective[headquarters]
    yield from meet(board, formation.requires, log, "")
    log.mark(world.now, Milestone.EFFECTIVE, "")
    log.close(world.now)


def deploy(movements: Movements, duty: Duty, permit_h: float) -> Steps:
    """Move to the area of operations: by its own means, or lot by lot over the network, permit in hand.

    An element has arrived when its last lot has; the time of that lot is the element's own. It comes with what is not
    lost, and never when all is.
    """
    world, element, log = movements.world, duty.element, duty.log
    if element.deploys is not None:
        log.to(world.now, Activity.DEPLOY, Kind.MOVE, element.area)
        yield world.pause(world.value[element.deploys])
    if element.lots:
        if world.now < permit_h:
            log.to(world.now, Activity.PERMIT, Kind.WAIT, element.home, Rule.BORDER_PERMIT)
            yield world.until(permit_h)
        log.to(world.now, Activity.DEPLOY, Kind.MOVE, element.area)
        lots, duty.at_home = duty.at_home, ()
        if not (yield from move_together(movements, lots, log)):
            log.to(world.now, Activity.DEPLOY, Kind.WAIT, element.home, Rule.LOST)
            yield world.env.event()  # which never happens


FIRST: Rank = (-math.inf,)
"""Before all others: an element that leaves takes its own teams along."""


def live(board: Board, duty: Duty) -> Steps:
    """The life of a force element: free, or on one task after another."""
    element, world = duty.element, board.world
    if element.offered:
        duty.open_log(0.0 - element.pre_alert_h)
    if duty.commitment is not None:
        yield from serve(board, duty, duty.commitment, world.value[element.tour_left])
    while True:
        if duty.goal is None:
            duty.to(DutyState.FREE, None)
            board.now_free(duty)
            yield from duty.stay()
        if duty.goal is not None:
            duty.to(DutyState.PREPARE, duty.goal)
            way = activate if duty.goal.plan.offers else prepare
            yield from way(board, duty, duty.goal)


def prepare(board: Board, duty: Duty, commitment: CommitmentDuties) -> Steps:
    """Pass the stages that the task asks for, go there, and serve."""
    element, plan, world = duty.element, commitment.plan, board.world
    duty.open_log(world.now)
    board.blame_task(duty, commitment)
    for step in element.stages:
        if step.stage.name in plan.task.stages and not duty.called_away:
            yield from board.pass_stage(duty, step)
            board.blame_task(duty, commitment)
    if not duty.called_away:
        yield from go_there(board, duty, commitment)
        yield from serve(board, duty, commitment, 1.0)


def go_there(board: Board, duty: Duty, commitment: CommitmentDuties) -> Steps:
    """The people of an element go where it is to serve, and so do its pieces, unless it takes over those there."""
    element, plan, world = duty.element, commitment.plan, board.world
    people = world.pause(world.drawn(element.travel.get(plan.key)))
    if plan.key in element.reliefs and not (plan.takes_over and commitment.sets >= commitment.asked):
        commitment.sets += 1
        lots = [board.movements.once_more(lot)[0] for lot in element.reliefs[plan.key].out]
        yield from move_together(board.movements, lots)
    yield people


def come_back(board: Board, duty: Duty, commitment: CommitmentDuties, place: str) -> Steps:
    """The people of an element come back, and so do its pieces, unless they stay for those who come after it; or they
    go once more to the area of operations that they were called away from."""
    element, plan, world = duty.element, commitment.plan, board.world
    duty.to(DutyState.REDEPLOY, commitment)
    duty.log.to(world.now, Activity.REDEPLOY, Kind.MOVE, place, (CauseKind.TASK, plan.task.name))
    people = world.pause(world.drawn(element.redeploy.get(plan.task.name)))
    kept = min(commitment.asked, len(commitment.assigned)) if plan.takes_over else 0
    if plan.key in element.reliefs and (commitment.sets > kept or not plan.takes_over):
        commitment.sets -= 1
        lots = [board.movements.once_more(lot)[0] for lot in element.reliefs[plan.key].back]
        yield from move_together(board.movements, lots)
    yield people


def serve(board: Board, duty: Duty, commitment: CommitmentDuties, tour_share: float) -> Steps:
    """Serve until the tour is over and relief has come, or until called away; come back, and rest.

    `tour_share` is what is left of the tour of an element that serves at hour 0 already.
    """
    element, plan, world = duty.element, commitment.plan, board.world
    duty.to(DutyState.SERVE, commitment)
    if not element.offered:
        duty.log.mark(world.now, Milestone.IN_PLACE, element.home)
        duty.log.close(world.now)
    for key, amount in plan.staffs:
        world.pools[key].grow(amount)
    if plan.mends:
        board.crews.change(plan.mends, element.capability, 1)
    if not duty.called_away:
        board.relieve(commitment)
    tour_done = yield from serve_tour(board, duty, commitment, tour_share)
    if plan.mends:
        board.crews.change(plan.mends, element.capability, -1)
    for key, amount in plan.staffs:
        pool = world.pools[key]
        if not pool.take_now(amount, FIRST):
            duty.log.to(world.now, Activity.COMMITMENT, Kind.WAIT, element.home, pool.own_cause)
            yield pool.take(amount, FIRST)
        pool.shrink(amount)
    yield from come_back(board, duty, commitment, element.home)
    if tour_done and duty.goal is None and plan.rest_h:
        duty.to(DutyState.REST, None)
        board.now_resting(duty)
        board.dispatch()
        yield from duty.stay(world.now + plan.rest_h)
        if duty.goal is None:
            board.release(duty)


def serve_tour(board: Board, duty: Duty, commitment: CommitmentDuties, tour_share: float) -> Steps:
    """Stay for a tour, and longer until relief comes; return whether the tour was done."""
    plan, world = commitment.plan, board.world
    if plan.tour_h == math.inf:
        yield from duty.stay()
        return False
    tour_over_h = world.now + whole_ticks(plan.tour_h * tour_share)
    yield from duty.stay(tour_over_h)
    if not duty.called_away:
        board.tour_over(duty)
        yield from duty.stay(tour_over_h + plan.longest_tour_h - plan.tour_h)
    if not duty.called_away:
        board.release(duty)
        board.dispatch()
    return world.now >= tour_over_h


# Commitments to pools: what tasks hold of them


def hold_of_pool(board: Board, plan: CommitmentPlan) -> None:
    """Have a task hold what it asks for of a pool, unit by unit, from one hour to another."""
    board.note(plan, plan.from_h, plan.until_h)
    whole = math.floor(plan.number)
    units = [1.0] * whole + ([plan.number - whole] if plan.number > whole else [])
    for unit in units:
        board.world.env.process(_hold_unit(board, plan, unit))


def _hold_unit(board: Board, plan: CommitmentPlan, amount: float) -> Steps:
    """One unit: taken as soon as there is one, given up to a task that goes before, and taken again."""
    world, key = board.world, ("", plan.pool)
    pool = world.pools[key]
    yield world.until(plan.from_h)
    while world.now < plan.until_h:
        if not pool.take_now(amount, plan.rank):
            _make_room(board, key, plan)
            yield pool.take(amount, plan.rank)
        given_up = world.env.event()
        holding = world.hold(pool, plan.subject, amount)
        holders = board.units_held.setdefault(key, {})
        if world.now < plan.until_h:
            holders[given_up] = plan
            yield AnyOf(world.env, [given_up, world.until(plan.until_h)])
            holders.pop(given_up, None)
        world.release(holding)


def _make_room(board: Board, key: PoolKey, plan: CommitmentPlan) -> None:
    """Have the last task behind this one give up a unit."""
    holders = board.units_held.get(key, {})
    behind = [
        event
        for event, holder in holders.items()
        if holder.rank > plan.rank and holder.task.may_withdraw.at(board.world.now)
    ]
    if behind:
        event = max(reversed(behind), key=lambda event: holders[event].rank)  # of equals, who took it last
        del holders[event]
        event.succeed()

"""The life of a force element, from one task to the next; and what tasks hold of pools meanwhile."""

import math

from simpy import AnyOf

from nfm_sim.engine.forces.activation import activate
from nfm_sim.engine.forces.board import Board
from nfm_sim.engine.forces.duty import CommitmentDuties, Duty
from nfm_sim.engine.movement.modes import move_together
from nfm_sim.engine.world import Steps
from nfm_sim.plan.forces import CommitmentPlan
from nfm_sim.plan.movement import PoolKey, Rank
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.record.words import Activity, CauseKind, DutyState, Kind, Milestone

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
            yield from activate(board, duty) if duty.goal.plan.offers else prepare(board, duty, duty.goal)


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


def come_back(board: Board, duty: Duty, commitment: CommitmentDuties) -> Steps:
    """The people of an element come back, and so do its pieces, unless they stay for those who come after it."""
    element, plan, world = duty.element, commitment.plan, board.world
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
    duty.to(DutyState.REDEPLOY, commitment)
    duty.log.to(world.now, Activity.REDEPLOY, Kind.MOVE, element.home, (CauseKind.TASK, plan.task.name))
    yield from come_back(board, duty, commitment)
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
        (holder.rank, number, event)
        for number, (event, holder) in enumerate(holders.items())
        if holder.rank > plan.rank and holder.task.may_withdraw.at(board.world.now)
    ]
    if behind:
        event = max(behind, key=lambda b: b[:2])[2]
        del holders[event]
        event.succeed()

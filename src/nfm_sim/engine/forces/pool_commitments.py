"""Commitments to pools: what tasks hold of them."""

import math

from simpy import AnyOf

from nfm_sim.engine.forces.board import Board
from nfm_sim.engine.world import Steps
from nfm_sim.plan.forces import CommitmentPlan
from nfm_sim.plan.movement import PoolKey


def hold_of_pool(board: Board, plan: CommitmentPlan) -> None:
    """Have a task hold what it asks for of a pool, unit by unit, from one hour to another."""
    board.note(*plan.key, "", plan.pool, plan.number, plan.from_h, plan.until_h)
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

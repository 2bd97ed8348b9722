"""Shares of pools: what tasks hold of them, and what sustains the elements in place."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from simpy import AnyOf, Event

from nfm_sim.engine.duty import Duty
from nfm_sim.engine.plan import ClaimPlan
from nfm_sim.engine.pools import Pool, Rank
from nfm_sim.engine.world import Steps, World

SUSTAINMENT = "sustainment"


def hold_share(world: World, plan: ClaimPlan) -> None:
    """A task holds its share of a pool, unit by unit, from one hour to another."""
    world.note_asked(*plan.key, "", plan.pool, plan.number, plan.from_h, plan.until_h)
    whole = math.floor(plan.number)
    units = [1.0] * whole + ([plan.number - whole] if plan.number > whole else [])
    for unit in units:
        world.env.process(hold_unit(world, plan, unit))


def hold_unit(world: World, plan: ClaimPlan, amount: float) -> Steps:
    """One unit of a share: taken as soon as there is one, given up to a task that goes before, and taken again."""
    pool = world.pools[plan.pool]
    yield world.until(plan.from_h)
    while world.now < plan.until_h:
        if not pool.take_now(amount, plan.rank):
            make_room(world, pool, plan)
            yield pool.take(amount, plan.rank)
        given_up = world.env.event()
        holding = world.hold(pool, plan.subject, amount)
        holders = world.shares.setdefault(pool.name, {})
        if world.now < plan.until_h:
            holders[given_up] = plan
            yield AnyOf(world.env, [given_up, world.until(plan.until_h)])
            holders.pop(given_up, None)
        world.give(holding)


def make_room(world: World, pool: Pool, plan: ClaimPlan) -> None:
    """Have the share of the last task behind this one give up a unit."""
    holders = world.shares.get(pool.name, {})
    behind = [
        (holder.rank, number, event)
        for number, (event, holder) in enumerate(holders.items())
        if holder.rank > plan.rank and holder.task.may_withdraw(world.now)
    ]
    if behind:
        event = max(behind, key=lambda b: b[:2])[2]
        del holders[event]
        event.succeed()


def sustain(world: World, duty: Duty, left: Event) -> None:
    """Hold what brings the supplies of an element in place, such as lorries, until it leaves."""
    if duty.claim is None:
        return
    task = duty.claim.plan.task
    for key, amount in task.sustainment:
        row = world.note_asked(task.name, SUSTAINMENT, "", key, amount, world.now, math.inf)
        left.callbacks.append(partial(_end_row, world, row))
        world.env.process(hold_until(world, world.pools[key], amount, duty.element.rank, task.name, left))


def _end_row(world: World, row: list[Any], _: Event) -> None:
    row[-1] = world.now


def hold_until(world: World, pool: Pool, amount: float, rank: Rank, task: str, left: Event) -> Steps:
    """Hold an amount of a pool, from when there is one until something happens."""
    if not pool.take_now(amount, rank):
        yield pool.take(amount, rank)
    holding = world.hold(pool, f"{task}/{SUSTAINMENT}", amount)
    if not left.triggered:
        yield left
    world.give(holding)

"""Tasks: the life of a force element, from one task to the next."""

from __future__ import annotations

import math

from nfm_sim.engine.activation import activate
from nfm_sim.engine.duty import Claim, Duty
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.engine.world import Steps, World

FIRST: Rank = (-math.inf,)
"""Before all others: an element that leaves takes its own teams along."""


def live(world: World, duty: Duty) -> Steps:
    """The life of a force element: free, or on one task after another."""
    element = duty.element
    if element.offered:
        duty.open_log(-element.pre_alert_h)
    if duty.claim is not None:
        yield from serve(world, duty, duty.claim, world.value[element.tour_left])
    while True:
        if duty.goal is None:
            duty.to("free", None)
            world.board.now_free(duty)
            yield from duty.stay()
        if duty.goal is not None:
            duty.to("prepare", duty.goal)
            yield from activate(world, duty) if duty.goal.plan.offers else prepare(world, duty, duty.goal)


def prepare(world: World, duty: Duty, claim: Claim) -> Steps:
    """Pass the stages that the task asks for, go there, and serve."""
    element, plan = duty.element, claim.plan
    duty.open_log(world.now)
    duty.blame_task(claim)
    for step in element.stages:
        if step.name in plan.task.stages and not duty.called_away:
            yield from duty.pass_stage(step)
            duty.blame_task(claim)
    if not duty.called_away:
        yield world.pause(world.drawn(element.travel.get(plan.key)))
        yield from serve(world, duty, claim, 1.0)


def serve(world: World, duty: Duty, claim: Claim, tour_share: float) -> Steps:
    """Serve until the tour is over and relief has come, or until called away; come back, and rest.

    `tour_share` is what is left of the tour of an element that serves at hour 0 already.
    """
    element, plan, board = duty.element, claim.plan, world.board
    duty.to("serve", claim)
    if not element.offered:
        duty.log.mark(world.now, "in place", element.home)
        duty.log.close(world.now)
    for key, amount in plan.staffs:
        world.pools[key].grow(amount)
    if not duty.called_away:
        board.relieve(claim)
    tour_done = yield from serve_tour(world, duty, claim, tour_share)
    for key, amount in plan.staffs:
        pool = world.pools[key]
        if not pool.take_now(amount, FIRST):
            duty.log.to(world.now, "commitment", "wait", element.home, pool.name)
            yield pool.take(amount, FIRST)
        pool.shrink(amount)
    duty.to("redeploy", claim)
    duty.log.to(world.now, "redeploy", "move", element.home, plan.task.name)
    yield world.pause(world.drawn(element.redeploy.get(plan.task.name)))
    if tour_done and duty.goal is None and plan.rest_h:
        duty.to("rest", None)
        board.now_resting(duty)
        board.dispatch()
        yield from duty.stay(world.now + plan.rest_h)
        if duty.goal is None:
            board.release(duty)


def serve_tour(world: World, duty: Duty, claim: Claim, tour_share: float) -> Steps:
    """Stay for a tour, and longer until relief comes; return whether the tour was done."""
    plan, board = claim.plan, world.board
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

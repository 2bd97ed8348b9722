"""Activation: a force element from the order to ready to move, in place, and effective."""

from __future__ import annotations

from simpy import AllOf

from nfm_sim.engine.plan import ElementPlan, Lot, StagePlan
from nfm_sim.engine.record import Log
from nfm_sim.engine.transit import move_out
from nfm_sim.engine.world import Mover, Steps, World


def activate(world: World, element: ElementPlan) -> Steps:
    """The whole way of an element."""
    log = world.open_log(element.subject, 0.0, "decision", "wait", element.home, "political decision")
    yield world.pause(world.value[world.plan.decision])
    for stage in element.stages:
        yield from pass_stage(world, element, stage, log)
    log.mark(world.now, "ready", element.home)
    yield from deploy(world, element, log)
    yield from world.work(log, "integration", element.area, world.value[element.integration], None)
    log.mark(world.now, "in place", element.area)
    world.in_place[element.subject].succeed()
    for enabler in element.requires:
        if not world.in_place[enabler].triggered:
            log.to(world.now, "effect", "wait", element.area, enabler)
            yield world.in_place[enabler]
    log.mark(world.now, "effective", element.area)
    log.close(world.now)


def pass_stage(world: World, element: ElementPlan, stage: StagePlan, log: Log) -> Steps:
    """One stage of activation, with what is shared; an element that does not need it passes at once."""
    if world.value[stage.whether] >= stage.share:
        return
    place = element.home
    held = None
    if stage.pool is not None:
        held = yield from world.take(
            element.subject, log, element.rank, stage.pool, stage.amount, stage.name, place
        )
    yield from world.work(log, stage.name, place, world.value[stage.hours], None)
    world.give(held)


def deploy(world: World, element: ElementPlan, log: Log) -> Steps:
    """Move to the area of operations: by its own means, or lot by lot over the network.

    An element has arrived when its last lot has; the time of that lot is the element's own.
    """
    if element.deploys is not None:
        log.to(world.now, "deploy", "move", element.area)
        yield world.pause(world.value[element.deploys])
    if element.lots:
        log.to(world.now, "deploy", "move", element.area)
        movers = [
            Mover(lot, world.open_log(lot.subject, world.now, "load", "wait", lot.origin)) for lot in element.lots
        ]
        log.follow([mover.log for mover in movers])
        yield AllOf(world.env, [world.env.process(journey(world, mover)) for mover in movers])
        log.adopt_last()


def journey(world: World, mover: Mover) -> Steps:
    """A lot of an element moves to its exit, and beyond it to the area of operations."""
    lot: Lot = mover.lot
    yield from move_out(world, mover)
    if lot.beyond is not None:
        mover.log.to(world.now, "beyond the border", "move", lot.exit)
        yield world.pause(world.value[lot.beyond])
    mover.log.mark(world.now, "closed", lot.exit)
    mover.log.close(world.now)

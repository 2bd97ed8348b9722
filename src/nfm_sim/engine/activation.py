"""Activation: a force element from the order to ready to move, in place, and effective."""

from __future__ import annotations

from simpy import AllOf, AnyOf

from nfm_sim.engine.plan import ElementPlan, FormationPlan, Lot, Requirement, StageStep
from nfm_sim.engine.record import Log
from nfm_sim.engine.transit import move_out
from nfm_sim.engine.world import Mover, Steps, World


def activate(world: World, element: ElementPlan) -> Steps:
    """The whole way of an element."""
    ordered_h = world.value[world.plan.decision]
    log = world.open_log(
        element.subject, -element.pre_alert_h, "decision", "wait", element.home, "political decision"
    )
    if element.pre_alert_h:
        yield world.until(-element.pre_alert_h)
        for step in element.stages:
            if step.early:
                yield from pass_stage(world, element, step, log)
        log.to(world.now, "decision", "wait", element.home, "political decision")
    yield world.until(ordered_h)
    for step in element.stages:
        if not (element.pre_alert_h and step.early):
            yield from pass_stage(world, element, step, log)
    log.mark(world.now, "ready", element.home)
    yield from deploy(world, element, log)
    yield from world.work(log, "integration", element.area, world.value[element.integration], None)
    log.mark(world.now, "in place", element.area)
    world.in_place[element.subject].succeed()
    yield from take_effect(world, element, log)
    log.mark(world.now, "effective", element.area)
    world.effective[element.subject].succeed()
    log.close(world.now)


def pass_stage(world: World, element: ElementPlan, step: StageStep, log: Log) -> Steps:
    """One stage of activation; an element that does not need it passes at once."""
    if world.value[step.whether] < step.share:
        yield from step.stage.run(world, element, log)


def take_effect(world: World, element: ElementPlan, log: Log) -> Steps:
    """Wait for the partner, and for the enablers."""
    if element.partner_at is not None and world.now < world.value[element.partner_at]:
        log.to(world.now, "synchronise", "wait", element.area, element.partner)
        yield world.until(world.value[element.partner_at])
    yield from meet(world, element.requires, log, element.area)


def meet(world: World, requires: Requirement, log: Log, place: str) -> Steps:
    """Wait until all parts of a requirement are met, each by the first of its alternatives that is in place."""
    for alternatives in requires:
        events = [world.in_place[name] for name in alternatives]
        if not any(event.triggered for event in events):
            log.to(world.now, "effect", "wait", place, " or ".join(alternatives))
            yield AnyOf(world.env, events)


def assemble(world: World, formation: FormationPlan) -> Steps:
    """A formation is in place with the last element it needs, and effective with its headquarters and enablers."""
    log = world.open_log(formation.subject, 0.0, "assemble", "wait", "")
    missing = list(formation.elements)
    for _ in range(formation.needed):
        yield AnyOf(world.env, [world.in_place[name] for name in missing])
        arrived = next(name for name in missing if world.in_place[name].triggered)
        missing.remove(arrived)
        log.blame(arrived)
    log.mark(world.now, "in place", "")
    if formation.headquarters is not None and not world.effective[formation.headquarters].triggered:
        log.to(world.now, "effect", "wait", "", formation.headquarters)
        yield world.effective[formation.headquarters]
    yield from meet(world, formation.requires, log, "")
    log.mark(world.now, "effective", "")
    log.close(world.now)


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

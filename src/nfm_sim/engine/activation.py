"""Activation: a force element from the order to ready to move, in place, and effective."""

from __future__ import annotations

from simpy import AllOf, AnyOf, Interrupt

from nfm_sim.engine.duty import Duty
from nfm_sim.engine.plan import ElementPlan, FormationPlan, Lot, Requirement
from nfm_sim.engine.record import Log
from nfm_sim.engine.shares import sustain
from nfm_sim.engine.transit import move_out
from nfm_sim.engine.world import Mover, Steps, World


def activate(world: World, duty: Duty) -> Steps:
    """The way of an element on the regional plans: its stages, its movement, and its time in place.

    Called away, it goes at the end of the stage or movement that it is in, and later goes on where it left off.
    """
    element = duty.element
    if world.now < world.ordered_h:
        for step in element.stages:
            if step.early and not duty.called_away:
                yield from duty.pass_stage(step)
        duty.log.to(world.now, "decision", "wait", element.home, "political decision")
        yield from duty.stay(world.ordered_h)
    if duty.permit_h is None:
        by_regime = next((draw for hour, draw in element.permits if world.now >= hour), None)
        duty.permit_h = world.now + world.drawn(by_regime)
    for step in element.stages:
        if not duty.called_away:
            yield from duty.pass_stage(step)
    if not duty.called_away:
        if duty.deployed:
            yield from redeploy(world, duty)
        else:
            duty.log.mark(world.now, "ready", element.home)
            yield from deploy(world, element, duty.log, duty.permit_h)
            yield from world.work(duty.log, "integration", element.area, world.value[element.integration], None)
            duty.deployed = True
        yield from be_in_place(world, duty)
    if duty.goal is not None:
        duty.blame_task(duty.goal)


def be_in_place(world: World, duty: Duty) -> Steps:
    """In place, and effective once its partner and enablers are there; until it is withdrawn."""
    element, claim, log = duty.element, duty.claim, duty.log
    log.mark(world.now, "in place", element.area)
    world.in_place[element.subject].succeed()
    duty.to("serve", claim)
    if not duty.called_away:
        effect = world.env.process(take_effect(world, element, log))
        left = world.env.event()
        sustain(world, duty, left)
        yield from duty.stay()
        left.succeed()
        if effect.is_alive:
            effect.interrupt()
    world.in_place[element.subject] = world.env.event()
    world.effective[element.subject] = world.env.event()
    yield from redeploy(world, duty)


def redeploy(world: World, duty: Duty) -> Steps:
    """Back from the area of operations, or to it once more."""
    element, claim = duty.element, duty.claim
    if claim is not None:
        duty.to("redeploy", claim)
        duty.log.to(world.now, "redeploy", "move", element.area, claim.plan.task.name)
        yield world.pause(world.drawn(element.redeploy.get(claim.plan.task.name)))


def take_effect(world: World, element: ElementPlan, log: Log) -> Steps:
    """Wait for the partner, and for the enablers; one that is withdrawn before has had no effect."""
    try:
        if element.partner_at is not None and world.now < world.value[element.partner_at]:
            log.to(world.now, "synchronise", "wait", element.area, element.partner)
            yield world.until(world.value[element.partner_at])
        yield from meet(world, element.requires, log, element.area)
    except Interrupt:
        return
    log.mark(world.now, "effective", element.area)
    world.effective[element.subject].succeed()
    log.close(world.now)


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
        while (arrived := next((name for name in missing if world.in_place[name].triggered), None)) is None:
            yield AnyOf(world.env, [world.in_place[name] for name in missing])
        missing.remove(arrived)
        log.blame(arrived)
        log.to(world.now, "assemble", "wait", "")
    log.mark(world.now, "in place", "")
    if formation.headquarters is not None and not world.effective[formation.headquarters].triggered:
        log.to(world.now, "effect", "wait", "", formation.headquarters)
        yield world.effective[formation.headquarters]
    yield from meet(world, formation.requires, log, "")
    log.mark(world.now, "effective", "")
    log.close(world.now)


def deploy(world: World, element: ElementPlan, log: Log, permit_h: float) -> Steps:
    """Move to the area of operations: by its own means, or lot by lot over the network, permit in hand.

    An element has arrived when its last lot has; the time of that lot is the element's own.
    """
    if element.deploys is not None:
        log.to(world.now, "deploy", "move", element.area)
        yield world.pause(world.value[element.deploys])
    if element.lots:
        if world.now < permit_h:
            log.to(world.now, "permit", "wait", element.home, "border permit")
            yield world.until(permit_h)
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

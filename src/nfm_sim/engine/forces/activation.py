"""Activation: a force element from the order to ready to move, in place, and effective."""

from functools import partial

from simpy import AnyOf, Interrupt

from nfm_sim.engine.forces.board import Board
from nfm_sim.engine.forces.duty import Duty
from nfm_sim.engine.log import Log
from nfm_sim.engine.movement.modes import move_together
from nfm_sim.engine.movement.mover import Movements
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.forces import FormationPlan, Requirement
from nfm_sim.record.words import Activity, CauseKind, DutyState, Kind, Milestone, Rule

SUPPLY = "/supply"
"""What an element lacks: some class of supply; else it is an attrition, whose name holds no "/"."""


def activate(board: Board, duty: Duty) -> Steps:
    """The way of an element on the regional plans: its stages, its movement, and its time in place.

    Called away, it goes at the end of the movement or the stage that it is in, at once where the stage breaks off, and
    later goes on where it left off.
    """
    element, world = duty.element, board.world
    if world.now < board.ordered_h:
        for step in element.stages:
            if step.early and not duty.called_away:
                yield from board.pass_stage(duty, step)
        duty.blame_decision()
        yield from duty.stay(board.ordered_h)
    if duty.permit_h is None:
        duty.permit_h = world.permitted(element.permit, max(world.now, board.ordered_h))
    for step in element.stages:
        if not duty.called_away:
            yield from board.pass_stage(duty, step)
    if not duty.called_away:
        if duty.deployed:
            yield from redeploy(board, duty)
        else:
            duty.log.mark(world.now, Milestone.READY, element.home)
            yield from deploy(board.movements, duty, duty.permit_h)
            integration_h = world.value[element.integration]
            yield from world.work(duty.log, Activity.INTEGRATION, element.area, integration_h, None)
            duty.deployed = True
        yield from be_in_place(board, duty)
    if duty.goal is not None:
        board.blame_task(duty, duty.goal)


def be_in_place(board: Board, duty: Duty) -> Steps:
    """In place, and effective once its partner and enablers are there; until it is withdrawn."""
    element, log, world = duty.element, duty.log, board.world
    log.mark(world.now, Milestone.IN_PLACE, element.area)
    board.in_place[element.subject].succeed()
    duty.to(DutyState.SERVE, duty.commitment)
    if not duty.called_away:
        effect = world.env.process(take_effect(board, duty))
        board.supply.join(element, partial(lack, board, duty, SUPPLY))
        board.attrition.join(element, partial(lack, board, duty))
        yield from duty.stay()
        board.attrition.leave(element)
        board.supply.leave(element)
        if effect.is_alive:
            effect.interrupt()
    board.in_place[element.subject] = world.env.event()
    board.effective[element.subject] = world.env.event()
    yield from redeploy(board, duty)


def redeploy(board: Board, duty: Duty) -> Steps:
    """Back from the area of operations, or to it once more."""
    element, commitment, world = duty.element, duty.commitment, board.world
    if commitment is not None:
        task = commitment.plan.task.name
        duty.to(DutyState.REDEPLOY, commitment)
        duty.log.to(world.now, Activity.REDEPLOY, Kind.MOVE, element.area, (CauseKind.TASK, task))
        yield world.pause(world.drawn(element.redeploy.get(task)))


def lack(board: Board, duty: Duty, what: str, lacks: bool) -> None:
    """An element in place lacks something that it cannot be effective without, or has it again."""
    subject, before = duty.element.subject, bool(duty.lacks)
    (duty.lacks.add if lacks else duty.lacks.discard)(what)
    if bool(duty.lacks) == before:
        return
    if lacks:
        duty.to(DutyState.SHORT, duty.commitment)
        duty.supplied = board.world.env.event()
        if board.effective[subject].triggered:
            board.effective[subject] = board.world.env.event()
            duty.was_effective = True
        return
    duty.to(DutyState.SERVE, duty.commitment)
    supplied, duty.supplied = duty.supplied, None
    if supplied is not None:
        supplied.succeed()
    if duty.was_effective:
        duty.was_effective = False
        board.effective[subject].succeed()


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
            rule = Rule.SUPPLY if SUPPLY in duty.lacks else Rule.ATTRITION
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
    there: set[str] = set()
    while len(now := {name for name in formation.elements if board.in_place[name].triggered}) < formation.needed:
        _blame_who_came(world, log, formation, now - there)
        there = now
        yield AnyOf(world.env, [board.in_place[name] for name in formation.elements if name not in now])
    _blame_who_came(world, log, formation, now - there)
    log.mark(world.now, Milestone.IN_PLACE, "")
    headquarters = formation.headquarters
    if headquarters is not None and not board.effective[headquarters].triggered:
        log.to(world.now, Activity.EFFECT, Kind.WAIT, "", (CauseKind.ELEMENT, headquarters))
        yield board.effective[headquarters]
    yield from meet(board, formation.requires, log, "")
    log.mark(world.now, Milestone.EFFECTIVE, "")
    log.close(world.now)


def _blame_who_came(world: World, log: Log, formation: FormationPlan, arrived: set[str]) -> None:
    """Say that a formation waited until now for those that have come."""
    for name in formation.elements:
        if name in arrived:
            log.name_cause((CauseKind.ELEMENT, name))
            log.to(world.now, Activity.ASSEMBLE, Kind.WAIT, "")


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

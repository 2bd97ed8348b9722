"""How a lot moves by each mode: what it takes, in which order, and when it gives it up."""

from collections.abc import Callable, Iterable, Mapping

from simpy import AllOf, Interrupt, Process

from nfm_sim.engine.log import Log
from nfm_sim.engine.movement import steps
from nfm_sim.engine.movement.forming import load
from nfm_sim.engine.movement.march import march
from nfm_sim.engine.movement.mover import Movements, Mover
from nfm_sim.engine.queues.pools import Holding
from nfm_sim.engine.world import Steps, World
from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import BARGE, COLUMN, FLIGHT, TRAIN, TRUCK
from nfm_sim.plan.movement import Lot, Trip
from nfm_sim.record.words import Activity, Kind, empty_of


def train(world: World, mover: Mover) -> Steps:
    """A train: wagons, a loading track on which it stands until it leaves, a locomotive with its driver, and a path."""
    lot = mover.lot
    if lot.approach is not None:
        escorts = yield from world.take_all(mover, lot.approach.along, Activity.MARCH, lot.origin)
        yield from march(world, mover, lot.approach.trip)
        world.release_later(escorts, lot.approach.back_h)
    yield from load(world, mover, lot.engines)
    lot = mover.lot
    yield from steps.take_engines(world, mover, _engines_away_h(world, lot))
    yield from steps.come_from_afar(world, mover)
    yield from march(world, mover, lot.trip)
    world.release_all(mover.stands_on)
    yield from steps.unload(world, mover)
    if lot.border is not None:
        if hours := world.value[lot.border]:
            yield from world.work(mover.log, Activity.BORDER_EXCHANGE, lot.exit, hours, None)
        steps.release_engines(world, mover, lot.back_h)


def _engines_away_h(world: World, lot: Lot) -> float:
    """How long the locomotive of a train is away when it waits for nothing."""
    unload_h = lot.unload.hours if lot.unload is not None else 0.0
    out_h = sum(leg.hours for leg in lot.trip.legs) + world.drawn(lot.from_afar) + unload_h
    return out_h + (_away_h(world, lot) if lot.border is None else world.value[lot.border] + lot.back_h)


def _away_h(world: World, lot: Lot) -> float:
    """Hours until what goes along is back from where a movement ends its way here."""
    return 2 * world.drawn(lot.needs_beyond) + lot.turn_h + lot.back_h + world.drawn(lot.from_afar)


def column(world: World, mover: Mover) -> Steps:
    """A march column: its crews, forming up, its escort when it can leave, the gate, and a credit for every leg."""
    lot = mover.lot
    yield from steps.come_from_afar(world, mover)
    for people, number in lot.keeps:
        yield from world.take(mover, people, number, Activity.LOAD, lot.loads_at)
    crew: list[Holding] = []
    pace = 1.0
    if lot.posts:
        crew, pace = yield from world.man(mover, lot.posts, lot.pieces, Activity.FORM_UP, lot.loads_at)
    yield from world.work(mover.log, Activity.FORM_UP, lot.loads_at, world.drawn(lot.prepare), None, pace=pace)
    world.release_all(crew)
    yield from steps.take_along_to_leave(world, mover)
    yield from steps.use(world, mover, mover.lot.gate, Activity.GATE, lot.origin)
    world.release_all(mover.yards)
    yield from march(world, mover, lot.trip)
    yield from steps.unload(world, mover)


def straight(world: World, mover: Mover) -> Steps:
    """What is loaded at a facility, goes, by a gate if it drives, and is unloaded: lorries, which need no credit, a
    barge, and a user's mode without steps of its own."""
    yield from load(world, mover)
    world.release_all(mover.stands_on)
    yield from steps.use(world, mover, mover.lot.gate, Activity.GATE, mover.lot.origin)
    yield from steps.come_from_afar(world, mover)
    yield from march(world, mover, mover.lot.trip)
    yield from steps.unload(world, mover)


def flight(world: World, mover: Mover) -> Steps:
    """Helicopters: made ready where they landed, and flown off from a spot in daylight."""
    lot = mover.lot
    yield from world.work(mover.log, Activity.MAKE_READY, lot.loads_at, world.drawn(lot.prepare), None)
    yield from straight(world, mover)


OURS: Mapping[str, Callable[[World, Mover], Steps]] = {
    TRAIN.name: train,
    COLUMN.name: column,
    TRUCK.name: straight,
    BARGE.name: straight,
    FLIGHT.name: flight,
}


def move_out(world: World, mover: Mover) -> Steps:
    """Move by the lot's mode to its exit; what went along comes back empty."""
    mode = mover.lot.mode
    move = OURS.get(mode) or MODES[mode].steps or straight
    yield from steps.use(world, mover, mover.lot.recovery, Activity.RECOVERY, mover.lot.origin)
    yield from move(world, mover)
    if mover.lot.back is not None:
        world.env.process(_come_back(world, mover, mover.lot.back))
        return
    away_h = _away_h(world, mover.lot)
    world.release_later(mover.along, away_h)
    steps.release_engines(world, mover, away_h)


def journey(world: World, mover: Mover) -> Steps:
    """A lot moves to its exit, and beyond it to the area of operations, where it closes; return whether it did, and was
    not lost on its way."""
    try:
        yield from move_out(world, mover)
        lot = mover.lot
        if lot.beyond is not None:
            mover.log.to(world.now, Activity.BEYOND, Kind.MOVE, lot.exit)
            yield world.pause(world.value[lot.beyond])
    except Interrupt:
        return False
    steps.close(world, mover)
    return True


def move_together(movements: Movements, lots: Iterable[Lot], whole: Log | None = None) -> Steps:
    """Lots move, and what they leave behind after them, until the last has closed; return whether any has, and not all
    are lost. The spans of the last are those of `whole`, that of what they are part of."""
    world = movements.world
    journeys: list[Process] = []
    logs: list[Log] = []

    def begin(mover: Mover) -> None:
        logs.append(world.logs[mover.subject])
        journeys.append(movements.start(mover, journey(world, mover)))

    for lot in lots:
        log = world.open_log(lot.subject, world.now, Activity.LOAD, Kind.WAIT, lot.origin)
        begin(Mover(lot.subject, log, lot.rank, lot, movements, begin))
    if whole is not None and logs:
        whole.parts = logs
    arrived = 0
    while arrived < len(journeys):  # what a lot leaves behind comes after it
        arrived = len(journeys)
        yield AllOf(world.env, journeys)
    if whole is not None and logs:
        whole.adopt_last()
    return any(journey.value for journey in journeys)


def _come_back(world: World, mover: Mover, way: Trip) -> Steps:
    """What went along comes back empty: from beyond the border in the time that it takes there, and over the network
    with a path or a chamber as any movement. Its locomotive, if that turned back at the border, is another one there,
    which comes back with it."""
    lot = mover.lot
    yield world.pause(2 * world.drawn(lot.needs_beyond) + lot.turn_h)
    subject = empty_of(mover.subject)
    log = world.open_log(subject, world.now, Activity.MARCH, Kind.WAIT, way.start)
    mover.movements.empties.append(mover.subject)
    yield from march(world, Mover(subject, log, mover.rank, lot, mover.movements, mover.begin_part), way)
    log.close(world.now)
    if lot.from_afar is not None:
        yield world.pause(world.value[lot.from_afar])
    world.release_all(mover.along)
    steps.release_engines(world, mover, 0.0)

"""Pieces that are lost: where they stand at a place or in a yard, or on the wagons and lorries that carry them.

What is left of a movement goes on. One that loses all its pieces ends at once, wherever it is, and gives back what it
holds and asks for.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from simpy.events import Timeout

from nfm_sim.engine.movement.forming import ask_anew
from nfm_sim.engine.movement.mover import Movements, Mover, of_size
from nfm_sim.engine.movement.steps import release_engines
from nfm_sim.engine.queues.pools import SharedPool
from nfm_sim.engine.world import World
from nfm_sim.kinds.modes import COLUMN
from nfm_sim.plan.movement import Lot
from nfm_sim.record.words import Activity, Cause, CauseKind, Kind, Milestone

Exposed = Callable[[Mover], float]
"""How much of a movement is where something hits: its pieces, or the wagons and lorries that carry them."""


class Toll:
    """Every so manieth of what is counted one after another, from a drawn start on: a share of it all."""

    def __init__(self, share: float, start: float) -> None:
        self.share = share
        self._before = start

    def of(self, number: float) -> int:
        """How many of the next so many are lost."""
        before = self._before
        self._before += number * self.share
        return math.floor(self._before + 1e-9) - math.floor(before + 1e-9)


def in_pool(pool: SharedPool) -> Exposed:
    """What stands in a facility, or is on the wagons and lorries of a pool."""

    def exposed(mover: Mover) -> float:
        if pool.own_cause[0] == CauseKind.FACILITY:
            return mover.lot.pieces if any(one.pool is pool for one in (*mover.yards, *mover.stands_on)) else 0.0
        if mover.yards or mover.lot.mode == COLUMN.name:  # an escort carries nothing
            return 0.0
        return sum(one.amount for one in mover.along if one.pool is pool)

    return exposed


def at(place: str) -> Exposed:
    """What stands at a place, whether it is loaded there, waits or rests."""

    def exposed(mover: Mover) -> float:
        state = mover.movements.world.logs[mover.subject].state
        return mover.lot.pieces if state is not None and state[1] != Kind.MOVE and state[2] == place else 0.0

    return exposed


def lose_share(movements: Movements, exposed: Exposed, toll: Toll, cause: Cause) -> None:
    """Lose a share of what is exposed of all movements under way."""
    hit = []
    for mover in movements.under_way:
        units = exposed(mover) if movements.world.logs[mover.subject].state is not None else 0.0
        if lost := toll.of(units):
            hit.append((mover, math.ceil(lost * mover.lot.pieces / units - 1e-9)))
    for mover, pieces in hit:
        lose(movements.world, mover, pieces, cause)


def lose_before_it_moves(movements: Movements, lots: Iterable[Lot], toll: Toll, cause: Cause) -> list[Lot]:
    """Lose a share of the pieces of lots that have not set out; return what is left of them."""
    left, world = [], movements.world
    for lot in lots:
        pieces = toll.of(lot.pieces)
        if pieces:
            subject = lot.subject if pieces == lot.pieces else movements.name_part(lot.subject, pieces)
            world.open_log(subject, world.now, Activity.LOAD, Kind.WAIT, lot.origin)
            _end(world, subject, cause)
        if pieces < lot.pieces:
            left.append(of_size(lot, lot.pieces - pieces))
            movements.pieces[lot.subject] = left[-1].pieces
    return left


def lose(world: World, mover: Mover, pieces: int, cause: Cause) -> None:
    """Lose pieces of a movement, which never close; the rest of it goes on."""
    lot = mover.lot
    if mover.when_lost is not None:
        mover.when_lost(mover, pieces)
    if pieces >= lot.pieces:
        _lose_all(world, mover, cause)
        return
    part = mover.movements.leave_behind(mover, replace(lot, pieces=pieces), pieces / lot.pieces)
    world.release_all(part.yards)
    _end(world, part.subject, cause)
    mover.lot = of_size(lot, lot.pieces - pieces)
    mover.movements.pieces[mover.subject] = mover.lot.pieces
    ask_anew(world, mover)


def _lose_all(world: World, mover: Mover, cause: Cause) -> None:
    process = mover.process
    assert process is not None, "who is under way has a process"
    if process.is_alive:
        if not isinstance(process.target, Timeout) and process.target.triggered:
            world.at(world.now, lambda: _lose_all(world, mover, cause))  # it is about to get what it has asked for
            return
        process.defused = True
        process.interrupt()
        world.control.give_up(process)
    batch = mover.movements.batches[mover.lot.batch, mover.lot.loads_at]
    if batch.open_part is mover:
        batch.open_part = None
    if mover.bundle is not None:
        batch.go(mover, mover.bundle)
    for pool in world.pools.values():
        pool.forget(mover)
    for want in mover.earmarked:
        want.pool.unmark(want.amount)
    away = {holding.pool for holding in mover.engines}
    for holding in world.holdings:
        if holding.subject == mover.subject and holding.end_h == math.inf and holding.pool not in away:
            world.release(holding)
    release_engines(world, mover, 0.0)
    _end(world, mover.subject, cause)


def _end(world: World, subject: str, cause: Cause) -> None:
    log = world.logs[subject]
    assert log.state is not None, "what is lost is under way"
    log.mark(world.now, Milestone.LOST, log.state[2], cause)
    log.close(world.now)

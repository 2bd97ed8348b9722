"""Embarkation: what stands on the quays of a flow's ports, and goes aboard its ships."""

import math
from collections import Counter, deque
from collections.abc import Iterable

from simpy import AllOf, AnyOf, Event

from nfm_sim.engine.log import Together, Who
from nfm_sim.engine.movement.mover import Mover
from nfm_sim.engine.movement.steps import close
from nfm_sim.engine.world import Steps, World
from nfm_sim.kinds.facilities import GANGS
from nfm_sim.plan.movement import Lot
from nfm_sim.plan.transit import CallPlan, ShipPlan
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.record.words import Activity, Kind, Milestone, Rule


class Quays:
    """The quays of one flow."""

    def __init__(self, world: World, lots: Iterable[Lot]) -> None:
        self.world = world
        self.to_come: Counter[str] = Counter()
        """By where their way ends: pieces of the flow that are not aboard."""
        for lot in lots:
            self.to_come[lot.exit] += lot.pieces
        self._standing: dict[str, deque[Mover]] = {}
        self._news: dict[str, Event] = {}

    def stand(self, mover: Mover) -> None:
        """A lot comes to stand on the quay, and waits for a ship."""
        port = mover.lot.exit
        log = self.world.logs[mover.subject]
        log.mark(self.world.now, Milestone.IN_PORT, port)
        log.to(self.world.now, Activity.EMBARK, Kind.WAIT, port, Rule.SHIP)
        self._standing.setdefault(port, deque()).append(mover)
        self._tell(port)

    def lose(self, mover: Mover, pieces: int) -> None:
        """Pieces are lost before they are aboard: no ship waits for them."""
        port = mover.lot.exit
        self.to_come[port] -= pieces
        if pieces >= mover.lot.pieces and mover in self._standing.get(port, ()):
            self._standing[port].remove(mover)
        self._tell(port)

    def embark(self, ship: ShipPlan, call: CallPlan, who: Who) -> Steps:
        """A ship takes pieces aboard with its gangs side by side, until it is full, time to sail, or all is aboard."""
        room = [call.takes]
        gangs = [self._load(ship, call, who, room) for _ in range(ship.gangs)]
        yield AllOf(self.world.env, [self.world.env.process(gang) for gang in gangs])

    def _load(self, ship: ShipPlan, call: CallPlan, who: Who, room: list[int]) -> Steps:
        """One gang: lot after lot in the order in which they came to the quay. Each takes a ramp or crane."""
        world, port = self.world, call.port
        while world.now < call.sails_h and room[0] and self.to_come[port]:
            waiting = self._standing.get(port)
            if not waiting:
                who.log.to(world.now, Activity.EMBARK, Kind.WAIT, port, Rule.CARGO)
                news = self._news.setdefault(port, world.env.event())
                yield news if call.sails_h == math.inf else AnyOf(world.env, [news, world.until(call.sails_h)])
                continue
            if waiting[0].lot.pieces > room[0]:
                self._tell(port)
                break
            mover = waiting.popleft()
            room[0] -= mover.lot.pieces
            embarkation = mover.lot.embarkation
            assert embarkation is not None, "who stands on a quay waits for a ship"
            gang = None
            if not ship.own_crews:
                gang = yield from world.take(who, (port, GANGS), 1, Activity.EMBARK, port)
            gear = yield from world.take(who, (port, ship.gear), 1, Activity.EMBARK, port)
            hours = whole_ticks(embarkation.handling * call.loading_h)
            both = Together([mover.log, who.log])
            yield from world.work(both, Activity.EMBARK, port, hours, world.plan.shifts, gear)
            world.release(gear)
            world.release(gang)
            if world.logs[mover.subject].state is not None:  # it has not been lost meanwhile
                world.release_all(mover.yards)
                self.to_come[port] -= mover.lot.pieces
                close(world, mover)
            self._tell(port)

    def _tell(self, port: str) -> None:
        """Tell the ships that wait at a port that something has changed."""
        news = self._news.pop(port, None)
        if news is not None:
            news.succeed()

"""Allied transit: ships arrive, are discharged lot by lot, and every lot moves to its border; or comes back aboard.

A `Transit` knows what the ships of a replication must know of each other: which ports are lost and until when, which
ships a disruption has held up, which permits have been given, and what came over another port than planned.
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from simpy import AllOf, AnyOf, Event

from nfm_sim.engine.log import Log, Together, Who
from nfm_sim.engine.movement.diversion import PortSeen, ShipSeen, diversion_of
from nfm_sim.engine.movement.modes import move_out
from nfm_sim.engine.movement.mover import Movements, Mover
from nfm_sim.engine.movement.programme import Bookings
from nfm_sim.engine.movement.steps import close, use
from nfm_sim.engine.world import Steps, World
from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import BERTHS, GANGS, ISSUE_POINTS, QUAY
from nfm_sim.plan.movement import AirliftPlan, CallPlan, Lot, OriginPlan, PoolKey, Rank, ShipPlan
from nfm_sim.record.words import NO_CAUSE, Activity, Cause, CauseKind, Kind, Milestone, Rule, never, whole_ticks

# Embarkation: what stands on the quays of a flow's ports, and goes aboard its ships.


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


class Transit:
    """The ships and airlifts of a replication, and what moves from them to the border."""

    def __init__(self, world: World, movements: Movements) -> None:
        self.world = world
        self.movements = movements
        self.held_up: defaultdict[str, list[tuple[Event, Cause]]] = defaultdict(list)
        """By ship: the ends of disruptions that hold it up, each with the hours that it will have lasted, and which."""
        self._lost: defaultdict[PoolKey, set[tuple[float, float, Cause]]] = defaultdict(set)
        """By the facility of a port, as far as is known: from when to when nothing can be discharged there, and why."""
        self._alarms: dict[PoolKey, Event] = {}
        """By port and what ships there are discharged over: the event that it is lost to them."""
        self._bound: dict[str, tuple[str, float]] = {}
        """By ship that is at a port or on its way to another than planned: the port, and its hours of discharge."""
        self._ashore: Counter[str] = Counter()
        """By port: the pieces that have come ashore."""
        self.choose_port = diversion_of(world.plan.diversion)
        """Where a ship goes."""
        self._permits: dict[str, float] = {}
        """By flow that needs one: the hour at which it is given."""
        self.ranks: Mapping[str, Rank] = {}
        """By flow: its rank since a fork."""
        self.diverts_to: Mapping[str, frozenset[str]] = {}
        """By flow: the ports to which its ships may still divert, since a fork."""
        named = {plan.name: Bookings(plan, world.value[plan.start_up]) for plan in world.plan.programmes.values()}
        self.bookings = {flow: named[plan.name] for flow, plan in world.plan.programmes.items()}
        """By flow that has a movement programme: flows of one operation share theirs."""
        taking = {ship.flow for ship in world.plan.ships if any(call.takes for call in ship.calls)}
        self.quays = {flow: Quays(world, (lot for of, lot in world.plan.flow_lots() if of == flow)) for flow in taking}
        """By flow that ships take aboard."""

    def sail_in(self, ship: ShipPlan) -> Steps:
        """The voyage of a ship: late or not, its calls in order."""
        world, first = self.world, ship.calls[0]
        late = (Activity.ARRIVE, Kind.WAIT)
        log = world.open_log(ship.subject, first.planned_h, *late, first.port, Rule.LATENESS)
        for call in ship.calls:
            for lot in call.lots:
                world.open_log(lot.subject, call.planned_h, *late, call.port, Rule.LATENESS)
        yield world.until(first.planned_h + world.value[ship.lateness])
        last = first.port
        for call in ship.calls:
            if call is not first:
                log.to(world.now, Activity.SAIL, Kind.MOVE, call.port)
                yield world.pause(call.sail_h)
                if world.now < call.planned_h:
                    log.to(world.now, Activity.ARRIVE, Kind.WAIT, call.port, Rule.AHEAD_OF_PLAN)
                    yield world.pause(call.planned_h - world.now)
            yield from self._lose_hours(ship, call, log)
            last = yield from self._call_at(ship, call, log)
        log.mark(world.now, Milestone.DISCHARGED, last)
        log.close(world.now)

    def _lose_hours(self, ship: ShipPlan, call: CallPlan, log: Log) -> Steps:
        """Lose the hours of disruptions that have met the ship on its way to a call; what it brings waits for them."""
        calls = ship.calls[ship.calls.index(call) :]
        aboard = Together([self.world.logs[lot.subject] for to_come in calls for lot in to_come.lots])
        while self.held_up[ship.subject]:
            ended, cause = self.held_up[ship.subject].pop(0)
            since = self.world.now
            log.to(since, Activity.ARRIVE, Kind.WAIT, call.port, cause)
            aboard.change_cause(since, cause)
            hours = yield ended
            yield self.world.until(since + hours)
            aboard.change_cause(self.world.now, Rule.LATENESS)

    def _call_at(self, ship: ShipPlan, planned: CallPlan, log: Log) -> Steps:
        """One port call: take a berth, discharge with the ship's gangs side by side, and leave; return the port.

        Before it takes a berth, and again when the port is lost, it may sail with what it still has to another port of
        the flow's. What it has begun to discharge at another port than planned, it ends there.
        """
        world, call = self.world, planned
        hold, to_embark = deque(planned.lots), planned.takes > 0
        numbers: Sequence[int] = range(len(hold))
        formed = len(hold)
        while hold or to_embark:
            cargo = [world.logs[lot.subject] for lot in hold]
            self._head_for(ship, call.port, hold)
            aboard = Who(ship.subject, Together([log, *cargo]), self._rank(ship))
            begun = call is not planned and len(hold) < formed
            other = None if begun else self._divert(ship, planned, call, hold)
            if other is not None:
                lost_h, why = self._lost_to(ship, call.port)
                why = why if lost_h else (CauseKind.FACILITY, BERTHS)
                aboard.log.to(world.now, Activity.DIVERT, Kind.MOVE, other.port, why)
                if call is planned:
                    numbers = [planned.lots.index(lot) for lot in hold]
                call = other
                self._head_for(ship, call.port, hold)
                yield world.pause(call.sail_h)
                hold = self._form_over(call, planned, numbers, hold)
                formed = len(hold)
                continue
            port = call.port
            lost = self._alarms.setdefault((port, ship.gear), world.env.event()) if planned.elsewhere else None
            turn = self._slowest(ship, port)
            aboard.log.to(world.now, Activity.DISCHARGE, Kind.WAIT, port, turn)
            arrive = Activity.ARRIVE
            quay = yield from world.take(aboard, (port, QUAY), ship.length_m, arrive, port, unless=lost)
            berth = yield from world.take(aboard, (port, BERTHS), 1, arrive, port, unless=lost)
            if lost is None or not lost.triggered:
                aboard.log.to(world.now, Activity.DISCHARGE, Kind.WAIT, port, turn)
                gangs = [self._discharge(ship, call, hold, log, lost) for _ in range(ship.gangs)]
                yield AllOf(world.env, [world.env.process(gang) for gang in gangs])
                if not hold and to_embark and call is planned:
                    yield from self.quays[ship.flow].embark(ship, call, Who(ship.subject, log, self._rank(ship)))
                to_embark = to_embark and bool(hold)
            world.release(berth)
            world.release(quay)
            self._bound.pop(ship.subject, None)
        return call.port

    def _rank(self, of: ShipPlan | AirliftPlan | Lot) -> Rank:
        """The rank of what is about to act."""
        return self.ranks.get(of.flow, of.rank)

    def _head_for(self, ship: ShipPlan, port: str, hold: Iterable[Lot]) -> None:
        """Note where a ship is bound, and how long its discharge will take there, so that others look elsewhere."""
        hours = sum(lot.landing.discharge_h for lot in hold) / ship.gangs
        self._bound[ship.subject] = (port, hours)

    def _seen(self, ship: ShipPlan, port: str, sail_h: float) -> PortSeen:
        """A port as a ship sees it: others that are there or bound for it are discharged before it, side by side."""
        berths = self.world.pools.get((port, BERTHS))
        bound = (hours for other, (to, hours) in self._bound.items() if to == port and other != ship.subject)
        queue_h = sum(bound) / berths.capacity if berths is not None and berths.capacity else 0.0
        ahead_h = sail_h or self._bound[ship.subject][1]
        return PortSeen(sail_h, self._lost_to(ship, port, ahead_h)[0], queue_h, self._ashore[port])

    def _form_over(self, call: CallPlan, planned: CallPlan, numbers: Sequence[int], hold: Iterable[Lot]) -> deque[Lot]:
        """Return the lots in which what is aboard moves over another port. Each has the time of what it was in until
        now; those that are no more leave no trace."""
        world, movements, lots = self.world, self.movements, deque(call.over(numbers))
        stand_for = {planned.lots[number].mode: planned.lots[number].subject for number in numbers}
        movements.diverted |= {planned.lots[number].subject: call.port for number in numbers}
        if [(lot.subject, lot.pieces) for lot in lots] == [(lot.subject, lot.pieces) for lot in hold]:
            return lots
        before = {lot.subject: world.logs.pop(lot.subject) for lot in hold}
        alike = {lot.mode: before[lot.subject] for lot in hold}
        movements.pieces |= dict.fromkeys(before, 0)
        known = {lot.subject for lot in planned.lots}
        for lot in lots:
            world.logs[lot.subject] = before.get(lot.subject) or alike[lot.mode].copy()
            movements.pieces[lot.subject] = lot.pieces
            if lot.subject not in known:
                movements.planned_as[lot.subject] = stand_for[lot.mode]
        return lots

    def _slowest(self, ship: ShipPlan, port: str) -> Cause:
        """What pieces in a ship wait for while others are discharged: the port's ramps or cranes, or its gangs, when
        there are fewer of them than the ship could use; else the gangs that the ship itself has."""
        for name in (ship.gear,) if ship.own_crews else (ship.gear, GANGS):
            pool = self.world.pools.get((port, name))
            if pool is not None and pool.limit < ship.gangs:
                return (CauseKind.FACILITY, name)
        return Rule.GANGS_OF_SHIP

    def _divert(self, ship: ShipPlan, planned: CallPlan, call: CallPlan, hold: Iterable[Lot]) -> CallPlan | None:
        """The port to sail to instead of this one; None to stay. A ship that has been sent on goes on only when the
        port is lost."""
        may = self.diverts_to.get(ship.flow, planned.elsewhere.keys())
        others = {port: other for port, other in planned.elsewhere.items() if other is not call and port in may}
        if not others or (call is not planned and not self._lost_to(ship, call.port, self._bound[ship.subject][1])[0]):
            return None
        sail_h = {call.port: 0.0, **{port: other.sail_h for port, other in others.items()}}
        ports = {port: self._seen(ship, port, hours) for port, hours in sail_h.items()}
        aboard = sum(lot.pieces for lot in hold)
        seen = ShipSeen(self.world.now, ship.flow, ship.subject, call.port, aboard, ports)
        return others.get(self.choose_port(seen))

    def _discharge(self, ship: ShipPlan, call: CallPlan, hold: deque[Lot], ship_log: Log, lost: Event | None) -> Steps:
        """One gang: lot after lot from the hold into the yard, until the hold is empty or the port is lost.

        A full yard stops it. The ramp or crane is taken for each lot, after its place in the yard: a gang that held
        a crane before a full yard would keep the barges from loading that empty it. The ship's log follows the gang
        that changed last.
        """
        world, port = self.world, call.port
        if ship.flow in self.bookings:
            self.bookings[ship.flow].arrive(world.now)
        gang_of = Who(ship.subject, ship_log, self._rank(ship))
        gang = None
        if not ship.own_crews:
            gang = yield from world.take(gang_of, (port, GANGS), 1, Activity.DISCHARGE, port, unless=lost)
        while hold and not (lost is not None and lost.triggered):
            lot = hold.popleft()
            log = world.logs[lot.subject]
            both = Together([log, ship_log])
            ashore = Who(lot.subject, both, self._rank(lot))
            where = lot.landing.yards
            yards = yield from world.take_all(ashore, where, Activity.DISCHARGE, port, Kind.BLOCKED, lost)
            if guards := lot.landing.guards:
                on_post = yield from world.man(ashore, guards, lot.pieces, Activity.DISCHARGE, port, Kind.BLOCKED, lost)
                yards += on_post[0] if on_post is not None else []
            by_ship = Who(ship.subject, both, self._rank(ship))
            gear = yield from world.take(by_ship, (port, ship.gear), 1, Activity.DISCHARGE, port, unless=lost)
            if lost is not None and lost.triggered and gear is None:
                hold.appendleft(lot)
                world.release_all(yards)
                break
            yield from world.work(both, Activity.DISCHARGE, port, lot.landing.discharge_h, world.plan.shifts, gear)
            world.release(gear)
            self._ashore[port] += lot.pieces
            mover = Mover(lot.subject, log, self._rank(lot), lot, self.movements, self._begin, yards)
            self._start(mover, self._cross(mover))
        world.release(gang)

    def _cross(self, mover: Mover) -> Steps:
        """A lot in the yard is cleared, and moves out."""
        world, lot, log = self.world, mover.lot, mover.log
        papers = lot.landing.documents
        issued = papers is not None and papers.pool[1] == ISSUE_POINTS
        yield from use(world, mover, papers, Activity.ISSUE if issued else Activity.DOCUMENTS, lot.origin)
        if lot.flow in world.plan.permits:
            while (hour := self._permitted(lot.flow)) > world.now:
                log.to(world.now, Activity.PERMIT, Kind.WAIT, lot.origin, Rule.BORDER_PERMIT)
                yield world.until(hour)
        yield from self._go_on(mover)

    def _go_on(self, mover: Mover) -> Steps:
        """A lot moves to its exit when its flow's programme lets it, and closes there, or stands on the quay until a
        ship has taken it."""
        if mover.lot.flow in self.bookings and not mover.has_slot:
            yield from self._wait_for_slot(mover)
        yield from move_out(self.world, mover)
        if mover.lot.embarkation is not None:
            self.quays[mover.lot.flow].stand(mover)
        else:
            close(self.world, mover)

    def _wait_for_slot(self, mover: Mover) -> Steps:
        """A lot takes the next slot of its flow's programme, and waits for it."""
        world, lot = self.world, mover.lot
        hour = self.bookings[lot.flow].take(lot, mover.subject, world.now)
        if hour > world.now:
            cause = Rule.PROGRAMME if hour < math.inf else never(Rule.PROGRAMME)
            mover.log.to(world.now, Activity.LOAD, Kind.WAIT, lot.loads_at, cause)
            yield world.until(hour)

    def _begin(self, part: Mover) -> None:
        """Pieces that a lot has left behind set out: a train in a slot of its own, lorries and a vehicle in those that
        they had with their packet and column."""
        part.has_slot = part.lot.recovery is not None or MODES[part.lot.mode].counts_pieces
        self._start(part, self._go_on(part))

    def _start(self, mover: Mover, steps: Steps) -> None:
        if mover.lot.embarkation is not None:
            mover.when_lost = self.quays[mover.lot.flow].lose
        self.movements.start(mover, steps)

    def set_out(self, origin: OriginPlan) -> Steps:
        """Pieces that stand ready set out."""
        world = self.world
        yield world.until(origin.ready_h)
        if origin.flow in self.bookings:
            self.bookings[origin.flow].arrive(world.now)
        for lot in origin.lots:
            log = world.open_log(lot.subject, world.now, Activity.LOAD, Kind.WAIT, origin.place)
            mover = Mover(lot.subject, log, self._rank(lot), lot, self.movements, self._begin)
            self._start(mover, self._cross(mover))

    def fly_in(self, airlift: AirliftPlan) -> Steps:
        """An aircraft brings people, who go by bus to their port and wait there for their vehicles."""
        world, airport = self.world, airlift.airport
        late = (Activity.ARRIVE, Kind.WAIT, airport, Rule.LATENESS)
        log = world.open_log(airlift.subject, airlift.planned_h, *late)
        yield world.until(airlift.planned_h + world.value[airlift.lateness])
        if airlift.unload is not None:
            who = Who(airlift.subject, log, self._rank(airlift))
            stand = yield from world.take(who, airlift.unload.pool, 1, Activity.ARRIVE, airport)
            yield from world.work(log, Activity.DISEMBARK, airport, airlift.unload.hours, airlift.unload.windows, stand)
            world.release(stand)
        log.to(world.now, Activity.TRANSFER, Kind.MOVE, airport)
        yield world.pause(airlift.transfer_h)
        world.pools[airlift.crews].grow(airlift.people)
        log.mark(world.now, Milestone.MARRIED_UP, airport)
        log.close(world.now)

    def lose_port(self, there: PoolKey, lost: tuple[float, float, Cause]) -> None:
        """Note from when to when nothing can be discharged at a facility of a port, and why; when it begins, tell the
        ships there that need it."""
        self._lost[there].add(lost)
        port, name = there
        told = [(of, gear) for of, gear in self._alarms if of == port and name in (BERTHS, gear)]
        for key in told if lost[0] <= self.world.now else ():
            self._alarms.pop(key).succeed()

    def regain_port(self, there: PoolKey, lost: tuple[float, float, Cause]) -> None:
        """Note that what kept ships from being discharged there is over."""
        self._lost[there].discard(lost)

    def _lost_to(self, ship: ShipPlan, port: str, within_h: float = math.inf) -> tuple[float, Cause]:
        """Return for how many hours from now on a port is lost to a ship, or will be that is lost within some, and to
        what; 0 when it is open."""
        now, lost = self.world.now, chain(self._lost[port, BERTHS], self._lost[port, ship.gear])
        known = [(end - now, cause) for start, end, cause in lost if start < now + within_h and end > now]
        return max(known, default=(0.0, NO_CAUSE))

    def _permitted(self, flow: str) -> float:
        """The hour from which a flow may cross the border; its permit is asked for again when it has lapsed."""
        plan, now = self.world.plan.permits[flow], self.world.now
        if flow not in self._permits:
            self._permits[flow] = self.world.permitted(plan.lead, plan.applied_h)
        if now > self._permits[flow] + plan.valid_h:
            self._permits[flow] = self.world.permitted(plan.lead, now)
        return self._permits[flow]

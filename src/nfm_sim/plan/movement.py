"""Movements as all replications share them: lots, trips over legs, the means that these need, and what brings them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from types import MappingProxyType
from typing import NamedTuple

from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import BERTHS, GANGS, QUAY
from nfm_sim.plan.timeline import Timeline, Windows
from nfm_sim.record.words import Cause, whole_ticks

Rank = tuple[float, ...]
"""The order in which a pool serves those that wait: the lower rank first."""

PoolKey = tuple[str, str]
"""Place and name of a pool. A national pool has no place: ("", "trucks")."""

Slot = tuple[int, float, float, float]
"""The slot that a leg asks of one link: the calendar's number, and in hours the offset after the start of the leg, the
hold, and the running time over the link, which keeps the order (0: it need not be kept). A plain tuple, because it is
unpacked twice for every link of every movement."""
MEETS_NOTHING = -1.0
"""In place of the running time: nothing may be on the track of that calendar meanwhile."""


class Need(NamedTuple):
    """An amount of a pool that something needs."""

    pool: PoolKey
    amount: float


class Post(NamedTuple):
    """Those who work at a movement while it is loaded, or a column formed up, or guard it where it stands."""

    pool: PoolKey
    each: float
    per_piece: float

    def people(self, pieces: int) -> float:
        """How many it takes for so many pieces."""
        return self.each + self.per_piece * pieces


@dataclass(frozen=True, slots=True)
class Way:
    """A movement as roads, tracks and fairways see it. A measure of 0, or an empty one, is within all limits."""

    mode: str
    vehicles: int = 0
    """Number of vehicles of a column."""
    out_of_gauge: bool = False
    dangerous: bool = False
    electric: bool = False
    train_m: float = 0.0
    cemt: str = ""
    weight_t: float = 0.0
    height_m: float = 0.0
    width_m: float = 0.0
    axle_t: float = 0.0
    """On the heaviest axle of a wagon."""
    metre_t: float = 0.0
    """On a metre of the heaviest wagon."""
    load_class: float = 0.0
    """Military load class of its heaviest vehicle on a road."""


@dataclass(frozen=True, slots=True)
class LegHours:
    """What a movement takes on the links of a leg, such as in one class of hours of the week: 0 where nothing may
    pass. Columns of numbers, because a replication makes hundreds of legs of them."""

    run_h: tuple[float, ...]
    """By link: of its head, from end to end."""
    pass_h: tuple[float, ...]
    """How long after its head the tail passes."""
    slot_h: tuple[float, ...]
    closed: tuple[int, ...] = ()
    """The numbers of the links that nothing may pass, in rising order."""
    enter_h: tuple[float, ...] = field(init=False)
    """By link, and for the end: the running time up to it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "enter_h", tuple(accumulate(self.run_h, initial=0.0)))

    def behind(self, place: int) -> LegHours:
        """Return those of the links from one on."""
        closed = tuple(number - place for number in self.closed if number >= place)
        return LegHours(self.run_h[place:], self.pass_h[place:], self.slot_h[place:], closed)


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """From one holding node to the next, as a kind of movement drives it. Two legs are the same only if they are
    one object, so that legs can be counted quickly."""

    start: str
    end: str
    hours: float
    """Running time of the head."""
    pass_h: float
    """How long after its head the tail arrives."""
    links: tuple[str, ...] = ()
    forward: tuple[bool, ...] = ()
    """By link: whether it is driven from its start to its end."""
    enter_h: tuple[float, ...] = ()
    """By link, and for the end: hours from the start of the leg until its head gets there."""
    leave_h: tuple[float, ...] = ()
    """By link: hours from the start of the leg until its tail leaves it."""
    slot_h: tuple[float, ...] = ()
    """By link: what it takes of its calendar."""
    slots: tuple[Slot, ...] = ()
    """Slots that are booked; none for traffic that needs no credit."""
    slot_links: tuple[int, ...] = ()
    """By slot: the number of its link."""
    causes: tuple[Cause, ...] = ()
    """By slot: the cause of a wait when its link is taken."""
    mode: str = ""
    """The mode that drives it, where that is slowed by hours of the week or by what is left of a link."""
    network: str = ""
    """The kind of links, whose classes of hours of the week count."""
    by_class: tuple[LegHours, ...] = ()
    """What its links take in each of these; empty: always the same."""


Legs = tuple[Leg, ...]


class Rest(NamedTuple):
    """A stop that is due after so many hours of driving."""

    activity: str
    after_h: float
    hours: float
    facility: str
    """Where it must be had, such as beds; empty: at any holding node."""
    per_vehicle: float


class Breakdown(NamedTuple):
    """A breakdown that a column may have on its trip."""

    happens: int
    """Draw: below the chance, it does."""
    chance: float
    after_h: int
    """Draw: after so many hours of driving."""
    recovery: int
    """Draw: hours."""
    blocks: int
    """Draw: below the share, it blocks a lane."""
    blocked_share: float
    vehicle: PoolKey
    """The pool of recovery vehicles."""
    leaves_behind_h: float
    """So long the column waits at most."""
    is_lost: int
    """Draw: below the share, the vehicle is lost."""
    lost_share: float


class Trip(NamedTuple):
    """Over the network from one node to another: what moves, by which legs, and when it may."""

    way: Way
    start: str
    goal: str
    legs: Legs
    windows: Windows | None
    via: tuple[str, ...] = ()
    """Where it passes in any case, in this order."""
    rests: tuple[Rest, ...] = ()
    breakdown: Breakdown | None = None
    civil_queue: Mapping[str, int] | None = None
    """Draws: hours behind civil barges, by lock."""


class Work(NamedTuple):
    """Loading or unloading at a facility: the pool to hold, and the hours in which it is open."""

    pool: PoolKey
    hours: float
    windows: Windows | None


class Landing(NamedTuple):
    """The formalities that pieces of a ship meet at the port, before they move."""

    yards: tuple[Need, ...] = ()
    """The areas where they stand."""
    discharge_h: float = 0.0
    documents: Work | None = None
    """Customs and form 302; of prepositioned stocks their issue."""
    guards: tuple[Post, ...] = ()
    """Those who guard them where they stand."""


class Embarkation(NamedTuple):
    """How pieces go aboard a ship where their way ends."""

    yards: tuple[Need, ...]
    """The areas where they stand until then."""
    handling: float
    """The time to handle them, as a multiple of that for one piece."""
    guards: tuple[Post, ...] = ()


class Fleet(NamedTuple):
    """Wagons or trucks of one kind, as pieces of a class see them."""

    pool: PoolKey
    per_unit: float
    """Pieces on one of them."""

    @property
    def units_for_one(self) -> int:
        """How many of them one piece takes."""
        return math.ceil(1 / self.per_unit - 1e-9)


class Carried(NamedTuple):
    """Pieces of a class in a lot that may be divided, and what may carry them."""

    pieces: int
    fleets: tuple[Fleet, ...]
    """In the order in which they are asked; of what has been loaded, the one that it is on."""
    handling: float
    """Time to handle a piece, as a multiple of a facility's time for one."""


def means_of(carried: Iterable[Carried]) -> tuple[Need, ...]:
    """Return the whole wagons or trucks that pieces need, of the first kind that may carry each: in one order for all,
    so that two movements never wait for each other."""
    units: dict[PoolKey, float] = {}
    for pieces, (first, *_), _ in carried:
        units[first.pool] = units.get(first.pool, 0.0) + pieces / first.per_unit
    return tuple(Need(pool, float(math.ceil(number - 1e-9))) for pool, number in sorted(units.items()))


class Approach(NamedTuple):
    """The way by road to where a lot is loaded, when that is elsewhere."""

    trip: Trip
    along: tuple[Need, ...]
    """Its escort."""
    back_h: float
    """In which that comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Pieces that move together by one mode. What a mode does without is None or empty."""

    subject: str
    mode: str
    rank: Rank
    flow: str = ""
    """The flow that it is of, whose programme it follows; empty for a force element."""
    batch: str = ""
    """What it comes from: lots of one batch take what others of it leave behind."""
    pieces: int
    origin: str
    loads_at: str
    exit: str
    landing: Landing
    """Its formalities where it comes: at a port, when it comes by ship."""
    approach: Approach | None = None
    keeps: tuple[Need, ...] = ()
    """What stays with it for good: the people who marry up with vehicles."""
    prepare: int | None = None
    """Draw: hours to form up, or to make ready."""
    along: tuple[Need, ...]
    """Means that go along and come back empty: wagons and trucks, of the first kind that may carry it, and escorts."""
    carried: tuple[Carried, ...] = ()
    """By class, where a lot goes with as many wagons or trucks as there are, and the rest follows; else empty."""
    least: float
    """Wagons or trucks with which it leaves at least, when others are not there."""
    load: Work | None
    posts: tuple[Post, ...] = ()
    """Who works at it until it leaves."""
    engines: tuple[Need, ...] = ()
    """Locomotives with their drivers, taken only when it is loaded."""
    gate: Work | None = None
    recovery: Work | None = None
    """Of a vehicle that its column left behind."""
    from_afar: int | None
    """Draw: hours from where it is loaded, beyond the border, to where its trip begins."""
    trip: Trip
    border: int | None = None
    """Draw: hours of the exchange at the border, where its locomotive turns back; None when it goes on."""
    embarkation: Embarkation | None
    """When its way ends at a port where a ship takes it aboard."""
    unload: Work | None
    """At a terminal where it ends; None at a border."""
    explosives: tuple[Need, ...] = ()
    """Net explosive mass of each piece, in the mean, where it is loaded or unloaded, if that place has a limit."""
    beyond: int | None
    """Draw: hours from the exit to the area of operations."""
    needs_beyond: int | None
    """The same for what goes along; None when that turns back at the exit, as escorts do."""
    turn_h: float
    """At the far end, before what goes along comes back empty."""
    back: Trip | None = None
    """The way from the exit to where it was loaded, for what goes along; None where it comes back in `back_h`."""
    back_h: float
    """Free running time of that way."""

    @property
    def slots(self) -> int:
        """How many slots of a movement programme it takes: one for each of its lorries, or for the train, column or
        barge that it is."""
        return max(1, round(sum(need.amount for need in self.along))) if MODES[self.mode].counts_pieces else 1

    def people(self) -> Iterator[PoolKey]:
        """Yield the pools of those who work at it or guard it."""
        aboard = self.embarkation.guards if self.embarkation is not None else ()
        yield from (post.pool for post in (*self.posts, *self.landing.guards, *aboard))

    def trips(self) -> Iterator[Trip]:
        """Yield its ways over the network."""
        if self.approach is not None:
            yield self.approach.trip
        yield self.trip
        if self.back is not None:
            yield self.back

    def works(self) -> Iterator[Work]:
        """Yield all work that facilities do on it."""
        yield from (work for work in (self.landing.documents, self.load, self.unload, self.gate) if work is not None)

    def needs(self) -> Iterator[Need]:
        """Yield all that it takes at one time or another and gives back."""
        yield from self.landing.yards
        yield from (Need(work.pool, 1.0) for work in self.works())
        if self.approach is not None:
            yield from self.approach.along
        yield from self.along
        for load in self.carried:  # the others may take the place of the first, which `along` has
            yield from (Need(other.pool, float(other.units_for_one)) for other in load.fleets[1:])
        yield from self.engines
        if self.trip.breakdown is not None and self.trip.breakdown.vehicle[1]:
            yield Need(self.trip.breakdown.vehicle, 1.0)
        if self.embarkation is not None:
            yield from self.embarkation.yards
        yield from (Need(place, each * self.pieces) for place, each in self.explosives)


# Allied transit as all replications share it: ships with their calls, airlifts, permits, and movement programmes.


class CallPlan(NamedTuple):
    """A port call of a ship."""

    port: str
    planned_h: float
    sail_h: float
    lots: tuple[Lot, ...]
    takes: int = 0
    """Pieces that it takes aboard at most."""
    sails_h: float = math.inf
    """When it sails with what it has."""
    loading_h: float = 0.0
    """To take one piece aboard."""
    elsewhere: Mapping[str, CallPlan] = MappingProxyType({})
    """The same pieces over another port, formed for what is there; its `sail_h` is from this one."""
    each: tuple[tuple[Lot, ...], ...] = ()
    """Of a call over another port: what the pieces of each planned lot make there by themselves."""

    def over(self, aboard: Sequence[int]) -> tuple[Lot, ...]:
        """The lots of what is still aboard, by the numbers of the planned lots: formed of the whole cargo, or when some
        of it has left the ship, of each planned lot."""
        whole = len(aboard) == len(self.each)
        return self.lots if whole else tuple(chain.from_iterable(self.each[number] for number in aboard))


class ShipPlan(NamedTuple):
    """A ship, and the gangs that discharge it side by side."""

    subject: str
    flow: str
    rank: Rank
    length_m: float
    gangs: int
    gear: str
    """The facility it is discharged over: ramps or cranes."""
    own_crews: bool
    """It is discharged without gangs of the port."""
    lateness: int
    """Draw."""
    calls: tuple[CallPlan, ...]

    def needs(self, port: str) -> Iterator[Need]:
        """Yield what it takes of a port itself, besides what its lots take."""
        yield Need((port, QUAY), self.length_m)
        yield Need((port, BERTHS), 1.0)
        yield Need((port, self.gear), 1.0)
        if not self.own_crews:
            yield Need((port, GANGS), 1.0)


class OriginPlan(NamedTuple):
    """Where pieces of a flow stand ready from an hour on."""

    flow: str
    place: str
    ready_h: float
    lots: tuple[Lot, ...]


class AirliftPlan(NamedTuple):
    """An aircraft that brings the crews of columns."""

    subject: str
    flow: str
    rank: Rank
    airport: str
    planned_h: float
    lateness: int
    """Draw."""
    people: int
    unload: Work | None
    transfer_h: float
    crews: PoolKey
    """The pool that its people join."""

    def needs(self) -> Iterator[Need]:
        """Yield what it takes of its airport."""
        if self.unload is not None:
            yield Need(self.unload.pool, 1.0)


class PermitPlan(NamedTuple):
    """The border permit of a flow: when it was asked for, how long it takes by regime, and how long it holds."""

    applied_h: float
    lead: Timeline[int | None]
    """Draws: how long it takes when it is asked for from then on."""
    valid_h: float


ALL_PORTS = ""
"""In place of a port: a booking that all ports of a programme share, each taking the next slot when it has a load."""
BookingKey = tuple[str, str]
"""Port, or `ALL_PORTS`, and mode."""
Days = tuple[tuple[float, float], ...]
"""Working days: the hours at which each begins and ends."""


class Rate(NamedTuple):
    """Loads a working day by one booking: what the window needs (None without one), and what is booked."""

    needed: float | None
    booked: float


class WindowPlan(NamedTuple):
    """A planned length, from which the loads of each working day follow."""

    length_h: float
    days: Days
    loads: Mapping[BookingKey, tuple[tuple[float, int], ...]]
    """The hours for which loads are planned to come, and their number."""
    most: Mapping[BookingKey, float]
    """Loads a working day that can be had at most, where that is limited."""

    def rates(self, from_h: float, until_h: float) -> dict[BookingKey, Rate]:
        """Return what is booked between the beginning of onward movement and the end of the window.

        It is the least steady rate with which all that is planned to come leaves by then: of the loads from each
        arrival on, over the working days that are left. What comes when none is left is too late for the window, and
        waits for what is booked for the rest."""
        rates = {}
        for key, arrivals in self.loads.items():
            needed = max(self._needed(arrivals, from_h, until_h), default=math.inf)
            booked = min(needed, self.most.get(key, math.inf))
            rates[key] = Rate(needed, booked if booked < math.inf else float(sum(loads for _, loads in arrivals)))
        return rates

    def _needed(self, arrivals: Iterable[tuple[float, int]], from_h: float, until_h: float) -> Iterator[float]:
        left = 0
        for hour, loads in sorted(arrivals, reverse=True):
            days = sum(share for *_, share in cut(self.days, max(hour, from_h), until_h))
            if days > 0:
                left += loads
                yield left / days


class ProgrammePlan(NamedTuple):
    """What is booked for the onward movement of the flows of an operation."""

    name: str
    start_up: int
    """Draw: hours from the first discharge of its flows on in which nothing moves on."""
    first_h: float
    slots: Mapping[BookingKey, tuple[float, ...]]
    """The hours of the slots, in rising order; empty with a window, which sets them when the operation begins."""
    rates: Mapping[BookingKey, Rate]
    """Loads a working day, where slots are spread evenly."""
    window: WindowPlan | None
    made_up: bool
    """Whether a slot that was missed may be used later."""


@dataclass(frozen=True)
class FlowPlans:
    """The allied flows of a plan."""

    planned: tuple[ShipPlan, ...]
    """All ships, those that are cancelled too."""
    ships: tuple[ShipPlan, ...]
    """Those that sail."""
    origins: tuple[OriginPlan, ...]
    airlifts: tuple[AirliftPlan, ...]
    permits: Mapping[str, PermitPlan]
    """By flow, those that are not in hand."""

    def flow_lots(self) -> Iterator[tuple[str, Lot]]:
        """Yield all lots of flows as they are planned, each with its flow."""
        for ship in self.ships:
            yield from ((ship.flow, lot) for call in ship.calls for lot in call.lots)
        for origin in self.origins:
            yield from ((origin.flow, lot) for lot in origin.lots)


def cut(days: Days, from_h: float, until_h: float = math.inf) -> Iterator[tuple[float, float, float]]:
    """Yield what lies of working days between two hours: begin, end, and which share of the day that is."""
    for opens, closes in days:
        begin, end = max(opens, from_h), min(closes, until_h)
        if begin < end:
            yield begin, end, (end - begin) / (closes - opens)


def evenly(days: Days, per_day: float, from_h: float = -math.inf) -> Iterator[float]:
    """Yield the hours of so many slots a working day, evenly over its hours; of half a slot a day, one every second
    day."""
    number, done = 0, 0.0
    for begin, end, share in cut(days, from_h):
        while (place := (number + 0.5) / per_day) < done + share:
            yield whole_ticks(begin + (place - done) / share * (end - begin))
            number += 1
        done += share

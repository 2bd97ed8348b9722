"""Movements under way: a lot with the means that it holds, its parts, and what movements must know of each other."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from simpy import Event, Process

from nfm_sim.engine.log import Who
from nfm_sim.engine.movement.routing import routing_of
from nfm_sim.engine.queues.pools import Bundle, Holding, Want
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.movement import Carried, Embarkation, Lot, PoolKey, Work, means_of
from nfm_sim.plan.plan import Plan
from nfm_sim.record.words import whole_ticks

# Parts of lots: which pieces so many wagons or trucks carry, and the lots that go and that stay.


def divide(carried: Sequence[Carried], units: Mapping[PoolKey, float]) -> tuple[list[Carried], list[Carried]]:
    """Return the pieces that so many units carry, each with the kind that it is on, and those that they leave. A pool
    that `units` does not have is not limited."""
    room = dict(units)
    taken, left = [], []
    for load in carried:
        rest = load.pieces
        for fleet in load.fleets:
            there = room.get(fleet.pool, math.inf)
            pieces = rest if there == math.inf else min(rest, math.floor(there * fleet.per_unit + 1e-9))
            if there < math.inf:
                room[fleet.pool] = there - pieces / fleet.per_unit
            if pieces:
                taken.append(load._replace(pieces=pieces, fleets=(fleet,)))
                rest -= pieces
        if rest:
            left.append(load._replace(pieces=rest))
    return taken, left


def carrying(lot: Lot, carried: Sequence[Carried]) -> Lot:
    """Return a lot with these pieces in place of its own: what is left of it, or what it takes up besides."""
    carried = tuple(kind for kind in carried if kind.pieces)
    pieces, share = sum(kind.pieces for kind in carried), _handling(carried) / _handling(lot.carried)
    return replace(_resized(lot, pieces, share), carried=carried, along=means_of(carried))


def of_size(lot: Lot, pieces: int) -> Lot:
    """Return the lot that so many pieces of a larger lot make, the first of them."""
    if pieces == lot.pieces:
        return lot
    if not lot.carried:
        return _resized(lot, pieces, pieces / lot.pieces)
    kept, room = [], pieces
    for kind in lot.carried:
        kept.append(kind._replace(pieces=min(kind.pieces, room)))
        room -= kept[-1].pieces
    return carrying(lot, kept)


def _resized(lot: Lot, pieces: int, share: float) -> Lot:
    """Return a lot of so many pieces, which have such a share of its handling."""
    as_loading = lot.load is not None and lot.turn_h == lot.load.hours
    return replace(
        lot,
        pieces=pieces,
        load=_part_of(lot.load, share),
        unload=_part_of(lot.unload, share),
        turn_h=whole_ticks(lot.turn_h * share) if as_loading else lot.turn_h,
        gate=_part_of(lot.gate, pieces / lot.pieces),
        embarkation=_part_embarks(lot.embarkation, share),
    )


def joined(lot: Lot, more: Lot) -> Lot:
    """Return a lot that takes the pieces of another of its batch too."""
    pieces: Counter[Carried] = Counter()
    for kind in (*lot.carried, *more.carried):
        pieces[kind._replace(pieces=0)] += kind.pieces
    return carrying(lot, [kind._replace(pieces=number) for kind, number in pieces.items()])


def _handling(carried: Sequence[Carried]) -> float:
    return sum(kind.pieces * kind.handling for kind in carried)


def _part_of(whole: Work | None, share: float) -> Work | None:
    return None if whole is None else whole._replace(hours=whole_ticks(whole.hours * share))


def _part_embarks(whole: Embarkation | None, share: float) -> Embarkation | None:
    if whole is None:
        return None
    yards = tuple(need._replace(amount=whole_ticks(need.amount * share)) for need in whole.yards)
    return whole._replace(yards=yards, handling=whole.handling * share)


@dataclass(slots=True, eq=False)
class Mover(Who):
    """A lot on its way, and the means that it holds."""

    lot: Lot
    movements: Movements
    """All of the replication."""
    begin_part: Callable[[Mover], None]
    """How pieces that it leaves behind set out."""
    yards: list[Holding] = field(default_factory=list)
    stands_on: list[Holding] = field(default_factory=list)
    """What it is loaded at, such as the track on which a train stands until it leaves, and those who work at it."""
    along: list[Holding] = field(default_factory=list)
    """Wagons, trucks or escorts that go along and come back empty."""
    earmarked: list[Want] = field(default_factory=list)
    """What it will take when it is loaded."""
    engines: list[Holding] = field(default_factory=list)
    """Locomotives."""
    bundle: Bundle | None = None
    """What it asks for to be loaded."""
    process: Process | None = None
    """What moves it."""
    has_slot: bool = False
    """Whether it needs no other slot of a movement programme."""
    when_lost: Callable[[Mover, int], object] | None = None
    """What follows for others when so many pieces of it are lost."""

    @property
    def is_lost(self) -> bool:
        """Whether it is lost whole, and ends."""
        return self.process is not None and self.process.defused


@dataclass(slots=True)
class Batch:
    """The lots of a batch that wait for their means at one place.

    A part that was left behind is open while it waits: what the next lots leave joins it, and whole lots go before it.
    """

    waiting: set[Bundle] = field(default_factory=set)
    """What whole lots ask for."""
    open_part: Mover | None = None
    """What was left behind last."""

    def come(self, mover: Mover, bundle: Bundle) -> None:
        """A lot comes and asks; of an open part and whole lots, only the whole lots ask."""
        mover.bundle = bundle
        if mover is self.open_part:
            if self.waiting:
                bundle.hold_back()
            return
        self.waiting.add(bundle)
        if self.asked_by_part is not None:
            self.asked_by_part.hold_back()

    def go(self, mover: Mover, bundle: Bundle) -> None:
        """A lot has what it asked for; after the last whole one, the open part asks."""
        mover.bundle = None
        self.waiting.discard(bundle)
        if mover is self.open_part:
            self.open_part = None
        elif not self.waiting and self.asked_by_part is not None:
            self.asked_by_part.ask()

    def close_part(self) -> None:
        """The open part is as long as a train may be: it is a whole lot from now on."""
        asked, self.open_part = self.asked_by_part, None
        if asked is not None:
            self.waiting.add(asked)
            asked.ask()

    @property
    def asked_by_part(self) -> Bundle | None:
        """What the open part asks for, while it waits for it."""
        bundle = self.open_part.bundle if self.open_part is not None else None
        return bundle if bundle is not None and bundle.served is None else None


def _repeated(plan: Plan) -> Iterator[str]:
    """Yield the names under which nothing moves, because it does so time and again, each time under another."""
    yield from (lot.subject for *_, lot in plan.repeated_lots())
    for element in plan.elements:
        yield from (lot.subject for relief in element.reliefs.values() for lot in (*relief.out, *relief.back))


class Movements:
    """The movements of a replication: what waits to be loaded, and what is not as the plan has it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.choose_way = routing_of(world.plan.routing)
        """Which way a movement takes from where it stands."""
        self.batches: defaultdict[tuple[str, str], Batch] = defaultdict(Batch)
        """By batch and place."""
        self.pieces: dict[str, int] = dict.fromkeys(_repeated(world.plan), 0)
        """By movement that is not as planned: its pieces; 0 when it was formed anew over another port, and is no
        more."""
        self.planned_as: dict[str, str] = {}
        """By movement that the plan does not have: the planned one that its pieces were of."""
        self.diverted: dict[str, str] = {}
        """By movement as planned: the port that its pieces came over instead of the planned one."""
        self.under_way: list[Mover] = []
        """Those that have set out, stand ready or have come ashore, in this order."""
        self.supplied_at: dict[str, Callable[[Mover], Event]] = {}
        """By place where columns that rest are supplied: how a movement asks for it, and the event that it is."""
        self.empties: list[str] = []
        """Movements whose wagons, lorries or barge have come back to the network, or are on their way over it."""
        self._parts: Counter[str] = Counter()
        """How many parts each planned movement left behind."""
        self._times: Counter[str] = Counter()
        """How often each movement set out that may do so more than once."""

    @property
    def formed_anew(self) -> list[str]:
        """Planned movements that are no more, because their pieces were formed anew over another port."""
        return [subject for subject, pieces in self.pieces.items() if not pieces]

    def once_more(self, lot: Lot, pieces: int | None = None) -> tuple[Lot, int]:
        """Return a lot that moves as often as it is called for, under the name that it has this time, with so many of
        its pieces; and how often it moved before."""
        before = self._times[lot.subject]
        self._times[lot.subject] += 1
        subject, pieces = f"{lot.subject}-{before + 1:04d}", lot.pieces if pieces is None else pieces
        self.planned_as[subject], self.pieces[subject] = lot.subject, pieces
        return replace(of_size(lot, pieces), subject=subject, batch=subject), before

    def start(self, mover: Mover, steps: Steps) -> Process:
        """Have a movement take its steps."""
        process = mover.process = self.world.env.process(steps)
        self.under_way.append(mover)
        return process

    def name_part(self, subject: str, pieces: int) -> str:
        """Note pieces that are no longer with a movement; return their name."""
        planned = self.planned_as.get(subject, subject)
        self._parts[planned] += 1
        name = f"{planned}.{self._parts[planned] + 1}"
        self.planned_as[name], self.pieces[name] = planned, pieces
        return name

    def leave_behind(self, mover: Mover, lot: Lot, share: float) -> Mover:
        """Have a movement leave a share of what it is; return the lot that is to follow it, with the same spans so
        far."""
        subject = self.name_part(mover.subject, lot.pieces)
        log = self.world.logs[subject] = self.world.logs[mover.subject].copy()
        yards = self.world.share(mover.yards, subject, share)
        return Mover(subject, log, mover.rank, lot, self, mover.begin_part, yards, when_lost=mover.when_lost)

"""Parts of lots: which pieces so many wagons or trucks carry, and the lots that go and that stay."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nfm_sim.plan.movement import Carried, Embarkation, Lot, Need, PoolKey, Work
from nfm_sim.record.ticks import whole_ticks


def units_of(carried: Sequence[Carried]) -> dict[PoolKey, float]:
    """Return the whole wagons or trucks that pieces need, by pool: of the first kind that may carry each."""
    units: dict[PoolKey, float] = {}
    for pieces, (first, *_), _ in carried:
        units[first.pool] = units.get(first.pool, 0.0) + pieces / first.per_unit
    return {pool: float(math.ceil(number - 1e-9)) for pool, number in units.items()}


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


def reduced(lot: Lot, carried: Sequence[Carried]) -> Lot:
    """Return a lot of which only so much goes."""
    carried = tuple(kind for kind in carried if kind.pieces)
    units = units_of(carried)
    along = tuple(Need(pool, amount) for pool, amount in sorted(units.items()))
    pieces, share = sum(kind.pieces for kind in carried), _handling(carried) / _handling(lot.carried)
    return replace(_smaller(lot, pieces, share), carried=carried, along=along)


def of_size(lot: Lot, pieces: int) -> Lot:
    """Return the lot that so many pieces of a larger lot make, the first of them."""
    if pieces == lot.pieces:
        return lot
    if not lot.carried:
        return _smaller(lot, pieces, pieces / lot.pieces)
    kept, room = [], pieces
    for kind in lot.carried:
        kept.append(kind._replace(pieces=min(kind.pieces, room)))
        room -= kept[-1].pieces
    return reduced(lot, kept)


def _smaller(lot: Lot, pieces: int, share: float) -> Lot:
    """Return a lot of fewer pieces, which have such a share of its handling."""
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
    pieces: dict[Carried, int] = {}
    for kind in (*lot.carried, *more.carried):
        alike = kind._replace(pieces=0)
        pieces[alike] = pieces.get(alike, 0) + kind.pieces
    carried = tuple(kind._replace(pieces=number) for kind, number in pieces.items())
    units = units_of(carried)

    def both(here: Work | None, there: Work | None) -> Work | None:
        return None if here is None or there is None else here._replace(hours=here.hours + there.hours)

    as_loading = lot.load is not None and lot.turn_h == lot.load.hours
    changes: dict[str, Any] = {
        "pieces": lot.pieces + more.pieces,
        "carried": carried,
        "along": tuple(Need(pool, amount) for pool, amount in sorted(units.items())),
        "load": both(lot.load, more.load),
        "unload": both(lot.unload, more.unload),
        "gate": both(lot.gate, more.gate),
        "turn_h": lot.turn_h + more.turn_h if as_loading else lot.turn_h,
        "embarkation": _part_embarks(lot.embarkation, _handling(carried) / _handling(lot.carried)),
    }
    return replace(lot, **changes)


def _part_of(whole: Work | None, share: float) -> Work | None:
    return None if whole is None else whole._replace(hours=whole_ticks(whole.hours * share))


def _handling(carried: Sequence[Carried]) -> float:
    return sum(kind.pieces * kind.handling for kind in carried)


def _part_embarks(whole: Embarkation | None, times: float) -> Embarkation | None:
    if whole is None:
        return None
    yards = tuple(need._replace(amount=whole_ticks(need.amount * times)) for need in whole.yards)
    return whole._replace(yards=yards, handling=whole.handling * times)

"""Split pieces over modes, and form the lots that move together."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache

from nfm_sim.scenario.flows import Shares
from nfm_sim.scenario.values import Mode

Counts = dict[str, int]
"""Pieces by class."""


def split_over_modes(pieces: Mapping[str, int], shares: Mapping[str, Shares]) -> dict[Mode, Counts]:
    """Return the pieces by class that go by each mode: whole pieces, by largest remainder.

    Every piece goes by exactly one mode. The order of modes is that of the shares.
    """
    by_mode: dict[Mode, Counts] = {}
    for class_name, count in pieces.items():
        if not count:
            continue
        exact = {mode: count * share for mode, share in shares[class_name].items() if share > 0}
        whole = {mode: math.floor(amount) for mode, amount in exact.items()}
        left = count - sum(whole.values())
        for mode in sorted(exact, key=lambda mode: whole[mode] - exact[mode])[:left]:
            whole[mode] += 1
        for mode, number in whole.items():
            if number:
                by_mode.setdefault(mode, {})[class_name] = number
    return by_mode


def form_lots(pieces: Mapping[str, int], fullness: Callable[[Counts], float]) -> list[Counts]:
    """Return as few lots as can be, of about equal fullness.

    `fullness` says how full a lot is, 1 at most: vehicles of a column over their limit, or the length of a train
    over that of its track. One piece alone may be above 1. Classes stay in order, so that a lot holds few.
    """

    @cache
    def full(*lot: tuple[str, int]) -> float:
        """Remembered, because every level asks of the same lots."""
        return fullness(dict(lot))

    lots = _fill(pieces, full, 1.0)
    if len(lots) in (1, sum(pieces.values())):
        return lots
    low, high = 0.0, 1.0
    for _ in range(EVEN_STEPS):
        level = (low + high) / 2
        even = _fill(pieces, full, level)
        if len(even) == len(lots):
            lots, high = even, level
        else:
            low = level
    return lots


EVEN_STEPS = 8
"""Halvings in the search for the least fullness that needs no more lots."""


def _fill(pieces: Mapping[str, int], full: Callable[..., float], limit: float) -> list[Counts]:
    """Fill one lot after another up to the limit; `full` says how full one is with so many of each class."""

    @cache
    def room(class_name: str, there: tuple[tuple[str, int], ...]) -> int:
        """Return the number of pieces of a class for which a lot still has room; remembered, because many lots are
        alike."""
        lot = dict(there)
        before = lot.get(class_name, 0)
        more = range(1, pieces[class_name] + 1)
        return bisect_right(more, limit + 1e-9, key=lambda n: full(*{**lot, class_name: before + n}.items()))

    lots: list[Counts] = []
    lot: Counts = {}
    for class_name, count in pieces.items():
        left = count
        while left:
            fits = min(left, room(class_name, tuple(lot.items())))
            if lot and not fits:
                lots.append(lot)
                lot = {}
            else:
                number = max(fits, 1)
                lot = {**lot, class_name: lot.get(class_name, 0) + number}
                left -= number
    return [*lots, lot] if lot else lots


def interleave(lots_by_mode: Mapping[Mode, list[Counts]]) -> list[tuple[Mode, int, Counts]]:
    """Return (mode, number, lot) in the order of discharge: every mode gets its lots evenly over the ship."""
    places = [
        ((number + 0.5) / len(lots), order, mode, number, lot)
        for order, (mode, lots) in enumerate(lots_by_mode.items())
        for number, lot in enumerate(lots)
    ]
    return [(mode, number, lot) for _, _, mode, number, lot in sorted(places, key=lambda p: p[:2])]

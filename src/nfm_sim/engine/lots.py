"""Split pieces over modes, and form the lots that move together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from nfm_sim.scenario.model import Mode, Shares

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


def form_lots(pieces: Mapping[str, int], size: Callable[[Counts], float], limit: float) -> list[Counts]:
    """Return as few lots as the limit allows, of about equal size.

    `size` says how large a lot is: vehicles of a column, whole wagons of a train. One piece alone may be above
    the limit. Classes stay in order, so that a lot holds few of them.
    """
    lots = _fill(pieces, size, limit)
    level = math.ceil(sum(size(lot) for lot in lots) / max(1, len(lots)))
    while level < limit:
        even = _fill(pieces, size, level)
        if len(even) == len(lots):
            return even
        level += 1
    return lots


def _fill(pieces: Mapping[str, int], size: Callable[[Counts], float], limit: float) -> list[Counts]:
    """Fill one lot after another up to the limit."""
    lots: list[Counts] = []
    for class_name, count in pieces.items():
        for _ in range(count):
            larger = {**lots[-1], class_name: lots[-1].get(class_name, 0) + 1} if lots else None
            if larger is not None and size(larger) <= limit:
                lots[-1] = larger
            else:
                lots.append({class_name: 1})
    return lots


def interleave(lots_by_mode: Mapping[Mode, list[Counts]]) -> list[tuple[Mode, int, Counts]]:
    """Return (mode, number, lot) in the order of discharge: every mode gets its lots evenly over the ship."""
    places = [
        ((number + 0.5) / len(lots), order, mode, number, lot)
        for order, (mode, lots) in enumerate(lots_by_mode.items())
        for number, lot in enumerate(lots)
    ]
    return [(mode, number, lot) for _, _, mode, number, lot in sorted(places, key=lambda p: p[:2])]

"""By which mode pieces go: as the shares say, or so that the last of them is expected to close first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from nfm_sim.compile.lots import Counts, split_over_modes
from nfm_sim.compile.modes import Mode
from nfm_sim.network import NoRouteError
from nfm_sim.scenario import values
from nfm_sim.scenario.flows import Cargo, Shares
from nfm_sim.scenario.model import Destination

ByMode = dict[values.Mode, Counts]
Modes = Mapping[str, Mode]


def shares(modes: Modes, place: str, cargo: Cargo, allowed: Mapping[str, Shares], to: Destination) -> ByMode:
    """Split pieces as the shares say."""
    return split_over_modes(cargo.pieces, allowed)


def least_closure(modes: Modes, place: str, cargo: Cargo, allowed: Mapping[str, Shares], to: Destination) -> ByMode:
    """Every piece by the mode, of those with a share, by which it is expected to close first.

    What is scarce (a terminal's ramps, a fleet of wagons or trucks, escorts) is busy for as long as the pieces
    that were given to it before need; draws count with their medians. Ships are planned in their order.
    """
    by_mode: ByMode = {}
    arrival_h = cargo.day * 24
    for class_name, count in cargo.pieces.items():
        names = [mode for mode, share in allowed[class_name].items() if share > 0]
        options = {name: _Option(modes[name], place, class_name, to) for name in names}
        for _ in range(count):
            best = min(names, key=lambda mode: options[mode].closes(arrival_h))
            options[best].take(arrival_h)
            lot = by_mode.setdefault(best, {})
            lot[class_name] = lot.get(class_name, 0) + 1
    return by_mode


OURS: Mapping[str, Callable[..., ByMode]] = {choice.__name__: choice for choice in (shares, least_closure)}


class _Option:
    """A mode for the pieces of a class: what a piece takes of everything scarce, and the hours on the way."""

    def __init__(self, mode: Mode, port: str, class_name: str, to: Destination) -> None:
        kit = mode.kit
        self.busy = kit.busy_until
        name: values.Mode = mode.kind.name
        beyond_h = to.beyond_h[name].median_h if name in to.beyond_h else 0.0
        way = mode.lone_way()
        try:
            self.way_h = sum(leg.hours for leg in kit.trips.legs(way, port, to.exits[name]))
        except NoRouteError:
            self.way_h = math.inf
        along_beyond_h = 0.0 if mode.needs_beyond(0) is None else beyond_h
        cycle_h = 2 * (self.way_h + along_beyond_h)
        self.takes = dict(_takes(mode, port, class_name, cycle_h))

    def closes(self, arrival_h: float) -> float:
        """When one more piece would close."""
        ready = [max(self.busy.get(key, 0.0), arrival_h) + hours for key, hours in self.takes.items()]
        return max(ready, default=arrival_h) + self.way_h

    def take(self, arrival_h: float) -> None:
        for key, hours in self.takes.items():
            self.busy[key] = max(self.busy.get(key, 0.0), arrival_h) + hours


def _takes(mode: Mode, port: str, class_name: str, cycle_h: float) -> Iterator[tuple[str, float]]:
    """(what is scarce, hours of all of it that a piece takes)."""
    kit = mode.kit
    piece = kit.scenario.classes[class_name]
    there = kit.places.facilities.get((port, mode.kind.loaded_at))
    if there is not None and there.rate_per_h and there.capacity:
        yield f"{port}.{there.name}", piece.handling / (there.rate_per_h * there.capacity)
    pool, at_once = mode.at_once(piece)
    yield pool, cycle_h / at_once if at_once else math.inf

"""The trips of a scenario over its network, each made once, of legs that are each made once."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise

from nfm_sim.network import Network
from nfm_sim.plan.legs import LIMITS, LegBook
from nfm_sim.plan.movement import Drive, Legs, Rest, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.plan.windows import Windows
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario.rules import RestRule


@dataclass(frozen=True, slots=True)
class Hours:
    """When something may move, and when it must rest."""

    windows: Windows | None = None
    rests: tuple[RestRule, ...] = ()


class Trips:
    """The trips over one network, whose modes drive links as `drives` says."""

    def __init__(self, network: Network, drives: Mapping[str, Drive], traffic: Traffic) -> None:
        self.network = network
        self.book = LegBook(network, drives, traffic, _calendars(network))
        self.made: dict[tuple[Way, str, str], Legs] = {}
        """The legs so far."""
        self._trips: dict[Hashable, Trip] = {}
        self._limited: dict[Way, Way] = {}

    def legs(self, way: Way, start: str, goal: str) -> Legs:
        """Return the legs of the fastest route when nothing is closed. Raises `NoRouteError`."""
        key = (way, start, goal)
        if key not in self.made:
            self.made[key] = self.book.make(*key)[0]
        return self.made[key]

    def trip(self, way: Way, start: str, goal: str, hours: Hours, via: tuple[str, ...] = ()) -> Trip:
        """Return the trip of what moves from one node to another. Raises `NoRouteError`."""
        way = self._known_limits(way)
        key = (way, start, goal, via, hours.windows, hours.rests)
        if key not in self._trips:
            legs = tuple(leg for part in pairwise((start, *via, goal)) for leg in self.legs(way, *part))
            rests = [Rest(r.activity, r.after_h, whole_ticks(r.hours), r.facility, r.per_vehicle) for r in hours.rests]
            self._trips[key] = Trip(way, start, goal, legs, hours.windows, via, tuple(rests))
        return self._trips[key]

    @property
    def longest(self) -> dict[str, tuple[float, float]]:
        """By link: the longest slot and the longest stay on it of all legs so far, in all classes of hours."""
        found: dict[str, tuple[float, float]] = {}
        for leg in chain.from_iterable(self.made.values()):
            for place, link in enumerate(leg.links):
                slot_h, stay_h = found.get(link, (0.0, 0.0))
                slot_h = max(slot_h, leg.slot_h[place], *(hours.slot_h[place] for hours in leg.by_class))
                stays = (hours.run_h[place] + hours.pass_h[place] for hours in leg.by_class)
                stay_h = max(stay_h, leg.leave_h[place] - leg.enter_h[place], *stays)
                found[link] = (slot_h, stay_h)
        return found

    def _known_limits(self, way: Way) -> Way:
        """Return a movement without the measures that are within all limits of the network, so that routes are
        shared."""
        if way not in self._limited:
            within = [name for name, least in self._least.items() if getattr(way, name) <= least]
            self._limited[way] = replace(way, **dict.fromkeys(within, 0.0))  # type: ignore[arg-type]
        return self._limited[way]

    @cached_property
    def _least(self) -> dict[str, float]:
        """By measure of a movement: the least limit that any link has."""
        links = self.network.links.values()
        known = {name: [getattr(link, limit) for link in links] for name, limit in LIMITS.items()}
        return {name: min((limit for limit in of if limit is not None), default=math.inf) for name, of in known.items()}


def _calendars(network: Network) -> dict[tuple[str, bool], int]:
    """Return the number of the calendar of each link in each direction."""
    calendars: dict[tuple[str, bool], int] = {}
    number, single_tracks = 0, network.single_tracks
    for link in network.links.values():
        twin = single_tracks.get(link.name, "")
        there = (twin, True) in calendars
        for forward in (True, False):
            calendars[link.name, forward] = calendars[twin, not forward] if there else number
            number += not there
    return calendars

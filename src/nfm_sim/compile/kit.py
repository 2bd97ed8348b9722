"""The kit with which the lots of a plan are made: its draws, places and trips, each made once for all."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, pairwise

import numpy as np

from nfm_sim.compile.times import Openings, Times
from nfm_sim.kinds import FAMILIES, Distribution
from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.network import Facility, Network
from nfm_sim.plan.draws import Owners, Stream, owner_address
from nfm_sim.plan.legs import LIMITS, LegBook
from nfm_sim.plan.movement import Drive, Legs, PoolKey, Rest, Trip, Way, Work
from nfm_sim.plan.timeline import Timeline, Windows
from nfm_sim.plan.traffic import Traffic
from nfm_sim.problems import Problem
from nfm_sim.record.ticks import TICKS_PER_HOUR, in_hours, whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.rules import Movement, RestRule


@dataclass
class DrawSheet:
    """All draws that a replication will need, gathered while a scenario is compiled."""

    _asked: dict[tuple[int, Distribution], int] = field(default_factory=dict)
    """By address and distribution: the number on the sheet."""

    def ask(self, purpose: str, subject: str, distribution: Distribution) -> int:
        """Ask for a draw in hours, and return its number on the sheet; an owner that asks again has the same."""
        return self._asked.setdefault((owner_address(purpose, subject), distribution), len(self._asked))

    def freeze(self) -> Callable[[Stream], list[float]]:
        """Return the function to all draws of the sheet: hours, in whole ticks."""
        owners = Owners(np.array([address for address, _ in self._asked], dtype=np.uint64))
        distributions = [distribution for _, distribution in self._asked]
        zero_share = np.array([d.zero_share for d in distributions])
        families: dict[str, list[int]] = {}
        for number, distribution in enumerate(distributions):
            families.setdefault(distribution.family, []).append(number)
        groups = [
            (
                np.array(numbers),
                FAMILIES[family].quantile,
                np.array([distributions[n].parameters for n in numbers]).T,
            )
            for family, numbers in families.items()
        ]

        def draw(stream: Stream) -> list[float]:
            values, whether = owners.uniforms(stream)
            hours = np.empty(len(values))
            for numbers, quantile, parameters in groups:
                hours[numbers] = quantile(values[numbers], *parameters)
            hours[whether < zero_share] = 0.0
            ticks: list[float] = (np.round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR).tolist()
            return ticks

        return draw


class Places:
    """All facilities of one scenario: the network's, and its own, as it has them."""

    def __init__(self, scenario: Scenario, times: Times) -> None:
        self.scenario = scenario
        self.times = times
        own = ((node, name) for node, facilities in scenario.places.items() for name in facilities)
        keys = dict.fromkeys([*scenario.loaded_network.facilities, *own])
        found = {key: scenario.facility(*key) for key in keys}
        self.facilities: dict[PoolKey, Facility] = {key: there for key, there in found.items() if there is not None}
        """By place and name."""
        wanted = {CHAMBERS} | {rest.facility for _, rest in scenario.movement.rests()}
        self.stopping = [key for key in self.facilities if key[1] in wanted]
        """The locks with their chambers, and the places where columns and drivers rest."""
        self._works: dict[Hashable, Work] = {}

    def rate_per_h(self, place: str, name: str) -> float:
        """Return the amount that one unit of a facility handles in an hour; infinite without one, or when it takes no
        time."""
        there = self.facilities.get((place, name))
        return math.inf if there is None else there.rate_per_h or math.inf

    def work_at(self, place: str, name: str, amount: float, openings: Openings = ()) -> Work | None:
        """Return so much work at a facility, at its rate and in its hours; None when the place has none."""
        if (place, name) not in self.facilities:
            return None
        key = (place, name, amount, openings)
        if key not in self._works:
            hours = whole_ticks(amount / self.rate_per_h(place, name))
            self._works[key] = Work((place, name), hours, self.opening(place, name, openings))
        return self._works[key]

    def opening(self, place: str, facility: str, usual: Openings = ()) -> Windows | None:
        """The hours in which a facility is open: as the scenario has it there, or else the usual ones."""
        change = self.scenario.places.get(place, {}).get(facility)
        return self.times.windows(change.open if change and change.open else usual)

    @property
    def lockages(self) -> dict[str, Work]:
        """The locks with chambers: hours of a lockage, and when the lock is open."""
        works = {lock: self.work_at(lock, name, 1) for lock, name in self.stopping if name == CHAMBERS}
        return {lock: work for lock, work in works.items() if work is not None}

    def stock(self, name: str) -> float:
        """What a national pool has at hour 0, or when that is nothing, what comes in; infinite where it is not
        scarce."""
        pool = self.scenario.pools.get(name)
        return math.inf if pool is None else pool.capacity or sum(arrival.amount for arrival in pool.arrivals)

    def pool_size(self, name: str) -> float:
        """The most that a national pool has of itself, 1 at least; infinite where it is not scarce."""
        pool = self.scenario.pools.get(name)
        return math.inf if pool is None else max(1.0, pool.capacity + sum(arrival.amount for arrival in pool.arrivals))


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


@dataclass(frozen=True)
class Kit:
    """What lots are made with: the scenario, and what is made of it once for all lots. Nothing in the plan points back
    to it."""

    scenario: Scenario
    sheet: DrawSheet
    """Numbers every draw that a replication will need."""
    times: Times
    places: Places
    trips: Trips
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the scenario, as far as it was found; raised in one."""
    busy_until: dict[str, float] = field(default_factory=dict)
    """By scarce thing: the hour until which a choice of modes has planned it so far."""

    @property
    def rules(self) -> Movement:
        """The rules of movement."""
        return self.scenario.movement

    @property
    def network(self) -> Network:
        return self.scenario.loaded_network

    def permit_lead(self, name: str, nation: str = "") -> Timeline[int | None]:
        """Ask for the hours that a border permit takes, by the hour at which it is asked for."""
        leads = []
        for start, regime in self.times.regimes:
            hours = regime.permit_h_by_nation.get(nation, regime.permit_h)
            draw = None if hours is None else self.sheet.ask(f"permit {start.regime}", name, hours)
            leads.append((in_hours(start.day), draw))
        return Timeline.of(leads, None)

    def fault(self, key: str, value: str, remedy: str) -> None:
        """Note what is wrong with the scenario, once."""
        problem = Problem(self.scenario.file, key, value, remedy)
        if problem not in self.problems:
            self.problems.append(problem)

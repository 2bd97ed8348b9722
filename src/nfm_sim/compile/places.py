"""The facilities of a scenario, and the work that they do."""

from __future__ import annotations

import math
from collections.abc import Hashable

from nfm_sim.compile.times import Openings, Times
from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.network import Facility
from nfm_sim.plan.movement import PoolKey, Work
from nfm_sim.plan.windows import Windows
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario import Scenario


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

"""The earliest arrival, given the calendars as they are booked: several routes are tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nfm_sim.engine.plan import Leg, Trip

if TYPE_CHECKING:
    from nfm_sim.engine.world import World

ROUTES = 3
"""How many routes are tried beside the one that is planned."""


def earliest(world: World, trip: Trip, at: str, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    options = [legs, *world.control.ways_around(trip, at, legs, count=ROUTES)]
    return min(options, key=lambda legs: world.control.booked_arrival(legs, trip.windows))

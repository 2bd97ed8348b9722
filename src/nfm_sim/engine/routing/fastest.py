"""The fastest way when nothing else moves: around what is closed, or waiting for it to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nfm_sim.engine.plan import Leg, Trip

if TYPE_CHECKING:
    from nfm_sim.engine.world import World


def fastest(world: World, trip: Trip, at: str, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    control = world.control
    if not control.closures:
        return legs
    options = [legs, *control.ways_around(trip, at, legs, count=1)]
    return min(options, key=control.free_arrival)

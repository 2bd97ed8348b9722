"""Keep to the route, and wait where it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nfm_sim.engine.plan import Leg, Trip

if TYPE_CHECKING:
    from nfm_sim.engine.world import World


def fixed(world: World, trip: Trip, at: str, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    return legs

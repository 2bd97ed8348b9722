"""Which way a movement takes from where it stands, one file a policy. A new one is a new file and a line here.

A policy is asked at every holding node. It gets the legs that are planned, and returns those that are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from nfm_sim.engine.plan import Leg, Trip
from nfm_sim.engine.routing.earliest import earliest
from nfm_sim.engine.routing.fastest import fastest
from nfm_sim.engine.routing.fixed import fixed

if TYPE_CHECKING:
    from nfm_sim.engine.world import World

Policy = Callable[["World", Trip, str, tuple[Leg, ...]], tuple[Leg, ...]]
ROUTING: Mapping[str, Policy] = {"fixed": fixed, "fastest": fastest, "earliest": earliest}

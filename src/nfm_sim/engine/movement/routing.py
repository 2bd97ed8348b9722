"""Which way a movement takes from where it stands.

A routing is asked at every holding node. It gets the legs that are planned, and returns those that are taken.
"""

from collections.abc import Callable, Mapping

from nfm_sim.engine.links.control import Control
from nfm_sim.kinds.choices import ROUTINGS, function_of
from nfm_sim.plan.movement import Leg, Legs, Trip

ROUTES = 3
"""How many routes `earliest` tries beside the one that is planned."""


def fixed(control: Control, trip: Trip, at: str, legs: Legs) -> Legs:
    """Keep to the route, and wait where it is closed."""
    return legs


def fastest(control: Control, trip: Trip, at: str, legs: Legs) -> Legs:
    """Take the fastest way when nothing else moves: around what is closed, or waiting for it to open."""
    if not control.closures:
        return legs
    options = [legs, *control.ways_around(trip, at, legs, count=1)]
    return min(options, key=control.free_arrival)


def earliest(control: Control, trip: Trip, at: str, legs: Legs) -> Legs:
    """Take the way of earliest arrival, given the calendars as they are booked."""
    options = [legs, *control.ways_around(trip, at, legs, count=ROUTES)]
    return min(options, key=lambda legs: control.booked_arrival(legs, trip.windows))


RoutingFunction = Callable[[Control, Trip, str, Legs], Legs]
OURS: Mapping[str, RoutingFunction] = {routing.__name__: routing for routing in (fixed, fastest, earliest)}


def routing_of(name: str) -> RoutingFunction:
    """Return the routing that a scenario names in `routing`."""
    return function_of(ROUTINGS[name], OURS, _no_way)


def _no_way(legs: object, control: Control, trip: Trip, at: str, planned: Legs) -> str:
    if legs is planned:
        return ""
    if isinstance(legs, tuple) and all(isinstance(leg, Leg) for leg in legs):
        ends = [at, *(leg.end for leg in legs)]
        if ends[-1] == trip.goal and [leg.start for leg in legs] == ends[:-1]:
            return ""
    return f"a tuple of legs, each from where the last ends, from {at} to {trip.goal}"

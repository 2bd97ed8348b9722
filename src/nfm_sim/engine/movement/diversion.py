"""Where a ship goes: asked when it comes to its port, and again when a port is lost at which it waits."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from nfm_sim.kinds.choices import DIVERSIONS, function_of


class PortSeen(NamedTuple):
    """A port as a ship sees it that may go there."""

    sail_h: float
    """To sail there; 0 where it is."""
    lost_h: float
    """How long nothing can be discharged there; 0 when it is open."""
    queue_h: float
    """Until all other ships that are there, or bound for it, have been discharged."""
    ashore: int
    """Pieces that have come ashore there so far."""

    @property
    def begins_h(self) -> float:
        """In how many hours it can be discharged there at the earliest."""
        return max(self.sail_h, self.lost_h, self.queue_h)


class ShipSeen(NamedTuple):
    """What is known of a ship that has come to a port, when it is decided where it goes."""

    now_h: float
    flow: str
    ship: str
    port: str
    """Where it is."""
    pieces: int
    """Aboard."""
    ports: Mapping[str, PortSeen]
    """That port, and those to which it may divert."""


def when_lost(ship: ShipSeen) -> str:
    """When its port is lost, it goes where discharge can begin first, if that is sooner than when its own opens."""
    here = ship.ports[ship.port]
    best = min((port for port in ship.ports if port != ship.port), key=lambda port: ship.ports[port].begins_h)
    return best if ship.ports[best].begins_h < here.lost_h else ship.port


DiversionFunction = Callable[[ShipSeen], str]


def diversion_of(name: str) -> DiversionFunction:
    """Return the diversion that a scenario names in `diversion`."""
    return function_of(DIVERSIONS[name], {when_lost.__name__: when_lost}, _no_port)


def _no_port(port: object, ship: ShipSeen) -> str:
    if isinstance(port, str) and port in ship.ports:
        return ""
    return f"a port to which {ship.ship} may go: {', '.join(ship.ports)}"

"""Allied flows: what moves through the country, the ships and aircraft that bring it, and what takes it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from nfm_sim.kinds import SHIPS
from nfm_sim.limits import MOST_PEOPLE
from nfm_sim.scenario.changes import join_path
from nfm_sim.scenario.distributions import Hours
from nfm_sim.scenario.programme import Programme
from nfm_sim.scenario.values import (
    NUMBER,
    ClassName,
    Count,
    Days,
    DaysFromStart,
    DestinationName,
    Factor,
    FixedHours,
    KindName,
    Mode,
    Model,
    Name,
    NodeName,
    PortName,
    Priority,
    Rate,
    Share,
    SomeDays,
    SomeMetres,
    Text,
    bounds,
)

Pieces = dict[ClassName, Count]
"""Number of pieces by class; a piece is one vehicle, trailer or container."""
Shares = dict[Mode, Share]
"""Share of pieces that goes by each mode; the shares of a class add up to 1."""


class Cargo(Model):
    """Pieces that come together: by a ship, or from where they stand."""

    day: Days
    """Planned, days after hour 0."""
    pieces: Pieces = {}
    """How many come, by class."""
    destination: DestinationName | None = None
    """Instead of the flow's destination."""
    shares: dict[ClassName, Shares] = {}
    """Instead of the flow's shares, by class."""


class Call(Cargo):
    """One port call of a ship."""

    port: PortName
    """The port of debarkation, a node with berths."""
    sail_h: FixedHours = 0
    """Sailing time from the ship's previous call."""
    takes: Count = 0
    """Pieces of the flow that it takes aboard at most, when what it brought is ashore."""
    sails_day: Days | None = None
    """When it sails with what it has. Without it, when the next that stands on the quay finds no room, or nothing more
    is to come."""


class Origin(Cargo):
    """Where pieces stand ready that go to a port, or through the country: a depot, or a border that they come over."""

    place: NodeName
    """The node where they stand."""
    from_h: dict[Mode, Hours] = {}
    """By mode: how long they take from where they are loaded, beyond the border, to this place. Trucks and wagons go
    back over it. A mode without it is loaded at the place."""


class Ship(Model):
    """A ship with its calls in order; lateness meets the first call and pushes the later ones."""

    kind: Annotated[str, KindName(SHIPS)] = "roro"
    """A ferry drives off with its own crews over a ramp, and needs no gangs of the port."""
    length_m: SomeMetres = 200
    """It takes so much of the quay (`quay_m`) of a port that has one; ARC Patriot is about 200 m (facts V4)."""
    gangs: Annotated[int, bounds(1, 20), NUMBER] = 1
    """Gangs that discharge it side by side, each over one ramp (roro, ferry) or crane (lolo)."""
    drives_off_per_h: Rate = 120
    """Vehicles an hour over the ramp of a ferry. Assumed: one every half minute."""
    lateness_h: Hours = Field(default=0, validate_default=True)
    """How much later than planned it comes to its first call."""
    cancelled: bool = False
    """The ship does not sail: its cargo is planned and does not come, so that it never closes."""
    calls: tuple[Call, ...] = Field(min_length=1)
    """Its port calls in their order."""


class Airlift(Model):
    """An aircraft that brings people who marry up with their vehicles in staging."""

    airport: NodeName
    """Where it lands."""
    day: Days
    """Planned, days after hour 0."""
    people: Annotated[int, bounds(1, MOST_PEOPLE), NUMBER]
    """How many it brings."""
    lateness_h: Hours = Field(default=0, validate_default=True)
    """How much later than planned it lands."""
    transfer_h: FixedHours = 3
    """By bus to the port. Assumed."""


class Flow(Model):
    """An allied movement through the country."""

    title: Text = ""
    """What it is called in tables and figures."""
    nation: Text = ""
    """Whose it is: permits may differ by nation."""
    task: Name = "host_nation_support"
    """The task that it belongs to: pools serve tasks by their priority."""
    priority: Priority = 1
    """Among the movements of a task, pools serve those with the lower number first."""
    required_day: Days | None = None
    """Days after hour 0 by which its last piece is to be over the border; without one it is never late."""
    destination: DestinationName
    """Where it goes, unless a call says otherwise."""
    shares: dict[ClassName, Shares] = {}
    """Instead of the scenario's shares, by class."""
    diverts_to: dict[PortName, FixedHours] = {}
    """Ports that its ships may call at when theirs is lost, with the hours to sail there."""
    airlifts: dict[Name, Airlift] = {}
    """The people who fly in; without any, columns have their crews with them."""
    crew_per_vehicle: Factor = 2
    """People of the airlifts that a column takes along for each vehicle."""
    programme: Programme | None = None
    """What is booked for its onward movement; without one it goes as fast as the means allow."""
    permit_applied_day: DaysFromStart | None = None
    """When the border permit was asked for, days after hour 0; how long it takes, the regime and nation say.
    Without it, the permit is in hand."""
    permit_valid_days: SomeDays | None = None
    """How long a permit holds once it is given; then another must be asked for. Without it, for ever."""
    ships: dict[Name, Ship] = {}
    """What brings its pieces, and what takes them away."""
    origins: dict[Name, Origin] = {}
    """Where its pieces stand that come by no ship."""

    def cargoes(self) -> Iterator[tuple[str, str, Cargo]]:
        """Yield all that it moves: its key within the flow, the place where it comes, and the cargo."""
        for name, ship in self.ships.items():
            for number, call in enumerate(ship.calls):
                yield join_path(("ships", name, "calls", str(number))), call.port, call
        for name, origin in self.origins.items():
            yield join_path(("origins", name)), origin.place, origin

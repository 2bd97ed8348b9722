"""Allied flows: what moves through the country, what brings it and takes it away, and what is booked for it."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nfm_sim.kinds import SHIPS
from nfm_sim.limits import MOST_AMOUNT, MOST_PEOPLE
from nfm_sim.scenario import values
from nfm_sim.scenario.changes import join_path
from nfm_sim.scenario.values import NUMBER, Hours, Model, Name, Text, bounds

PerDay = Annotated[float, bounds(0.01, MOST_AMOUNT), NUMBER]
Loads = Annotated[int, bounds(0, 100_000), NUMBER]


class Slots(Model):
    """What is booked on a day by one mode."""

    day: values.Days
    """Days after hour 0: 0 is the day that begins then."""
    port: values.PortName | None = None
    """Where it is loaded; without it, wherever a load is ready first."""
    mode: values.Mode
    """What is booked."""
    loads: Loads
    """Trains, columns, barges, or lorries."""


class Programme(Model):
    """What is booked for the onward movement of an operation: movements of its flows take the next slot of their mode.
    Without one they go as fast as the means allow."""

    start_up_h: Hours = Field(default=0, validate_default=True)
    """From when the first ship begins to discharge to the first onward movement: drawn once a replication."""
    first_day: values.Days = 0
    """Nothing moves on before this day after hour 0."""
    working: tuple[values.Opening, ...] = ("mon-fri 06:00-18:00",)
    """The hours in which slots lie, evenly. Assumed: working days."""
    window_days: values.SomeDays | None = None
    """The planned length, from when the first ship begins to discharge: on each working day as much is booked, of each
    mode, as all that is planned to come needs to leave by its end; and no more than `per_day` and `per_day_at` say."""
    per_day: dict[values.Mode, PerDay] = {}
    """Loads that are booked on each working day for all ports and flows together: trains, columns, barges, lorries.
    Whichever is ready first takes the next. A mode without any is not booked, and goes as means allow; with a window,
    it has what that needs."""
    per_day_at: dict[values.PortName, dict[values.Mode, PerDay]] = {}
    """The same by port, where one has a booking of its own."""
    slots: tuple[Slots, ...] = ()
    """Day by day, instead of these: a list here, or the name of a table (CSV) with the columns day, port, mode and
    loads."""
    missed: Literal["lost", "made up"] = "lost"
    """What becomes of a slot at whose hour nothing is ready: it is "lost", as of lorries that go home empty and a path
    that passes; or "made up", when a load may follow as soon as it is ready."""

    @model_validator(mode="after")
    def _one_way_to_book(self) -> Self:
        if bool(self.window_days or self.per_day or self.per_day_at) == bool(self.slots):
            raise ValueError("must give either `slots`, or `window_days`, `per_day` or `per_day_at`")
        return self


class SharedProgramme(Programme):
    """The programme of several flows together."""

    title: Text = ""
    """What it is called in sentences."""
    flows: tuple[values.FlowName, ...] = Field(min_length=1)
    """Those that share it."""


Pieces = dict[values.ClassName, values.Count]
"""Number of pieces by class; a piece is one vehicle, trailer or container."""
Shares = dict[values.Mode, values.Share]
"""Share of pieces that goes by each mode; the shares of a class add up to 1."""


class Cargo(Model):
    """Pieces that come together: by a ship, or from where they stand."""

    day: values.Days
    """Planned, days after hour 0."""
    pieces: Pieces = {}
    """How many come, by class."""
    destination: values.DestinationName | None = None
    """Instead of the flow's destination."""
    shares: dict[values.ClassName, Shares] = {}
    """Instead of the flow's shares, by class."""


class Call(Cargo):
    """One port call of a ship."""

    port: values.PortName
    """The port of debarkation, a node with berths."""
    sail_h: values.FixedHours = 0
    """Sailing time from the ship's previous call."""
    takes: values.Count = 0
    """Pieces of the flow that it takes aboard at most, when what it brought is ashore."""
    sails_day: values.Days | None = None
    """When it sails with what it has. Without it, when the next that stands on the quay finds no room, or nothing more
    is to come."""


class Origin(Cargo):
    """Where pieces stand ready that go to a port, or through the country: a depot, or a border that they come over."""

    place: values.NodeName
    """The node where they stand."""
    from_h: dict[values.Mode, Hours] = {}
    """By mode: how long they take from where they are loaded, beyond the border, to this place. Trucks and wagons go
    back over it. A mode without it is loaded at the place."""


class Ship(Model):
    """A ship with its calls in order; lateness meets the first call and pushes the later ones."""

    kind: Annotated[str, values.KindName(SHIPS)] = "roro"
    """A ferry drives off with its own crews over a ramp, and needs no gangs of the port."""
    length_m: values.SomeMetres = 200
    """It takes so much of the quay (`quay_m`) of a port that has one; ARC Patriot is about 200 m (facts V4)."""
    gangs: Annotated[int, bounds(1, 20), NUMBER] = 1
    """Gangs that discharge it side by side, each over one ramp (roro, ferry) or crane (lolo)."""
    drives_off_per_h: values.Rate = 120
    """Vehicles an hour over the ramp of a ferry. Assumed: one every half minute."""
    lateness_h: Hours = Field(default=0, validate_default=True)
    """How much later than planned it comes to its first call."""
    cancelled: bool = False
    """The ship does not sail: its cargo is planned and does not come, so that it never closes."""
    calls: tuple[Call, ...] = Field(min_length=1)
    """Its port calls in their order."""


class Airlift(Model):
    """An aircraft that brings people who marry up with their vehicles in staging."""

    airport: values.NodeName
    """Where it lands."""
    day: values.Days
    """Planned, days after hour 0."""
    people: Annotated[int, bounds(1, MOST_PEOPLE), NUMBER]
    """How many it brings."""
    lateness_h: Hours = Field(default=0, validate_default=True)
    """How much later than planned it lands."""
    transfer_h: values.FixedHours = 3
    """By bus to the port. Assumed."""


class Flow(Model):
    """An allied movement through the country."""

    title: Text = ""
    """What it is called in tables and figures."""
    nation: Text = ""
    """Whose it is: permits may differ by nation."""
    task: Name = "host_nation_support"
    """The task that it belongs to: pools serve tasks by their priority."""
    priority: values.Priority = 1
    """Among the movements of a task, pools serve those with the lower number first."""
    required_day: values.Days | None = None
    """Days after hour 0 by which its last piece is to be over the border; without one it is never late."""
    destination: values.DestinationName
    """Where it goes, unless a call says otherwise."""
    shares: dict[values.ClassName, Shares] = {}
    """Instead of the scenario's shares, by class."""
    diverts_to: dict[values.PortName, values.FixedHours] = {}
    """Ports that its ships may call at when theirs is lost, with the hours to sail there."""
    airlifts: dict[Name, Airlift] = {}
    """The people who fly in; without any, columns have their crews with them."""
    crew_per_vehicle: values.Factor = 2
    """People of the airlifts that a column takes along for each vehicle."""
    programme: Programme | None = None
    """What is booked for its onward movement; without one it goes as fast as the means allow."""
    permit_applied_day: values.DaysFromStart | None = None
    """When the border permit was asked for, days after hour 0; how long it takes, the regime and nation say.
    Without it, the permit is in hand."""
    permit_valid_days: values.SomeDays | None = None
    """How long a permit holds once it is given; then another must be asked for, but for what has been cleared with it
    and waits for its means. Without it, for ever."""
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

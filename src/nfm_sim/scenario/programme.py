"""Movement programmes: what is booked for the onward movement of an operation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from nfm_sim.limits import MOST_AMOUNT
from nfm_sim.scenario.distributions import Hours
from nfm_sim.scenario.values import NUMBER, Days, FlowName, Mode, Model, Opening, PortName, SomeDays, Text, bounds

PerDay = Annotated[float, bounds(0.01, MOST_AMOUNT), NUMBER]
Loads = Annotated[int, bounds(0, 100_000), NUMBER]


def _from_cells(value: object) -> Any:
    """Read a row of a table, whose cells are texts."""
    if not isinstance(value, dict):
        return value
    return {key: cell for key, cell in value.items() if cell != ""}


class Slots(Model):
    """What is booked on a day by one mode."""

    day: Annotated[Days, Field(strict=False)]
    """Days after hour 0: 0 is the day that begins then."""
    port: PortName | None = None
    """Where it is loaded; without it, wherever a load is ready first."""
    mode: Mode
    """What is booked."""
    loads: Loads
    """Trains, columns, barges, or lorries."""


class Programme(Model):
    """What is booked for the onward movement of an operation: movements of its flows take the next slot of their mode.
    Without one they go as fast as the means allow."""

    start_up_h: Hours = Field(default=0, validate_default=True)
    """From when the first ship begins to discharge to the first onward movement: drawn once a replication."""
    first_day: Days = 0
    """Nothing moves on before this day after hour 0."""
    working: tuple[Opening, ...] = ("mon-fri 06:00-18:00",)
    """The hours in which slots lie, evenly. Assumed: working days."""
    window_days: SomeDays | None = None
    """The planned length, from when the first ship begins to discharge: on each working day as much is booked, of each
    mode, as all that is planned to come needs to leave by its end; and no more than `per_day` and `per_day_at` say."""
    per_day: dict[Mode, PerDay] = {}
    """Loads that are booked on each working day for all ports and flows together: trains, columns, barges, lorries.
    Whichever is ready first takes the next. A mode without any is not booked, and goes as means allow; with a window,
    it has what that needs."""
    per_day_at: dict[PortName, dict[Mode, PerDay]] = {}
    """The same by port, where one has a booking of its own."""
    slots: tuple[Annotated[Slots, BeforeValidator(_from_cells)], ...] = ()
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
    flows: tuple[FlowName, ...] = Field(min_length=1)
    """Those that share it."""

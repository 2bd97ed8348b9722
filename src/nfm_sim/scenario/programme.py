"""Movement programmes: what is booked for the onward movement of a flow."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from nfm_sim.limits import MOST_AMOUNT
from nfm_sim.scenario.distributions import Hours
from nfm_sim.scenario.values import NUMBER, Days, Mode, Model, Opening, PortName, bounds

PerDay = Annotated[float, bounds(0.01, MOST_AMOUNT), NUMBER]
Loads = Annotated[int, bounds(0, 100_000), NUMBER]


def _from_cells(value: Any) -> Any:
    """Read a row of a table, whose cells are texts."""
    if not isinstance(value, dict):
        return value
    return {key: cell for key, cell in value.items() if cell != ""}


class Slots(Model):
    """What is booked at a port on a day by one mode."""

    day: Annotated[Days, Field(strict=False)]
    """Days after hour 0: 0 is the day that begins then."""
    port: PortName
    """Where it is loaded."""
    mode: Mode
    """What is booked."""
    loads: Loads
    """Trains, columns, barges, or lorries."""


class Programme(Model):
    """The bookings of a flow: its movements take the next slot of their mode. Without one they go as fast as the means
    allow."""

    start_up_h: Hours = Field(default=0, validate_default=True)
    """From when the first ship begins to discharge to the first onward movement: drawn once a replication."""
    first_day: Days = 0
    """Nothing moves on before this day after hour 0."""
    working: tuple[Opening, ...] = ("mon-fri 06:00-18:00",)
    """The hours in which slots lie, evenly. Assumed: working days."""
    per_day: dict[Mode, PerDay] = {}
    """Loads that are booked at each port on each working day: trains, columns, barges, lorries. A mode without any is
    not booked, and goes as means allow."""
    slots: tuple[Annotated[Slots, BeforeValidator(_from_cells)], ...] = ()
    """Day by day, instead of `per_day`: a list here, or the name of a table (CSV) with the columns day, port, mode and
    loads."""
    missed: Literal["lost", "made up"] = "lost"
    """What becomes of a slot at whose hour nothing is ready: it is "lost", as of lorries that go home empty and a path
    that passes; or "made up", when a load may follow as soon as it is ready."""

    @model_validator(mode="after")
    def _one_way_to_book(self) -> Self:
        if bool(self.per_day) == bool(self.slots):
            raise ValueError("must give either `per_day` or `slots`")
        return self

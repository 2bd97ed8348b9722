"""Attrition: what falls out of elements in place, is mended or treated there, or goes back over the network."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from nfm_sim.kinds.modes import TRUCK
from nfm_sim.limits import MOST_DAYS, MOST_FACTOR
from nfm_sim.scenario import values
from nfm_sim.scenario.distributions import Hours
from nfm_sim.scenario.flows import Shares
from nfm_sim.scenario.values import NUMBER, Model, Name, Text, bounds

LEAST_EVERY = 1 / 24
PATIENT = "patient"
"""The class of pieces in which people go back."""


class Attrition(Model):
    """What falls out of the elements in place at a destination: wounded people, or pieces of a class that break."""

    title: Text = ""
    """What it is called in tables and figures."""
    pieces: values.ClassName | None = None
    """The class of pieces that break; without one it is people."""
    capabilities: tuple[Text, ...] = ()
    """Of elements with these alone; without it of all."""
    share_a_day: Annotated[float, bounds(0, 1), NUMBER]
    """Of those that are fit, the share that falls out in a day in place. How many do is drawn each day (Poisson)."""
    lost_share: values.Share = 0
    """Of those that fall out: what is lost for good."""
    stays_share: values.Share = 0
    """Likewise: what is mended or treated in the area, as far as it is not lost."""
    stays_h: Hours = Field(default=0, validate_default=True)
    """How long that takes."""
    mended_by: dict[values.PoolName, values.SomeAmount] = {}
    """By pool: what each takes of it meanwhile, such as repair teams."""
    uses_kg: dict[values.SupplyName, values.SomeAmount] = {}
    """By class of supply: what each takes first of the stock that the element draws on, such as parts."""
    place: values.NodeName | None = None
    """Where the rest goes, over the network; without it, the rest is lost."""
    railhead: values.NodeName | None = None
    """Where trains end; without one at the place."""
    facility: Text = ""
    """Of which each takes a unit there, such as beds or bays."""
    there_h: Hours = Field(default=0, validate_default=True)
    """For how long."""
    every_days: Annotated[float, bounds(LEAST_EVERY, MOST_DAYS), NUMBER] = 1
    """So often those that go back, or forward, set out: all together."""
    comes_back: bool = True
    """Then it goes forward again, or another in its stead."""
    shares: Shares = {TRUCK.name: 1.0}
    """How it goes, by mode."""
    least_share: values.Share = 0
    """An element of which less is fit is not effective."""
    source: Text = "assumed"
    """Where the numbers come from."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.lost_share + self.stays_share > 1:
            raise ValueError("must have a lost_share and a stays_share of 1 together at most")
        if self.facility and self.place is None:
            raise ValueError("must have a place where its facility is")
        return self

    @property
    def piece(self) -> str:
        """The class of pieces in which it goes back."""
        return self.pieces or PATIENT


class Posture(Model):
    """What elements do for a while, such as waiting, moving or fighting, and what is different of them then."""

    elements: tuple[values.ElementName, ...] = ()
    """Whose it is; with `capabilities`, theirs too; without both, all have it."""
    capabilities: tuple[Text, ...] = ()
    """Those with one of these."""
    from_day: values.Days = 0
    """When it begins, days after hour 0."""
    until_day: values.SomeDays | None = None
    """When it ends; without one at the horizon."""
    supply_factor: dict[values.SupplyName, Annotated[float, bounds(0, MOST_FACTOR), NUMBER]] = {}
    """By class of supply: what is used, as a multiple, besides that of the regime."""
    attrition_factor: dict[Name, Annotated[float, bounds(0, MOST_FACTOR), NUMBER]] = {}
    """By attrition: the share that falls out, likewise."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.until_day is not None and self.until_day <= self.from_day:
            raise ValueError("must end after it begins")
        return self

    def is_of(self, name: str, capability: str) -> bool:
        """Whether an element has it."""
        return name in self.elements or capability in self.capabilities or not (self.elements or self.capabilities)

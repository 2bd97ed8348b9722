"""Supply: what elements in place use, where it is stocked, and how it comes there; and what falls out of them."""

from dataclasses import replace
from typing import Annotated, Self

from pydantic import Field, model_validator

from nfm_sim.kinds import SUPPLIES, SupplyKind
from nfm_sim.kinds.modes import TRUCK
from nfm_sim.limits import MOST_DAYS, MOST_FACTOR, MOST_HOURS
from nfm_sim.scenario import values
from nfm_sim.scenario.flows import Shares
from nfm_sim.scenario.values import Hours


class SupplyFactors(values.Model):
    """What is different of a class of supply in this scenario; what is not given is as usual."""

    kg_a_person_day: values.Amount | None = None
    """Used by a person in a day."""
    kg_a_piece_day: dict[values.ClassName, values.Amount] | None = None
    """Used by a piece in a day, by class."""
    kg_a_weapon_day: values.Amount | None = None
    """Required by a weapon in a day."""
    controlled_kg_a_weapon_day: values.Amount | None = None
    """What a weapon is allowed in a day, where that is less: the controlled supply rate."""
    piece: values.ClassName | None = None
    """The class of the pieces in which it moves."""
    load_t: values.SomeAmount | None = None
    """Tonnes in one of these."""
    stops_effect: bool | None = None
    """An element that has none is not effective."""
    source: values.Text = "assumed"
    """Where the numbers come from."""


class Stock(values.Model):
    """Where supplies lie: a depot in the country, or a stock in an area of operations that comes from one."""

    title: values.Text = ""
    """What it is called in tables and figures."""
    place: values.NodeName | None = None
    """Of a depot: where its loads begin; of a convoy support centre: where it lies."""
    railhead: values.NodeName | None = None
    """Where its trains are loaded; without one at the place."""
    drawn_from: values.Name | None = None
    """The stock that it orders from. One that has none is not limited but by `tonnes`."""
    destination: values.DestinationName | None = None
    """Where its loads go: elements there draw on it, if no other stock draws on it and they name none."""
    lead_h: Hours | None = None
    """From the stock that it orders from by means of its own, not over the network."""
    tonnes: dict[values.SupplyName, values.Amount] = {}
    """What lies there at hour 0."""
    days: values.Days = 0
    """It orders up to so many days of what those who draw on it use, besides what they carry."""
    order_at_days: values.Days | None = None
    """It orders when so much is left, what is on order included; without it whenever a load is missing."""
    up_to_t: dict[values.SupplyName, values.Amount] = {}
    """Tonnes up to which it orders besides, for what is drawn by who passes."""
    order_at_t: dict[values.SupplyName, values.Amount] = {}
    """Likewise when it orders; with `order_at_days`, which may be 0."""
    review_h: Annotated[float, values.bounds(1, MOST_HOURS), values.NUMBER] | None = None
    """It orders at such intervals only: 24 for once a day."""
    daily_t: dict[values.SupplyName, values.Amount] = {}
    """Sent each day whatever is used, instead of orders: a push."""
    each_vehicle_kg: dict[values.SupplyName, values.Amount] = {}
    """Of a convoy support centre: what each vehicle of a column that rests there takes. A column goes on when there is
    enough."""
    shares: dict[values.ClassName, Shares] = {}
    """How its pieces go, by class; without them as all pieces of the scenario do; where nothing says it, by lorry."""
    task: values.Name | None = None
    """The task that it moves for; without one, that of the activation."""
    priority: values.Priority = 1
    """Of two movements of a task, the lower number goes first."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.drawn_from is None and self.place is None:
            raise ValueError("must have a place, or a stock that it is drawn_from")
        if self.drawn_from is not None and (self.destination is None) == (self.lead_h is None):
            raise ValueError("must have either a destination or lead_h, as it is drawn from another stock")
        if self.each_vehicle_kg and self.place is None:
            raise ValueError("must have a place, where columns that take each_vehicle_kg rest")
        if self.order_at_days is not None and self.order_at_days > self.days:
            raise ValueError("must order at no more days than it orders up to")
        if self.daily_t and (self.order_at_days is not None or self.review_h is not None):
            raise ValueError("must have either daily_t or rules of ordering")
        return self

    def shares_of(self, piece: str, usual: dict[str, Shares]) -> Shares:
        """By mode: the share of pieces of a class."""
        return self.shares.get(piece) or usual.get(piece) or {TRUCK.name: 1.0}


class Supply(values.Model):
    """Supply of the elements in place; without stocks nothing is used."""

    stocks: dict[values.Name, Stock] = {}
    """Where supplies lie."""
    uses: tuple[values.SupplyName, ...] = ()
    """The classes of supply that are brought; without it all usual ones."""
    classes: dict[values.SupplyName, SupplyFactors] = {}
    """What is different of them here."""
    days_carried: dict[values.SupplyName, values.Days] = {}
    """What an element has with it when it comes, and fills up to."""
    usual_days_carried: values.Days = Field(default=3, validate_default=True)
    """The same of the other classes. A Stryker brigade has 72 h (FM 3-21.21)."""

    @property
    def used(self) -> tuple[str, ...]:
        """The classes of supply that are brought, in the order in which they are declared."""
        return tuple(name for name, kind in SUPPLIES.items() if (name in self.uses if self.uses else kind.usual))

    def kind(self, name: str) -> SupplyKind:
        """A class of supply as it is here."""
        different = {key: value for key, value in self.classes.get(name, ()) if value is not None}
        return replace(SUPPLIES[name], **different) if different else SUPPLIES[name]

    @property
    def carriages(self) -> dict[tuple[str, float], tuple[str, ...]]:
        """By class of pieces and the tonnes in one: the classes of supply that move in it together."""
        found: dict[tuple[str, float], tuple[str, ...]] = {}
        for name in self.used:
            key = self.kind(name).piece, self.kind(name).load_t
            found[key] = (*found.get(key, ()), name)
        return found

    def stock_of(self, destination: str | None, named: str) -> str:
        """The stock that an element draws on: the one that it names, or the last one of its destination; empty where
        there is none."""
        sources = {stock.drawn_from for stock in self.stocks.values()}
        if named or destination is None:
            return named
        last = (name for name, stock in self.stocks.items() if name not in sources and self._goes(name) == destination)
        return next(last, "")

    def _goes(self, name: str) -> str | None:
        """Where a stock lies: its destination, or that of the stock that it comes from by means of its own."""
        stock = self.stocks[name]
        if stock.lead_h is not None and stock.drawn_from in self.stocks:
            return self._goes(stock.drawn_from) if stock.drawn_from != name else None
        return stock.destination


# What falls out of elements in place, is mended or treated there, or goes back over the network


PATIENT = "patient"
"""The class of pieces in which people go back."""


class Attrition(values.Model):
    """What falls out of the elements in place at a destination: wounded people, or pieces of a class that break."""

    title: values.Text = ""
    """What it is called in tables and figures."""
    pieces: values.ClassName | None = None
    """The class of pieces that break; without one it is people."""
    capabilities: tuple[values.Text, ...] = ()
    """Of elements with these alone; without it of all."""
    share_a_day: Annotated[float, values.bounds(0, 1), values.NUMBER]
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
    facility: values.Text = ""
    """Of which each takes a unit there, such as beds or bays."""
    there_h: Hours = Field(default=0, validate_default=True)
    """For how long."""
    every_days: Annotated[float, values.bounds(1 / 24, MOST_DAYS), values.NUMBER] = 1
    """So often those that go back, or forward, set out: all together."""
    comes_back: bool = True
    """Then it goes forward again, or another in its stead."""
    shares: Shares = {TRUCK.name: 1.0}
    """How it goes, by mode."""
    least_share: values.Share = 0
    """An element of which less is fit is not effective."""
    source: values.Text = "assumed"
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


class Posture(values.Model):
    """What elements do for a while, such as waiting, moving or fighting, and what is different of them then."""

    elements: tuple[values.ElementName, ...] = ()
    """Whose it is; with `capabilities`, theirs too; without both, all have it."""
    capabilities: tuple[values.Text, ...] = ()
    """Those with one of these."""
    from_day: values.Days = 0
    """When it begins, days after hour 0."""
    until_day: values.SomeDays | None = None
    """When it ends; without one at the horizon."""
    supply_factor: dict[values.SupplyName, Annotated[float, values.bounds(0, MOST_FACTOR), values.NUMBER]] = {}
    """By class of supply: what is used, as a multiple, besides that of the regime."""
    attrition_factor: dict[values.Name, Annotated[float, values.bounds(0, MOST_FACTOR), values.NUMBER]] = {}
    """By attrition: the share that falls out, likewise."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.until_day is not None and self.until_day <= self.from_day:
            raise ValueError("must end after it begins")
        return self

    def is_of(self, name: str, capability: str) -> bool:
        """Whether an element has it."""
        return name in self.elements or capability in self.capabilities or not (self.elements or self.capabilities)

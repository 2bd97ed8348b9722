"""Values that a scenario may write: uncertain hours, opening hours, names that must exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from nfm_sim.network import Network
from nfm_sim.problems import did_you_mean


class Model(BaseModel):
    """A part of a scenario: never changed once made, and without keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a scenario may refer to, handed to pydantic as the context of a validation."""

    network: Network
    pools: frozenset[str]
    elements: frozenset[str]
    destinations: frozenset[str]
    classes: frozenset[str]
    regimes: frozenset[str]
    tasks: frozenset[str]
    stages: frozenset[str]


def _must_be_in(what: str, where: str) -> AfterValidator:
    def check(name: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Known):
            known: Iterable[str] = getattr(info.context, what)
            if name not in known:
                raise ValueError(f"is not in {where}{did_you_mean(name, known)}")
        return name

    return AfterValidator(check)


def _node_exists(*kinds: str) -> AfterValidator:
    """Check that a node exists; the name offered instead is one of these kinds, if any are given."""

    def check(name: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Known) and name not in info.context.network.nodes:
            network = info.context.network
            offered = [node.name for node in network.nodes.values() if not kinds or node.kind in kinds]
            raise ValueError(f"is not in {network.path}{did_you_mean(name, offered)}")
        return name

    return AfterValidator(check)


def one_of(what: str, known: Iterable[str]) -> AfterValidator:
    """Check that a word is one of these."""

    def check(word: str) -> str:
        if word not in known:
            raise ValueError(f"is not {what} (one of {', '.join(known)})")
        return word

    return AfterValidator(check)


NodeName = Annotated[str, _node_exists()]
"""A node of the scenario's network."""
PortName = Annotated[str, _node_exists("sea_port_terminal")]
HomeName = Annotated[str, _node_exists("barracks", "airport", "sea_port_terminal")]
ExitName = Annotated[str, _node_exists("border_crossing")]
PoolName = Annotated[str, _must_be_in("pools", "[pools]")]
ElementName = Annotated[str, _must_be_in("elements", "the force elements")]
DestinationName = Annotated[str, _must_be_in("destinations", "[destinations]")]
RegimeName = Annotated[str, _must_be_in("regimes", "[regimes]")]
TaskName = Annotated[str, _must_be_in("tasks", "[tasks]")]
StageName = Annotated[str, _must_be_in("stages", "[activation.stages]")]
ClassName = Annotated[str, _must_be_in("classes", "[classes]")]


def split(text: str, mark: str) -> tuple[str, ...]:
    """Return the parts of a cell, without the empty ones."""
    return tuple(filter(None, map(str.strip, text.split(mark))))


class GammaOf(Model):
    mean: float = Field(gt=0)
    sd: float = Field(gt=0)


class LognormalOf(Model):
    median: float = Field(gt=0)
    p95: float = Field(gt=0)

    @model_validator(mode="after")
    def _spread(self) -> Self:
        if self.p95 <= self.median:
            raise ValueError("must have a p95 above its median")
        return self


class ExponentialOf(Model):
    mean: float = Field(gt=0)


Low2 = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]
Low3 = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class Distribution(Model):
    """An uncertain number of hours, never below 0. Exactly one family is given; a bare number is `fixed`."""

    fixed: float | None = Field(default=None, ge=0)
    """Always this many hours."""
    uniform: Low2 | None = None
    """[low, high]"""
    triangular: Low3 | None = None
    """[low, most likely, high]"""
    pert: Low3 | None = None
    """[low, most likely, high]: a beta distribution with weight 4 on the most likely value."""
    gamma: GammaOf | None = None
    lognormal: LognormalOf | None = None
    exponential: ExponentialOf | None = None
    zero_share: float = Field(default=0, ge=0, lt=1)
    """Share of draws that are 0 (a ship on time); the rest follow the family."""

    @property
    def family(self) -> str:
        """The name of the one family that is given."""
        return next(name for name in FAMILIES if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_family_in_order(self) -> Self:
        given = [name for name in FAMILIES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"must give exactly one of {', '.join(FAMILIES)}")
        corners = getattr(self, given[0])
        if isinstance(corners, tuple) and (list(corners) != sorted(corners) or corners[0] == corners[-1]):
            raise ValueError(f"must have the corners of {given[0]} in rising order")
        return self


def read_distribution(value: Any) -> Distribution:
    """Make a distribution of plain data, such as {"pert": [1, 2, 4]}; raise ValueError when it is none."""
    try:
        return Distribution.model_validate(value)
    except ValidationError as error:
        raise ValueError(f"{value} is no distribution: {error.errors()[0]['msg']}") from None


FAMILIES = ("fixed", "uniform", "triangular", "pert", "gamma", "lognormal", "exponential")


def _number_is_fixed(value: Any) -> Any:
    if isinstance(value, str):  # a cell of a CSV table
        try:
            value = float(value)
        except ValueError:
            raise ValueError("must be a number of hours") from None
    return {"fixed": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


Hours = Annotated[Distribution, BeforeValidator(_number_is_fixed, json_schema_input_type=float | Distribution)]
"""Hours: a number, or a distribution such as { pert = [12, 24, 72] }."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(DAYS)
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
_OPENING = re.compile(rf"(?:({_DAY})(?:-({_DAY}))? )?{_CLOCK}-(?:{_CLOCK}|24:00)")


def _is_opening(text: str) -> str:
    if not _OPENING.fullmatch(text):
        raise ValueError('must look like "06:00-22:00" or "mon-fri 21:00-05:00"')
    return text


Opening = Annotated[str, AfterValidator(_is_opening)]
"""Daily hours, local time: "06:00-22:00", "mon-fri 21:00-05:00" (days are those on which it opens)."""


def parse_opening(text: str) -> tuple[frozenset[int], float, float]:
    """Return (weekdays with Monday 0, opening hour, length in hours) of an `Opening`."""
    match = _OPENING.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not an opening')
    first, last, hour, minute, end_hour, end_minute = match.groups()
    days = range(7)
    start_day = DAYS.index(first) if first else 0
    end_day = DAYS.index(last) if last else (start_day if first else 6)
    weekdays = frozenset(day for day in days if (day - start_day) % 7 <= (end_day - start_day) % 7)
    opens = int(hour) + int(minute) / 60
    closes = int(end_hour) + int(end_minute) / 60 if end_hour else 24.0
    return weekdays, opens, (closes - opens) % 24 or 24.0

"""Values that a scenario may write: numbers with their bounds, opening hours, names that must exist."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import pydantic
from pydantic_core import CoreSchema, core_schema

from nfm_sim import limits
from nfm_sim.kinds import MODES, SUPPLIES, Registry
from nfm_sim.meanings import meanings
from nfm_sim.network import Network
from nfm_sim.problems import did_you_mean


class Model(pydantic.BaseModel):
    """A part of a scenario: never changed once made, and without keys that it does not know."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        keys, about = handler.resolve_ref_schema(found).get("properties", {}), meanings(cls)
        for name in keys.keys() & about.keys():
            keys[name].setdefault("description", about[name])
        return found


class OpenModel(Model):
    """A part of a scenario that takes keys of users' kinds too."""

    model_config = pydantic.ConfigDict(extra="allow")

    @classmethod
    def own_fields(cls) -> dict[str, Any]:
        """The keys of users' kinds, each with its type and its default."""
        raise NotImplementedError

    @pydantic.model_validator(mode="before")
    @classmethod
    def _read_own(cls, data: object, info: pydantic.ValidationInfo) -> Any:
        """Read the keys that are no fields as users' kinds declare them; what nobody declared is a fault."""
        if not isinstance(data, dict):
            return data
        ours = {key: value for key, value in data.items() if key in cls.model_fields}
        rest = {key: value for key, value in data.items() if key not in ours}
        own = cls.own_fields()
        if not own and not rest:
            return data
        read = pydantic.create_model(cls.__name__, __base__=Model, **own).model_validate(rest, context=info.context)
        return {**ours, **{key: getattr(read, key) for key in own}}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        found = super().__get_pydantic_json_schema__(schema, handler)
        about = handler.resolve_ref_schema(found)
        about["additionalProperties"] = False
        for name, (kind, _) in cls.own_fields().items():
            about["properties"][name] = handler(pydantic.TypeAdapter(kind).core_schema)
        return found


def _no_truth(value: object) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


NUMBER = pydantic.BeforeValidator(_no_truth)
"""A truth value is no number, though Python takes it for one."""


def bounds(least: float, most: float) -> Any:
    """The bounds of a number."""
    return pydantic.Field(ge=least, le=most)


# What numbers of a scenario may be, as `limits` says it. A number of a model has one of these types.
Days = Annotated[float, bounds(0, limits.MOST_DAYS), NUMBER]
SomeDays = Annotated[float, bounds(limits.LEAST_HOURS / 24, limits.MOST_DAYS), NUMBER]
DaysFromStart = Annotated[float, bounds(-limits.MOST_BEFORE_DAYS, limits.MOST_DAYS), NUMBER]
"""A day that may lie before hour 0."""
DaysBefore = Annotated[float, bounds(0, limits.MOST_BEFORE_DAYS), NUMBER]
FixedHours = Annotated[float, bounds(0, limits.MOST_HOURS), NUMBER]
SomeHours = Annotated[float, bounds(limits.LEAST_HOURS, limits.MOST_HOURS), NUMBER]
Minutes = Annotated[float, bounds(0, 24 * 60), NUMBER]
Share = Annotated[float, bounds(0, 1), NUMBER]
Factor = Annotated[float, bounds(limits.LEAST_FACTOR, limits.MOST_FACTOR), NUMBER]
Amount = Annotated[float, bounds(0, limits.MOST_AMOUNT), NUMBER]
SomeAmount = Annotated[float, bounds(limits.LEAST_AMOUNT, limits.MOST_AMOUNT), NUMBER]
Rate = Annotated[float, bounds(limits.LEAST_RATE, limits.MOST_RATE), NUMBER]
Kmh = Annotated[float, bounds(limits.LEAST_KMH, limits.MOST_KMH), NUMBER]
Metres = Annotated[float, bounds(0, limits.MOST_M), NUMBER]
SomeMetres = Annotated[float, bounds(1, limits.MOST_M), NUMBER]
Tonnes = Annotated[float, bounds(0, limits.MOST_T), NUMBER]
SomeTonnes = Annotated[float, bounds(1, limits.MOST_T), NUMBER]
Priority = Annotated[float, bounds(-limits.MOST_PRIORITY, limits.MOST_PRIORITY), NUMBER]
Count = Annotated[int, bounds(0, limits.MOST_COUNT), NUMBER]
SomeCount = Annotated[int, bounds(1, limits.MOST_COUNT), NUMBER]


@dataclass(frozen=True)
class KindName:
    """Marks a text that names a declared kind; nothing else may stand there."""

    registry: Registry[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._declared, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.registry)}

    def _declared(self, name: str) -> str:
        if name not in self.registry:
            raise ValueError(self.registry.unknown(name))
        return name


Mode = Annotated[str, KindName(MODES)]
"""How pieces move."""
SupplyName = Annotated[str, KindName(SUPPLIES)]
"""A class of supply."""
Name = Annotated[str, pydantic.Field(min_length=1, max_length=limits.MOST_NAME)]
"""A name that the scenario gives to something."""
Text = Annotated[str, pydantic.Field(max_length=limits.MOST_TEXT)]
"""A title, a source, a unit."""


class Known(NamedTuple):
    """The names that a scenario may refer to, handed to pydantic as the context of a validation."""

    network: Network
    names: Mapping[str, Collection[str]]
    """By table, such as "pools" or "activation.stages"."""


def _must_be_in(table: str, where: str = "") -> pydantic.AfterValidator:
    def check(name: str, info: pydantic.ValidationInfo) -> str:
        if isinstance(info.context, Known) and name not in info.context.names[table]:
            raise ValueError(f"is not in {where or f'[{table}]'}{did_you_mean(name, info.context.names[table])}")
        return name

    return pydantic.AfterValidator(check)


def _node_exists(*kinds: str) -> pydantic.AfterValidator:
    """Check that a node exists; the name offered instead is one of these kinds, if any are given."""

    def check(name: str, info: pydantic.ValidationInfo) -> str:
        if isinstance(info.context, Known) and name not in info.context.network.nodes:
            network = info.context.network
            offered = [node.name for node in network.nodes.values() if not kinds or node.kind in kinds]
            raise ValueError(f"is not in {network.path}{did_you_mean(name, offered)}")
        return name

    return pydantic.AfterValidator(check)


def one_of(what: str, known: Iterable[str]) -> pydantic.AfterValidator:
    """Check that a word is one of these."""

    def check(word: str) -> str:
        if word not in known:
            raise ValueError(f"is not {what} (one of {', '.join(known)})")
        return word

    return pydantic.AfterValidator(check)


NodeName = Annotated[str, _node_exists()]
"""A node of the scenario's network."""
PortName = Annotated[str, _node_exists("sea_port_terminal")]
HomeName = Annotated[str, _node_exists("barracks", "airport", "sea_port_terminal")]
ExitName = Annotated[str, _node_exists("border_crossing", "sea_port_terminal", "barracks")]
FlowName = Annotated[str, _must_be_in("flows")]
PoolName = Annotated[str, _must_be_in("pools")]
ElementName = Annotated[str, _must_be_in("elements", "the force elements")]
DestinationName = Annotated[str, _must_be_in("destinations")]
RegimeName = Annotated[str, _must_be_in("regimes")]
TargetName = Annotated[str, _must_be_in("targets")]
StockName = Annotated[str, _must_be_in("supply.stocks")]
TaskName = Annotated[str, _must_be_in("tasks")]
StageName = Annotated[str, _must_be_in("activation.stages")]
ClassName = Annotated[str, _must_be_in("classes")]


def split(text: str, mark: str) -> tuple[str, ...]:
    """Return the parts of a cell, without the empty ones."""
    return tuple(filter(None, map(str.strip, text.split(mark))))


TIMEZONE = ZoneInfo("Europe/Amsterdam")
"""Local time of the Netherlands."""


def on_the_clock(time: datetime) -> datetime:
    """Return a local time; raise ValueError for one that the clock of the Netherlands does not have."""
    if not limits.FIRST_YEAR <= time.year <= limits.LAST_YEAR:
        raise ValueError(f"must lie between the years {limits.FIRST_YEAR} and {limits.LAST_YEAR}")
    there = time.replace(tzinfo=TIMEZONE)
    if there.astimezone(UTC).astimezone(TIMEZONE).replace(tzinfo=None) != time:
        raise ValueError("is an hour that the clock skips, when summer time begins; take the hour after it")
    return time


LocalTime = Annotated[pydantic.NaiveDatetime, pydantic.AfterValidator(on_the_clock)]
"""A time on the clock of the Netherlands."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(DAYS)
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
OPENING = re.compile(rf"(?:({_DAY})(?:-({_DAY}))? )?{_CLOCK}-(?:{_CLOCK}|24:00)")


def _is_opening(text: str) -> str:
    if not OPENING.fullmatch(text):
        raise ValueError('must look like "06:00-22:00" or "mon-fri 21:00-05:00"')
    return text


Opening = Annotated[str, pydantic.AfterValidator(_is_opening)]
"""Daily hours, local time: "06:00-22:00", "mon-fri 21:00-05:00" (days are those on which it opens)."""

"""Values that a scenario may write: numbers with their bounds, distributions in their place, names that must exist."""

import copy
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple, TypeGuard
from zoneinfo import ZoneInfo

import pydantic
from pydantic_core import CoreSchema, core_schema

from nfm_sim import limits
from nfm_sim.kinds import FAMILIES, MODES, SUPPLIES, Distribution, Family, Registry
from nfm_sim.limits import LEAST_HOURS
from nfm_sim.meanings import meanings
from nfm_sim.network import Network
from nfm_sim.problems import Problem, did_you_mean
from nfm_sim.scenario.changes import join_path, set_path, split_path


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
    if isinstance(value, Mapping):
        read_distribution(value)  # which says what is wrong with one that is none
    return value


NUMBER = pydantic.BeforeValidator(_no_truth)
"""A truth value is no number, though Python takes it for one; a distribution may stand in the place of a number."""


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


def split(cell: object, mark: str) -> Any:
    """Return the parts of a cell, without the empty ones; what is no text is left alone."""
    return tuple(filter(None, map(str.strip, cell.split(mark)))) if isinstance(cell, str) else cell


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


# Hours and numbers that nobody knows: distributions as a scenario writes them, and factors that several numbers share.
#
# Hours are uncertain wherever they stand, and each subject draws its own: a number, or exactly one family with its
# parameters. Every other number (a capacity, a rate, a share, a number of pieces, a speed) may be a distribution too,
# `capacity = { pert = [80, 110, 160] }`, and is drawn once a replication. `[uncertainty]` names a factor by which
# several of them are off together.


ZeroShare = Annotated[float, pydantic.Field(ge=0, lt=1), NUMBER]


class _Uncertain(Model):
    """An uncertain number of hours, never below 0. Exactly one family is given; a bare number is `fixed`."""

    zero_share: ZeroShare = 0.0
    """Share of draws that are 0 (a ship on time); the rest follow the family."""


@cache
def _written(*families: Family) -> type[Model]:
    """The model of a distribution of one of some families, as a scenario writes it."""
    keys: dict[str, Any] = {
        family.name: (_parameters(family) | None, pydantic.Field(None, description=family.meaning))
        for family in families
    }
    return pydantic.create_model("Distribution", __base__=_Uncertain, __doc__=_Uncertain.__doc__, **keys)


class _AnyFamily(Model):
    """Stands for a distribution in the JSON Schema: of the families that there are when it is asked for."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        written = _written(*FAMILIES.values())
        return written.__get_pydantic_json_schema__(written.__pydantic_core_schema__, handler)


_ANY_FAMILY = pydantic.create_model("Distribution", __base__=_AnyFamily)


def read_distribution(value: object) -> Distribution:
    """Make a distribution of plain data, such as {"pert": [1, 2, 4]}; raise ValueError when it is none."""
    try:
        return _read(value)
    except pydantic.ValidationError as error:
        fault = error.errors(include_url=False)[0]
        why = f": {fault['ctx']['error']}" if fault["type"] == "value_error" else ""
    except ValueError as error:
        why = f": {error}"
    raise ValueError(f"is no distribution such as {{ pert = [1, 2, 4] }}{why}")


def _read(value: object) -> Distribution:
    if isinstance(value, Distribution):
        return value
    if isinstance(value, str):  # a cell of a CSV table
        try:
            value = float(value)
        except ValueError:
            raise ValueError("must be a number of hours") from None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = {"fixed": value}
    if not isinstance(value, Mapping):
        raise ValueError("must be a number of hours, or a distribution")
    given = [name for name in FAMILIES if value.get(name) is not None]
    if len(given) != 1:
        raise ValueError(f"must give exactly one of {', '.join(FAMILIES)}")
    (name,) = given
    read = _written(*FAMILIES.values()).model_validate(value)
    parameters = getattr(read, name)
    if isinstance(parameters, pydantic.BaseModel):
        parameters = tuple(parameters.__dict__.values())
    return Distribution(name, parameters if isinstance(parameters, tuple) else (parameters,), read.zero_share)  # type: ignore[attr-defined]


Hours = Annotated[
    Distribution,
    pydantic.PlainValidator(_read, json_schema_input_type=float | _ANY_FAMILY),
    pydantic.PlainSerializer(Distribution.as_written),
]
"""Hours: a number, or a distribution such as { pert = [12, 24, 72] }."""


def _parameters(family: Family) -> Any:
    """The type of what a scenario gives of a family: a number, a list that rises, or a table."""
    numbers = {
        name: Annotated[float, bounds(parameter.low, parameter.high), NUMBER]
        for name, parameter in family.parameters.items()
    }

    def sound(given: Any) -> Any:
        parameters = tuple(given.__dict__.values()) if isinstance(given, pydantic.BaseModel) else given
        if family.written == "list" and not _rises(parameters):
            raise ValueError(f"must have the corners of {family.name} in rising order")
        fault = family.fault(*parameters) if isinstance(parameters, tuple) else family.fault(parameters)
        if fault:
            raise ValueError(fault)
        return given

    shape: Any
    if family.written == "number":
        (shape,) = numbers.values()
    elif family.written == "list":
        shape = tuple[*numbers.values()]  # type: ignore[misc]
    else:
        described = {
            name: Annotated[number, pydantic.Field(description=family.parameters[name].meaning)]
            for name, number in numbers.items()
        }
        shape = pydantic.create_model(f"{type(family).__name__}Of", __base__=Model, __doc__=family.meaning, **described)  # type: ignore[call-overload]
    return Annotated[shape, pydantic.AfterValidator(sound)]


def _rises(corners: tuple[float, ...]) -> bool:
    return list(corners) == sorted(corners) and corners[-1] - corners[0] >= LEAST_HOURS


Steps = tuple[str, ...]
ANY = "*"
"""In a path: each of what stands there."""


class Uncertainty(Model):
    """A factor by which several numbers of a scenario are off together."""

    value: Hours
    """What they are multiplied by, such as { pert = [0.7, 1, 1.2] }: drawn once a replication."""
    paths: tuple[Text, ...] = pydantic.Field(min_length=1)
    """Dotted paths of numbers or hours; "*" stands for each of what there is: "places.*.truck_ramps.rate_per_h"."""
    source: Text = "assumed"
    """Where it comes from, or "assumed"."""


def looks_like_one(data: Any) -> TypeGuard[dict[str, Any]]:
    """Whether plain data names one family and what this takes; and not, for all that its names are, a flow "gamma"."""
    given = [family for family in FAMILIES.values() if family.name in data] if isinstance(data, dict) else []
    if len(given) != 1 or not {*data} <= {given[0].name, "zero_share"}:
        return False
    (family,), takes = given, data[given[0].name]
    if isinstance(takes, dict):
        return takes.keys() <= family.parameters.keys()
    return isinstance(takes, list | tuple) or family.written == "number"


def distributions_in(data: object, above: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Yield all that looks like a distribution in plain data, with its steps."""
    if looks_like_one(data):
        yield above, data
    elif isinstance(data, dict):
        for key, part in data.items():
            yield from distributions_in(part, (*above, str(key)))
    elif isinstance(data, list):
        for number, part in enumerate(data):
            yield from distributions_in(part, (*above, str(number)))


def taken_out(
    found: Iterable[tuple[Steps, dict[str, Any]]], faulty: Iterable[Sequence[int | str]]
) -> dict[str, Distribution]:
    """Return, by dotted path, the distributions that stand where the model has no hours: those with a fault."""
    places = {tuple(map(str, place)) for place in faulty}
    uncertain = {}
    for steps, value in found:
        if any(place[: len(steps)] == steps for place in places):
            try:
                uncertain[join_path(steps)] = read_distribution(value)
            except ValueError:
                continue  # it is none, and is told as a fault where it stands
    return uncertain


def with_values(data: dict[str, Any], values: Mapping[str, float]) -> dict[str, Any]:
    """Return plain data with numbers at paths. The shares of a class that are not drawn make room for those that are,
    so that they still add up to 1."""
    data = copy.deepcopy(data)
    for path, value in values.items():
        set_path(data, path, value)
    balance(data, values)
    return data


def balance(data: dict[str, Any], paths: Iterable[str]) -> None:
    """Have the shares beside those at paths make room for them."""
    groups: dict[Steps, set[str]] = {}
    for path in paths:
        steps = tuple(split_path(path))
        if len(steps) >= 3 and steps[-3] == "shares":
            groups.setdefault(steps[:-1], set()).add(steps[-1])
    for group, drawn in groups.items():
        shares = value_at(data, group)
        if all(isinstance(share, int | float) for share in shares.values()):
            _balance(shares, drawn)


def _balance(shares: dict[str, Any], drawn: set[str]) -> None:
    """Make shares add up to 1: by those that are not drawn while they can, else by all."""
    others = sum(share for mode, share in shares.items() if mode not in drawn)
    taken = sum(shares[mode] for mode in drawn)
    if others > 0 and taken <= 1:
        for mode in shares.keys() - drawn:
            shares[mode] *= (1 - taken) / others
    elif taken > 0:
        for mode in shares:
            shares[mode] = shares[mode] / taken if mode in drawn else 0.0


def is_whole(path: str, value: object) -> bool:
    """Whether a number counts things: one that is written as whole, a capacity that is no area or length, and what a
    commitment asks for."""
    *above, last = split_path(path)
    names = {last, above[-1]} if above else {last}
    if above[:1] == ["pools"] or (above[:1] == ["places"] and last != "rate_per_h"):
        return not any(name.endswith(("_m2", "_m")) for name in names)
    return isinstance(value, int) or (above[:1] == ["tasks"] and last == "number")


def as_counted(path: str, value: float, like: Any) -> float | int:
    """Return a value as it stands at a path: whole where it counts things, and at least one where there was one."""
    if not is_whole(path, like):
        return value
    return max(round(value), 1 if like >= 1 else 0)


def numbers_at(fields: Any, network: Network, pattern: str) -> dict[str, Any]:
    """Return by path the numbers and hours of a scenario that a pattern names, facilities of the network among them."""
    steps = split_path(pattern)
    if steps[0] == "places" and len(steps) in (3, 4):
        _, place, facility, what = (*steps, "capacity")[:4]
        return {
            join_path(("places", node, name, what)): value
            for (node, name), there in fields.facilities_on(network).items()
            if place in (ANY, node) and facility in (ANY, name) and (value := getattr(there, what, None))
        }
    number = Distribution | int | float
    there = at_paths(fields, pattern)
    return {path: value for path, value in there if isinstance(value, number) and not isinstance(value, bool)}


def parts_at(at: object, steps: Sequence[str], way: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield what stands at steps, each of which may be any, with the way there."""
    if not steps:
        yield way, at
        return
    step, inside = steps[0], dict[str, Any]()
    if isinstance(at, pydantic.BaseModel):
        inside = dict(at) if step == ANY else vars(at) | (at.model_extra or {})  # to walk over all fields takes long
    elif isinstance(at, Mapping):
        inside = {str(key): value for key, value in at.items()}
    elif isinstance(at, list | tuple):
        inside = {str(number): value for number, value in enumerate(at)}
    for name in inside if step == ANY else (step,) if step in inside else ():
        yield from parts_at(inside[name], steps[1:], (*way, name))


def at_paths(at: object, *paths: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands at dotted paths, in which "*" stands for any step, each with its own path."""
    for path in paths:
        yield from ((join_path(way), there) for way, there in parts_at(at, _steps_of(path)))


@lru_cache(maxsize=200)
def _steps_of(path: str) -> Steps:
    """The steps of a path that stands in a table or in code: each replication of uncertain numbers asks for it."""
    return tuple(split_path(path))


def scaled(path: str, value: Any, factor: float) -> Any:
    """Return a number or hours times a factor."""
    if not isinstance(value, Distribution):
        return as_counted(path, value * factor, value)
    return value.scaled(factor).as_written()


def set_number(data: dict[str, Any], path: str, value: object) -> None:
    """Set a number at a path in plain data; a facility that was given as its capacity alone becomes a table."""
    steps = split_path(path)
    if steps[0] == "places" and len(steps) == 4:
        places = data.setdefault("places", {})
        own = places.setdefault(steps[1], {})
        if not isinstance(own.get(steps[2], {}), dict):
            own[steps[2]] = {"capacity": own[steps[2]]}
    set_path(data, path, value)


def value_at(data: Any, steps: Iterable[str]) -> Any:
    """What plain data gives at steps; None where it gives nothing."""
    for step in steps:
        if isinstance(data, list):
            data = {str(place): item for place, item in enumerate(data)}
        data = data.get(step) if isinstance(data, dict) else None
    return data


def check_factors(fields: Any, network: Network, file: str) -> list[Problem]:
    """Return the paths of factors that name no number."""
    return [
        Problem(file, join_path(("uncertainty", name, "paths")), path, "names no number or hours of the scenario")
        for name, factor in fields.uncertainty.items()
        for path in factor.paths
        if not numbers_at(fields, network, path)
    ]

"""Hours and numbers that nobody knows: distributions as a scenario writes them, and factors that several numbers share.

Hours are uncertain wherever they stand, and each subject draws its own: a number, or exactly one family with its
parameters. Every other number (a capacity, a rate, a share, a number of pieces, a speed) may be a distribution too,
`capacity = { pert = [80, 110, 160] }`, and is drawn once a replication. `[uncertainty]` names a factor by which several
of them are off together.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Annotated, Any, TypeGuard

import pydantic
from pydantic_core import CoreSchema

from nfm_sim.kinds import FAMILIES, Distribution, Family
from nfm_sim.limits import LEAST_HOURS
from nfm_sim.network import Network
from nfm_sim.problems import Problem
from nfm_sim.scenario.changes import join_path, set_path, split_path
from nfm_sim.scenario.values import NUMBER, Model, Text, bounds

ZeroShare = Annotated[float, pydantic.Field(ge=0, lt=1), NUMBER]


class _AnyFamily(Model):
    """An uncertain number of hours, never below 0. Exactly one family is given; a bare number is `fixed`."""

    zero_share: ZeroShare = 0.0
    """Share of draws that are 0 (a ship on time); the rest follow the family."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: pydantic.GetJsonSchemaHandler) -> dict[str, Any]:
        found = super().__get_pydantic_json_schema__(schema, handler)
        about = handler.resolve_ref_schema(found)
        of_families = {
            name: {
                "anyOf": [handler(_parameters_schema(family)), {"type": "null"}],
                "default": None,
                "description": family.meaning,
            }
            for name, family in FAMILIES.items()
        }
        about["properties"] = {**of_families, **about["properties"]}
        return found


_Written = pydantic.create_model("Distribution", __base__=_AnyFamily, __doc__=_AnyFamily.__doc__)


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
    read = _model_of(FAMILIES[name]).model_validate(value)
    parameters = getattr(read, name)
    if isinstance(parameters, pydantic.BaseModel):
        parameters = tuple(parameters.__dict__.values())
    return Distribution(name, parameters if isinstance(parameters, tuple) else (parameters,), read.zero_share)  # type: ignore[attr-defined]


Hours = Annotated[
    Distribution,
    pydantic.PlainValidator(_read, json_schema_input_type=float | _Written),
    pydantic.PlainSerializer(Distribution.as_written),
]
"""Hours: a number, or a distribution such as { pert = [12, 24, 72] }."""


@cache
def _model_of(family: Family) -> type[Model]:
    """The model of a distribution of one family, as a scenario writes it."""
    fields: dict[str, Any] = {family.name: _parameters(family), "zero_share": (ZeroShare, 0.0)}
    return pydantic.create_model("Distribution", __base__=Model, **fields)


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


@cache
def _parameters_schema(family: Family) -> CoreSchema:
    return pydantic.TypeAdapter(_parameters(family)).core_schema


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


def counted(path: str, value: float, like: Any) -> float | int:
    """Return a value as it stands at a path: whole where it counts things, and at least one where there was one."""
    if not is_whole(path, like):
        return value
    return max(round(value), 1 if like >= 1 else 0)


def numbers_at(fields: Any, network: Network, pattern: str) -> dict[str, Any]:
    """Return by path the numbers and hours of a scenario that a pattern names, facilities of the network among them."""
    steps = split_path(pattern)
    if steps[0] == "places" and len(steps) in (3, 4):
        keys = dict.fromkeys([*network.facilities, *((n, f) for n, own in fields.places.items() for f in own)])
        found = {}
        for node, name in keys:
            if steps[1] in (ANY, node) and steps[2] in (ANY, name):
                there = fields.facility_of(network, node, name)
                value = getattr(there, steps[3] if len(steps) == 4 else "capacity", None)
                if value:
                    found[join_path(("places", node, name, *(steps[3:] or ["capacity"])))] = value
        return found
    return {path: value for path, value in at_paths(fields, pattern) if _is_number(value)}


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


def _is_number(value: object) -> bool:
    return isinstance(value, Distribution) or (isinstance(value, int | float) and not isinstance(value, bool))


def scaled(path: str, value: Any, factor: float) -> Any:
    """Return a number or hours times a factor."""
    if not isinstance(value, Distribution):
        return counted(path, value * factor, value)
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
    """What stands at steps of plain data."""
    for step in steps:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def check_factors(fields: Any, network: Network, file: str) -> list[Problem]:
    """Return the paths of factors that name no number."""
    return [
        Problem(file, join_path(("uncertainty", name, "paths")), path, "names no number or hours of the scenario")
        for name, factor in fields.uncertainty.items()
        for path in factor.paths
        if not numbers_at(fields, network, path)
    ]

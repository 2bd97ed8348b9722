"""Uncertain hours as a scenario writes them: a number, or exactly one family with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from nfm_sim.kinds import FAMILIES, Distribution, Family
from nfm_sim.limits import LEAST_HOURS
from nfm_sim.scenario.values import NUMBER, Model, bounds

ZeroShare = Annotated[float, Field(ge=0, lt=1), NUMBER]


class _AnyFamily(Model):
    """An uncertain number of hours, never below 0. Exactly one family is given; a bare number is `fixed`."""

    zero_share: ZeroShare = 0.0
    """Share of draws that are 0 (a ship on time); the rest follow the family."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
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


_Written = create_model("Distribution", __base__=_AnyFamily, __doc__=_AnyFamily.__doc__)


class _Reader:
    """Marks hours: reads a distribution as a scenario writes it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _read,
            json_schema_input_schema=handler.generate_schema(float | _Written),
            serialization=core_schema.plain_serializer_function_ser_schema(Distribution.as_written),
        )


Hours = Annotated[Distribution, _Reader()]
"""Hours: a number, or a distribution such as { pert = [12, 24, 72] }."""


def read_distribution(value: object) -> Distribution:
    """Make a distribution of plain data, such as {"pert": [1, 2, 4]}; raise ValueError when it is none."""
    try:
        return _read(value)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        why = f": {fault['ctx']['error']}" if fault["type"] == "value_error" else ""
    except ValueError as error:
        why = f": {error}"
    raise ValueError(f"{value} is no distribution such as {{'pert': [1, 2, 4]}}{why}")


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
    if isinstance(parameters, BaseModel):
        parameters = tuple(parameters.__dict__.values())
    return Distribution(name, parameters if isinstance(parameters, tuple) else (parameters,), read.zero_share)  # type: ignore[attr-defined]


@cache
def _model_of(family: Family) -> type[Model]:
    """The model of a distribution of one family, as a scenario writes it."""
    fields: dict[str, Any] = {family.name: _parameters(family), "zero_share": (ZeroShare, 0.0)}
    return create_model("Distribution", __base__=Model, **fields)


def _parameters(family: Family) -> Any:
    """The type of what a scenario gives of a family: a number, a list that rises, or a table."""
    numbers = {
        name: Annotated[float, bounds(parameter.low, parameter.high), NUMBER]
        for name, parameter in family.parameters.items()
    }

    def sound(given: Any) -> Any:
        parameters = tuple(given.__dict__.values()) if isinstance(given, BaseModel) else given
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
            name: Annotated[number, Field(description=family.parameters[name].meaning)]
            for name, number in numbers.items()
        }
        shape = create_model(f"{type(family).__name__}Of", __base__=Model, __doc__=family.meaning, **described)  # type: ignore[call-overload]
    return Annotated[shape, AfterValidator(sound)]


def _rises(corners: tuple[float, ...]) -> bool:
    return list(corners) == sorted(corners) and corners[-1] - corners[0] >= LEAST_HOURS


@cache
def _parameters_schema(family: Family) -> CoreSchema:
    return TypeAdapter(_parameters(family)).core_schema

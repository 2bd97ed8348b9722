"""The JSON Schema of scenario files, for editors to complete and check with."""

from typing import Any

from nfm_sim.kinds import FAMILIES
from nfm_sim.scenario.model import Fields

EXTENDS = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    "description": "The scenario file, or files laid over each other, from which this one differs.",
}


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file.

    A file that extends another says only what differs, so that nothing is required of it; and nothing of inner tables,
    which `validate` holds against all that they are laid over.
    """
    whole = Fields.model_json_schema()
    part = _part(_uncertain(whole))
    part["properties"]["extends"] = EXTENDS
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario",
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": whole["required"]},
        "$ref": "#/$defs/Scenario",
        "$defs": {**part.pop("$defs"), "Scenario": part},
    }


def _uncertain(schema: object) -> Any:
    """A schema in which any number may be a distribution, but in a distribution."""
    if isinstance(schema, list):
        return [_uncertain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in ("number", "integer"):
        return _either(schema, {"$ref": "#/$defs/Distribution"})
    families = {"Distribution", *(f"{type(family).__name__}Of" for family in FAMILIES.values())}
    return {key: value if key in families else _uncertain(value) for key, value in schema.items()}


def _either(schema: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema, or another in its place; what it says of the key stays."""
    about = {key: value for key, value in schema.items() if key in ("title", "description", "default")}
    return {**about, "anyOf": [{key: value for key, value in schema.items() if key not in about}, other]}


def _part(schema: object) -> Any:
    """A schema in which nothing is required, and any key may be `false`, which takes out what is extended."""
    if not isinstance(schema, dict):
        return [_part(item) for item in schema] if isinstance(schema, list) else schema
    part = {key: _part(value) for key, value in schema.items() if not (key == "required" and isinstance(value, list))}
    if isinstance(part.get("properties"), dict):
        part["properties"] = {key: _either(value, {"const": False}) for key, value in part["properties"].items()}
    if isinstance(part.get("additionalProperties"), dict):
        part["additionalProperties"] = _either(part["additionalProperties"], {"const": False})
    return part

"""Changes of a scenario by dotted path, and how a command line writes them."""

from __future__ import annotations

import tomllib
from typing import Any

from nfm_sim.problems import InputError, Problem


def read_change(text: str, where: str) -> tuple[str, Any]:
    """Read "path = value", the value as in a scenario file. Raises `InputError`."""
    path, value = split_change(text, where)
    return path, read_value(value, f"{where} {path}")


def split_change(text: str, where: str) -> tuple[str, str]:
    """Read "path = text". Raises `InputError`."""
    path, sign, value = (part.strip() for part in text.partition("="))
    if not (path and sign and value):
        raise InputError([Problem(where, text, "", 'must read like "pools.trucks.capacity = 100"')])
    return path, value


def read_value(text: str, where: str) -> Any:
    """Read a value as TOML writes it; what is none, such as a bare word, is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        if any(sign in text for sign in "[]{}\"'=\n"):
            raise InputError([Problem(where, "", text, "is not written as TOML writes values")]) from None
        return text


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path in plain data, making the tables on the way that are not there."""
    *way, last = path.split(".")
    at: Any = data
    for step in way:
        at = _list_item(at, step, path) if isinstance(at, list) else at.setdefault(step, {})
        if not isinstance(at, dict | list):
            raise InputError([Problem("changes", path, str(value), f'"{step}" is a value, not a table')])
    if isinstance(at, list):
        _list_item(at, last, path)
        at[int(last)] = value
    else:
        at[last] = value


def _list_item(items: list[Any], step: str, path: str) -> Any:
    if not step.isdigit() or int(step) >= len(items):
        remedy = f"must count from 0 to {len(items) - 1} in this list"
        raise InputError([Problem("changes", path, step, remedy)])
    return items[int(step)]

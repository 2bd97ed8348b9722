"""Changes of a scenario as they are written on a command line."""

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

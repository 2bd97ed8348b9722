"""Write plain data as TOML: tables of the first levels as sections, what lies deeper on a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(data: Mapping[str, Any], sections: int = 2) -> str:
    """Return data as TOML. Tables down to so many levels are sections of their own.

    >>> from nfm_sim.scenario.toml_text import toml_of
    >>> print(toml_of({"title": "mine", "pools": {"trucks": {"capacity": 3}}}), end="")
    title = "mine"
    <BLANKLINE>
    [pools.trucks]
    capacity = 3
    """
    return "\n".join(_lines(data, (), sections)).strip("\n") + "\n"


def _lines(data: Mapping[str, Any], above: tuple[str, ...], sections: int) -> list[str]:
    inner = {key: value for key, value in data.items() if isinstance(value, dict) and len(above) < sections}
    own = {key: value for key, value in data.items() if key not in inner}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in own.items() if value is not None]
    if above and (lines or not inner):
        lines = ["", f"[{'.'.join(map(_key, above))}]", *lines]
    for key, value in inner.items():
        lines += _lines(value, (*above, key), sections)
    return lines


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A basic string: that of JSON, with the one control character that JSON leaves alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(part)}" for key, part in value.items() if part is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.0f}" if value % 1 == 0 and abs(value) < 1e15 else repr(value)
    return str(value) if isinstance(value, int) else _text(str(value))

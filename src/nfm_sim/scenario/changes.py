"""Changes of a scenario by dotted path, and plain data as TOML text, read and written."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from nfm_sim.limits import MOST_DIGITS, MOST_NESTED, MOST_PATH
from nfm_sim.problems import InputError

EXAMPLE = "pools.trucks.capacity = 100"


def read_change(text: str, where: str, like: str = EXAMPLE) -> tuple[str, Any]:
    """Read "path = value", the value as in a scenario file. Raises `InputError`, which says what it is to be like."""
    path, value = split_change(text, where, like)
    return path, read_value(value, f"{where} {path}")


def split_change(text: str, where: str, like: str = EXAMPLE) -> tuple[str, str]:
    """Read "path = text". Raises `InputError`."""
    path, sign, value = (part.strip() for part in unicodedata.normalize("NFC", text).partition("="))
    if not (path and sign and value):
        raise InputError.of(where, text, "", f'must read like "{like}"')
    return path, value


KEY = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
DEEP = re.compile(rf"""(?<![\w\-"'.])(?:{KEY}[ \t]*+\.[ \t]*+){{{MOST_NESTED}}}""", flags=re.ASCII)
HUGE = re.compile(rf"(?<!\w)0[xob][0-9a-fA-F_]{{{MOST_DIGITS}}}")


def read_toml_text(text: str) -> dict[str, Any]:
    """Return what TOML holds. What would take long to read, or could not be said, is looked for before: keys of many
    steps, and numbers of many digits. Raises ValueError."""
    if DEEP.search(text):
        raise ValueError(f"a key has {MOST_NESTED} steps or more")
    if HUGE.search(text):
        raise ValueError(f"a number has {MOST_DIGITS} digits or more")
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if nested(data):
        raise ValueError("it is nested too deeply")
    return data


def nested(data: object, most: int = MOST_NESTED) -> bool:
    """Whether there are more tables and lists in each other than may be."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return most < 0 or any(nested(part, most - 1) for part in inner)


def read_value(text: str, where: str) -> Any:
    """Read a value as TOML writes it; what is none, such as a bare word, is text."""
    try:
        return read_toml_text(f"value = {text}")["value"]
    except ValueError:
        if any(sign in text for sign in "[]{}\"'=\n"):
            raise InputError.of(where, "", text, "is not written as TOML writes values") from None
        return text


STEP = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^.\"']*))\s*(\.|$)")
"""A step of a path: in quotation marks, or without dots."""


def split_path(path: str) -> list[str]:
    """Return the steps of a dotted path; a step in quotation marks may hold dots. Raises `InputError`.

    >>> split_path('places."12.0".berths')
    ['places', '12.0', 'berths']
    """
    if len(path) > MOST_PATH or path.count(".") > MOST_NESTED:
        remedy = f"is no path: it has more than {MOST_PATH:,} characters or {MOST_NESTED} steps"
        raise InputError.of("changes", path, "", remedy)
    steps, place, more = [], 0, "."
    while more:
        match = STEP.match(path, place)
        step = "" if match is None else match[1] or match[2] or match[3].strip()
        if match is None or not step:
            remedy = "is no path; write the steps with dots between, and one that holds a dot in quotation marks"
            raise InputError.of("changes", path, "", remedy)
        steps.append(step)
        place, more = match.end(), match[4]
    return steps


def join_path(steps: Iterable[str]) -> str:
    """Return the dotted path of steps; one that holds a dot is put in quotation marks.

    >>> join_path(["places", "12.0", "berths"])
    'places."12.0".berths'
    """
    return ".".join(f'"{step}"' if "." in step else step for step in steps)


def put(table: dict[str, Any], key: str, value: object) -> None:
    """Set a key of a table, for files that extend others and for changes: `false` in the place of anything else takes
    that out."""
    if value is False and not isinstance(table.get(key, False), bool):
        del table[key]
    else:
        table[key] = value


def set_path(data: dict[str, Any], path: str, value: object) -> None:
    """Set the value at a dotted path in plain data, making the tables on the way that are not there."""
    *way, last = split_path(path)
    at: Any = data
    for step in way:
        at = _list_item(at, step, path) if isinstance(at, list) else at.setdefault(step, {})
        if not isinstance(at, dict | list):
            raise InputError.of("changes", path, value, f'"{step}" is a value, not a table')
    if isinstance(at, list):
        _list_item(at, last, path)
        at[int(last)] = value
    else:
        put(at, last, value)


def _list_item(items: list[Any], step: str, path: str) -> Any:
    if not (step.isascii() and step.isdigit()) or int(step[:MOST_DIGITS]) >= len(items):
        raise InputError.of("changes", path, step, f"must count from 0 to {len(items) - 1} in this list")
    return items[int(step)]


BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(data: Mapping[str, Any], sections: int = 2) -> str:
    """Return data as TOML. Tables down to so many levels are sections of their own.

    >>> from nfm_sim.scenario.changes import toml_of
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

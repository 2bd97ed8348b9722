"""Spoil data as slips of the pen, exports of other programs and ill will do. All choices come from one `Random`, so
that a case is made again from its seed, and hypothesis can shrink it."""

from __future__ import annotations

import copy
from functools import cache
from random import Random
from typing import Any

from nfm_sim import limits
from nfm_sim.scenario import scenario_schema
from nfm_sim.scenario.faults import keys_at

BOUNDS = sorted({value for name, value in vars(limits).items() if name.isupper() and isinstance(value, int | float)})
"""Numbers at the edge of what is allowed, where few have been."""
NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 2, 0.5, -0.5, 1e-9, 1e-300, 5e-324, 1.0000001, 24, 99, 1e3, 1e6, 1e9, 2**31, 2**63, 1e100, 1.7e308),
    *(float("inf"), float("-inf"), float("nan"), 10**400, -0.0, 0.1 + 0.2),
)
TEXTS = (
    *(
        "",
        " ",
        "nan",
        "0",
        "1e309",
        "true",
        "x",
        "harbour",
        "[/draft]",
        "[bold]",
        "$x^2_$",
        "_hidden",
        "=1+1",
        "a/b",
        "a.b",
    ),
    *(
        "\x1b[31mred",
        "\x9b31m",
        "\u202egnp.exe",
        "line\nbreak",
        "tab\there",
        "nul\0",
        "caf\u00e9",
        "cafe\u0301",
        "\u00b2",
    ),
    *("x" * 5_000, "s3://bucket/x", "~", "file:///etc/passwd", "../../..", "\U0001f600", '"', "'", "\\", "%s%n", "{0}"),
)
OTHERS: tuple[Any, ...] = (True, False, None, [], {}, [1], {"a": 1}, [[]], {"pert": [1, 2, 3]}, {"fixed": -1})


def paths_of(data: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All paths in plain data, the empty one left out."""
    found = [here] if here else []
    if isinstance(data, dict):
        for key, value in data.items():
            found += paths_of(value, (*here, key))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            found += paths_of(value, (*here, number))
    return found


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def nasty(random: Random, value: Any = None) -> Any:
    """A value in place of another: near it, or of any kind."""
    if isinstance(value, int | float) and not isinstance(value, bool) and random.random() < 0.6:
        kind = random.randrange(3)
        if kind == 0:
            return value * random.choice((2, 0.5, 10, 0.1, 1_000, 0.001, -1, 24, 1 / 24))
        if kind == 1:
            return random.choice(NUMBERS if random.random() < 0.5 else BOUNDS)
        return value + random.choice((1, -1, 0.5, 1e-9))
    return copy.deepcopy(random.choice(random.choice((NUMBERS, TEXTS, OTHERS))))


def spoil_data(random: Random, data: Any, others: list[Any], most: int = 3) -> Any:
    """Return plain data with one or a few things changed; `others` is data of the same kind to take parts from."""
    data = copy.deepcopy(data)
    for _ in range(random.randint(1, most)):
        paths = paths_of(data)
        if not paths:
            return data
        path = random.choice(paths)
        *way, last = path
        parent = at(data, tuple(way))
        kind = random.randrange(12)
        if kind >= 10:
            _insert_key(random, data)
        elif kind <= 4:
            parent[last] = nasty(random, parent[last])
        elif kind == 5:
            del parent[last]
        elif kind == 6 and isinstance(parent, dict):
            parent[_renamed(random, last)] = parent.pop(last) if random.random() < 0.5 else copy.deepcopy(parent[last])
        elif kind == 7:
            other = random.choice(others)
            theirs = [theirs for theirs in paths_of(other) if theirs[-1] == last] or paths_of(other)
            parent[last] = copy.deepcopy(at(other, random.choice(theirs)))
        elif kind == 8 and isinstance(parent, list):
            random.choice((parent.reverse, parent.clear, lambda p=parent: p.extend(copy.deepcopy(p))))()
        elif kind == 9:
            parent[last] = copy.deepcopy(at(data, random.choice(paths)))
    return data


def _insert_key(random: Random, data: Any) -> None:
    """Put a key that a scenario may have somewhere into a table, with a value that it may have or not."""
    places = [path for path in [(), *paths_of(data)] if isinstance(at(data, path), dict)]
    place = random.choice(places) if places else ()
    known = keys_at(place)
    table, (key, kind) = at(data, place), random.choice([(key, of) for key, of in _keys() if key in known] or _keys())
    if not isinstance(table, dict):
        return
    if kind == "number" or kind == "integer":
        table[key] = random.choice((*BOUNDS, *NUMBERS))
    elif kind == "boolean":
        table[key] = random.random() < 0.5
    else:
        table[key] = nasty(random)


@cache
def _keys() -> list[tuple[str, str]]:
    """All keys of scenarios, with the type of a value where it is one."""
    found: dict[tuple[str, str], None] = {}
    for part in scenario_schema()["$defs"].values():
        for key, of in part.get("properties", {}).items():
            types = [choice.get("type", "") for choice in (of, *of.get("anyOf", ()))]
            found[key, next(filter(None, types), "")] = None
    return list(found)


def _renamed(random: Random, name: Any) -> Any:
    text = str(name)
    if random.random() < 0.3 or len(text) < 2:
        return random.choice(TEXTS)
    place = random.randrange(len(text))
    swaps = (text[:place] + text[place + 1 :], text[:place] + "x" + text[place:], text.upper(), f"{text}s", f"{text}.1")
    return random.choice(swaps)


def spoil_bytes(random: Random, content: bytes) -> bytes:
    """Return the content of a file with bytes or lines changed, lost, doubled or put in."""
    for _ in range(random.randint(1, 3)):
        kind = random.randrange(9)
        place = random.randrange(len(content) + 1)
        if kind == 0 and content:
            place = min(place, len(content) - 1)
            content = content[:place] + bytes([content[place] ^ (1 << random.randrange(8))]) + content[place + 1 :]
        elif kind == 1:
            content = content[:place]
        elif kind == 2:
            content = content[:place] + random.choice(TEXTS).encode("utf-8", "replace") + content[place:]
        elif kind == 3:
            content = b"\xef\xbb\xbf" + content
        elif kind == 4:
            content = content.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\x0b")))
        elif kind == 5:
            content = content.replace(b",", random.choice((b";", b"\t", b",,", b", ")))
        else:
            lines = content.split(b"\n")
            line = random.randrange(len(lines))
            change = random.randrange(4)
            if change == 0:
                lines.insert(line, lines[random.randrange(len(lines))])
            elif change == 1:
                del lines[line]
            else:
                lines[line] = _spoil_line(random, lines[line])
            content = b"\n".join(lines)
    return content


def _spoil_line(random: Random, line: bytes) -> bytes:
    mark = random.choice((b",", b"=", b" "))
    cells = line.split(mark)
    cell = random.randrange(len(cells))
    value = random.choice((*map(str, NUMBERS[:-3]), *TEXTS)).encode("utf-8", "replace")
    if random.random() < 0.2:
        del cells[cell]
    else:
        cells[cell] = value
    return mark.join(cells)

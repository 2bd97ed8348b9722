"""Events: what comes true in a replication or does not, by a sentence, and how often it does.

"closure.division_1 <= 30 d and (formations.13_lt_bde.in_place <= 30 d or ready_by_deadline.1 >= 90 %)" holds claims,
each of a quantity as everywhere, joined by `and`, `or` and parentheses. All of it is told within a replication, so that
a chance of both is that of both together. What is not known in a replication, such as what comes after a day beyond the
horizon, leaves the event unknown where it matters, and nowhere else.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

import numpy as np
import polars as pl

from nfm_sim.limits import MOST_NESTED, MOST_PATH
from nfm_sim.measures import COLUMNS
from nfm_sim.measures.columns import SHARE, Column
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.record import Record
from nfm_sim.record.ticks import SECOND_H
from nfm_sim.study.quantities import ALIASES, STATISTIC, Quantity, quantity_of

NAME = r"\w+(?:\.[\w-]+)*(?:\[[^\]]*\])?(?:\.\w+)?"
NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)(?:e\d+)?"
CLAIM = re.compile(rf"\s*(?P<name>{NAME})\s*(?P<sign><=|>=|<|>|≤|≥)\s*(?P<number>{NUMBER})\s*(?P<unit>[^\W\d]+|%|)")
WORD = re.compile(r"\s*(\(|\)|(?:and|or)\b)")
CHANCE = re.compile(r"\s*P\s*\((?P<event>.*)\)\s*", flags=re.DOTALL)
READS = 'must read like "closure.division_1 <= 30 d and formations.13_lt_bde.in_place <= 30 d"'
UNITS: Mapping[str, Mapping[str, float]] = {
    "h": {"h": 1.0, "d": 24.0},
    "days": {"d": 1.0, "h": 1 / 24},
    "share": {"%": 0.01, "": 1.0},
    "ratio": {"%": 0.01, "": 1.0},
}
"""By the unit of a column: the units that a bound of it may have, each as a factor. Hours are never bare."""
BARE = {"": 1.0}
SIGNS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
NEVER = 1e-9
"""Shares and counts that differ by no more are the same: means of many are rounded."""


@dataclass(frozen=True)
class Claim:
    """A quantity that is held against a bound, in the unit of its column."""

    quantity: Quantity
    sign: str
    bound: float

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What it claims something of."""
        return (self.quantity,)

    def holds(self, record: Record) -> pl.DataFrame:
        """Whether it is true in each replication, of all rows that it is about: replication, holds (null: unknown)."""
        asked = self.quantity
        rows = asked.values(record)
        kind = rows.schema[asked.column]
        if rows.is_empty() or not (kind.is_numeric() or kind == pl.Boolean):
            what = "has no rows here" if rows.is_empty() else "holds no numbers"
            raise InputError.of("goal", f"{asked.measure}.{asked.column}", ", ".join(asked.only), what)
        low, high = self._range(pl.col(asked.column).cast(pl.Float64).fill_nan(None), asked.declared, record.horizon_h)
        of_row = rows.group_by(*asked.by, "replication").agg(low=low.mean(), high=high.mean())
        spare = SECOND_H if asked.declared.moment else NEVER
        least, most = pl.col("low"), pl.col("high")
        edge = self.bound - spare if self.sign in (">=", "<") else self.bound + spare
        worst, best = (least, most) if self.sign in (">=", ">") else (most, least)
        surely, maybe = (SIGNS[self.sign](value, edge) for value in (worst, best))
        true = pl.when(surely).then(True).when(~maybe).then(False)
        return of_row.group_by("replication").agg(holds=true.all(ignore_nulls=False))

    @staticmethod
    def _range(value: pl.Expr, declared: Column, horizon_h: float) -> tuple[pl.Expr, pl.Expr]:
        """Between what a value lies: at itself, or when it is not known, after the horizon, or anywhere it may be."""
        least = horizon_h + 2 * SECOND_H if declared.moment else 0.0 if declared.share else -np.inf
        return value.fill_null(least), value.fill_null(1.0 if declared.share else np.inf)


@dataclass(frozen=True)
class Joined:
    """Events that must all come true, or one of which must."""

    word: str
    parts: tuple[Claim | Joined, ...]

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What all of them claim something of."""
        return tuple(quantity for part in self.parts for quantity in part.quantities)

    def holds(self, record: Record) -> pl.DataFrame:
        """As `Claim.holds`: what decides the event decides it whatever of the rest is not known."""
        join = pl.all_horizontal if self.word == "and" else pl.any_horizontal
        tables = [part.holds(record).rename({"holds": str(place)}) for place, part in enumerate(self.parts)]
        return pl.concat(tables, how="align").select("replication", holds=join(pl.exclude("replication")))


@dataclass(frozen=True)
class Event(Quantity):
    """Whether an event comes true in a replication, as a quantity: its mean is the chance of it."""

    event: Claim | Joined = field(kw_only=True, repr=False)

    @property
    def declared(self) -> Column:
        """A share, of which more is better."""
        return SHARE.but(words=f"the chance that {self.measure[2:-1]}")

    @property
    def whole(self) -> Event:
        """Itself."""
        return self

    @property
    def parts(self) -> tuple[Quantity, ...]:
        """The quantities that it claims something of."""
        return self.event.quantities

    def values(self, record: Record) -> pl.DataFrame:
        """Replication, and whether it came true (null: unknown)."""
        return self.event.holds(record).sort("replication").rename({"holds": self.column})


def read_event(text: str, where: str = "goal") -> Event:
    """Read "P(event)", or the event alone. Raises `InputError` with what is wrong, and where.

    >>> nfm.study.read_quantity("P(closure.division <= 2 d)").values(run).rows()
    [(0, True)]
    """
    text = normalize("NFC", text)
    if len(text) > MOST_PATH:
        raise InputError.of(where, "", text, f"has more than {MOST_PATH:,} characters")
    found = CHANCE.fullmatch(text)
    inner = (found["event"] if found else text).strip()
    reader = _Reader(inner, where)
    return Event(f"P({inner})", "comes_true", (), "mean", event=reader.event())


class _Reader:
    """Reads an event from its beginning to its end."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where, self._at = text, where, 0

    def event(self) -> Claim | Joined:
        """All of it."""
        event = self._any_of(0)
        if self._text[self._at :].strip():
            raise self._error("follows an event that ends before it; join both with `and` or `or`")
        return event

    def _any_of(self, depth: int) -> Claim | Joined:
        return self._joined("or", lambda: self._joined("and", lambda: self._one(depth)))

    def _joined(self, word: str, read: Callable[[], Claim | Joined]) -> Claim | Joined:
        parts = [read()]
        while self._takes(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def _one(self, depth: int) -> Claim | Joined:
        if depth > MOST_NESTED:
            raise self._error(f"has more than {MOST_NESTED} parentheses in each other")
        if self._takes("("):
            event = self._any_of(depth + 1)
            if not self._takes(")"):
                raise self._error("lacks a closing parenthesis")
            return event
        match = CLAIM.match(self._text, self._at)
        if match is None:
            raise self._error(READS)
        self._at = match.end()
        return _claim(match, self._where)

    def _takes(self, word: str) -> bool:
        match = WORD.match(self._text, self._at)
        if match is None or match[1] != word:
            return False
        self._at = match.end()
        return True

    def _error(self, remedy: str) -> InputError:
        return InputError.of(self._where, "", self._text[self._at :].strip() or self._text, remedy)


def _claim(match: re.Match[str], where: str) -> Claim:
    quantity = _quantity(match["name"], where)
    units = UNITS.get(quantity.declared.unit, BARE)
    if match["unit"] not in units:
        what = f"is in {quantity.declared.unit}" if quantity.declared.unit else "has no unit"
        known = " or ".join(f"{match['number']}{' ' if unit else ''}{unit}" for unit in units)
        remedy = f"{what}{did_you_mean(match['unit'], units, cutoff=0.1)}; write {known}"
        raise InputError.of(where, match["name"], f"{match['number']} {match['unit']}".strip(), remedy)
    bound = float(match["number"]) * units[match["unit"]]
    if quantity.declared.share and bound > 1:
        remedy = "is more than a share can be; write it as 90 % or 0.9"
        raise InputError.of(where, match["name"], match["number"], remedy)
    return Claim(quantity, {"≤": "<=", "≥": ">="}.get(match["sign"], match["sign"]), bound)


def _quantity(name: str, where: str) -> Quantity:
    """The quantity that a claim names. Its rows may stand between dots ("closure.division_1"), and hours of columns
    without their unit ("in_place")."""
    answer, *words = re.split(r"\.(?![^\[]*\])", name.partition("[")[0])
    columns = COLUMNS.get(ALIASES.get(answer, (answer,))[0], {})
    named = {word: next((c for c in (word, f"{word}_h") if c in columns), None) for word in words}
    named |= {word: word for word in words if named[word] is None and STATISTIC.fullmatch(word)}
    rows = "/".join(word for word in words if named[word] is None)
    column = "".join(f".{found}" for found in named.values() if found)
    bracket, after = (re.search(pattern, name) for pattern in (r"\[[^\]]*\]", r"\]\.(\w+)$"))
    text = f"{answer}{column}{bracket[0] if bracket else f'[{rows}]' if rows else ''}"
    if not columns or (bracket and (rows or after)):
        text = name  # a measure of the user's own, or what is wrong and said by who reads it
    quantity = quantity_of(text, where)
    if quantity.statistic != "mean":
        remedy = f"is no number of a replication; claim {quantity.measure}.{quantity.column} in P(...)"
        raise InputError.of(where, quantity.statistic, name, remedy)
    return quantity

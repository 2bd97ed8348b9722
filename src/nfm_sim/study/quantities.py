"""What is asked of a study: quantities by name, and events by a sentence."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from unicodedata import normalize

import numpy as np
import polars as pl

from nfm_sim.limits import MOST_NESTED, MOST_PATH
from nfm_sim.measures import COLUMNS, KEPT
from nfm_sim.measures.columns import SHARE, Column, together
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.record import Record
from nfm_sim.record.words import SECOND_H
from nfm_sim.scenario import Scenario

STATISTICS = "mean, median, or a percentile such as p90"
STATISTIC = re.compile(r"mean|median|p(?!0+$)(?P<percent>\d{1,2})")
"""A percentile lies above 0."""


def statistic_of(name: str) -> float | None:
    """The quantile that a statistic is, 0 to 1; None for the mean. Raises `InputError` for what is none."""
    found = STATISTIC.fullmatch(name)
    if found is None:
        raise InputError.of("quantity", "statistic", name, f"is none; use {STATISTICS}")
    return None if name == "mean" else float(found["percent"] or 50) / 100


ALIASES: dict[str, tuple[str, str, tuple[str, ...] | None]] = {
    "closure": ("closure", "last_h", None),
    "ready_by_deadline": ("readiness", "on_time", ("tier",)),
    "ready": ("readiness", "ready_h", None),
    "in_place": ("readiness", "in_place_h", None),
    "effective": ("readiness", "effective_h", None),
    "demands_met": ("demands_met", "on_time_share", ("plan",)),
}
"""Short names of the answers that are asked for most: measure, column, and what their rows are about where that is
not what the rows of the measure are about."""

QUANTITY = re.compile(r"\s*(?P<answer>\w+)(?:\.(?P<rest>[\w.]+))?(?:\[(?P<rows>[^\]]*)\])?(?:\.(?P<after>\w+))?\s*")
QUANTITY_READS = 'must read like "closure.median ±6h" or "ready_by_deadline ±3%"'


@dataclass(frozen=True)
class Quantity:
    """A number that replications estimate: a statistic of a column of an answer, for each row or for one."""

    measure: str
    column: str
    by: tuple[str, ...]
    statistic: str
    only: tuple[str, ...] = ()
    named_by: tuple[str, ...] = field(default=(), repr=False)
    """The columns that name the rows in `only`; `by`, unless these are taken together."""

    @property
    def declared(self) -> Column:
        """The declaration of its column, as the measure gives it; a column of a measure of the user's own is a bare
        number."""
        return COLUMNS.get(self.measure, {}).get(self.column, Column())

    @property
    def whole(self) -> Quantity:
        """All its rows together, as the column declares: of the last pieces of all flows the last, of the mean ones the
        mean, weighted by pieces."""
        return replace(self, by=())

    @property
    def words(self) -> str:
        """What a sentence calls it; of what, where all rows are taken together."""
        name = self.declared.words or f"{self.measure}.{self.column}"
        name = name if self.statistic == "mean" else f"the {self.statistic} of {name}"
        return f"{name} of {', '.join(self.only) or f'all {self.keys[0]}s'}" if self.keys and not self.by else name

    @property
    def keys(self) -> list[str]:
        """What the rows of its measure are about."""
        return [name for name, kind in COLUMNS.get(self.measure, {}).items() if kind.key]

    @property
    def parts(self) -> tuple[Quantity, ...]:
        """The quantities that it is made of: itself."""
        return (self,)

    def values(self, record: Record) -> pl.DataFrame:
        """The rows of the answer that it is about; where these are fewer than those of the measure, put together as its
        column declares. Raises `InputError` for an answer or a row that the record does not have."""
        table = record.answer(self.measure)
        if table is None and self.measure not in KEPT:
            remedy = f"is no answer of {record.about['title']}{did_you_mean(self.measure, KEPT)}"
            raise InputError.of("quantity", self.measure, "", f"{remedy}; use one of {', '.join(KEPT)}")
        table = KEPT[self.measure](record) if table is None else table
        if self.only:
            text = pl.concat_str([pl.col(name).cast(pl.String) for name in self.named_by], separator="/")
            named = {row: (text == row) | text.str.starts_with(f"{row}/") for row in self.only}  # all of a plan
            for row in (row for row, is_named in named.items() if table.filter(is_named).is_empty()):
                near = did_you_mean(row, table.select(text.unique()).to_series())
                raise InputError.of("quantity", f"{self.measure}[{row}]", "", f"has no rows here{near}")
            table = table.filter(pl.any_horizontal(named.values()))
        declared, are_rows = self.declared, self.keys and {*self.keys} <= {*self.by}
        if not are_rows and (declared.weight or declared.together != "mean"):
            table = together(table, self.column, declared, self.by)
        if declared.is_zero_without_row or (declared.moment and len(table)):
            table = self._in_each(table, record.replications)
        return table  # a plain mean over rows is what an estimate takes

    def _in_each(self, table: pl.DataFrame, replications: Sequence[int]) -> pl.DataFrame:
        """The rows, with one more for each replication that has none: of 0, or of an hour that never came."""
        every = pl.DataFrame({"replication": pl.Series(replications, dtype=table.schema["replication"])})
        if self.by:
            every = table.select(self.by).unique(maintain_order=True).join(every, how="cross")
        without = every.join(table, on=[*self.by, "replication"], how="anti")
        nothing = pl.lit(0 if self.declared.is_zero_without_row else None, table.schema[self.column])
        return pl.concat([table, without.with_columns(nothing.alias(self.column))], how="diagonal")


TIERS = ("1", "2", "3")


def quantity_of(text: str, where: str) -> Quantity:
    """The quantity that a text names. Raises `InputError`."""
    text = normalize("NFC", text)  # as names of files are
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise InputError.of(where, text, "", QUANTITY_READS)
    answer, rest = match["answer"], [*(match["rest"] or "").split("."), match["after"] or ""]
    words = [word for word in rest if word]
    known = list(dict.fromkeys([*ALIASES, *KEPT]))
    measure, column, about = ALIASES.get(answer, (answer, "", None))
    statistic = "mean"
    if words and STATISTIC.fullmatch(words[-1]):
        statistic = words.pop()
    if words:
        column, about = words.pop(0), None if answer in KEPT else about  # the rows of the measure itself
    if measure not in KEPT and answer not in ALIASES and not column:
        remedy = f"is no answer of a study{did_you_mean(answer, known)}; use one of {', '.join(known)}"
        raise InputError.of(where, answer, "", remedy)
    if words or not column:
        remedy = f"must name a column of the answer and a statistic ({STATISTICS}), as closure.last_h.median"
        raise InputError.of(where, text, "", remedy)
    columns = COLUMNS.get(measure, {})
    if columns and column not in columns:
        remedy = f"is no column of {measure}{did_you_mean(column, columns)}; it has {', '.join(columns)}"
        raise InputError.of(where, f"{answer}.{column}", "", remedy)
    only = tuple(row.strip() for row in (match["rows"] or "").split(",") if row.strip())
    by = about or tuple(name for name, kind in columns.items() if kind.key)
    if only and answer == "ready_by_deadline":
        by = ("tier",) if all(row in TIERS for row in only) else ("element",)
    return Quantity(measure, column, by, statistic, only, named_by=by)


# Events: what comes true in a replication or does not, by a sentence, and how often it does.
#
# "closure.division_1 <= 30 d and (formations.13_lt_bde.in_place <= 30 d or ready_by_deadline.1 >= 90 %)" holds claims,
# each of a quantity as everywhere, joined by `and`, `or` and parentheses. All of it is told within a replication, so
# that a chance of both is that of both together. What is not known in a replication, such as what comes after a day
# beyond the horizon, leaves the event unknown where it matters, and nowhere else.


NAME = r"\w+(?:\.[\w-]+)*(?:\[[^\]]*\])?(?:\.\w+)?"
NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)(?:e\d+)?"
UNIT = r"(?P<unit>(?!(?:and|or)\b)[^\W\d]+|%|)"
CLAIM = re.compile(rf"\s*(?P<name>{NAME})\s*(?P<sign><=|>=|<|>|≤|≥)\s*(?P<number>{NUMBER})\s*{UNIT}")
WORD = re.compile(r"\s*(\(|\)|(?:and|or)\b)")
CHANCE = re.compile(r"\s*P\s*\((?P<event>.*)\)\s*", flags=re.DOTALL)
EVENT_READS = 'must read like "closure.division_1 <= 30 d and formations.13_lt_bde.in_place <= 30 d"'
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
        value, declared = pl.col(asked.column).cast(pl.Float64).fill_nan(None), asked.declared
        # what is not known lies after the horizon, or anywhere it may be
        lowest = record.horizon_h + 2 * SECOND_H if declared.moment else 0.0 if declared.share else -np.inf
        low, high = value.fill_null(lowest), value.fill_null(1.0 if declared.share else np.inf)
        of_row = rows.group_by(*asked.by, "replication").agg(low=low.mean(), high=high.mean())
        spare = SECOND_H if declared.moment else NEVER
        least, most = pl.col("low"), pl.col("high")
        edge = self.bound - spare if self.sign in (">=", "<") else self.bound + spare
        worst, best = (least, most) if self.sign in (">=", ">") else (most, least)
        surely, maybe = (SIGNS[self.sign](value, edge) for value in (worst, best))
        true = pl.when(surely).then(True).when(~maybe).then(False)
        return of_row.group_by("replication").agg(holds=true.all(ignore_nulls=False))


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
    return Event(f"P({inner})", "comes_true", (), "mean", event=_Reader(inner, where).event())


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
            raise self._error(EVENT_READS)
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
    return of_each(quantity_of(text, where), where)


def of_each(quantity: Quantity, where: str) -> Quantity:
    """A quantity that each replication has. Raises `InputError` for a percentile, which only several have."""
    if quantity.statistic != "mean":
        number = f"{quantity.measure}.{quantity.column}"
        remedy = f"is no number of a replication; take {number}, or how likely a bound of it is, as P(...)"
        raise InputError.of(where, quantity.statistic, f"{number}.{quantity.statistic}", remedy)
    return quantity


# What is asked of a study, by name or by sentence, and whether its scenario has it.


def read_quantity(text: str, where: str = "quantity") -> Quantity:
    """Read "answer", "answer.column", "answer.column.statistic" or "answer.statistic", with the rows in brackets:
    "closure.median", "readiness.ready_h[13_brigade].p90"; or the chance of an event, "P(closure.division_1 <= 30 d)".
    Raises `InputError`.

    >>> nfm.study.read_quantity("closure.median")
    Quantity(measure='closure', column='last_h', by=('flow',), statistic='median', only=())
    """
    if CHANCE.fullmatch(text):
        return read_event(text, where)
    return quantity_of(text, where)


def main_quantities(scenario: Scenario) -> list[str]:
    """Return the quantities that a scenario is asked for first, of its whole tiers, formations, plans and flows.

    >>> nfm.study.main_quantities(scenario)
    ['ready_by_deadline', 'demands_met', 'closure']
    """
    offered = any(element.tier is not None for element in scenario.elements.values())
    required = any(flow.required_day is not None for flow in scenario.flows.values())
    there = {
        "ready_by_deadline": offered,
        "formations.effective_h": scenario.formations,
        "demands_met": scenario.plans,
        "closure": scenario.flows,
        "closure.on_time_share": required,
    }
    return [quantity for quantity, is_there in there.items() if is_there]


def rows_missing(quantity: Quantity, scenario: Scenario, where: str = "quantity") -> list[Problem]:
    """Return which rows that a quantity asks for a scenario does not have, before anything is simulated."""
    offered = {name: str(element.tier) for name, element in scenario.elements.items() if element.tier is not None}
    named = {name: [*getattr(scenario, f"{name}s")] for name in ("flow", "formation", "plan", "task")}
    rows = {**named, "tier": [*offered.values()], "element": [*offered]}
    problems = []
    for part in quantity.parts:
        if not part.by or part.by[0] not in rows:
            continue
        names = rows[part.by[0]]
        what = "element with a tier" if part.by[0] == "element" else part.by[0]
        if not names:
            problems.append(Problem(where, part.measure, "", f"asks for each {what}, and {scenario.file} has none"))
            continue
        for row in part.only:
            if (row if len(part.by) == 1 else row.partition("/")[0]) not in names:
                near = did_you_mean(row, [*names, *COLUMNS.get(part.measure, ())])
                problems.append(Problem(where, f"{part.measure}[{row}]", "", f"is no {what} of {scenario.file}{near}"))
    return problems

"""Quantities: numbers of a study by name, as commands, targets, comparisons and estimates take them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from unicodedata import is_normalized, normalize

import polars as pl

from nfm_sim.measures import COLUMNS, KEPT
from nfm_sim.measures.columns import Column, together
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario

STATISTICS = "mean, median, or a percentile such as p90"


def statistic_of(name: str) -> float | None:
    """The quantile that a statistic is, 0 to 1; None for the mean. Raises `InputError` for what is none."""
    if name == "mean":
        return None
    if name == "median":
        return 0.5
    percentile = re.fullmatch(r"p(\d{1,2}(?:\.\d+)?)", name)
    if percentile is None or not 0 < float(percentile[1]) < 100:
        raise InputError.of("quantity", "statistic", name, f"is none; use {STATISTICS}")
    return float(percentile[1]) / 100


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

QUANTITY = r"\s*(?P<answer>\w+)(?:\.(?P<rest>[\w.]+))?(?:\[(?P<rows>[^\]]*)\])?(?:\.(?P<after>\w+))?\s*"


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
        column declares. Raises `InputError` for an answer that the record does not have."""
        table = record.answer(self.measure)
        if table is None and self.measure not in KEPT:
            remedy = f"is no answer of {record.about['title']}{did_you_mean(self.measure, KEPT)}"
            raise InputError.of("quantity", self.measure, "", f"{remedy}; use one of {', '.join(KEPT)}")
        table = KEPT[self.measure](record) if table is None else table
        if self.only:
            text = pl.concat_str([pl.col(name).cast(pl.String) for name in self.named_by], separator="/")
            parts = (text.str.starts_with(f"{row}/") for row in self.only)  # all capabilities of a plan
            table = table.filter(pl.any_horizontal(text.is_in(self.only), *parts))
        declared = self.declared
        if not set(self.keys).issubset(self.by) and (declared.weight or declared.together != "mean"):
            table = together(table, self.column, declared, self.by)
        return table  # a plain mean over rows is what an estimate takes


TIERS = ("1", "2", "3")


def rows_missing(quantity: Quantity, scenario: Scenario, where: str = "quantity") -> list[Problem]:
    """Return which rows that a quantity asks for a scenario does not have, before anything is simulated."""
    tiers = {str(element.tier): None for element in scenario.elements.values() if element.tier is not None}
    offered = {name: None for name, element in scenario.elements.items() if element.tier is not None}
    rows: Mapping[str, tuple[str, Iterable[str]]] = {
        "flow": ("flow", scenario.flows),
        "tier": ("tier", tiers),
        "element": ("element with a tier", offered),
        "formation": ("formation", scenario.formations),
        "plan": ("plan", scenario.plans),
        "task": ("task", scenario.tasks),
    }
    problems = []
    for part in quantity.parts:
        if not part.by or part.by[0] not in rows:
            continue
        what, known = rows[part.by[0]]
        names = [*known]
        if not names:
            problems.append(Problem(where, part.measure, "", f"asks for each {what}, and {scenario.file} has none"))
            continue
        for row in part.only:
            if (row if len(part.by) == 1 else row.partition("/")[0]) not in names:
                near = did_you_mean(row, [*names, *COLUMNS.get(part.measure, ())])
                problems.append(Problem(where, f"{part.measure}[{row}]", "", f"is no {what} of {scenario.file}{near}"))
    return problems


def quantity_of(match: re.Match[str] | None, text: str, where: str) -> Quantity:
    """The quantity that a text which matches `QUANTITY` names; without a match, an `InputError`."""
    if match is not None and not is_normalized("NFC", text):  # names of files are composed
        return quantity_of(re.fullmatch(match.re, normalize("NFC", text)), normalize("NFC", text), where)
    if match is None:
        raise InputError.of(where, text, "", 'must read like "closure.median ±6h" or "ready_by_deadline ±3%"')
    answer, rest = match["answer"], [*(match["rest"] or "").split("."), match["after"] or ""]
    words = [word for word in rest if word]
    known = list(dict.fromkeys([*ALIASES, *KEPT]))
    measure, column, about = ALIASES.get(answer, (answer, "", None))
    statistic = "mean"
    if words and is_statistic(words[-1]):
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


def is_statistic(word: str) -> bool:
    """Whether a word names a statistic: mean, median or a percentile."""
    try:
        statistic_of(word)
    except InputError:
        return False
    return True

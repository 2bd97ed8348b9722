"""Quantities: numbers that replications estimate, and the names by which they are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from unicodedata import normalize

import polars as pl

from nfm_sim.measures import COLUMNS, KEPT
from nfm_sim.measures.columns import Column, together
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.record import Record

STATISTICS = "mean, median, or a percentile such as p90"
STATISTIC = re.compile(r"mean|median|p(?!0+(?:\.0+)?$)(?P<percent>\d{1,2}(?:\.\d+)?)")
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
READS = 'must read like "closure.median ±6h" or "ready_by_deadline ±3%"'


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
        raise InputError.of(where, text, "", READS)
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

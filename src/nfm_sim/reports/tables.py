"""Tables of a page: cells as they are read, and as they are sorted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from nfm_sim.in_words import UNKNOWN
from nfm_sim.measures.columns import Column
from nfm_sim.sentences.cells import Shown, looks

MOST_ROWS = 200
"""Of a table on the page; how many there are in all is said."""


@dataclass(frozen=True)
class Cell:
    """What is read, and what is sorted by."""

    text: str
    value: float | str


@dataclass(frozen=True)
class PageTable:
    """A table of a page."""

    title: str
    caption: str
    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int

    @property
    def name(self) -> str:
        """For the file that it is copied to."""
        return "".join(char if char.isalnum() else "_" for char in self.title.lower())


def page_table(
    title: str,
    table: pl.DataFrame,
    caption: str = "",
    *,
    kinds: Mapping[str, Column] | None = None,
    differences: Collection[str] = (),
) -> PageTable | None:
    """Return a table for the page; None where it has no rows. Units stand in the headings.

    `kinds` has what its columns hold; the bounds of a column ("median_low") are as it is. Those in `differences` hold
    differences of it."""
    if table.is_empty():
        return None
    shown = looks(table, kinds or {}, differences)
    headings = [look.heading(column.removesuffix("_h").replace("_", " ")) for column, look in shown.items()]
    top = table.head(MOST_ROWS)
    rows = tuple(tuple(map(_cell, row, shown.values())) for row in top.iter_rows())
    numeric = tuple(kind.is_numeric() for kind in table.dtypes)
    return PageTable(title, caption, tuple(headings), numeric, rows, len(table) - len(top))


def _cell(value: object, shown: Shown) -> Cell:
    if value is None:
        return Cell(UNKNOWN, "")
    if isinstance(value, bool):
        return Cell("yes" if value else "no", str(value))
    if isinstance(value, float):
        return Cell(shown.text(value), value)
    return Cell(f"{value:,}", float(value)) if isinstance(value, int) else Cell(str(value), str(value))

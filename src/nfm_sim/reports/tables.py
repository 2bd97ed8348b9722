"""Tables of a page: cells as they are read, and as they are sorted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from nfm_sim.measures.columns import columns_of

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


def page_table(title: str, table: pl.DataFrame, caption: str = "", most: int = MOST_ROWS) -> PageTable | None:
    """Return a table for the page; None where it has no rows. Hours have their unit in the heading."""
    if table.is_empty():
        return None
    known = columns_of(table)
    headings = []
    for column in table.columns:
        unit = known[column].unit if column in known else ""
        unit = "h" if not unit and column.endswith("_h") else unit
        words = column.removesuffix("_h").replace("_", " ")
        headings.append(f"{words} ({unit})" if unit and unit not in words else words)
    shown = table.head(most)
    rows = tuple(tuple(_cell(value) for value in row) for row in shown.iter_rows())
    numeric = tuple(kind.is_numeric() for kind in table.dtypes)
    return PageTable(title, caption, tuple(headings), numeric, rows, len(table) - len(shown))


def _cell(value: object) -> Cell:
    if value is None:
        return Cell("-", "")
    if isinstance(value, bool):
        return Cell("yes" if value else "no", str(value))
    if isinstance(value, float):
        return Cell(_number(value), value)
    return Cell(f"{value:,}", float(value)) if isinstance(value, int) else Cell(str(value), str(value))


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

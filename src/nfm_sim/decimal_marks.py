"""Which mark of a table's numbers is the decimal one: its own numbers tell, or who reads it is asked.

"9.200" and "9,200" may be nine and a fifth or nine thousand two hundred. "9.20", "0.200" and "1.234,5" are one thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBER = re.compile(r"[+-]?\d*(?:[.,]\d+)*(?:[eE][+-]?\d+)?")
GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")
OTHER = {".": ",", ",": "."}
Column = Sequence[str]


def plain_numbers(columns: Sequence[Column], mark: str, usual: str) -> list[Sequence[str | None]]:
    """Return the columns of a table with their numbers as Python writes them, and None for a cell that may be two
    numbers; texts are left alone.

    `mark` is the decimal mark of the table, where it is known. Else the numbers of a column tell, or those of all; and
    a point that nothing tells of is the `usual` mark, if that is a point.
    """
    numeric = [
        any("," in cell or (not usual and "." in cell) for cell in column) and _has_numbers(column)
        for column in columns
    ]
    if not any(numeric):
        return list(columns)
    shown = [{_mark_in(cell) for cell in column} - {""} for column in columns]
    found: list[Sequence[str | None]] = []
    for column, is_numeric, own in zip(columns, numeric, shown, strict=True):
        told = {mark} if mark else own or set().union(*shown)
        found.append([_plain(cell, told, usual) for cell in column] if is_numeric else column)
    return found


def _has_numbers(column: Column) -> bool:
    """Whether half of the cells that are given are numbers; those with a distribution are left aside."""
    given = [cell for cell in column if cell and not cell.startswith("{")]
    return 2 * sum(NUMBER.fullmatch(cell) is not None for cell in given) >= len(given)


def _mark_in(cell: str) -> str:
    """The decimal mark that a number itself shows; empty where it has no mark, may have either, or is none."""
    marks = [sign for sign in cell if sign in OTHER]
    if not marks or NUMBER.fullmatch(cell) is None:
        return ""
    if marks.count(marks[-1]) > 1:  # "1.234.567"
        return OTHER[marks[0]] if len({*marks}) == 1 and GROUPS.fullmatch(cell) else ""
    return "" if len(marks) == 1 and GROUPS.fullmatch(cell) else marks[-1]


def _plain(cell: str, told: set[str], usual: str) -> str | None:
    """A cell as Python writes numbers; None where it may be two."""
    own = _mark_in(cell)
    if not own and GROUPS.fullmatch(cell):
        point = usual == "." and "," not in cell and "," not in told
        own = "." if point else next(iter(told)) if len(told) == 1 else ""
        if not own:
            return None
    return cell.replace(OTHER[own], "").replace(own, ".") if own and own in (told or {own}) else cell

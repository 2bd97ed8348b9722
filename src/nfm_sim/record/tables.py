"""The tables of the record, as `tables.csv` has them, and the types of their columns (`columns.csv`). A run and a study
have the same."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

Row = Mapping[str, str]


def _rows(name: str) -> list[Row]:
    """The rows of a table beside this module."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


FIELDS: Mapping[str, Row] = {row["column"]: row for row in _rows("columns.csv")}
"""What the columns of the tables hold: their type, and what they mean; a name is the same in each table."""
TABLES: Mapping[str, Mapping[str, Any]] = {
    row["table"]: {column: getattr(pl, FIELDS[column]["type"]) for column in ("replication", *row["columns"].split())}
    for row in _rows("tables.csv")
}
"""By table: the types of its columns."""

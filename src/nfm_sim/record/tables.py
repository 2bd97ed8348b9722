"""The tables of the record, as `tables.csv` has them, and the types of their columns (`columns.csv`). A run and a study
have the same."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from nfm_sim.beside import rows_beside

FIELDS: Mapping[str, Mapping[str, str]] = {row["column"]: row for row in rows_beside(__file__, "columns.csv")}
"""What the columns of the tables hold: their type, and what they mean; a name is the same in each table."""
TABLES: Mapping[str, Mapping[str, Any]] = {
    row["table"]: {column: getattr(pl, FIELDS[column]["type"]) for column in ("replication", *row["columns"].split())}
    for row in rows_beside(__file__, "tables.csv")
}
"""By table: the types of its columns."""

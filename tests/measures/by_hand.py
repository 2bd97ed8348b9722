"""Records written by hand, whose answers can be read off."""

from typing import Any

import polars as pl

from nfm_sim.record import TABLES, Run

Rows = list[dict[str, Any]]


def rows(columns: str, *values: tuple[Any, ...]) -> Rows:
    """Rows of a table: the names of columns with blanks between them, and the values of each row."""
    return [dict(zip(columns.split(), row, strict=True)) for row in values]


def record(horizon_h: float = 240.0, network: Any = None, **tables: Rows) -> Run:
    """A record of these rows. What a row does not say is replication 0, an empty text, or null."""
    number = 1 + max((row.get("replication", 0) for table in tables.values() for row in table), default=0)
    about = {"title": "by hand", "notional": "", "seed": 0, "sampling": "independent", "replications": number}
    about |= {"horizon_h": horizon_h, "g_day": "2027-01-04T00:00"}
    return Run(about, {name: _table(name, tables.get(name, [])) for name in TABLES}, network)


def _table(name: str, given: Rows) -> pl.DataFrame:
    usual = {column: "" if kind == pl.String else None for column, kind in TABLES[name].items()} | {"replication": 0}
    unknown = {column for row in given for column in row} - set(usual)
    assert not unknown, f"{name} has no {unknown}"
    return pl.DataFrame([{**usual, **row} for row in given], schema=dict(TABLES[name]), orient="row")


def reached(milestone: str, *marks: tuple[int, str, float | None]) -> Rows:
    """Spans of a milestone: replication, subject and hour; None is not reached."""
    return [
        {
            "replication": number,
            "subject": who,
            "activity": milestone,
            "kind": "milestone",
            "start_h": hour,
            "end_h": hour,
        }
        for number, who, hour in marks
        if hour is not None
    ]

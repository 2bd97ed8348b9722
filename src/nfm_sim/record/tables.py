"""The tables of the record: their columns and types, as `columns.csv` has them. A run and a study have the same."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

with Path(__file__).with_name("columns.csv").open(encoding="utf-8", newline="") as _table:
    FIELDS: Mapping[str, Mapping[str, str]] = {row["column"]: row for row in csv.DictReader(_table)}
"""What the columns of the tables hold: their type, and what they mean; a name is the same in each table."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "subjects": (
        *("subject", "what", "part_of", "mode", "tier", "pieces", "origin"),
        *("destination", "deadline_h", "required_h", "notice_h", "capability", "personnel", "task"),
    ),
    "spans": ("subject", "activity", "kind", "place", "cause", "cause_kind", "start_h", "end_h"),
    "departures": ("movement", "leg", "start_h"),
    "legs": ("leg", "link", "forward", "enter_h", "leave_h", "slot_h"),
    "holdings": ("pool", "place", "subject", "amount", "start_h", "end_h"),
    "pools": ("pool", "place", "unit", "capacity", "people"),
    "capacities": ("pool", "place", "hour", "capacity"),
    "duties": ("element", "task", "commitment", "state", "start_h", "end_h"),
    "commitments": ("task", "commitment", "capability", "pool", "number", "start_h", "end_h"),
    "demands": ("plan", "region", "capability", "required_h", "number"),
    "stuck": ("subject", "since_h", "place", "cause", "why", "held_by", "in_ring"),
    "inputs": ("path", "value"),
    "programmes": ("programme", "flow", "begins_h", "ends_h"),
    "rates": ("programme", "place", "mode", "needed_per_day", "booked_per_day"),
    "slots": ("programme", "place", "mode", "hour", "movement"),
    "outages": ("disruption", "what", "name", "place", "start_h", "end_h", "left_share"),
    "levels": ("holder", "supply", "hour", "tonnes", "falls_t_a_day", "needs_t_a_day"),
    "shortages": ("element", "supply", "start_h", "end_h", "stops_effect"),
    "deliveries": ("stock", "supply", "movement", "tonnes", "ordered_h", "sent_h", "hour"),
    "strengths": ("element", "attrition", "hour", "fit", "near", "away", "lost"),
    "detours": ("movement", "place", "disruption", "hour", "extra_h"),
}
TABLES: Mapping[str, Mapping[str, Any]] = {
    table: {column: getattr(pl, FIELDS[column]["type"]) for column in ("replication", *names)}
    for table, names in NAMES.items()
}
"""By table: the types of its columns."""

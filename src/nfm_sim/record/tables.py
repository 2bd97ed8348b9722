"""The tables of the record: their columns and types. A run and a study have the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

SPANS = {
    "replication": pl.Int32,
    "subject": pl.String,
    "activity": pl.String,
    "kind": pl.String,
    "place": pl.String,
    "cause": pl.String,
    "cause_kind": pl.String,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
DEPARTURES = {
    "replication": pl.Int32,
    "movement": pl.String,
    "leg": pl.Int32,
    "start_h": pl.Float64,
}
LEGS = {
    "replication": pl.Int32,
    "leg": pl.Int32,
    "link": pl.String,
    "forward": pl.Boolean,
    "enter_h": pl.Float64,
    "leave_h": pl.Float64,
    "slot_h": pl.Float64,
}
HOLDINGS = {
    "replication": pl.Int32,
    "pool": pl.String,
    "place": pl.String,
    "subject": pl.String,
    "amount": pl.Float64,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
SUBJECTS = {
    "replication": pl.Int32,
    "subject": pl.String,
    "what": pl.String,
    "part_of": pl.String,
    "mode": pl.String,
    "tier": pl.Int32,
    "pieces": pl.Int32,
    "origin": pl.String,
    "destination": pl.String,
    "deadline_h": pl.Float64,
    "required_h": pl.Float64,
    "notice_h": pl.Float64,
    "capability": pl.String,
    "personnel": pl.Int32,
    "task": pl.String,
}
DUTIES = {
    "replication": pl.Int32,
    "element": pl.String,
    "task": pl.String,
    "commitment": pl.String,
    "state": pl.String,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
COMMITMENTS = {
    "replication": pl.Int32,
    "task": pl.String,
    "commitment": pl.String,
    "capability": pl.String,
    "pool": pl.String,
    "number": pl.Float64,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
POOLS = {
    "replication": pl.Int32,
    "pool": pl.String,
    "place": pl.String,
    "unit": pl.String,
    "capacity": pl.Float64,
    "people": pl.Float64,
}
CAPACITIES = {
    "replication": pl.Int32,
    "pool": pl.String,
    "place": pl.String,
    "hour": pl.Float64,
    "capacity": pl.Float64,
}
INPUTS = {
    "replication": pl.Int32,
    "path": pl.String,
    "value": pl.Float64,
}
SLOTS = {
    "replication": pl.Int32,
    "flow": pl.String,
    "place": pl.String,
    "mode": pl.String,
    "hour": pl.Float64,
    "movement": pl.String,
}
DEMANDS = {
    "replication": pl.Int32,
    "plan": pl.String,
    "region": pl.String,
    "capability": pl.String,
    "required_h": pl.Float64,
    "number": pl.Int32,
}
STUCK = {
    "replication": pl.Int32,
    "subject": pl.String,
    "since_h": pl.Float64,
    "place": pl.String,
    "cause": pl.String,
    "why": pl.String,
    "held_by": pl.String,
    "in_ring": pl.Int32,
}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "subjects": SUBJECTS,
    "spans": SPANS,
    "departures": DEPARTURES,
    "legs": LEGS,
    "holdings": HOLDINGS,
    "pools": POOLS,
    "capacities": CAPACITIES,
    "duties": DUTIES,
    "commitments": COMMITMENTS,
    "demands": DEMANDS,
    "stuck": STUCK,
    "inputs": INPUTS,
    "slots": SLOTS,
}

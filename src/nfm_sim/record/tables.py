"""The tables of the record: their columns and types. A run and a study have the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from nfm_sim.kinds import MODES

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
PROGRAMMES = {
    "replication": pl.Int32,
    "programme": pl.String,
    "flow": pl.String,
    "begins_h": pl.Float64,
    "ends_h": pl.Float64,
}
RATES = {
    "replication": pl.Int32,
    "programme": pl.String,
    "place": pl.String,
    "mode": pl.String,
    "needed_per_day": pl.Float64,
    "booked_per_day": pl.Float64,
}
SLOTS = {
    "replication": pl.Int32,
    "programme": pl.String,
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
    "number": pl.Float64,
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
OUTAGES = {
    "replication": pl.Int32,
    "disruption": pl.String,
    "what": pl.String,
    "name": pl.String,
    "place": pl.String,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
    "left_share": pl.Float64,
}
DETOURS = {
    "replication": pl.Int32,
    "movement": pl.String,
    "place": pl.String,
    "disruption": pl.String,
    "hour": pl.Float64,
    "extra_h": pl.Float64,
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
    "programmes": PROGRAMMES,
    "rates": RATES,
    "slots": SLOTS,
    "outages": OUTAGES,
    "detours": DETOURS,
}

MEANINGS: Mapping[str, str] = {
    "programme": "movement programme: a flow with its own, a name, or `operation` for that of all",
    "begins_h": "hour from which something may move on; null when nothing has come",
    "ends_h": "hour at which the window ends; null without one",
    "needed_per_day": "loads a working day that the window needs; null without one",
    "booked_per_day": "loads a working day that are booked",
    "replication": "number of the replication, from 0",
    "subject": "who: an element, a formation, a ship, an airlift, or a movement; those of a flow begin with its name",
    "activity": "what it does, or waits for",
    "kind": "work, move, wait or blocked; milestone where something is reached, which takes no time",
    "place": "where: a node of the network, or empty for a national pool",
    "cause": "what made it wait or last: the pool, link, rule or disruption",
    "cause_kind": "what the cause is: pool, facility, link, rule, task, element or disruption; empty for work",
    "start_h": "from which hour after hour 0",
    "end_h": "until which hour after hour 0",
    "movement": "the train, column, truck, barge or flight",
    "leg": "number of the leg in the table `legs`: movements that drive alike share one",
    "link": "link of the network, its `link_id`",
    "forward": "true from the link's first node to its second",
    "enter_h": "hours from the start of the leg until its head enters the link",
    "leave_h": "hours from the start of the leg until its tail leaves the link",
    "slot_h": "hours that it takes of the link's calendar",
    "pool": "the pool or facility",
    "amount": "how much it holds, in the unit of the pool",
    "what": "kind of a subject (element, formation, movement, ship, airlift) or of what is lost (link, facility, pool)",
    "part_of": "the element, flow or formation that it belongs to",
    "mode": f"{', '.join(MODES)}; ship, airlift; empty for elements",
    "tier": "tier of the NATO Force Model; null where there is none",
    "pieces": "number of pieces that it moves",
    "origin": "node where it begins",
    "destination": "where it goes: a destination of the scenario for an element, else a node",
    "deadline_h": "hour by which it is to be ready",
    "required_h": "hour by which it is to be in place or over the border",
    "notice_h": "its notice to move, hours after the order",
    "capability": "what the element can do",
    "personnel": "people of its establishment; null where it is not known",
    "task": "task of the scenario that it serves",
    "element": "force element",
    "commitment": "commitment of the task",
    "state": "what it does: prepare, serve, rest, redeploy, or free",
    "number": "how many are asked for",
    "unit": "what one of it is",
    "capacity": "how much there is of it",
    "people": "people who man one of it",
    "hour": "hour after hour 0",
    "path": "dotted path of an uncertain number in the scenario",
    "value": "what was drawn for it",
    "flow": "allied flow",
    "plan": "regional plan",
    "region": "where the plan asks for it",
    "since_h": "hour since when it waits",
    "why": "why it can never go on, in words",
    "held_by": "who holds what it waits for",
    "disruption": "name of the disruption in the scenario",
    "name": "the link, facility, pool or ship",
    "left_share": "share of it that is left",
    "extra_h": "hours that the way takes more than the one that it would have gone, when nothing else moves",
    "in_ring": "number of the ring of those who wait for each other; null where there is none",
}
"""What the columns of the tables mean; a name means the same in each."""

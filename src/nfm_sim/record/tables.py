"""The tables of the record: their columns and types. A run and a study have the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from nfm_sim.kinds import MODES

FIELDS: Mapping[str, tuple[Any, str]] = {
    "replication": (pl.Int32, "number of the replication, from 0"),
    "subject": (
        pl.String,
        "who: an element, a formation, a ship, an airlift, or a movement; those of a flow begin with its name",
    ),
    "what": (
        pl.String,
        "kind of a subject (element, formation, movement, supply, empty, ship, airlift) or of what is lost (link, "
        "facility, pool)",
    ),
    "part_of": (pl.String, "the element, flow or formation that it belongs to"),
    "mode": (pl.String, f"{', '.join(MODES)}; ship, airlift; empty for elements"),
    "tier": (pl.Int32, "tier of the NATO Force Model; null where there is none"),
    "pieces": (pl.Int32, "number of pieces that it moves"),
    "origin": (pl.String, "node where it begins"),
    "destination": (pl.String, "where it goes: a destination of the scenario for an element, else a node"),
    "deadline_h": (pl.Float64, "hour by which it is to be ready"),
    "required_h": (pl.Float64, "hour by which it is to be in place or over the border"),
    "notice_h": (pl.Float64, "its notice to move, hours after the order"),
    "capability": (pl.String, "what the element can do"),
    "personnel": (pl.Int32, "people of its establishment; null where it is not known"),
    "task": (pl.String, "task of the scenario that it serves"),
    "activity": (pl.String, "what it does, or waits for"),
    "kind": (pl.String, "work, move, wait or blocked; milestone where something is reached, which takes no time"),
    "place": (pl.String, "where: a node of the network, or empty for a national pool"),
    "cause": (pl.String, "what made it wait or last: the pool, link, rule or disruption"),
    "cause_kind": (
        pl.String,
        "what the cause is: pool, facility, link, rule, task, element or disruption; empty for work",
    ),
    "start_h": (pl.Float64, "from which hour after hour 0"),
    "end_h": (pl.Float64, "until which hour after hour 0"),
    "movement": (pl.String, "the train, column, truck, barge or flight"),
    "leg": (pl.Int32, "number of the leg in the table `legs`: movements that drive alike share one"),
    "link": (pl.String, "link of the network, its `link_id`"),
    "forward": (pl.Boolean, "true from the link's first node to its second"),
    "enter_h": (pl.Float64, "hours from the start of the leg until its head enters the link"),
    "leave_h": (pl.Float64, "hours from the start of the leg until its tail leaves the link"),
    "slot_h": (pl.Float64, "hours that it takes of the link's calendar"),
    "pool": (pl.String, "the pool or facility"),
    "amount": (pl.Float64, "how much it holds, in the unit of the pool"),
    "unit": (pl.String, "what one of it is"),
    "capacity": (pl.Float64, "how much there is of it"),
    "people": (pl.Float64, "people who man one of it"),
    "hour": (pl.Float64, "hour after hour 0"),
    "element": (pl.String, "force element"),
    "commitment": (pl.String, "commitment of the task"),
    "state": (pl.String, "what it does: prepare, serve, short of supply, rest, redeploy, or free"),
    "number": (pl.Float64, "how many are asked for"),
    "plan": (pl.String, "regional plan"),
    "region": (pl.String, "where the plan asks for it"),
    "since_h": (pl.Float64, "hour since when it waits"),
    "why": (pl.String, "why it can never go on, in words"),
    "held_by": (pl.String, "who holds what it waits for"),
    "in_ring": (pl.Int32, "number of the ring of those who wait for each other; null where there is none"),
    "path": (pl.String, "dotted path of an uncertain number in the scenario"),
    "value": (pl.Float64, "what was drawn for it"),
    "programme": (pl.String, "movement programme: a flow with its own, a name, or `operation` for that of all"),
    "flow": (pl.String, "allied flow"),
    "begins_h": (pl.Float64, "hour from which something may move on; null when nothing has come"),
    "ends_h": (pl.Float64, "hour at which the window ends; null without one"),
    "needed_per_day": (pl.Float64, "loads a working day that the window needs; null without one"),
    "booked_per_day": (pl.Float64, "loads a working day that are booked"),
    "disruption": (pl.String, "name of the disruption in the scenario"),
    "name": (pl.String, "the link, facility, pool or ship"),
    "left_share": (pl.Float64, "share of it that is left"),
    "holder": (pl.String, "a stock, or an element with what it carries"),
    "stock": (pl.String, "the stock that it came to"),
    "supply": (pl.String, "class of supply; of shortages also what fell out, by its attrition"),
    "stops_effect": (pl.Boolean, "whether an element without it is not effective"),
    "tonnes": (pl.Float64, "how much there is from then on, or came"),
    "falls_t_a_day": (pl.Float64, "tonnes a day by which it falls until the next row"),
    "needs_t_a_day": (pl.Float64, "tonnes a day that the holder, or who draws on it, uses when there is enough"),
    "ordered_h": (pl.Float64, "hour at which it was ordered"),
    "sent_h": (pl.Float64, "hour from which it was to be moved"),
    "attrition": (pl.String, "what falls out of elements, by its name in the scenario"),
    "fit": (pl.Int32, "people or pieces of the element that are fit, from then on"),
    "near": (pl.Int32, "those that are mended or treated in the area"),
    "away": (pl.Int32, "those that were evacuated, or go forward again"),
    "lost": (pl.Int32, "those that are lost for good"),
    "extra_h": (
        pl.Float64,
        "hours that the way takes more than the one that it would have gone, when nothing else moves",
    ),
}
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
    table: {column: FIELDS[column][0] for column in ("replication", *names)} for table, names in NAMES.items()
}
"""By table: the types of its columns."""

"""What waits for nothing that can come: rows of `nfm.measures.stuck`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nfm_sim.problems import counted
from nfm_sim.record.words import Stuck

WHY = {
    Stuck.NEVER: "can never be served: more than there can be, or at no hour",
    Stuck.DEADLOCK: "in a deadlock: each waits for what the next holds",
    Stuck.BEHIND: "behind others that are stuck",
    Stuck.HELD: "held for good, or used up",
}


def stuck_told(row: Mapping[str, Any]) -> str:
    """Say who waits for nothing that can come, for what, and why."""
    pieces = f" ({counted(row['pieces'], 'piece')})" if row["pieces"] else ""
    many = f"{row['first']} and {row['subjects'] - 1:,} more" if row["subjects"] > 1 else row["first"]
    by = f", by {row['held_by']}" if row["held_by"] else ""
    by = f", {row['ring']}" if row["ring"] else by
    at = f" at {row['place']}" if row["place"] else ""
    since = f"wait from day {row['since_h'] / 24:.1f} on for {row['cause']}{at}"
    return f"Stuck: {many}{pieces} of {row['name']} {since}: {WHY[row['why']]}{by}"

"""What supply did: who was without, and what it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nfm_sim.in_words import day, number, percent
from nfm_sim.problems import some_of


def supply_told(row: Mapping[str, Any], replications: int) -> list[str]:
    """Say who was short of what cannot be done without, from when on, and which share of the means supply took; nothing
    where the scenario has no supply."""
    if not row["elements"]:
        return []
    mean = " (means over replications)" if replications > 1 else ""
    if row["short_elements"]:
        first = f"; the first on {day(row['first_short_h'])}, {row['first']}" if replications == 1 else ""
        lacks = (
            f"{number(row['short_elements'])} of {number(row['elements'])} elements with supply were not effective for "
            f"want of it, for {number(row['short_days'])} element-days{mean}{first}."
        )
    else:
        lacks = (
            f"None of {number(row['elements'])} elements with supply was ever without what it needs to be effective."
        )
    took = [f"{name.replace('_', ' ')} ({percent(share)})" for name, share in row["took"].items()]
    return [lacks, *([f"Of all use of them, supply took most of {some_of(took)}."] if took else [])]

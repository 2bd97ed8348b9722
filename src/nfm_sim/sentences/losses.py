"""What was lost, and what that did: rows of `nfm.measures.detours.lost`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nfm_sim.in_words import day, length, number, percent
from nfm_sim.kinds import MODES


def when_lost(row: Mapping[str, Any]) -> str:
    """Say of a row of `lost` when that was: "day 6.0 to 16.0", "from day 6.0 on, in 30 % of replications"."""
    begin, end = day(row["start_h"]), row["end_h"]
    when = f"from {begin} on" if end is None else f"{begin} to {day(end).removeprefix('day ')}"
    often = f", {row['times']:.2g} times" if row["times"] > 1 else ""
    return f"{when}{often}" + ("" if row["share"] == 1 else f", in {percent(row['share'])} of replications")


def lost_told(row: Mapping[str, Any], replications: int) -> str:
    """Say of a row of `lost` what was lost, when, and what that did; or that it was not lost in any replication."""
    if not row["share"]:
        never = f"in none of {replications:,} replications" if replications > 1 else "not in this replication"
        return f"Lost {never}: {row['title']}; what that would do is in no number here."
    did = [
        f"{_many(of['movements'], of['mode'])} went further because of it, {length(of['extra_h'])} in all"
        for of in row["detours"]
    ]
    if row["waits"]:
        did.append(f"it was waited for {_many(row['waits'], 'time')}, {row['piece_hours']:,.0f} piece-hours in all")
    if row["pieces"]:
        did.insert(0, f"{_many(row['pieces'], 'piece')} of allies lost with it, which never close")
    mean = " (means over replications)" if replications > 1 and did else ""
    told = "; ".join(did) or "nothing went further because of it, and nothing waited for it"
    return f"Lost: {row['title']}, {when_lost(row)}: {told}{mean}."


def _many(amount: float, what: str) -> str:
    """A number of things that may be a mean: "1 train", "2.4 trains"."""
    many = MODES[what].noun if what in MODES else f"{what}s"
    return f"{number(amount)} {what if amount == 1 else many}"

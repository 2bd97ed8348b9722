"""What went wrong, and what supply and Host Nation Support did: rows of measures, told."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from nfm_sim.in_words import day, length, number, percent
from nfm_sim.kinds import MODES
from nfm_sim.measures import commitments, double_booked, waits
from nfm_sim.problems import counted, some_of
from nfm_sim.record import Run
from nfm_sim.record.words import Stuck


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
    further = ((_many(of["movements"], of["mode"]), length(of["extra_h"])) for of in row["detours"])
    did = [f"{who} went further because of it, {hours} in all" for who, hours in further]
    if row["waits"]:
        did.append(f"it was waited for {_many(row['waits'], 'time')}, {row['piece_hours']:,.0f} piece-hours in all")
    if row["pieces"]:
        did.insert(0, f"{_many(row['pieces'], 'piece')} lost with it, which never close")
    mean = " (means over replications)" if replications > 1 and did else ""
    told = "; ".join(did) or "nothing went further because of it, and nothing waited for it"
    return f"Lost: {row['title']}, {when_lost(row)}: {told}{mean}."


def _many(amount: float, what: str) -> str:
    """A number of things that may be a mean: "1 train", "2.4 trains"."""
    many = MODES[what].noun if what in MODES else f"{what}s"
    return f"{number(amount)} {what if amount == 1 else many}"


# What waits for nothing that can come: rows of `nfm.measures.stuck`


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


# What supply did: who was without, and what it took


def supply_told(row: Mapping[str, Any], replications: int) -> list[str]:
    """Say who was short of what cannot be done without, from when on, which share of the means supply took, and what
    fell out; nothing where the scenario has neither supply nor attrition."""
    mean = " (means over replications)" if replications > 1 else ""
    fell = [
        f"Of {name.replace('_', ' ')}, {number(fallen)} fell out, and {percent(fit)} were fit over time{mean}."
        for name, fallen, fit in row["fallen"]
    ]
    if not row["elements"]:
        return fell
    supplied = f"{number(row['elements'])} elements with supply"
    if row["short_elements"]:
        want = "for want of it, or of who and what is fit" if fell else "for want of it"
        first = f"; the first on {day(row['first_short_h'])}, {row['first']}" if replications == 1 else ""
        short, days = number(row["short_elements"]), number(row["short_days"])
        lacks = f"{short} of {supplied} were not effective {want}, for {days} element-days{mean}{first}."
    else:
        lacks = f"None of {supplied} was ever without what it needs to be effective."
    took = [f"{name.replace('_', ' ')} ({percent(share)})" for name, share in row["took"].items()]
    return [lacks, *([f"Of all use of them, supply took most of {some_of(took)}."] if took else []), *fell]


# What Host Nation Support buys and costs, as far as one run says it


SUPPORT = "host_nation_support"


def support_told(run: Run, staffed: Collection[str], file: str) -> list[str]:
    """Say in two sentences how long movements waited for the people whom the task brings to pools, and what elements it
    had and others asked for; none where it brings nobody. `file` is the scenario, for the command that weighs it.
    """
    if not staffed:
        return []
    waited = waits(run).filter(pl.col("cause").is_in(list(staffed)))
    hours = dict(waited.group_by("cause").agg(pl.col("piece_hours").sum()).sort("piece_hours", descending=True).rows())
    short = [f"{value:,.0f} piece-hours for {name.replace('_', ' ')}" for name, value in hours.items() if value]
    enough = [name.replace("_", " ") for name in staffed if not hours.get(name)]
    had = commitments(run).filter((pl.col("task") == SUPPORT) & (pl.col("pool") == ""))
    days = had.group_by("capability", maintain_order=True).agg((pl.col("asked_days") - pl.col("short_days")).sum())
    twice = double_booked(run).filter(pl.col("task") == SUPPORT)["days"].sum()
    each = ", ".join(f"{name} {value:,.0f}" for name, value in days.rows())
    others = f"of which others asked for {twice:,.0f} too" if twice else "for which nobody else asked"
    buys = [f"movements waited {' and '.join(short)}"] if short else []
    buys += [f"nobody waited for {', '.join(enough)}"] if enough else []
    return [
        f"With the Host Nation Support that there is, {'; '.join(buys)}.",
        f"It costs {days['asked_days'].sum():,.0f} element-days ({each}), {others}; "
        f"what one more and one fewer of each buys and costs, says `nfm-sim exchange {file}`.",
    ]

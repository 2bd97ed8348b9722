"""What reaches a goal, and how surely: chances, means that are needed, and packages."""

from __future__ import annotations

from nfm_sim.in_words import between, percent
from nfm_sim.problems import counted
from nfm_sim.sentences.answers import Bounds


def chance_told(event: str, found: Bounds, replications: int, known: int, least: float | None) -> list[str]:
    """How likely an event is, of so many replications, `known` of which tell; and whether it is as likely as asked."""
    of = counted(replications, "replication")
    if found.value is not None:
        told = [f"{event} in {percent(found.value)} of {of} (95 % interval {_bounds(found)})."]
    else:
        unknown = replications - known
        told = [f"{event}: in {unknown:,} of {of} it is not known, as they end before; its chance is {_bounds(found)}."]
    if least is None:
        return told
    low, high = found.low or 0.0, 1.0 if found.high is None else found.high
    if low >= least:
        return [*told, f"The goal holds: {percent(least)} is asked for."]
    if high < least:
        return [*told, f"The goal does not hold: {percent(least)} is asked for."]
    return [*told, f"Whether the goal holds cannot be told from so few: {percent(least)} is asked for."]


def need_told(
    what: str, found: Bounds, below: Bounds | None, replications: int, least: float, *, is_sure: bool
) -> list[str]:
    """What amounts a goal takes: the chance with them, and with one less; `what` is "" where not even the most does."""
    of = f"{replications:,} replications"
    if not what:
        return [f"Not even the most suffices: {percent(found.value)} of {of} ({_bounds(found)})."]
    begin = f"{what}: {percent(found.value)} of {replications:,} fresh replications ({_bounds(found)})"
    if not is_sure:
        return [f"{begin}: it is not sure that this suffices, {percent(least)} is asked for."]
    if below is None:
        return [f"{begin}: it suffices, and there is nothing less to try."]
    with_less = f"with one less {percent(below.value)} ({_bounds(below)})"
    if (1.0 if below.high is None else below.high) < least:
        return [f"{begin}: it is the least that suffices; {with_less}."]
    return [f"{begin}: it suffices. Whether one less does cannot be told: {with_less}."]


def _bounds(found: Bounds) -> str:
    return between(found.low, found.high, percent)

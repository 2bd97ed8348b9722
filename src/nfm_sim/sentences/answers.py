"""What a run or study answers: closure, readiness, and what holds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nfm_sim.in_words import DAY_H, between, day, length, percent
from nfm_sim.measures.likely import needed_for

NINE_IN_TEN = 0.9
LEAST_TOLD = 0.1
"""A source of delay with a smaller share is not told. Assumed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number with its bounds; None where it is not known, or open."""

    value: float | None
    low: float | None = None
    high: float | None = None


def last_piece(
    flow: str, number: int, closed_h: Sequence[float], likely_h: tuple[float, float] | None, median_h: Bounds
) -> str:
    """When the last piece of a flow is over the border: `closed_h` of those of `number` replications in which it was,
    and where there are enough, between which hours the next replication lies nine times in ten."""
    if not closed_h:
        return f"{flow}: not all of it is over the border within the horizon, in any replication."
    over = f"{flow}: the last piece is over the border"
    first, last = day(min(closed_h)), day(max(closed_h))
    if number == 1:
        return f"{over} on {first}, in the one replication."
    if likely_h is None or len(closed_h) < number:
        needed = needed_for(NINE_IN_TEN)
        more = f"; {needed} can tell where nine in ten lie" if number < needed else ""
        return f"{over} between {first} and {last} in {len(closed_h):,} of {number:,} replications{more}."
    low, high = map(day, likely_h)
    return (
        f"{flow}: with nine chances in ten the last piece is over the border between {low} and {high}; in the middle "
        f"it is {day(median_h.value)}{_interval(median_h)}."
    )


def _interval(hours: Bounds) -> str:
    if hours.low is hours.high is None:
        return ""
    return f" (95 % interval {between(hours.low, hours.high, lambda hour: f'{hour / DAY_H:.1f}')})"


def chance_on_time(flow: str, chance: Bounds) -> str:
    """How likely all of a flow is there when it is asked for."""
    said = f"with a chance of {percent(chance.value)}{_range(chance)}"
    return f"{flow}: all of it is there by the day that is asked for {said}."


def pieces_on_time(flow: str, share: Bounds) -> str:
    """Which share of the pieces is there when it is asked for."""
    return f"{flow}: {percent(share.value)}{_range(share)} of its pieces are there by that day."


def window(name: str, ends_h: float, number: int, held: Bounds, slip_h: float | None, binds: str | None) -> str:
    """Whether the planned window of a programme holds; else by how much it slips (of several replications the median,
    None: beyond the horizon), and what binds."""
    plan = f"The window of {name}, to {day(ends_h)}"
    most = f"; what holds it up most: {binds}" if binds else ""
    slips = f"slips by {length(slip_h)}" if slip_h is not None else "is not kept within the horizon"
    if number == 1:
        return f"{plan}, holds." if held.value else f"{plan}, {slips}{most}."
    chance = f"holds with a chance of {percent(held.value)}{_range(held)}"
    if slip_h == 0:
        return f"{plan} in the median, {chance}{most}."
    return f"{plan} in the median, {chance}; in the middle it {slips}{most}."


def ready(tier: int, share: Bounds, deadline_h: float) -> str:
    """Which share of a tier is ready by its deadline."""
    if share.value is None:
        said = f"{percent(share.low)} to {percent(share.high)} of the elements are {_within(deadline_h)}"
        return f"Of tier {tier}, {said}: the horizon ends before it is known."
    return f"Of tier {tier}, {percent(share.value)}{_range(share)} of the elements are {_within(deadline_h)}."


def _within(deadline_h: float) -> str:
    return f"ready to move within {deadline_h / DAY_H:g} days of the order"


def _range(share: Bounds) -> str:
    return "" if share.low is share.high is None else f" ({between(share.low, share.high, percent)})"


def double_booked(days: float, by: str, of: str, number: int) -> str:
    """What two tasks ask for at once: element-days, by which task most, of what another has."""
    mean = " (mean over replications)" if number > 1 else ""
    return f'{days:,.0f} element-days{mean} are asked for by two tasks at once; most by "{by}", of what "{of}" has.'


def delay(shares: Mapping[str, float]) -> list[str]:
    """Where the delay comes from: sources with their shares of it, the largest first; nothing when there is none."""
    most = sorted(shares.items(), key=lambda row: -row[1])
    told = [f"{source} ({percent(share)})" for source, share in most if share >= LEAST_TOLD]
    rest = sum(share for _, share in most if share < LEAST_TOLD)
    others = f" and others ({percent(rest)})" if rest >= 0.005 and told else ""
    return [f"The delay (piece-hours) comes from {', '.join(told)}{others}."] if told else []


def held_up(piece_hours: Mapping[str, float], number: int) -> list[str]:
    """What held pieces and elements up most; nothing when nothing did."""
    mean = ", mean over replications" if number > 1 else ""
    told = ", ".join(f"{name} ({hours:,.0f})" for name, hours in piece_hours.items())
    return [f"What held pieces and elements up most (piece-hours{mean}): {told}."] if told else []

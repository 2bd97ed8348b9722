"""What a search promises and how far fresh replications bear it out; how far a study is from what was asked of it."""

from __future__ import annotations

from math import floor

from nfm_sim.in_words import number as number_of
from nfm_sim.in_words import percent
from nfm_sim.measures.columns import Column
from nfm_sim.sentences.answers import Bounds
from nfm_sim.sentences.cells import unit_of_differences


def promise(by_day: float, asked: float, found: Bounds, number: int, *, fresh: bool, met: bool) -> str:
    """Say whether a flow is promised to be closed by a day, as surely as `asked`: `found` is the share of `number`
    replications in which it was, of fresh ones, or of those of the search when nothing sufficed even there."""
    of = f"{number:,} {'fresh ' if fresh else ''}replications"
    shown = f"closed by day {by_day:g} in {percent(found.value)} of {of}"
    wanted = f"{percent(asked)} was asked for"
    least = f"in {_at_least(found.low)} at least" if found.low is not None else "with a bound that is not known"
    if met:
        return f"Promised: {shown}, {least}; {wanted}."
    if not fresh:
        return f"Not promised: {shown}, though {wanted}: bookings are not what holds it up."
    if found.value == 1:
        return f"Not promised: {shown}, {least}; {wanted}, and so few replications cannot show it."
    return f"Not promised: {shown}, {least}, though {wanted}."


def _at_least(share: float) -> str:
    """A lower bound, rounded down."""
    return f"{floor(1000 * share) / 10:g} %"


def target(text: str, row: str, half_width: float | None, needed: int | None, *, unit: str = "", met: bool) -> str:
    """Say whether an interval is as narrow as asked for: of the row with the widest, how wide to either side, and how
    many replications it likely takes."""
    width = "how sure is not known"
    if half_width is not None:
        shown = unit_of_differences(Column(unit, share=unit == "share"), [half_width])
        width = f"±{number_of(half_width * shown.factor)} {shown.name}".rstrip()
    of = ", ".join(filter(None, (row, width)))
    return f"{text}: met ({of})" if met else f"{text}: not met ({of}; likely {needed or 'very many'} replications)"

"""What a scenario asks for, and whether it is there by {by}."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from nfm_sim.in_words import percent
from nfm_sim.problems import counted, some_of
from nfm_sim.sentences.answers import Bounds

if TYPE_CHECKING:
    from nfm_sim.plan import Plan
    from nfm_sim.scenario import Scenario


def flows_asked(scenario: Scenario, plan: Plan, called: Callable[[str], str] = str) -> Iterator[tuple[str, str]]:
    """Yield the name of each flow, and how many pieces come in what, over which ports on which days, and go by what,
    where to. Places are `called` by their names, or by their titles."""
    modes: dict[str, Counter[str]] = {}
    for part_of, lot in plan.flow_lots():
        modes.setdefault(part_of, Counter())[lot.mode] += lot.pieces
    for name, flow in scenario.flows.items():
        mine = modes.get(name, Counter())
        places = dict.fromkeys(called(place) for _, place, _ in flow.cargoes())
        days = [call.day for ship in flow.ships.values() for call in ship.calls]
        when = f", day {min(days):.1f} to {max(days):.1f}" if days else ""
        by = ", ".join(f"{number:,} by {mode}" for mode, number in mine.most_common())
        exits = scenario.destinations[flow.destination].exits
        to = ", ".join(dict.fromkeys(called(exits[mode]) for mode in mine if mode in exits))
        ships = f" in {counted(len(flow.ships), 'ship')}" if flow.ships else ""
        yield name, f"{sum(mine.values()):,} pieces{ships} over {some_of(places)}{when}; {by}; to {to}"


def all_there(chance: Bounds, on_time: int, number: int, short: str, by: str = "its day") -> str:
    """Whether all that is asked for by a day is there by then, in `on_time` of `number` replications; `short` says what
    falls short most, and `by` when."""
    if chance.value is None and chance.low is None:
        return "Nothing is asked for by a day."
    if number == 1:
        told = "is" if on_time else "is not"
        return f"All that is asked for {told} there by {by}, in the one replication{short}."
    if on_time in (0, number):
        sure = (chance.low, "at least") if on_time else (chance.high, "at most")
        bound = f": a chance of {percent(sure[0])} {sure[1]}" if sure[0] is not None else ""
        which = "each" if on_time else "none"
        return f"All that is asked for is there by {by} in {which} of {number:,} replications{bound}{short}."
    if chance.value is None:
        return f"Whether all that is asked for is there by {by} is not known: the horizon ends before{short}."
    between = "" if chance.low is chance.high is None else f" ({percent(chance.low)} to {percent(chance.high)})"
    return f"All that is asked for is there by {by} with a chance of {percent(chance.value)}{between}{short}."


def on_record_told(
    words: str, seen: tuple[float, float], median: float, likely: tuple[float | None, float | None]
) -> str:
    """What the model has, beside what is on record."""
    low, high = likely
    range_ = "" if low is None or high is None else f", {low:,.3g} to {high:,.3g}"
    least, most = (low, high) if low is not None and high is not None else (median, median)
    apart = "which agrees" if least <= seen[1] and most >= seen[0] else "which does not agree"
    return f"{words}: the model has {median:,.3g}{range_}; on record {seen[0]:,g} to {seen[1]:,g}, {apart}."

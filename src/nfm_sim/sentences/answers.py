"""What a scenario asks for, what a run or study answers, and what a search promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from nfm_sim.in_words import DAY_H, between, day, length, number, percent
from nfm_sim.measures.columns import Column
from nfm_sim.measures.summary import needed_for
from nfm_sim.problems import counted, some_of
from nfm_sim.sentences.cells import unit_of_differences
from nfm_sim.sentences.effects import Effect

if TYPE_CHECKING:
    from nfm_sim.plan import Plan
    from nfm_sim.scenario import Scenario


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
    flow: str, number: int, closed_h: Sequence[float], likely_h: tuple[float | None, float | None], median_h: Bounds
) -> str:
    """When the last piece of a flow is over the border: `closed_h` of those of `number` replications in which it was,
    and where there are enough, between which hours the next replication lies nine times in ten (else None)."""
    if not closed_h:
        return f"{flow}: not all of it is over the border within the horizon, in any replication."
    over = f"{flow}: the last piece is over the border"
    first, last = day(min(closed_h)), day(max(closed_h))
    if number == 1:
        return f"{over} on {first}, in the one replication."
    if None in likely_h or len(closed_h) < number:
        needed = needed_for(NINE_IN_TEN)
        more = f"; {needed} can tell where nine in ten lie" if number < needed else ""
        return f"{over} between {first} and {last} in {len(closed_h):,} of {number:,} replications{more}."
    low, high = map(day, likely_h)
    return (
        f"{flow}: with nine chances in ten the last piece is over the border between {low} and {high}; in the middle "
        f"it is {day(median_h.value)}{_interval(median_h, lambda hour: f'{hour / DAY_H:.1f}', '95 % interval ')}."
    )


def chance_on_time(flow: str, chance: Bounds) -> str:
    """How likely all of a flow is there when it is asked for."""
    said = f"with a chance of {percent(chance.value)}{_interval(chance)}"
    return f"{flow}: all of it is there by the day that is asked for {said}."


def pieces_on_time(flow: str, share: Bounds) -> str:
    """Which share of the pieces is there when it is asked for."""
    return f"{flow}: {percent(share.value)}{_interval(share)} of its pieces are there by that day."


def window(name: str, ends_h: float, number: int, held: Bounds, slip_h: float | None, binds: str | None) -> str:
    """Whether the planned window of a programme holds; else by how much it slips (of several replications the median,
    None: beyond the horizon), and what binds."""
    plan = f"The window of {name}, to {day(ends_h)}"
    most = f"; what holds it up most: {binds}" if binds else ""
    slips = f"slips by {length(slip_h)}" if slip_h is not None else "is not kept within the horizon"
    if number == 1:
        return f"{plan}, holds." if held.value else f"{plan}, {slips}{most}."
    chance = f"holds with a chance of {percent(held.value)}{_interval(held)}"
    if slip_h == 0:
        return f"{plan} in the median, {chance}{most}."
    return f"{plan} in the median, {chance}; in the middle it {slips}{most}."


def ready(tier: int, share: Bounds, deadline_h: float) -> str:
    """Which share of a tier is ready by its deadline."""
    if share.value is None:
        said = f"{percent(share.low)} to {percent(share.high)} of the elements are {_within(deadline_h)}"
        return f"Of tier {tier}, {said}: the horizon ends before it is known."
    return f"Of tier {tier}, {percent(share.value)}{_interval(share)} of the elements are {_within(deadline_h)}."


def late(tier: int, some: Mapping[str, tuple[float, str]], number: int, replications: int) -> str:
    """Which elements of a tier are least likely to be ready by its deadline: the first of `number`, each with its
    chance and what it waits for most until then in one replication, "" where it waits for nothing.

    >>> late(1, {"1 Battalion": (0.25, "trucks")}, 3, 1)
    'Of tier 1, not ready by its deadline, with what each waits for most: 1 Battalion (trucks); and 2 more.'
    """
    several = replications > 1
    said = {name: [percent(chance)] * several + [cause] * bool(cause) for name, (chance, cause) in some.items()}
    about = {name: ", ".join(parts) for name, parts in said.items()}
    told = "; ".join(f"{name} ({what})" if what else name for name, what in about.items())
    begin = "least likely to be ready by its deadline" if several else "not ready by its deadline"
    where = " in the middle replication" if several else ""
    more = f"; and {number - len(some)} more" if number > len(some) else ""
    return f"Of tier {tier}, {begin}, with what each waits for most{where}: {told}{more}."


def _within(deadline_h: float) -> str:
    return f"ready to move within {deadline_h / DAY_H:g} days of the order"


def _interval(of: Bounds, show: Callable[[float], str] = percent, before: str = "") -> str:
    return "" if of.low is of.high is None else f" ({before}{between(of.low, of.high, show)})"


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


# What a scenario asks for, and whether it is there by {by}


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
    return f"All that is asked for is there by {by} with a chance of {percent(chance.value)}{_interval(chance)}{short}."


def on_record_told(
    words: str, seen: tuple[float, float], median: float, likely: tuple[float | None, float | None]
) -> str:
    """What the model has, beside what is on record."""
    low, high = likely
    range_ = "" if low is None or high is None else f", {low:,.3g} to {high:,.3g}"
    least, most = (low, high) if low is not None and high is not None else (median, median)
    apart = "which agrees" if least <= seen[1] and most >= seen[0] else "which does not agree"
    return f"{words}: the model has {median:,.3g}{range_}; on record {seen[0]:,g} to {seen[1]:,g}, {apart}."


# What a search promises and how far fresh replications bear it out; how far a study is from what was asked of it


def promise(by_day: float, asked: float, found: Bounds, number: int, *, fresh: bool, met: bool) -> str:
    """Say whether a flow is promised to be closed by a day, as surely as `asked`: `found` is the share of `number`
    replications in which it was, of fresh ones, or of those of the search when nothing sufficed even there."""
    of = f"{number:,} {'fresh ' if fresh else ''}replications"
    shown = f"closed by day {by_day:g} in {percent(found.value)} of {of}"
    wanted = f"{percent(asked)} was asked for"
    least = "with a bound that is not known"
    if found.low is not None:
        least = f"in {floor(1000 * found.low) / 10:g} % at least"
    if met:
        return f"Promised: {shown}, {least}; {wanted}."
    if not fresh:
        return f"Not promised: {shown}, though {wanted}: bookings are not what holds it up."
    if found.value == 1:
        return f"Not promised: {shown}, {least}; {wanted}, and so few replications cannot show it."
    return f"Not promised: {shown}, {least}, though {wanted}."


def target(text: str, row: str, half_width: float | None, needed: int | None, *, unit: str = "", met: bool) -> str:
    """Say whether an interval is as narrow as asked for: of the row with the widest, how wide to either side, and how
    many replications it likely takes."""
    width = "how sure is not known"
    if half_width is not None:
        shown = unit_of_differences(Column(unit, share=unit == "share"), [half_width])
        width = f"±{number(half_width * shown.factor)} {shown.name}".rstrip()
    of = ", ".join(filter(None, (row, width)))
    return f"{text}: met ({of})" if met else f"{text}: not met ({of}; likely {needed or 'very many'} replications)"


# What reaches a goal, and how surely: chances, means that are needed, and packages


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
    what: str, found: Bounds, below: Bounds | None, replications: int, least: float, too_few: int | None, is_sure: bool
) -> list[str]:
    """What amounts a goal takes: the chance with them, and with one less, where that could be told from it in the
    search; and the most that surely does not do. `what` is "" where not even the most does."""
    of = f"{replications:,} replications"
    if not what:
        return [f"Not even the most suffices: {percent(found.value)} of {of} ({_bounds(found)})."]
    fresh = f"{replications:,} fresh replications ({_bounds(found)})"
    begin = f"With {what} the goal holds in {percent(found.value)} of {fresh}"
    short = "" if too_few is None else f" With {too_few:,} the goal surely does not hold."
    if not is_sure:
        return [f"{begin}: it is not sure that this suffices, {percent(least)} is asked for.{short}"]
    with_less = "" if below is None else f"with one less {percent(below.value)} ({_bounds(below)})"
    if below is not None and (1.0 if below.high is None else below.high) < least:
        return [f"{begin}: it is the least that suffices; {with_less}."]
    if below is None and too_few is None:
        return [f"{begin}: it suffices, and of nothing less that was tried is it sure that it does not."]
    return [f"{begin}: it suffices. Whether less does cannot be told{with_less and f': {with_less}'}.{short}"]


def _bounds(found: Bounds) -> str:
    return between(found.low, found.high, percent)


def purchase_told(
    best: str, eur: float, gain: Effect, sum_of_parts: Effect, more: Effect, replications: int
) -> list[str]:
    """What to buy and what it does; and whether its parts complete or replace each other: `sum_of_parts` is what they
    do alone, added up, and `more` what the package does beyond that."""
    of = f"on {replications:,} fresh replications"
    if gain.difference is None or not gain.is_sure or not gain.is_welcome:
        did = f"{best}, which did best, changes {gain.words} by {_told(gain)}"
        return [f"Nothing that can be bought surely gains: {did}, {of}."]
    told = [f"Buy {best} for {millions(eur)}: {gain.words} is {gain.told} than with nothing, {of}."]
    if more.is_same:
        return told
    alone = _told(sum_of_parts)
    if not more.is_sure:
        return [*told, f"Its parts make it {alone} in sum when each is alone, which cannot be told from the package."]
    how = "complete each other" if more.is_welcome else "replace each other in part"
    return [*told, f"Its parts {how}: alone they make it {alone} in sum, together {_told(more)} beyond that."]


def rivals_told(rivals: Sequence[str], replications: int) -> str:
    """Which packages cannot be told from the best."""
    if not rivals:
        return "Each other package that was tried is surely worse, or better by less than matters."
    return f"Cannot be told from it, on {replications:,} fresh replications: {'; '.join(rivals)}."


def next_told(step_eur: float, package: str, gain: Effect) -> str:
    """What more money gives; `package` is "" where it buys nothing that gains."""
    begin = f"{millions(step_eur)} more"
    if gain.is_sure and gain.is_welcome:
        return f"{begin} buy {package}: {gain.words} is {gain.told} again."
    return f"{begin}, for {package}, are not sure to give more." if package else f"{begin} buy nothing that gains more."


def beyond_told(beyond: Sequence[str], courses: int) -> list[str]:
    """Which of so many courses cost more than the budget."""
    if len(beyond) == courses:
        return ["Each course costs more than the budget."]
    return [f"Left out, as they cost more than the budget: {', '.join(beyond)}."] if beyond else []


def best_told(words: str, best: Sequence[str]) -> str:
    """Which course is best in something, and which cannot be told from it."""
    if not best:
        return f"Of {words} neither more nor less is better in itself."
    others = f"; cannot be told from it: {', '.join(best[1:])}" if len(best) > 1 else ", surely"
    return f"Best in {words}: {best[0]}{others}."


def regret_told(least: str, weighted: str, weights: str) -> str:
    """Which course leaves least to regret over several futures."""
    same = f", and by weights ({weights}) too" if least == weighted else f"; by weights ({weights}) it is {weighted}"
    return f"Least regret at most: {least}{same}."


def millions(eur: float) -> str:
    """An amount of money.

    >>> millions(45.5e6)
    'EUR 45.5 million'
    """
    return f"EUR {number(eur / 1e6)} million"


def _told(effect: Effect) -> str:
    return effect.told if effect.difference else "nothing"

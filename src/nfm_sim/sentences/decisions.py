"""What reaches a goal, and how surely: chances, means that are needed, and packages."""

from collections.abc import Sequence

from nfm_sim.in_words import between, number, percent
from nfm_sim.problems import counted
from nfm_sim.sentences.answers import Bounds
from nfm_sim.sentences.effects import Effect


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
    what: str,
    found: Bounds,
    below: Bounds | None,
    replications: int,
    least: float,
    too_few: int | None = None,
    *,
    is_sure: bool,
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

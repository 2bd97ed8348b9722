"""What a change does: the differences of a comparison, and the prices of capacities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nfm_sim.in_words import between, number, percent
from nfm_sim.measures.columns import Column
from nfm_sim.problems import counted
from nfm_sim.sentences.cells import DAY, number_in, unit_of, unit_of_differences

MOST_TOLD = 10
"""Differences that are told one by one; how many more there are is said."""
FIRST = 3
"""Capacities that are named as those to buy first."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to a number, on the same random draws: the difference with its interval."""

    change: str
    """What was changed: the name of a study, or a capacity with its amount."""
    of: str
    """The row: a tier, a flow; "" for all together."""
    words: str
    """The quantity, as the subject of a sentence."""
    column: Column
    difference: float | None
    """After minus before; None: not known in every replication."""
    low: float | None = None
    high: float | None = None
    """Bounds of the difference; None where it is open on that side."""
    before: float | None = None
    after: float | None = None
    reached: float | None = None
    """The share of pairs in which both are known; None where one has no such row."""
    differing: int | None = None
    """In how many pairs they differ; None: not counted."""
    differing_high: float | None = None
    """In which share of replications they may differ at most."""
    whole: bool = True
    """The row is a whole tier, flow, formation, task or plan, and not one of its parts."""

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out no difference."""
        return self.difference is not None and ((self.low or 0) > 0 or (self.high or 0) < 0)

    @property
    def is_cut(self) -> bool:
        """Whether something comes within the horizon in every replication of one side alone."""
        return self.column.moment and self.reached is not None and (self.before is None) != (self.after is None)

    @property
    def is_same(self) -> bool:
        """Whether all pairs agree."""
        if self.differing is not None:
            return self.differing == 0 and self.difference is not None
        return self.difference == 0 and not self.low and not self.high

    @property
    def is_open(self) -> bool:
        """Whether so few replications, or so few in which it shows, give no bound."""
        return self.difference is not None and self.low is None and self.high is None

    @property
    def gain(self) -> float | None:
        """The difference, above 0 where it is for the better; None where neither way is better."""
        if self.difference is None or not self.column.better:
            return None
        return self.difference if self.column.better == "more" else -self.difference

    @property
    def is_welcome(self) -> bool:
        """Whether it is not for the worse."""
        return self.gain is None or self.gain > 0

    @property
    def size(self) -> float:
        """How much of the whole changes, so that effects on hours and on shares are put in one order: of a share its
        points, of others the part of the larger of before and after."""
        if self.difference is None:
            return 1 - (self.reached or 0.0)
        most = max(abs(self.before or 0), abs(self.after or 0))
        return abs(self.difference) / (1.0 if self.column.share or not most else most)

    @property
    def told(self) -> str:
        """How large it is, which way, and how sure: "5.6 h earlier (4.9 to 6.2)"."""
        assert self.difference is not None
        unit = unit_of_differences(self.column, (self.difference, self.low, self.high))
        sign = -1 if self.difference < 0 else 1
        bounds = [None if bound is None else sign * bound * unit.factor for bound in (self.low, self.high)]
        low, high = bounds if sign > 0 else reversed(bounds)
        name = f" {unit.name}" if unit.name else ""
        return f"{number(abs(self.difference) * unit.factor)}{name} {self.way} ({between(low, high)})"

    @property
    def way(self) -> str:
        """Which way the number goes."""
        more, less = ("later", "earlier") if self.column.moment else ("more", "less")
        return more if self.difference is not None and self.difference > 0 else less


def differences(effects: Sequence[Effect], base: str, pairs: int, most: int = MOST_TOLD) -> list[str]:
    """Return what surely differs from the base, in sentences: whole tiers and flows first, the largest first, whatever
    the quantity; then how many differences are not told, and why. What is identical in all pairs is counted apart."""
    if not effects:
        return []
    sure = sorted((e for e in effects if e.is_sure or e.is_cut), key=lambda effect: (not effect.whole, -effect.size))
    told = [_cut(effect, base) if effect.is_cut else _difference(effect, base) for effect in sure[:most]]
    if len(sure) > most:
        told.append(f"{counted(len(sure) - most, 'more difference')} can be told from chance.")
    same = sum(effect.is_same for effect in effects)
    if not sure:
        told.append(f"Nothing {'differs' if same == len(effects) else 'is sure to differ'} from {base}.")
    return [*told, *_untold(effects, pairs)]


def _difference(effect: Effect, base: str) -> str:
    about = ", ".join(filter(None, (effect.change, effect.of)))
    sentence = f"{about}: {effect.words} is {effect.told.replace(' (', f' than in {base} (', 1)}"
    if effect.before is not None and effect.after is not None:
        sentence += f": {_value(effect.after, effect.column)} in place of {_value(effect.before, effect.column)}"
    gain = effect.gain
    return sentence + ("." if gain is None else f", which is {'better' if gain > 0 else 'worse'}.")


def _cut(effect: Effect, base: str) -> str:
    about = ", ".join(filter(None, (effect.change, effect.of)))
    comes, share = f"{about}: {effect.words} comes within the horizon", percent(effect.reached)
    if effect.after is None:
        return f"{comes} in {share} of replications, with {base} in all, which is worse."
    return f"{comes} in all replications, with {base} in {share}, which is better."


def _value(value: float, column: Column) -> str:
    unit = unit_of(column, (value,))
    text = number_in(unit, value)
    return f"{unit.name} {text}" if unit == DAY else f"{text} {unit.name}".rstrip()


def _untold(effects: Sequence[Effect], pairs: int) -> Iterator[str]:
    """Say how many differences are not told, and why."""
    others = [effect for effect in effects if not (effect.is_sure or effect.is_cut)]
    same = [effect for effect in others if effect.is_same]
    unknown = sum(effect.difference is None for effect in others)
    alone = sum(effect.reached is None and effect.differing is not None for effect in others)
    few = sum(effect.is_open and not effect.is_same for effect in others)
    if chance := len(others) - len(same) - unknown - few:
        yield f"{counted(chance, 'difference')} cannot be told from chance."
    if same:
        are = "is" if len(same) == 1 else "are"
        hidden = max((effect.differing_high or 0.0 for effect in same), default=0.0)
        rare = f", which hides none that shows in more than {percent(hidden)} of them" if hidden else ""
        yield f"{counted(len(same), 'difference')} {are} 0 in each of {counted(pairs, 'pair')} of replications{rare}."
    if few:
        yield f"{counted(few, 'difference')} {'shows' if few == 1 else 'show'} in too few replications to say how sure."
    if unknown > alone:
        yield f"{counted(unknown - alone, 'difference')} cannot be known, as not every replication got so far."
    if alone:
        yield f"{counted(alone, 'difference')} cannot be known, as one of both scenarios has no such row."


def buy_first(prices: Sequence[Effect], again: Effect | None = None, fresh: int = 0) -> list[str]:
    """Return what to buy first, in sentences: the capacities that surely gain, the largest gain first; what surely
    harms; or that nothing is sure. `again` is what the first of them does on `fresh` replications that did not choose
    it."""
    if not prices:
        return []
    words, column = prices[0].words, prices[0].column
    sure = sorted((p for p in prices if p.is_sure), key=lambda price: -abs(price.difference or 0))
    better = [price for price in sure if price.is_welcome]
    worse = [price for price in sure if not price.is_welcome]
    told = []
    if better:
        named = ", ".join(f"{price.change}, {price.told}" for price in better[:FIRST])
        more = f", and {len(better) - FIRST} more" if len(better) > FIRST else ""
        what = "What to buy first" if column.better else "What moves it most"
        told.append(f"{what}, by what it does to {words}: {named}{more}.")
        if len(better) > 1 and not _is_apart(better[0], better[1]):
            told.append("Which of them gains most is not sure: their intervals overlap.")
    else:
        told.append(f"One more of any single capacity is not sure to gain anything in {words}.")
    if again is not None and better:
        told.append(_again(again, fresh))
    if worse:
        told.append(f"Surely worse: {', '.join(f'{price.change}, {price.told}' for price in worse[:FIRST])}.")
    if same := sum(price.is_same for price in prices):
        told.append(f"{same} of {len(prices)} that were tried changed nothing, in any replication.")
    return told


def _again(again: Effect, fresh: int) -> str:
    where = f"On {fresh} fresh replications, which did not choose it, {again.change} gives"
    if again.difference is None:
        return f"On {fresh} fresh replications, which did not choose it, its gain is not known: not each got so far."
    return f"{where} {again.told}{'' if again.is_sure else ': that is not confirmed'}."


def _is_apart(first: Effect, second: Effect) -> bool:
    """Whether the first surely does more than the second: their intervals do not overlap."""
    if None in (first.low, first.high, second.low, second.high):
        return False
    least = min(abs(first.low or 0), abs(first.high or 0))
    return least > max(abs(second.low or 0), abs(second.high or 0))

"""What searches try, and how it is confirmed: what was chosen because it did well is judged on fresh replications.

The best of several that are tried on the same replications looks better there than it is. So a search selects on some
replications, and what it promises is read off others: the same seed, other numbers, no block in common.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from zlib import crc32

from nfm_sim.files import file_names
from nfm_sim.plan.draws import BLOCK
from nfm_sim.scenario import Scenario
from nfm_sim.study.compare import write_comparison
from nfm_sim.study.estimates import each_confidence
from nfm_sim.study.intervals import Interval, normal_quantile
from nfm_sim.study.replicate import How, begin, complete
from nfm_sim.study.study import Study

Candidate = TypeVar("Candidate")
Judge = Callable[[Candidate, float], Interval]
"""What returns the interval of a candidate on fresh replications, with a confidence."""


@dataclass(frozen=True)
class Confirmed(Generic[Candidate]):
    """What was judged last on fresh replications: the first that kept the promise, or the last that did not."""

    chosen: Candidate
    interval: Interval
    """Of the fresh replications; it holds although several were tried."""
    is_sure: bool
    """Its lower bound is as high as was asked for."""


def confirm(
    candidates: Sequence[Candidate], judge: Judge[Candidate], least: float, confidence: float = 0.95
) -> Confirmed[Candidate]:
    """Return the first of some candidates, the least first, whose lower bound on fresh replications is `least` or more;
    where there is none, the last of them, which is not sure. The bounds hold for all that are tried (Bonferroni).

    >>> bounds = {"ten": Interval(0.9, 0.8, 1.0), "twelve": Interval(0.97, 0.91, 1.0)}
    >>> confirm(["ten", "twelve"], lambda name, confidence: bounds[name], 0.9).chosen
    'twelve'
    """
    each = each_confidence(confidence, len(candidates))
    for candidate in candidates:
        interval = judge(candidate, each)
        if interval.low >= least:
            return Confirmed(candidate, interval, True)
    return Confirmed(candidate, interval, False)


def fresh_numbers(seen: int, number: int) -> range:
    """The numbers of so many replications at least that share no block with those before `seen`, in whole blocks.

    >>> fresh_numbers(40, 30)
    range(48, 80)
    """
    first = math.ceil(seen / BLOCK) * BLOCK
    return range(first, first + math.ceil(number / BLOCK) * BLOCK)


def needed(share: float, confidence: float = 0.95, comparisons: int = 1) -> int:
    """How many replications can show that an event has a chance of `share` or more: twice as many as when it comes in
    each (Wilson's bound is then as high), so that a few may miss.

    >>> needed(0.8), needed(0.95)
    (31, 146)
    """
    z = normal_quantile(each_confidence(confidence, comparisons))
    return math.ceil(2 * z**2 * share / (1 - share))


def margin(share: float, number: int, confidence: float = 0.95, comparisons: int = 1) -> float:
    """How far from a share so many replications must have an event to show that its chance is higher, or lower (by
    Wilson's bounds).

    >>> round(margin(0.9, 256), 3)
    0.037
    """
    z = normal_quantile(each_confidence(confidence, comparisons))
    return z * math.sqrt(share * (1 - share) / number)


# What a search tries: scenarios by what they are called, each replicated when it is asked for, and no further


Key = TypeVar("Key", bound=Hashable)
Forks = tuple[Mapping[str, Any], ...]
"""What changes under way, as studies record it: at_h, and changes."""


@dataclass(frozen=True)
class Tried(Generic[Key]):
    """Studies on the same draws. With a folder in the `out` of `how`, each has one of its own there, so that a search
    that was stopped goes on: it makes the same choices again, of replications that it finds."""

    make: Callable[[Key], Scenario]
    how: How
    called: Callable[[Key], str] = str
    forks: Callable[[Key], Forks] = lambda _: ()
    _studies: dict[Key, Study] = field(default_factory=dict, init=False)

    def __call__(self, keys: Iterable[Key], numbers: range) -> dict[Key, Study]:
        """The replications with these numbers of each."""
        wanted, out = list(dict.fromkeys(keys)), self.how.get("out")
        for key in wanted:
            if key not in self._studies:
                folder = None if out is None else Path(out) / _folder_name(self.called(key))
                self._studies[key] = begin(self.make(key), How(**{**self.how, "out": folder}), self.forks(key))
        complete([self._studies[key] for key in wanted], numbers.stop, self.how, begin=numbers.start)
        return {key: self._studies[key].part(numbers.start, numbers.stop) for key in wanted}

    def compared(self, keys: Iterable[Key]) -> None:
        """With a folder, make a comparison of it: of these, the base first, as `nfm-sim report` takes it."""
        if (out := self.how.get("out")) is not None:
            names = [self.called(key) for key in dict.fromkeys(keys)]
            write_comparison(Path(out), {name: _folder_name(name) for name in names}, {})


LONG = 60
"""Characters of the name of a folder; of a longer one the end says, as a digest, what the rest was."""


def _folder_name(called: str) -> str:
    if len(called) > LONG:
        called = f"{called[:LONG]}-{crc32(called.encode()):08x}"
    return file_names([called])[called]

"""Select, then confirm: what was chosen because it did well is judged on replications that did not choose it.

The best of several that are tried on the same replications looks better there than it is. So a search selects on some
replications, and what it promises is read off others: the same seed, other numbers, no block in common.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.estimates import each_confidence
from nfm_sim.study.intervals import Interval, normal_quantile

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

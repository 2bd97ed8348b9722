"""The best of several, by replications that are given where they tell."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from nfm_sim.kinds.families import Floats

Candidate = TypeVar("Candidate", bound=Hashable)
Sampler = Callable[[Sequence[Candidate], int], Floats]
"""What returns the values of the first so many replications of candidates, on common draws: a row for each, of which
more is better."""
FIRST = 8
"""Replications of each, before any is left."""
GROWTH = 1.25
"""How many times more replications those have that are left, from one look to the next."""


@dataclass(frozen=True)
class Selected(Generic[Candidate]):
    """The best of several, and those that cannot be told from it."""

    best: Candidate
    rivals: tuple[Candidate, ...]
    """Those that were still left when the replications ended."""
    replications: dict[Candidate, int]
    """How many each had."""
    means: dict[Candidate, float]


def select(
    candidates: Sequence[Candidate],
    sample: Sampler[Candidate],
    *,
    indifference: float,
    most: int,
    confidence: float = 0.95,
    first: int = FIRST,
) -> Selected[Candidate]:
    """Return the candidate with the largest mean, with this confidence where it is larger than the next by more than
    `indifference`: else one that is as good but for so little.

    Kim and Nelson's procedure (2001, ACM Trans. Model. Comput. Simul. 11:251), with variances that are updated (2006,
    Oper. Res. 54:475): all have `first` replications; then whoever is surely worse than another is left, and the others
    have more, up to `most`. Common draws make the differences small, of which alone it speaks.

    >>> import numpy as np
    >>> draws = np.random.default_rng(1).normal([[3.0], [1.0], [0.0]], 1.0, (3, 99))
    >>> nfm.decide.select([0, 1, 2], lambda left, number: draws[left, :number], indifference=1, most=99).best
    0
    """
    left, number = list(dict.fromkeys(candidates)), first
    often = dict.fromkeys(left, 0)
    means: dict[Candidate, float] = {}
    error = (1 - confidence) / max(1, len(left) - 1)
    while True:
        values = sample(left, number)
        means |= dict(zip(left, values.mean(axis=1).tolist(), strict=True))
        often |= dict.fromkeys(left, number)
        spare = _spare(values, indifference, error)
        ahead = values.mean(axis=1)[:, None] - values.mean(axis=1)[None, :]
        stays = (ahead >= -spare - 1e-12).all(axis=1)
        left = [candidate for candidate, stay in zip(left, stays, strict=True) if stay]
        if len(left) == 1 or number >= most or not spare[np.ix_(stays, stays)].any():
            break
        number = min(most, max(number + 1, round(number * GROWTH)))
    best = max(left, key=lambda candidate: means[candidate])  # the first of equal ones
    return Selected(best, tuple(other for other in left if other != best), often, means)


def _spare(values: Floats, indifference: float, error: float) -> Floats:
    """How far the mean of one may lie behind that of another and still be as good: for each pair."""
    number = values.shape[1]
    eta = ((2 * error) ** (-2 / (number - 1)) - 1) / 2
    spread = values.var(axis=1, ddof=1)
    centred = values - values.mean(axis=1, keepdims=True)
    of_pair = spread[:, None] + spread[None, :] - 2 * (centred @ centred.T) / (number - 1)
    reach = eta * (number - 1) * np.maximum(of_pair, 0) / (indifference * number) - indifference / 2
    return np.asarray(np.maximum(0, reach), dtype=np.float64)

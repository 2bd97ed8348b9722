"""What is not seen is not certain: bounds of a mean of values that are nearly always the same.

A berth that helps in 3 % of replications helps in none of 16 more often than not. The spread of such values says
nothing; what counts is how many differ from the usual one, and by how much.
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from nfm_sim.kinds.families import Floats

FEW_EVENTS = 10
"""With fewer replications on one side of a share or quantile, or apart from the usual value, the spread of block means
is not trusted."""
FEWEST_SEEN = 2
"""Of what was seen less often nobody knows how large it may be."""
MOST_RARE = 0.25
"""The largest share of values that differ from the usual one, of which these bounds are taken. Assumed: beyond it the
spread tells as much."""


def usual_value(values: Floats) -> tuple[float, int]:
    """The most frequent value, and how many differ from it by more than the rounding of a sum."""
    known, counts = np.unique(np.round(values, 9), return_counts=True)
    most = int(np.argmax(counts))
    return float(known[most]), len(values) - int(counts[most])


def is_rare(differing: int, number: int) -> bool:
    """Whether so few of so many values differ from the usual one that their spread does not tell how sure a mean is."""
    return differing < FEW_EVENTS and differing <= MOST_RARE * number


def unseen_share(number: int, confidence: float = 0.95) -> float:
    """The largest share of replications in which something may happen that has happened in none of so many: the upper
    bound of Wilson (1927)."""
    z2 = float(scipy.special.ndtri((1 + confidence) / 2)) ** 2
    return z2 / (number + z2)


def rare_mean(values: Floats, usual: float, confidence: float) -> tuple[float, float]:
    """The bounds of a mean of which few values differ from the usual one, to either side.

    The sum on each side is one of weighted rare events, with the bounds of Fay and Feuer (1997, Stat. Med. 16:791); an
    event that has not shown may weigh as much as the heaviest that has, to either side. The difference of both has
    the bounds of Zou and Donner (2008, Stat. Med. 27:1693).
    """
    moved = values - usual
    heaviest = float(np.abs(moved).max())
    up, up_low, up_high = _sum_of_events(moved.clip(0), heaviest, confidence)
    down, down_low, down_high = _sum_of_events((-moved).clip(0), heaviest, confidence)
    below = math.hypot(up - up_low, down_high - down)
    above = math.hypot(up_high - up, down - down_low)
    mean, number = usual + (up - down) / len(values), len(values)
    return mean - below / number, mean + above / number


def _sum_of_events(weights: Floats, heaviest: float, confidence: float) -> tuple[float, float, float]:
    """The sum of the weights of events, with its bounds."""
    tail = (1 - confidence) / 2
    total, squares = float(weights.sum()), float((weights**2).sum())
    low = squares / total * float(scipy.special.gammaincinv(total**2 / squares, tail)) if total else 0.0
    more, spread = total + heaviest, squares + heaviest**2
    return total, low, spread / more * float(scipy.special.gammaincinv(more**2 / spread, 1 - tail))

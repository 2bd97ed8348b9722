"""Control variates: what replications happened to draw of owners whose mean is known.

Strata leave to chance where in its sixteenth a draw lies, which in a long tail is much, and which draws of a ship meet
each other. What this moved is seen in the draws themselves, and is taken off again (Lavenberg and Welch 1981, Manage.
Sci. 27:322; with strata, Owen 1992).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from nfm_sim.compile.kit import Times
from nfm_sim.kinds import Distribution
from nfm_sim.kinds.families import Floats
from nfm_sim.plan.draws import BLOCK, Owners, Stream, owner_address
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.flows import Call

LONG_TAIL = 0.05
"""The least part of a variance that strata leave, for an owner to be a control: 0.004 of a uniform number, 0.06 of an
exponential one."""
RIDGE = 30.0
"""How many replications it takes to say as much of one ship's slope as its flow's does before."""
LEAST_RIDGE = 1e-6
"""Of a group: so that a group of one ship has a slope."""
LEAST_SPREAD = 1e-9
"""A predictor that has none has no slope."""
LEAST_EXPLAINED = 0.2
"""The least part of the variance of block means that controls must take off, out of fold, to be used. Assumed: with
less they may as well do harm."""
BEND = 0.75
"""The quantile up to which a draw counts once more: what a ship is late costs another hour less, or more, when it is
much. Assumed; of the quantiles that were tried, 0.5 explains less."""
STEPS = 4096
"""In each sixteenth of a distribution, over which its mean is taken."""


@dataclass(frozen=True, eq=False)
class Predictors:
    """What the owners of draws were above their mean in replications, one a row and an owner a column, of which each
    block has exactly nothing (`between`) and what strata leave (`within`); `penalty`, by column, in replications."""

    within: Floats
    between: Floats
    penalty: Floats

    def controlled(self, values: Floats) -> Floats:
        """The means of blocks of these values, less what the predictors moved in them.

        The slopes for each block are those of all others, so that nothing of it is in them: the mean has no bias."""
        terms = np.hstack([np.ones((len(values), 1)), self.within, self.between])
        blocks, answers = terms.reshape(-1, BLOCK, terms.shape[1]), values.reshape(-1, BLOCK)
        squares, products = blocks.transpose(0, 2, 1) @ blocks, np.einsum("bij,bi->bj", blocks, answers)
        spread = np.maximum(terms.var(axis=0), LEAST_SPREAD)
        ridge = np.diag(np.concatenate([[0.0], self.penalty, self.penalty]) * spread)
        others = squares.sum(axis=0) - squares + ridge
        slopes = np.linalg.solve(others, (products.sum(axis=0) - products)[..., None])[:, 1 : 1 + len(self.penalty), 0]
        moved = self.within.reshape(len(blocks), BLOCK, -1).mean(axis=1)
        return np.asarray(answers.mean(axis=1) - (moved * slopes).sum(axis=1))


class Controls:
    """The owners of a scenario with a long tail: its ships, the decision, and uncertain inputs. The scenario is read
    when enough blocks ask."""

    def __init__(self, scenario: Callable[[], Scenario], seed: int) -> None:
        self._scenario, self._seed = scenario, seed
        self._drawn: dict[int, tuple[Floats, Floats]] = {}

    @cached_property
    def _known(self) -> list[tuple[str, int, Distribution, int]]:
        """Group, address, distribution and pieces of each owner."""
        scenario = self._scenario()
        ships = [
            (flow, owner_address("lateness", f"{flow}/{name}"), ship.lateness_h, sum(map(_pieces, ship.calls)) or 1)
            for flow, of in scenario.flows.items()
            for name, ship in of.ships.items()
        ]
        inputs = {("input", path): given for path, given in scenario.uncertain.items()}
        alone = {("decision", ""): Times(scenario).decision_h, **inputs}
        singles = [("/".join(owner), owner_address(*owner), given, 1) for owner, given in alone.items()]
        return [owner for owner in [*ships, *singles] if left_to_chance(owner[2]) >= LONG_TAIL]

    @cached_property
    def _owners(self) -> Owners:
        return Owners(np.array([address for _, address, _, _ in self._known], dtype=np.uint64))

    def of(self, numbers: Sequence[int]) -> Predictors | None:
        """What replications with these numbers drew, of each group together and of each owner; None where no owner has
        a long tail."""
        if not self._known:
            return None
        for number in numbers:
            if number not in self._drawn:
                self._drawn[number] = self._owners.uniforms(Stream(self._seed, number))
        u, whether = (np.array([self._drawn[number][which] for number in numbers]) for which in (0, 1))
        return predictors([(group, given, pieces) for group, _, given, pieces in self._known], u, whether)


def predictors(owners: Sequence[tuple[str, Distribution, int]], u: Floats, whether: Floats) -> Predictors:
    """What owners, each with its group, distribution and pieces, drew by these uniform numbers, a replication a row."""
    groups = dict.fromkeys(group for group, _, _ in owners)
    drawn = list(zip(owners, u.T, whether.T, strict=True))
    weights = np.array([[pieces * (group == of) for group, _, pieces in owners] for of in groups])
    each = np.hstack([weights.T / weights.sum(axis=1), np.eye(len(owners))])
    penalty = np.repeat([LEAST_RIDGE, RIDGE], [len(weights), len(owners)])
    parts = [[_parts(given, level, *numbers) for (_, given, _), *numbers in drawn] for level in (1.0, BEND)]
    within, between = (np.hstack([*some]) for some in np.array(parts).transpose(2, 0, 3, 1) @ each)
    return Predictors(within, between, np.tile(penalty, 2))


def _pieces(call: Call) -> int:
    return sum(call.pieces.values())


@lru_cache(maxsize=128)
def _strata(distribution: Distribution, level: float = 1.0) -> tuple[Floats, Floats, float]:
    """Of each sixteenth of what is drawn, up to this quantile, its mean, leaving aside the share of zeros, and the
    share of draws that are none; and the mean of squares."""
    hours = _up_to(level, distribution, (np.arange(BLOCK * STEPS) + 0.5) / (BLOCK * STEPS))
    positive = np.clip(np.arange(1, BLOCK + 1) - distribution.zero_share * BLOCK, 0, 1)
    return hours.reshape(BLOCK, STEPS).mean(axis=1), positive, float((hours**2).mean())


def _up_to(level: float, distribution: Distribution, u: Floats) -> Floats:
    """What is drawn by uniform numbers, but no more than at this one."""
    return distribution.quantiles(np.minimum(u, level))


def left_to_chance(distribution: Distribution) -> float:
    """The part of the variance of a distribution that strata leave."""
    means, positive, squares = _strata(distribution)
    share, mean = 1 - distribution.zero_share, means.mean()
    variance = share * squares - (share * mean) ** 2
    balanced = share**2 * means.var() + mean**2 * positive.var()
    return float(1 - balanced / variance) if variance > 0 else 0.0


def _parts(distribution: Distribution, level: float, u: Floats, whether: Floats) -> tuple[Floats, Floats]:
    """What draws, up to this quantile, are above their mean: what strata leave of it, and what they balance."""
    means, positive, _ = _strata(distribution, level)
    share, mean = 1 - distribution.zero_share, means.mean()
    drawn = np.where(whether < distribution.zero_share, 0.0, _up_to(level, distribution, u)) - share * mean
    of_value, of_whether = means[(u * BLOCK).astype(int)], positive[(whether * BLOCK).astype(int)]
    balanced = share * (of_value - mean) + mean * (of_whether - share)
    return drawn - balanced, balanced

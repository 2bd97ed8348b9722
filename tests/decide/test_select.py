"""Selection: the best is found, as surely as is said, with few replications."""

from collections.abc import Sequence

import numpy as np

from nfm_sim.decide import select

MEANS = np.arange(20.0, 0, -1)
"""Twenty candidates, of which 0 is the best; the next is as much behind as one may be."""
SPREAD, TOGETHER = 6.0, 20.0


class Draws:
    """Values of candidates on common draws, most of whose spread is that of all."""

    def __init__(self, seed: int, means: np.ndarray = MEANS, number: int = 1200) -> None:
        rng = np.random.default_rng(seed)
        own = rng.gamma(2, SPREAD / 2**0.5, (len(means), number)) - SPREAD * 2**0.5
        self.values = means[:, None] + own + rng.normal(0, TOGETHER, number)

    def __call__(self, candidates: Sequence[int], number: int) -> np.ndarray:
        return self.values[list(candidates), :number]


def test_the_best_is_found_in_95_of_100_runs_with_a_third_of_the_replications_of_equal_allocation() -> None:
    """Equal allocation gives each candidate as many as the best takes to be told from the next."""
    runs = 200
    right, took, equal = 0, [], []
    for seed in range(runs):
        found = select(range(20), Draws(seed), indifference=1.0, most=1200)
        right += found.best == 0
        took.append(sum(found.replications.values()))
        equal.append(20 * max(found.replications.values()))
    assert right >= 0.95 * runs
    assert max(equal) < 20 * 1200, "none was stopped"
    assert np.mean(took) <= np.mean(equal) / 3
    assert np.mean(took) <= runs_of_equal_allocation() / 2, "nor half of what is just enough when all is known before"


def runs_of_equal_allocation() -> int:
    """The replications with which the largest mean of all is the best in 95 of 100 runs."""
    draws = [Draws(seed, number=400) for seed in range(200)]
    means = np.array([draw.values.cumsum(axis=1) for draw in draws])
    right = (means.argmax(axis=1) == 0).mean(axis=0)
    return 20 * int(1 + np.flatnonzero(right < 0.95)[-1])


def test_equal_candidates_are_rivals_and_the_first_is_taken() -> None:
    draws = Draws(1, np.array([5.0, 5.0, 0.0]))
    draws.values[1] = draws.values[0]
    found = select(range(3), draws, indifference=1.0, most=1000)
    assert (found.best, found.rivals) == (0, (1,))
    assert found.replications[2] <= found.replications[0] < 1000, "no more is spent on what is the same"


def test_of_two_that_differ_surely_enough_the_worse_is_left_at_the_first_look() -> None:
    """Of two replications eta is 49.5 at 5 %: with a variance of 0.02 the worse may lie 49.5 * 0.02 / 2 - 0.5 behind,
    which is less than nothing."""
    values = np.array([[0.9, 1.1, 1, 1], [0.0, 0, 0, 0]])
    found = select([0, 1], lambda left, number: values[left, :number], indifference=1.0, most=4, first=2)
    assert (found.best, found.rivals, found.replications) == (0, (), {0: 2, 1: 2})


def test_what_so_few_replications_cannot_tell_stays_a_rival() -> None:
    found = select(range(20), Draws(3), indifference=0.01, most=16)
    assert found.rivals
    assert max(found.replications.values()) == 16


def test_each_look_has_more_replications_than_the_one_before() -> None:
    values, looks = np.array([[0.0, 9, 0, 9, 0, 9], [9.0, 0, 9, 0, 9, 0]]), list[int]()

    def sample(candidates: Sequence[int], number: int) -> np.ndarray:
        looks.append(number)
        assert len(looks) < 9
        return values[list(candidates), :number]

    select(range(2), sample, indifference=0.1, most=6, first=2)
    assert looks == [2, 3, 4, 5, 6]

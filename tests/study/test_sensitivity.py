"""Screening of inputs, on answers whose effects are known."""

import numpy as np
import pytest

from nfm_sim.scenario import read_distribution
from nfm_sim.study.sensitivity import Input, elementary_effects, spread

WHOLE, REAL = Input("a", 0, 10, whole=True), Input("b", 0.0, 20.0)


def test_of_what_is_counted_there_is_one_at_least() -> None:
    counted = Input("c", whole=True, distribution=read_distribution({"uniform": [0.0, 3.0]}))
    assert [counted.at(share) for share in (0.05, 0.4, 0.6, 0.95)] == [1, 1, 2, 3]


SHARES = np.array([[0, 1 / 3], [2 / 3, 1 / 3], [2 / 3, 1], [1, 2 / 3], [1 / 3, 2 / 3], [1 / 3, 0]])
"""Two trajectories on a grid of four levels: the first moves a and then b, the second too."""


def test_whole_numbers_between_the_levels_of_a_grid_do_not_bend_an_effect() -> None:
    """Of a + 2 b, the way through the range of a makes 10 and that of b 40, though a goes from 0 to 7 and 10 to 3."""
    points = spread([WHOLE, REAL], SHARES)
    assert [point["a"] for point in points] == [0, 7, 7, 10, 3, 3]
    places = np.array([[i.place_of(share) for i, share in zip((WHOLE, REAL), row, strict=True)] for row in SHARES])
    answer = np.array([point["a"] + 2 * point["b"] for point in points])
    assert elementary_effects(answer, places) == pytest.approx(np.array([[10, 10], [40, 40]]))


def test_an_effect_is_told_of_the_input_that_moved() -> None:
    """In the second trajectory b moves first."""
    places = np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 0], [0, 1], [0.5, 1]])
    answer = np.array([0.0, 1, 5, 0, 4, 5])
    assert elementary_effects(answer, places).tolist() == [[2, 2], [4, 4]]

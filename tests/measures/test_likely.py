"""Between which values the next replication lies."""

import numpy as np
import polars as pl
import pytest

from nfm_sim.measures import likely, needed_for
from nfm_sim.measures.summary import likely_ends


def test_the_next_of_many_lies_within_as_often_as_is_said() -> None:
    """Of uniform numbers, the length of the range is the chance that the next lies in it."""
    rng = np.random.default_rng(20270104)
    for number in (40, 59, 200):
        for chance in (0.8, 0.9):
            ends = [likely(pl.Series(rng.random(number)), chance) for _ in range(1_500)]
            assert np.mean([high - low for low, high in ends]) == pytest.approx(chance, abs=0.005)  # type: ignore[operator]


def test_the_quantiles_of_a_sample_lie_too_near_to_each_other() -> None:
    values = pl.Series(np.random.default_rng(1).random(40))
    low, high = likely(values, 0.9)
    assert low is not None
    assert low < values.quantile(0.05, "linear")  # type: ignore[operator]
    assert high > values.quantile(0.95, "linear")  # type: ignore[operator]


def test_ends_are_values_by_rank() -> None:
    assert likely(pl.Series(range(1, 60)), 0.9) == (3, 57), "3 of 60 below, and 3 above"
    assert likely(pl.Series(range(1, 50)), 0.9) == (2.5, 47.5), "half-way between two"


def test_too_few_tell_nothing_and_it_is_said_how_many_would() -> None:
    assert likely(pl.Series(range(39)), 0.9) == (None, None)
    assert needed_for(0.9) == 40
    assert likely(pl.Series(range(198)), 0.99) == (None, None)
    assert needed_for(0.99) == 199
    assert needed_for(0.9875) == 159, "a hundred and sixtieth above, and below"
    assert likely(pl.Series(range(1, 200)), 0.99) == (1, 199)


def test_what_is_never_reached_is_later_than_all() -> None:
    values = pl.Series([None] * 3 + [float(hour) for hour in range(56)])
    assert likely(values, 0.9) == (2, None)
    assert likely(values, 0.8) == (5, 53), "in fewer than one of ten it is not"


def test_figures_have_the_same_ends() -> None:
    table = pl.DataFrame({"hour": [0] * 59 + [1] * 59, "pieces": [*range(1, 60), *range(101, 160)]})
    rows = table.group_by("hour").agg(likely_ends("pieces", 59)).sort("hour").rows()
    assert rows == [(0, *likely(pl.Series(range(1, 60)))), (1, *likely(pl.Series(range(101, 160))))]
    few = table.filter(pl.col("pieces") <= 5).group_by("hour").agg(likely_ends("pieces", 5))
    assert few.rows() == [(0, 1, 5)], "the least and the most"

"""Intervals against known truths."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from nfm_sim.study.estimates import (
    band,
    each_confidence,
    estimate,
    holm,
    mean_interval,
    quantile_interval,
    share_interval,
)

REPEATS = 2_000


def coverage(draw, interval, truth: float) -> float:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(20261124)
    held = 0
    for _ in range(REPEATS):
        found = interval(draw(rng))
        held += found.low <= truth <= found.high
    return held / REPEATS


GAMMA = stats.gamma(4, scale=10)


@pytest.mark.parametrize(
    ("name", "draw", "interval", "truth"),
    [
        ("mean of normals", lambda rng: rng.normal(100, 15, 20), mean_interval, 100.0),
        ("mean of gammas", lambda rng: rng.gamma(4, 10, 100), mean_interval, 40.0),
        ("share", lambda rng: (rng.random(100) < 0.3).astype(float), share_interval, 0.3),
        ("small share", lambda rng: (rng.random(150) < 0.1).astype(float), share_interval, 0.1),
        ("share of shares", lambda rng: rng.binomial(12, 0.8, 60) / 12, share_interval, 0.8),
        ("median", lambda rng: rng.gamma(4, 10, 51), lambda x: quantile_interval(x, 0.5), GAMMA.median()),
        ("p90", lambda rng: rng.gamma(4, 10, 120), lambda x: quantile_interval(x, 0.9), GAMMA.ppf(0.9)),
        (
            "median of which a third is censored",
            lambda rng: np.where((x := rng.gamma(4, 10, 80)) > GAMMA.ppf(2 / 3), np.inf, x),
            lambda x: quantile_interval(x, 0.5),
            GAMMA.median(),
        ),
    ],
)
def test_a_95_percent_interval_holds_the_truth_in_95_percent(name, draw, interval, truth) -> None:  # type: ignore[no-untyped-def]
    assert 0.93 <= coverage(draw, interval, truth) <= 0.97, name


def test_the_coverage_test_can_fail() -> None:
    narrow = coverage(lambda rng: rng.normal(0, 1, 20), lambda x: mean_interval(x, 0.9), 0.0)
    assert narrow < 0.93


def test_a_simultaneous_band_holds_the_whole_curve() -> None:
    rng = np.random.default_rng(7)
    hours = np.arange(12.0)
    whole = point = 0
    for _ in range(300):
        curves = np.cumsum(rng.normal(0, 1, (40, 12)), axis=1)
        table = pl.DataFrame(
            {
                "replication": np.repeat(np.arange(40), 12),
                "hour": np.tile(hours, 40),
                "share": curves.ravel(),
            }
        )
        found = band(table, "share")
        whole += (found["all_low"] <= 0).all() and (found["all_high"] >= 0).all()
        point += (found["low"] <= 0).all() and (found["high"] >= 0).all()
    assert 0.92 <= whole / 300 <= 0.98
    assert point / 300 < 0.9


def test_the_exact_numbers_of_small_cases() -> None:
    mean = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert mean.estimate == 2
    assert mean.half_width == pytest.approx(4.302652729911275 / np.sqrt(3))
    wilson = share_interval(np.array([1.0] * 8 + [0.0] * 2))  # Wilson (1927): 8 of 10
    assert (wilson.low, wilson.high) == pytest.approx((0.4901624715, 0.9433178485))
    certain = share_interval(np.ones(20))
    assert (certain.estimate, certain.high) == (1.0, 1.0)
    assert certain.low == pytest.approx(0.8388750644)
    six = quantile_interval(np.arange(1.0, 7.0), 0.5)  # P(X(1) < median < X(6)) is 0.96875
    assert six.estimate == 3.5
    assert 1 < six.low < 2
    assert quantile_interval(np.arange(5.0), 0.5).low == -np.inf, "five values bound no median at 95 %"


def closures(hours: list[float | None]) -> pl.DataFrame:
    numbers = range(len(hours))
    return pl.DataFrame({"replication": numbers, "flow": ["a"] * len(hours), "last_h": hours})


def test_what_was_not_reached_is_censored_and_not_averaged_away() -> None:
    table = closures([*map(float, range(1, 40)), None])
    (mean,) = estimate(table, "last_h", by="flow").rows(named=True)
    assert mean["estimate"] is mean["low"] is mean["half_width"] is None
    assert mean["reached_share"] == 39 / 40
    (median,) = estimate(table, "last_h", by="flow", statistic="median").rows(named=True)
    assert median["estimate"] == 20.5
    assert median["low"] < 20.5 < median["high"]
    (p99,) = estimate(table, "last_h", by="flow", statistic="p99").rows(named=True)
    assert p99["estimate"] is None
    assert p99["high"] is None


def test_a_mean_is_taken_within_each_replication_first() -> None:
    table = pl.DataFrame(
        {
            "replication": [0, 0, 1, 1],
            "tier": [1] * 4,
            "on_time": [True, None, True, False],
            "h": [1.0, 2, 3, None],
        }
    )
    (row,) = estimate(table, "on_time", by="tier").rows(named=True)
    assert row["estimate"] is None, "one is not known"
    assert row["low"] == pytest.approx(mean_interval(np.array([0.5, 0.5])).low)
    assert row["high"] == 1, "as the mean of 1 and 0.5 may be"
    assert row["replications"] == 2
    (row,) = estimate(table, "h", by="tier").rows(named=True)
    assert row["estimate"] is None
    assert row["reached_share"] == 0.5
    with pytest.raises(ValueError, match="several rows a replication for each tier"):
        estimate(table, "h", by="tier", statistic="median")
    with pytest.raises(ValueError, match='"hh" is no column of this answer; it has replication, tier'):
        estimate(table, "hh")
    with pytest.raises(ValueError, match='"p100" is no statistic; use mean, median'):
        estimate(table, "h", statistic="p100")


def test_an_empty_answer_has_no_estimates() -> None:
    empty = closures([]).cast({"flow": pl.String, "last_h": pl.Float64})
    assert estimate(empty, "last_h", by="flow").is_empty()
    assert estimate(empty, "last_h").is_empty()
    assert band(empty.with_columns(hour=0.0), "last_h").is_empty()


def test_several_comparisons_are_corrected() -> None:
    assert each_confidence(0.95, 5) == pytest.approx(0.99)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, float("nan")])[0] == 0.5


def test_what_is_a_share_is_declared_and_not_read_from_a_name() -> None:
    mine = pl.DataFrame({"replication": [0, 1, 2], "fill": [0.9, 0.98, 1.0], "tax_share": [90.0, 98.0, 100.0]})
    assert estimate(mine, "tax_share")["high"].item() > 100, "a name says nothing"
    assert estimate(mine, "fill")["high"].item() > 1
    assert estimate(mine, "fill", share=True)["high"].item() == 1


def test_the_columns_of_measures_are_what_they_declare() -> None:
    rows = {"replication": [0, 1, 2], "flow": ["f"] * 3, "on_time_share": [0.9, 0.98, 1.0]}
    nothing = dict.fromkeys(("pieces", "closed_pieces", "first_h", "median_h", "last_h"), 0.0)
    closure = pl.DataFrame(rows).with_columns(**{name: pl.lit(zero) for name, zero in nothing.items()})
    assert estimate(closure, "on_time_share", by="flow")["high"].item() == 1
    used = {"link": "road1", "forward": True, "movements": 1, "pieces": 1, "slot_h": 1.0}
    load = pl.DataFrame({"replication": [0, 1, 2], "used_share": [1.0, 1.1, 1.2]}).with_columns(
        **{name: pl.lit(value) for name, value in used.items()}
    )
    assert estimate(load, "used_share")["high"].item() > 1.2, "slots of a single track are counted in both directions"

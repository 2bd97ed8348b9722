"""Estimates of answers, and bands of curves."""

import numpy as np
import polars as pl
import pytest

from nfm_sim.study.bands import band
from nfm_sim.study.estimates import each_confidence, estimate, holm
from nfm_sim.study.intervals import Sample, share_interval
from tests.study.coverage import bands_hold


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


@pytest.mark.parametrize(("draw", "number"), [("independent", 20), ("independent", 40), ("stratified", 40)])
def test_the_band_of_a_curve_of_shares_holds_it(draw: str, number: int) -> None:
    whole, point = bands_hold(number, draw, 200)
    assert whole >= (0.92 if number > 20 else 0.88)
    assert point >= 0.9


def test_a_band_of_shares_has_width_where_all_agree_and_stays_within_0_and_1() -> None:
    """12 of 12 elements ready in all of 20 replications but for one, in which one is not, at hour 0 alone."""
    shares = np.ones((20, 2))
    shares[0, 0] = 11 / 12
    table = pl.DataFrame(
        {"replication": np.repeat(np.arange(20), 2), "hour": np.tile([0.0, 6.0], 20), "share": shares.ravel()}
    )
    _, agreed = band(table, "share", share=True).rows(named=True)
    assert agreed["estimate"] == agreed["high"] == agreed["all_high"] == 1
    hidden = 1.96**2 / (20 + 1.96**2)  # what Wilson's interval leaves of an event that has not shown
    assert 1 - agreed["low"] == pytest.approx(2.093 * np.sqrt(hidden * (1 - hidden)) / 12 / np.sqrt(20), rel=1e-3)
    assert agreed["all_low"] < agreed["low"]


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
    assert row["low"] == pytest.approx(share_interval(Sample(np.array([0.5, 0.5]))).low)
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
    nothing = dict.fromkeys(("pieces", "closed_pieces", "first_h", "median_h", "mean_h", "last_h"), 0.0)
    closure = pl.DataFrame(rows).with_columns(**{name: pl.lit(zero) for name, zero in nothing.items()})
    assert estimate(closure, "on_time_share", by="flow")["high"].item() == 1
    used = {"link": "road1", "forward": True, "movements": 1, "pieces": 1, "slot_h": 1.0}
    load = pl.DataFrame({"replication": [0, 1, 2], "used_share": [1.0, 1.1, 1.2]}).with_columns(
        **{name: pl.lit(value) for name, value in used.items()}
    )
    assert estimate(load, "used_share")["high"].item() > 1.2, "slots of a single track are counted in both directions"

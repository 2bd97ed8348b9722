"""By which mode pieces go, where the scenario lets the modes be chosen."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.measures import closed_lots
from tests.conftest import coast_data, one_ship


def test_modes_are_chosen_so_that_the_last_piece_is_expected_to_close_first(play: Any) -> None:
    flow = one_ship("truck", 90)
    flow["shares"] = {"wheeled": {"truck": 0.5, "train": 0.5}}
    places = {"harbour": {"ramps": {"rate_per_h": 1000}}}
    as_told = play(coast_data(flows={"flow": flow}, places=places))
    chosen = play(coast_data(flows={"flow": flow}, places=places, mode_choice="least_closure"))
    pieces = dict(closed_lots(chosen).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
    assert pieces == {"train": 65, "truck": 25}, "a track loads five an hour, a ramp two; both drive three hours"
    assert closed_lots(chosen)["closed_h"].max() < closed_lots(as_told)["closed_h"].max()


def test_a_small_fleet_is_not_given_more_than_it_can_carry(play: Any) -> None:
    flow = one_ship("truck", 40)
    flow["shares"] = {"wheeled": {"truck": 0.1, "train": 0.9}}
    data = coast_data(flows={"flow": flow}, pools={"flat_wagons": {"capacity": 2}}, mode_choice="least_closure")
    data["destinations"]["east"]["beyond_h"] = {"train": {"uniform": [60, 120]}}
    pieces = dict(closed_lots(play(data)).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
    assert pieces == {"truck": 40}, "two wagons away for eight days are worth less than a ramp"


@pytest.mark.parametrize(("beyond_h", "trains"), [(0, 30), (3, 60)])
@pytest.mark.parametrize("more", [0, 1])
def test_a_truck_is_busy_until_it_is_back(play: Any, beyond_h: float, trains: int, more: int) -> None:
    """One truck, three hours to the border. A track loads a piece in 0.2 h, so that the train of the piece that is one
    too many closes later than the truck: which is back after six hours, or after six more beyond the border."""
    flow = one_ship("truck", trains + 1 + more)
    flow["shares"] = {"wheeled": {"train": 0.5, "truck": 0.5}}
    data = coast_data(flows={"flow": flow}, pools={"trucks": {"capacity": 1}}, mode_choice="least_closure")
    data["destinations"]["east"]["beyond_h"] = {"truck": beyond_h}
    pieces = dict(closed_lots(play(data)).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
    assert pieces == {"train": trains + more, "truck": 1}

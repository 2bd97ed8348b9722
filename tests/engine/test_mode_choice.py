"""By which mode pieces go, where the scenario lets the modes be chosen."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.measures import closed_lots
from tests.conftest import coast, coast_data, one_ship
from tests.engine.test_transit_depth import play_on, with_links


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


def test_a_mode_whose_pool_has_nothing_takes_nothing(play: Any) -> None:
    flow = one_ship("truck", 40)
    flow["shares"] = {"wheeled": {"truck": 0.1, "train": 0.9}}
    data = coast_data(flows={"flow": flow}, pools={"flat_wagons": {"capacity": 0}}, mode_choice="least_closure")
    pieces = dict(closed_lots(play(data)).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
    assert pieces == {"truck": 40}


def test_a_second_kind_of_wagon_counts_with_the_first(play: Any) -> None:
    """Two wagons are worth less than a ramp; with two hundred of another kind trains are worth more."""
    flow = one_ship("truck", 40)
    flow["shares"] = {"wheeled": {"truck": 0.1, "train": 0.9}}
    wagons = {"flat_wagons": {"capacity": 2}, "other_wagons": {"capacity": 200}}
    kinds = {"wheeled": {"wagons": ["flat_wagons", "other_wagons"]}}
    data = coast_data(flows={"flow": flow}, pools=wagons, classes=kinds, mode_choice="least_closure")
    data["destinations"]["east"]["beyond_h"] = {"train": 90}
    pieces = dict(closed_lots(play(data)).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
    assert pieces["train"] > 20


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


@pytest.mark.parametrize("beyond_h", [0, 90])
def test_an_escort_is_busy_until_it_is_back_from_the_border(play: Any, beyond_h: float) -> None:
    """Of twenty vehicles a team takes 0.3 h each, there and back, however far they go on without it; a ramp for lorries
    takes 0.5 h: of 16 ten march in 3 h of its time."""
    flow = one_ship("truck", 16)
    flow["shares"] = {"wheeled": {"column": 0.5, "truck": 0.5}}
    data = coast_data(flows={"flow": flow}, pools={"escort_teams": {"capacity": 1}}, mode_choice="least_closure")
    data["destinations"]["east"]["beyond_h"] = {"column": beyond_h}
    pieces = dict(closed_lots(play(data)).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
    assert pieces == {"column": 10, "truck": 6}


def pieces_of(run: Any, ship: str) -> dict[str, int]:
    lots = closed_lots(run).filter(pl.col("movement").str.starts_with(f"flow/{ship}/"))
    return dict(lots.group_by("mode").agg(pl.col("pieces").sum()).iter_rows())


def test_what_was_busy_before_is_free_again_when_a_later_ship_comes(play: Any) -> None:
    """A track loads a piece in 0.2 h and a ramp in 0.5: of three pieces the third goes by lorry, on either day."""
    call = {"port": "harbour", "pieces": {"wheeled": 3}}
    ships = {name: {"calls": [{**call, "day": day}]} for name, day in (("one", 0), ("two", 1))}
    flow = {"destination": "east", "shares": {"wheeled": {"train": 0.5, "truck": 0.5}}, "ships": ships}
    run = play(coast_data(flows={"flow": flow}, mode_choice="least_closure"))
    assert pieces_of(run, "one") == pieces_of(run, "two") == {"train": 2, "truck": 1}


def test_what_came_at_once_is_still_busy_for_the_next_ship(play: Any) -> None:
    call = {"port": "harbour", "day": 0, "pieces": {"wheeled": 3}}
    ships = {name: {"calls": [call]} for name in ("one", "two")}
    flow = {"destination": "east", "shares": {"wheeled": {"train": 0.5, "truck": 0.5}}, "ships": ships}
    run = play(coast_data(flows={"flow": flow}, mode_choice="least_closure"))
    assert pieces_of(run, "two") == {"train": 3}, "by 1.0, as late as by lorry"


def test_what_was_chosen_once_is_free_again_for_a_ship_of_the_evening(play: Any) -> None:
    call = {"port": "harbour", "pieces": {"wheeled": 3}}
    ships = {name: {"calls": [{**call, "day": day}]} for name, day in (("one", 0), ("two", 0.75))}
    flow = {"destination": "east", "shares": {"wheeled": {"train": 0.5, "truck": 0.5}}, "ships": ships}
    run = play(coast_data(flows={"flow": flow}, mode_choice="least_closure"))
    assert pieces_of(run, "one") == pieces_of(run, "two")


@pytest.mark.parametrize(
    ("places", "trains"),
    [
        ({"tracks": {"capacity": 2, "rate_per_h": 5}}, 9),  # ten an hour; the ramp takes one in the time of five
        ({"tracks": {"capacity": 1, "rate_per_h": 1}, "truck_ramps": {"capacity": 4, "rate_per_h": 1}}, 2),
        ({"tracks": {"capacity": 1, "rate_per_h": 8}}, 8),
    ],
)
def test_a_terminal_takes_pieces_by_its_rate_and_its_number(play: Any, places: dict[str, Any], trains: int) -> None:
    flow = {**one_ship("truck", 10), "shares": {"wheeled": {"train": 0.5, "truck": 0.5}}}
    run = play(coast_data(flows={"flow": flow}, places={"harbour": places}, mode_choice="least_closure"))
    assert pieces_of(run, "ship")["train"] == trains


def test_a_barge_is_away_with_all_its_pieces(play: Any) -> None:
    """Lorries close at 3.5, 4, ...; the pieces of one barge of forty, away for 30 h, at 15.75, 16.5, ..."""
    flow = {**one_ship("truck", 40), "shares": {"wheeled": {"barge": 0.5, "truck": 0.5}}}
    data = coast_data(flows={"flow": flow}, pools={"barges": {"capacity": 1}}, mode_choice="least_closure")
    assert pieces_of(play(data), "ship") == {"truck": 34, "barge": 6}


def test_an_escort_is_back_from_the_border_however_far_its_column_goes(play: Any) -> None:
    """It takes twenty vehicles, and six hours there and back: 0.3 h a piece, beside 0.5 on the ramp."""
    flow = {**one_ship("truck", 8), "shares": {"wheeled": {"column": 0.5, "truck": 0.5}}}
    data = coast_data(flows={"flow": flow}, pools={"escort_teams": {"capacity": 1}}, mode_choice="least_closure")
    data["destinations"]["east"]["beyond_h"] = {"column": 100}
    assert pieces_of(play(data), "ship") == {"column": 5, "truck": 3}


def test_a_mode_without_a_share_or_a_way_is_not_chosen() -> None:
    flow = {**one_ship("truck", 40), "shares": {"wheeled": {"train": 0.0, "barge": 0.5, "truck": 0.5}}}
    quick = {"harbour": {"cranes": {"rate_per_h": 1000}}}
    data = coast_data(flows={"flow": flow}, places=quick, mode_choice="least_closure")
    data["movement"]["barge"]["cemt"] = "Va"
    assert pieces_of(play_on(coast(), data), "ship").keys() == {"barge", "truck"}
    narrow = with_links(coast(), canal2={"cemt_class": "IV"})
    assert pieces_of(play_on(narrow, data), "ship") == {"truck": 40}

"""What went along comes back empty, as a movement that takes paths, chambers and time on the network."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.engine import simulate
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story

LOT = "flow/ship/harbour/"


def by(mode: str, pieces: int, **changes: Any) -> dict[str, Any]:
    """Pieces that are ashore and loaded at once."""
    data = coast_data(flows={"flow": one_ship(mode, pieces)}, horizon_days=20, **changes)
    data["movement"]["empties"] = True
    fast = {"capacity": 9, "rate_per_h": 1e6}
    data["places"] = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e6}, "tracks": fast, "cranes": fast}}
    return data


def test_a_train_goes_out_and_comes_back_over_the_same_tracks(play: Any) -> None:
    """Two hours to the halt and one to the border; five on the other side and back, twelve to unload; and home."""
    data = by("train", 4)
    data["movement"]["train"]["turn_h"] = 12
    data["destinations"]["east"]["beyond_h"] = {"train": 5}
    data["pools"] = {"flat_wagons": {"capacity": 9}}
    run = play(data)
    assert story(run, LOT + "train-001/back") == [
        ("march", "move", "halt", "", pytest.approx(25, abs=0.01), pytest.approx(26, abs=0.01)),
        ("march", "move", "harbour", "", pytest.approx(26, abs=0.01), pytest.approx(28, abs=0.01)),
    ]
    assert run.holdings.filter(pl.col("pool") == "flat_wagons")["end_h"].to_list() == [pytest.approx(28, abs=0.01)]
    back = run.subjects.filter(pl.col("subject") == LOT + "train-001/back")
    assert back.select("what", "mode", "pieces", "origin", "destination").row(0) == (
        "empty", "train", 0, "border", "harbour",
    )  # fmt: skip


def test_pieces_of_empties_are_none(play: Any) -> None:
    run = play(by("train", 4))
    assert nfm.closure(run).select("pieces", "closed_pieces").row(0) == (4, 4)
    assert nfm.measures.operation(run)["trains"].to_list() == [1]
    assert nfm.measures.departures_by_day(run)["movements"].sum() == 1


def test_an_empty_train_and_a_loaded_one_share_a_single_track(play: Any) -> None:
    """Both would be on the hour from the halt to the border at once: one waits until the other is off it."""
    data = by("train", 4)
    second = {"calls": [{"port": "harbour", "day": 0.125, "pieces": {"wheeled": 4}}]}
    data["flows"]["flow"]["ships"]["second"] = second
    data["movement"]["train"]["turn_h"] = 2.5
    run = play(data)
    empty = story(run, LOT + "train-001/back")
    loaded = story(run, "flow/second/harbour/train-001")
    on_track = [
        (start, end)
        for spans in (empty, loaded)
        for *span, start, end in spans
        if span[:3] in (["march", "move", "halt"], ["march", "move", "border"]) and end - start < 1.5
    ]
    (_a, b), (c, _d) = sorted(on_track)
    assert b <= c + 1e-6


def test_as_many_trains_come_back_over_a_border_as_went_out(play: Any) -> None:
    run = play(by("train", 300, pools={"flat_wagons": {"capacity": 60}}))
    trains = run.passages.filter(pl.col("link") == "rail2")
    out, back = (trains.filter(pl.col("forward") == forward).height for forward in (True, False))
    assert out == back > 3


def test_on_a_single_track_empties_halve_what_goes_through(play: Any) -> None:
    """Wagons for twelve trains, on a track that each has for itself for an hour: nothing else holds them up."""

    def closed(empties: bool) -> int:
        data = by("train", 60 * 100, pools={"flat_wagons": {"capacity": 12 * 30}})
        data["movement"] |= {"empties": empties}
        data["movement"]["train"] |= {"headway_h": 1.0, "turn_h": 0}
        data["horizon_days"] = 4
        run = simulate(build_scenario(data, coast()), 1)
        return int(nfm.closure(run)["closed_pieces"].sum())

    assert closed(empties=True) == pytest.approx(closed(empties=False) / 2, rel=0.06)


def test_a_barge_passes_each_lock_twice(play: Any) -> None:
    run = play(by("barge", 80))
    assert run.holdings.filter(pl.col("pool") == "chambers").height == 4
    assert story(run, LOT + "barge-001/back")[-1][2] == "harbour"


def test_empty_lorries_are_traffic_too(play: Any) -> None:
    run = play(by("truck", 4))
    lorries = run.passages.filter(pl.col("link") == "road2")
    assert sorted(lorries["forward"].to_list()) == [False] * 4 + [True] * 4


def test_escorts_come_home_in_their_own_time(play: Any) -> None:
    run = play(by("column", 20, pools={"escort_teams": {"capacity": 1}}))
    assert run.subjects.filter(pl.col("what") == "empty").is_empty()


def test_where_no_way_leads_back_they_come_in_the_time_of_a_free_one() -> None:
    one_way = coast()
    links = {name: replace(link, directed=True) for name, link in one_way.links.items()}
    data = by("train", 4, pools={"flat_wagons": {"capacity": 9}})
    run = simulate(build_scenario(data, replace(one_way, links=links)), 1)
    assert run.subjects.filter(pl.col("what") == "empty").is_empty()
    assert run.holdings.filter(pl.col("pool") == "flat_wagons")["end_h"].to_list() == [pytest.approx(6, abs=0.01)]


def test_wagons_that_wait_for_a_path_are_away_until_they_have_it(play: Any) -> None:
    """The track is closed for a day when they come to the border."""
    data = by("train", 4, pools={"flat_wagons": {"capacity": 9}})
    data["disruptions"] = {"works": {"links": ["rail2"], "start_h": 3.5, "duration_h": 24}}
    data["movement"]["train"]["turn_h"] = 2
    run = play(data)
    assert next(row[:4] for row in story(run, LOT + "train-001/back")) == ("march", "wait", "border", "works")
    assert run.holdings.filter(pl.col("pool") == "flat_wagons")["end_h"].to_list() == [pytest.approx(30.5, abs=0.01)]


def test_orders_have_the_empties_of_each_line_and_lorries_by_exit() -> None:
    network = coast()
    links = {name: replace(link, line="Western") for name, link in network.links.items() if name.startswith("rail")}
    data = by("train", 120)
    data["flows"]["other"] = one_ship("truck", 4)
    data["movement"]["train"]["turn_h"] = 170
    run = simulate(build_scenario(data, replace(network, links={**network.links, **links})), 1)
    rows = nfm.measures.orders(run).select("week", "mode", "line", "direction", "loaded", "empty").rows()
    assert rows == [
        (0, "train", "Western", "east", 2, 0),
        (0, "truck", "border", "", 4, 4),
        (1, "train", "Western", "west", 0, 2),
    ]

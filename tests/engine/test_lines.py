"""Lines: what a movement takes on each link at the hour at which it gets there."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.engine import simulate
from nfm_sim.network import Network
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship, story

CIVIL = {"mean_per_h": {"motorway": 3000}, "lane_capacity_per_h": 2000}


def entries(run: Any, link: str) -> list[float]:
    return [round(hour, 2) for hour in run.passages.filter(pl.col("link") == link).sort("enter_h")["enter_h"]]


def test_a_train_waits_at_a_halt_for_the_path_of_the_line_from_there(play: Any) -> None:
    """It is loaded at six and at the halt at eight; from there on the line has no path from seven to nine."""
    data = coast_data(flows={"flow": one_ship("train", 20)})
    closed = [4] * 7 + [0] * 2 + [4] * 15
    data["movement"]["civil"] = {"paths": {"RAIL2": {"weekday": closed}, "other": {"weekday": [4] * 24}}}
    run = play(data)
    assert entries(run, "rail1") == [6.0]
    assert entries(run, "rail2") == [9.0]


def test_a_leg_starts_when_all_its_links_have_paths_as_it_gets_there(play: Any, coast_network: Network) -> None:
    """Where no train may stand at the halt, the one that would get there at eight starts an hour later."""
    halt = coast_network.nodes["halt"]
    nodes = {**coast_network.nodes, "halt": replace(halt, holds=frozenset({"road"}))}
    data = coast_data(flows={"flow": one_ship("train", 20)})
    closed = [4] * 7 + [0] * 2 + [4] * 15
    data["movement"]["civil"] = {"paths": {"RAIL2": {"weekday": closed}, "other": {"weekday": [4] * 24}}}
    run = simulate(build_scenario(data, replace(coast_network, nodes=nodes)))
    assert entries(run, "rail1") == [7.0]
    assert entries(run, "rail2") == [9.0]
    (waits,) = [span for span in story(run, "flow/ship/harbour/train-001") if span[:2] == ("march", "wait")]
    assert waits[3:] == ("civil timetable", 6.0, 7.0)


def test_lorries_and_columns_are_slower_in_the_peak(play: Any) -> None:
    for mode in ("truck", "column"):
        last = {}
        for start in ("2027-01-04T00:00:00", "2027-01-04T15:00:00"):
            data = coast_data(g_day=start, flows={"flow": one_ship(mode, 1)})
            data["movement"]["civil"] = CIVIL
            last[start] = nfm.closure(play(data))["last_h"][0]
        night, peak = last.values()
        assert peak > night + 0.1, mode


def test_a_lorry_drives_each_link_at_the_speed_of_the_hour_at_which_it_gets_there(play: Any) -> None:
    """The roads are empty for three hours; then they take three times as long. The fourth lorry leaves at 2.1 and gets
    to its second road at 4.1, which takes it three hours and not one."""
    week = {"weekday": [0] * 3 + [1] * 21}
    data = coast_data(flows={"flow": one_ship("truck", 4)})
    data["movement"]["truck"]["break_h"] = 0
    data["movement"]["civil"] = {
        "mean_per_h": {"motorway": 1750},
        "lane_capacity_per_h": 1000,
        "delay_a": 1,
        "delay_b": 1,
        "road": week,
    }
    last = nfm.measures.closed_lots(play(data)).sort("movement")["closed_h"].to_list()
    assert last == pytest.approx([3.6, 6.1, 6.6, 7.1])


@pytest.mark.parametrize("left_share", [0.5, 0.25])
def test_what_is_left_of_a_road_slows_lorries(play: Any, left_share: float) -> None:
    works = {"links": ["road2"], "start_h": 0, "duration_h": 100, "left_share": left_share}
    data = coast_data(flows={"flow": one_ship("truck", 1)})
    data["movement"]["truck"]["break_h"] = 0
    whole = nfm.closure(play(data))["last_h"][0]
    for others in ({}, {"elsewhere": {**works, "links": ["canal1"]}}, {"before": {**works, "duration_h": 1}}):
        part = nfm.closure(play({**data, "disruptions": {**others, "works": works}}))["last_h"][0]
        assert part - whole == pytest.approx(1 / left_share - 1), "an hour on it takes two, or four"


def test_of_several_works_on_a_road_the_narrowest_counts_while_it_lasts(play: Any) -> None:
    """On the second road from 2.6 on, which takes an hour: two with half of it left, and four with a quarter."""
    data = coast_data(flows={"flow": one_ship("truck", 1)})
    data["movement"]["truck"]["break_h"] = 0

    def last_h(*works: tuple[float, float, float]) -> float:
        rows = {
            f"works {number}": {"links": ["road2"], "start_h": start, "duration_h": end - start, "left_share": left}
            for number, (start, end, left) in enumerate(works)
        }
        return float(nfm.closure(play({**data, "disruptions": rows}))["last_h"][0])

    assert last_h((0, 9, 0.5), (0, 9, 0.25)) == pytest.approx(2.6 + 4)
    assert last_h((0, 9, 0.5), (0, 2.5, 0.25)) == pytest.approx(2.6 + 2), "over before it gets there"
    assert last_h((0, 9, 0.5), (2.7, 9, 0.25)) == pytest.approx(2.6 + 2), "begun after it is on it"
    assert last_h((0, 2.5, 0.5)) == pytest.approx(3.6)


def test_gaps_behind_a_march_unit_and_a_serial(play: Any) -> None:
    """Twenty vehicles pass in 0.04 h and keep ten minutes behind them, 97 an hour; sixty in three march units pass in
    0.12 h and two gaps, and keep half an hour."""
    for vehicles, apart in ((20, 0.04 + 10 / 60), (60, 0.12 + 20 / 60 + 30 / 60), (120, 0.24 + 70 / 60 + 30 / 60)):
        data = coast_data(flows={"flow": one_ship("column", 2 * vehicles)})
        data["movement"]["column"] |= {"vehicles": vehicles, "rests": []}
        data["places"] = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e6}}}
        first, second = entries(play(data), "road1")
        assert second - first == pytest.approx(apart, abs=0.01)

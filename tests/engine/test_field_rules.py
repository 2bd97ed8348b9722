"""Rules of the field: what stands where, who comes along, and what counts together."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.engine import simulate
from nfm_sim.measures import closure
from nfm_sim.network import Network
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story

LOT = "flow/ship/harbour/"


def test_wagons_are_unloaded_and_turned_before_they_come_back(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 40)}, pools={"flat_wagons": {"capacity": 10}})
    last = {}
    for turn_h in (0, 5, None):
        data["movement"]["train"]["turn_h"] = turn_h
        last[turn_h] = nfm.closure(play(data))["last_h"][0]
    assert last[5] - last[0] == pytest.approx(5)
    assert last[None] - last[0] == pytest.approx(4), "20 pieces are loaded in 4 h, and unloaded in as many"


def test_a_loaded_train_stands_on_its_track_until_it_leaves(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 120)})
    data["movement"]["train"] |= {"running": ["20:00-06:00"], "max_wagons": 10}
    run = play(data)
    first, second = (story(run, LOT + f"train-{n:03d}") for n in (1, 2))
    (leaves,) = [span[4] for span in first if span[1] == "move" and span[2] == "halt"]
    (begins,) = [span[4] for span in second if span[:2] == ("load", "work")]
    assert leaves == 20, "loaded at six, it waits for the hours of military trains"
    assert begins == 20, "until then its track is taken"


def test_an_element_drives_to_its_railhead_with_an_escort(play: Any) -> None:
    element = {"tier": 1, "home": "barracks", "railhead": "railhead", "destination": "east", "pieces": {"wheeled": 20}}
    data = coast_data(
        shares={"wheeled": {"train": 1.0}}, elements={"bat": element}, pools={"escort_teams": {"capacity": 1}}
    )
    held = play(data).holdings.filter(pl.col("pool") == "escort_teams")
    ((start, end),) = held.select("start_h", "end_h").rows()
    assert (start, end) == (0.0, pytest.approx(2.04, abs=0.01)), "an hour there, while it passes, and an hour back"


def test_a_requirement_is_met_by_what_is_there_at_one_moment(play: Any) -> None:
    home = {"tier": 1, "home": "barracks"}
    data = coast_data(
        horizon_days=12,
        activation={"stages": {"recall": {"hours": 10}}},
        tasks={
            "regional_plans": {"priority": 2},
            "crisis": {"commitments": {"post": {"capability": "signals", "from_day": 2, "until_day": 8}}},
        },
        elements={
            "hq": {**home, "capability": "hq", "requires": ["signals", "power"]},
            "signals": {**home, "capability": "signals"},
            "power": {**home, "capability": "power", "hours": {"recall": 100}},
        },
        formations={"corps": {"elements": ["signals", "power"]}},
    )
    ready = nfm.readiness(play(data)).filter(pl.col("element") == "hq")
    assert ready["effective_h"][0] == 192, "signals was there from 10 to 48, and power from 100 on"
    assert nfm.measures.formations(play(data))["in_place_h"][0] == 192


def test_a_regime_of_quicker_permits_helps_elements_as_it_helps_flows(play: Any) -> None:
    element = {"tier": 1, "home": "barracks", "destination": "east", "pieces": {"wheeled": 5}}
    data = coast_data(
        horizon_days=60,
        shares={"wheeled": {"column": 1.0}},
        regimes={"crisis": {"permit_h": 1080}, "conflict": {"permit_h": 6}},
        timeline=[{"regime": "crisis", "day": 0}, {"regime": "conflict", "day": 6}],
        elements={"bat": element},
    )
    (permit,) = [span for span in story(play(data), "bat") if span[0] == "permit"]
    assert permit[-1] == 150


def test_a_ship_before_its_berth_is_one_that_queues(play: Any) -> None:
    call = {"port": "harbour", "day": 0, "pieces": {"wheeled": 10}}
    flow = one_ship("truck", 10)
    flow["ships"]["second"] = {"calls": [call]}
    queue = nfm.measures.queue(play(coast_data(flows={"flow": flow})), 0.5)
    (row,) = queue.filter((pl.col("cause") == "berths") & (pl.col("hour") == 0.5)).rows(named=True)
    assert (row["waiting"], row["pieces"]) == (1, 10)


def test_escorts_are_taken_when_a_column_can_leave(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 20)}, pools={"escort_teams": {"capacity": 1}})
    data["movement"]["column"]["driving"] = ["20:00-24:00"]
    run = play(data)
    held = run.holdings.filter(pl.col("pool") == "escort_teams")
    assert held["start_h"].to_list() == [20.0], "formed up at three, it can leave at eight in the evening"
    assert ("march", "wait", "harbour", "driving window", 3.0, 20.0) in story(run, LOT + "column-001")


def test_the_more_urgent_of_those_that_stand_at_a_place_gets_the_road_first(play: Any) -> None:
    flows = {"low": {**one_ship("column", 100), "priority": 2}, "high": {**one_ship("column", 20), "priority": 1}}
    flows["high"]["ships"]["ship"]["calls"][0]["day"] = 0.1
    data = coast_data(flows=flows, places={"harbour": {"berths": 2, "ramps": 2, "gangs": 2}})
    data["places"]["harbour"]["ramps"] = {"capacity": 2, "rate_per_h": 1_000}
    data["movement"]["column"] |= {"column_gap_h": 3, "rests": []}
    run = play(data)
    leave = {
        subject: next(span[4] for span in story(run, subject) if span[1] == "move" and span[2] == "halt")
        for subject in ["high/ship/harbour/column-001", *(f"low/ship/harbour/column-{n:03d}" for n in range(1, 6))]
    }
    ahead = [subject for subject, hour in leave.items() if hour < leave["high/ship/harbour/column-001"]]
    assert len(ahead) <= 2, "those that had left when it had formed up"
    assert max(leave.values()) > leave["high/ship/harbour/column-001"]


def test_a_heavy_wagon_needs_a_line_of_its_class(play: Any) -> None:
    """A tank of 65 t on a wagon of 29 t: 94 t make 23.5 t on each of four axles and 15.7 on six; 6 t a metre."""
    open_rail = coast()

    def on_lines_of(line_class: str, axles: int) -> Any:
        links = {name: replace(link, line_class=line_class) for name, link in open_rail.links.items()}
        network = Network(open_rail.path, open_rail.nodes, links, open_rail.facilities)
        data = coast_data(flows={"flow": one_ship("train", 1, "outsized")})
        data["movement"]["train"]["wagons"] = {"heavy_wagons": {"axles": axles}}
        data["pools"] = {"heavy_wagons": {"capacity": 9}}
        return simulate(build_scenario(data, network))

    assert closure(on_lines_of("E4", 4))["closed_pieces"].to_list() == [1]
    assert closure(on_lines_of("D4", 6))["closed_pieces"].to_list() == [1]
    for line_class, axles in (("D4", 4), ("A", 6)):
        with pytest.raises(InputError, match="no way can carry"):
            on_lines_of(line_class, axles)


def test_a_bridge_carries_its_military_load_class() -> None:
    """A tank of 65 t on its own tracks is of class 72; on a transporter of 43.3 t the two are of class 101."""
    roads = coast()

    def over(load_class: float, mode: str) -> Any:
        links = {name: replace(link, military_load_class=load_class) for name, link in roads.links.items()}
        network = Network(roads.path, roads.nodes, links, roads.facilities)
        data = coast_data(flows={"flow": one_ship(mode, 1, "outsized")})
        data["classes"] = {"outsized": {"trucks": ["transporters"]}}
        data["pools"] = {"transporters": {"capacity": 1}}
        data["movement"]["truck"]["lorries"] = {"transporters": {"tare_t": 43.3}}
        return simulate(build_scenario(data, network))

    assert closure(over(72, "column"))["closed_pieces"].to_list() == [1]
    assert closure(over(102, "truck"))["closed_pieces"].to_list() == [1]
    for load_class, mode in ((71, "column"), (101, "truck")):
        with pytest.raises(InputError, match="no way can carry"):
            over(load_class, mode)

"""Outbound flows: from where pieces stand to a port and onto a ship; ferries; ways that pass a place."""

from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.engine import simulate
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship, story, wide_coast

TO_PORT = {"exits": dict.fromkeys(["train", "column", "truck"], "harbour")}


def outbound(mode: str, pieces: int, ships: dict[str, Any] | None = None, **origin: Any) -> dict[str, Any]:
    """Pieces that stand at the barracks at hour 0, and go to the harbour."""
    depot = {"place": "barracks", "day": 0, "pieces": {"wheeled": pieces}, **origin}
    flow = {"destination": "out", "shares": {"wheeled": {mode: 1.0}}, "origins": {"depot": depot}}
    if ships is not None:
        flow["ships"] = ships
    return coast_data(flows={"out": flow}, destinations={"out": TO_PORT})


def test_a_lorry_is_loaded_at_the_depot_and_unloaded_in_the_port(play: Any) -> None:
    """Half an hour on the ramp at either end, and 25 km at 50 km/h between; without a ship it closes in the port."""
    run = play(outbound("truck", 1))
    assert story(run, "out/depot/barracks/truck-001") == [
        ("load", "work", "barracks", "", 0.0, 0.5),
        ("march", "move", "harbour", "", 0.5, 1.0),
        ("unload", "work", "harbour", "", 1.0, 1.5),
        ("closed", "milestone", "harbour", "", 1.5, 1.5),
    ]


def test_a_ship_takes_aboard_what_stands_on_the_quay_and_waits_for_the_rest(play: Any) -> None:
    """Two lorries, of which the second is loaded after the first. The ship comes at hour 1 and takes 0.1 h for each."""
    ships = {"ro": {"calls": [{"port": "harbour", "day": 1 / 24, "takes": 2}]}}
    run = play(outbound("truck", 2, ships))
    assert story(run, "out/depot/barracks/truck-001")[2:] == [
        ("unload", "work", "harbour", "", 1.0, 1.5),
        ("in port", "milestone", "harbour", "", 1.5, 1.5),
        ("embark", "work", "harbour", "", 1.5, 1.6),
        ("closed", "milestone", "harbour", "", 1.6, 1.6),
    ]
    ship = [span for span in story(run, "out/ro") if span[0] == "embark"]
    assert ship == [
        ("embark", "wait", "harbour", "cargo to come", 1.0, 1.5),
        ("embark", "work", "harbour", "", 1.5, 1.6),
        ("embark", "wait", "harbour", "cargo to come", 1.6, 2.0),
        ("embark", "work", "harbour", "", 2.0, 2.1),
    ]
    assert nfm.closure(run).select("pieces", "closed_pieces", "last_h").row(0) == (2, 2, pytest.approx(2.1))


def test_what_finds_no_room_waits_for_the_next_ship(play: Any) -> None:
    ships = {
        "one": {"calls": [{"port": "harbour", "day": 0, "takes": 1}]},
        "two": {"calls": [{"port": "harbour", "day": 2, "takes": 5}]},
    }
    run = play(outbound("truck", 3, ships))
    closed = nfm.measures.closed_lots(run).sort("closed_h")["closed_h"].to_list()
    assert closed == pytest.approx([1.6, 48.1, 48.2])
    waits = [span for span in story(run, "out/depot/barracks/truck-002") if span[3] == "ship to embark"]
    assert waits == [("embark", "wait", "harbour", "ship to embark", 2.0, 48.0)]


def test_a_ship_sails_on_its_day_and_leaves_the_rest(play: Any) -> None:
    ships = {"one": {"calls": [{"port": "harbour", "day": 0, "takes": 5, "sails_day": 1.7 / 24}]}}
    run = play(outbound("truck", 2, ships))
    assert nfm.closure(run).select("pieces", "closed_pieces").row(0) == (2, 1)
    assert run.spans.filter(pl.col("subject") == "out/one")["end_h"].max() == pytest.approx(1.7)


@pytest.mark.parametrize(
    ("place", "hours"),
    [
        ({"gangs": 2, "ramps": 2}, [5.1, 5.1]),
        ({"gangs": 1, "ramps": 2}, [5.1, 5.2]),
        ({"gangs": 2, "ramps": 1}, [5.1, 5.2]),
    ],
)
def test_a_ship_is_loaded_by_its_gangs_side_by_side(play: Any, place: dict[str, int], hours: list[float]) -> None:
    """Both lorries are in port at two; each gang takes a gang and a ramp of the port, ten an hour."""
    data = outbound("truck", 2, {"ro": {"gangs": 2, "calls": [{"port": "harbour", "day": 5 / 24, "takes": 2}]}})
    data["places"] = {"harbour": {**place, "ramps": {"capacity": place["ramps"], "rate_per_h": 10}}}
    closed = nfm.measures.closed_lots(play(data))["closed_h"].sort()
    assert closed.to_list() == pytest.approx(hours)


def test_a_lot_for_which_there_is_no_room_stays_whole(play: Any) -> None:
    """Two lorries of two pieces, and room for three: the ship sails with the first."""
    data = outbound("truck", 4, {"ro": {"calls": [{"port": "harbour", "day": 5 / 24, "takes": 3}]}})
    data["movement"]["truck"]["pieces"] = 2
    run = play(data)
    assert nfm.closure(run)["closed_pieces"].to_list() == [2]
    assert story(run, "out/ro")[-1] == (
        "discharged",
        "milestone",
        "harbour",
        "",
        pytest.approx(5.2),
        pytest.approx(5.2),
    )
    assert story(run, "out/depot/barracks/truck-002")[-1][:4] == ("embark", "wait", "harbour", "ship to embark")


def test_ships_are_loaded_in_the_shifts_of_the_port(play: Any) -> None:
    data = outbound("truck", 1, {"ro": {"calls": [{"port": "harbour", "day": 0, "takes": 1}]}})
    data["movement"]["discharge"]["shifts"] = ["06:00-16:00"]
    assert nfm.closure(play(data))["last_h"].to_list() == pytest.approx([6.1])


def test_a_full_yard_in_the_port_keeps_lorries_from_unloading(play: Any) -> None:
    """The yard has room for one of 45 m2; the second waits on its lorry until the ship takes the first."""
    ships = {"one": {"calls": [{"port": "harbour", "day": 1, "takes": 5}]}}
    data = outbound("truck", 2, ships)
    data["places"] = {"harbour": {"yard_m2": {"capacity": 50}}}
    run = play(data)
    (blocked,) = [span for span in story(run, "out/depot/barracks/truck-002") if span[1] == "blocked"]
    assert blocked[3:] == ("yard_m2", 1.5, 24.1)


def test_pieces_from_afar_come_over_the_border_and_their_lorry_goes_back(play: Any) -> None:
    """One lorry for two pieces: 10 h from beyond the border, 3 h to the port, half an hour to unload, and back."""
    data = outbound("truck", 2, place="border", from_h={"truck": 10})
    data["pools"] = {"trucks": {"capacity": 1}}
    data["movement"]["truck"]["turn_h"] = 0
    data["movement"]["truck"]["break_h"] = 0
    run = play(data)
    first = story(run, "out/depot/border/truck-001")
    assert first[:3] == [
        ("from afar", "move", "border", "", 0.0, 10.0),
        ("march", "move", "harbour", "", 10.0, 13.0),
        ("unload", "work", "harbour", "", 13.0, 13.5),
    ]
    assert [span[4:] for span in story(run, "out/depot/border/truck-002") if span[0] == "from afar"] == [(26.5, 36.5)]


@pytest.mark.parametrize("mode", ["train", "column", "barge"])
def test_pieces_come_from_afar_by_each_mode(play: Any, mode: str) -> None:
    data = outbound(mode, 2, place="border", from_h={mode: 10})
    data["destinations"]["out"]["exits"][mode] = "harbour"
    told = story(play(data), f"out/depot/border/{mode}-001")
    assert told[0] == ("from afar", "move", "border", "", 0.0, 10.0)


def test_a_column_waits_before_a_full_yard_in_the_port(play: Any) -> None:
    data = outbound("column", 2, {"ro": {"calls": [{"port": "harbour", "day": 1, "takes": 5}]}})
    data["movement"]["column"]["vehicles"] = 1
    data["places"] = {"harbour": {"yard_m2": {"capacity": 50}}}
    blocked = [span[3:] for span in story(play(data), "out/depot/barracks/column-002") if span[1] == "blocked"]
    assert blocked == [("yard_m2", pytest.approx(1.67, abs=0.01), 24.1)]


def test_what_a_ship_brings_is_not_what_it_takes(play: Any) -> None:
    """A ship that takes nothing aboard comes to the port where the way of others ends: they close there."""
    call = {"port": "harbour", "day": 0, "pieces": {"wheeled": 1}, "destination": "east"}
    data = outbound("truck", 1, {"in": {"calls": [call]}})
    data["destinations"]["east"] = coast_data()["destinations"]["east"]
    assert story(play(data), "out/depot/barracks/truck-001")[-1][:3] == ("closed", "milestone", "harbour")


def test_a_train_takes_pieces_out_and_a_column_too(play: Any) -> None:
    train = play(
        outbound("train", 4, place="halt") | {"places": {"halt": {"tracks": {"capacity": 1, "rate_per_h": 4}}}}
    )
    assert nfm.closure(train)["last_h"][0] == pytest.approx(1 + 2 + 4 / 5)
    column = play(outbound("column", 10))
    assert nfm.closure(column)["last_h"][0] == pytest.approx(1 + 0.5 + 10 / 500)


def test_a_programme_books_what_leaves_an_origin(play: Any) -> None:
    data = outbound("truck", 3)
    data["flows"]["out"]["programme"] = {"per_day": {"truck": 1}, "working": ["06:00-18:00"]}
    loads = [span[4] for n in (1, 2, 3) for span in story(play(data), f"out/depot/barracks/truck-00{n}")[1:2]]
    assert loads == [12.0, 36.0, 60.0]


def test_an_origin_must_be_able_to_load(play: Any) -> None:
    with pytest.raises(InputError, match=r'flows.out.origins.depot "border" needs truck_ramps there'):
        play(outbound("truck", 2, place="border"))
    data = outbound("truck", 2, ships={"depot": {"calls": [{"port": "harbour", "day": 0, "takes": 1}]}})
    with pytest.raises(InputError, match=r"flows.out.origins.depot.*is also the name of one of its ships"):
        play(data)


def test_a_ferry_drives_off_with_its_own_crews(play: Any) -> None:
    """Sixty vehicles an hour over the ramp, no gang of the port, and no crew that flies in."""
    flow = one_ship("column", 30, kind="ferry", drives_off_per_h=60)
    flow["airlifts"] = {"late": {"airport": "halt", "day": 5, "people": 10}}
    data = coast_data(flows={"flow": flow}, places={"harbour": {"gangs": {"capacity": 0}}})
    run = play(data)
    discharged = run.spans.filter((pl.col("subject") == "flow/ship") & (pl.col("activity") == "discharge"))
    assert discharged["end_h"].max() == pytest.approx(0.5)
    assert nfm.closure(run)["last_h"][0] < 24


def test_a_way_passes_the_places_that_it_must(play_wide: Any) -> None:
    """180 km over the bypass and not 150, and also when it is closed for an hour: then it waits."""
    data = coast_data(flows={"flow": one_ship("column", 5)})
    data["destinations"]["east"]["via"] = {"column": ["bypass"]}
    network = wide_coast()
    assert entered(simulate(build_scenario(data, network))) == ["road5", "road6"]
    for routing in ("fastest", "earliest"):
        data |= {"routing": routing, "disruptions": {"shut": {"links": ["road5"], "start_h": 0, "duration_h": 1}}}
        run = simulate(build_scenario(data, network))
        assert entered(run) == ["road5", "road6"]
        assert run.passages["enter_h"].min() >= 1


def entered(run: Any) -> list[str]:
    return run.passages.sort("enter_h")["link"].to_list()


def test_a_ship_does_not_work_between_two_shifts_either(play: Any) -> None:
    """In port at 1.5; half of the 0.1 hours that it takes before the first shift ends."""
    data = outbound("truck", 1, {"ro": {"calls": [{"port": "harbour", "day": 0, "takes": 1}]}})
    data["movement"]["discharge"]["shifts"] = ["00:00-01:33", "06:00-16:00"]
    run = play(data)
    mine = [story(run, subject)[-4:-1] for subject in ("out/ro", "out/depot/barracks/truck-001")]
    assert (
        mine[0]
        == mine[1]
        == [
            ("embark", "work", "harbour", "", 1.5, 1.55),
            ("embark", "wait", "harbour", "closed hours", 1.55, 6.0),
            ("embark", "work", "harbour", "", 6.0, 6.05),
        ]
    )


def test_a_lorry_is_unloaded_when_there_is_a_guard_for_what_stands_on_the_quay(play: Any) -> None:
    """One guard, and each piece needs one until the ship of hour 24 has it."""
    data = outbound("truck", 2, {"ro": {"calls": [{"port": "harbour", "day": 1, "takes": 2}]}})
    data |= {"needs": {"pieces": {"guards": 1}}, "pools": {"guards": {"capacity": 1}}}
    run = play(data)
    second = story(run, "out/depot/barracks/truck-002")
    assert ("unload", "blocked", "harbour", "guards", 1.5, 24.1) in second
    assert second[-1][4] == pytest.approx(24.7)

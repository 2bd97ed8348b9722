"""Those who work at facilities: with fewer of them work takes longer, and without any nothing moves."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.measures import closure, stuck
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import ROOT, coast, coast_data, one_ship, story

LOT = "flow/ship/harbour/"


def gated(present: float, pieces: int = 4, **changes: Any) -> dict[str, Any]:
    """Lorries that leave by a gate of an hour each, at which two controllers work."""
    return coast_data(
        flows={"flow": one_ship("truck", pieces)},
        places={"harbour": {"truck_ramps": 2, "gates": {"capacity": 1, "rate_per_h": 1}}},
        **{"pools": {"controllers": {"capacity": present}}, "needs": {"gates": {"controllers": 2}}, **changes},
    )


def at_the_gate(run: Any, lorry: str = "truck-001") -> list[Any]:
    return [step[1:] for step in story(run, LOT + lorry) if step[0] == "gate"]


def test_half_the_staff_doubles_the_time_at_the_gate(play: Any) -> None:
    assert at_the_gate(play(gated(2))) == [("work", "harbour", "", 0.6, 1.6)]
    assert at_the_gate(play(gated(1))) == [("work", "harbour", "", 0.6, 2.6)]
    assert at_the_gate(play(gated(4))) == [("work", "harbour", "", 0.6, 1.6)], "no more than they need"


def test_without_staff_nothing_moves_and_the_record_says_why(play: Any) -> None:
    run = play(gated(0))
    assert closure(run)["last_h"].to_list() == [None]
    assert at_the_gate(run)[0][:3] == ("wait", "harbour", "controllers")
    assert stuck(run)["cause"].to_list() == ["controllers", "gates"]


def test_a_pool_of_staff_that_is_not_listed_is_not_scarce(play: Any) -> None:
    assert at_the_gate(play({**gated(0), "pools": {}})) == [("work", "harbour", "", 0.6, 1.6)]


def test_two_gates_share_their_staff_and_who_comes_second_waits(play: Any) -> None:
    two = gated(3)
    two["places"]["harbour"]["gates"]["capacity"] = 2
    run = play(two)
    assert at_the_gate(run, "truck-002") == [
        ("wait", "harbour", "controllers", pytest.approx(0.7), pytest.approx(1.6)),
        ("work", "harbour", "", pytest.approx(1.6), pytest.approx(2.6)),
    ]


def test_staff_of_a_place_goes_before_the_usual(play: Any) -> None:
    own = gated(2)
    own["places"]["harbour"]["gates"]["needs"] = {"controllers": 4}
    assert at_the_gate(play(own)) == [("work", "harbour", "", 0.6, 2.6)]
    own["places"]["harbour"]["gates"]["needs"] = {}
    assert at_the_gate(play(own)) == [("work", "harbour", "", 0.6, 1.6)]


def test_guards_of_a_yard_stay_as_long_as_pieces_stand_there(play: Any) -> None:
    """A hundredth of a guard for a square metre: one guards the two pieces of 45 m2 of which the first two lots are."""
    data = gated(2, needs={"yard_m2": {"guards": 1 / 45}}, pools={"guards": {"capacity": 2}})
    data["places"]["harbour"]["yard_m2"] = 450
    run = play(data)
    discharge = [step for step in story(run, LOT + "truck-003") if step[0] == "discharge"]
    assert discharge[1][1:4] == ("blocked", "harbour", "guards"), "two pieces in a yard for ten"
    assert discharge[1][5] == pytest.approx(0.6), "when the first lorry has left"
    held = run.holdings.filter(pl.col("pool") == "guards")
    assert held["amount"].to_list() == [pytest.approx(1)] * 4
    assert play({**data, "pools": {"guards": {"capacity": 0}}}).spans.filter(pl.col("activity") == "load").is_empty()


def serving(**staffs: float) -> dict[str, Any]:
    """An element that goes on the task at hour 10, serves from hour 12 to 24, and brings controllers."""
    commitment = {"capability": "control", "from_day": 10 / 24, "until_day": 1, "travel_h": 2, "staffs": staffs}
    return {
        "tasks": {"regional_plans": {"priority": 2}, "host_nation_support": {"commitments": {"post": commitment}}},
        "elements": {"a": {"home": "barracks", "capability": "control"}},
    }


def test_controllers_come_with_the_element_and_go_with_it(play: Any) -> None:
    run = play(gated(0, 8, **serving(controllers=1)))
    gates = [at_the_gate(run, f"truck-00{n}")[-1] for n in range(1, 9)]
    worked = [step[3:] for step in gates if step[0] == "work"]
    assert worked == [(hour, hour + 2) for hour in (12.0, 14.0, 16.0, 18.0, 20.0, 22.0)]
    assert closure(run)["last_h"].to_list() == [None]


def test_an_element_adds_to_a_facility_itself(play: Any) -> None:
    data = gated(2, 8, **serving(**{"harbour.gates": 1}), needs={})
    run = play(data)
    starts = sorted(at_the_gate(run, f"truck-00{n}")[-1][3] for n in range(1, 9))
    assert [hour for hour in starts if hour < 12] == [pytest.approx(0.6 + n) for n in range(8)]


def test_civilians_work_on_in_part_when_a_regime_comes(play: Any) -> None:
    regimes = {"peace": {}, "conflict": {"present_share": {"controllers": 0.5}}}
    timeline = [{"regime": "peace", "day": 0}, {"regime": "conflict", "day": 1 / 12}]
    run = play(gated(2, regimes=regimes, timeline=timeline))
    worked = [at_the_gate(run, f"truck-00{n}")[-1][3:] for n in range(1, 5)]
    assert worked == [pytest.approx(hours) for hours in ((0.6, 1.6), (1.6, 2.6), (2.6, 4.6), (4.6, 6.6))]


@pytest.mark.parametrize(("day", "told"), [(0, []), (2, ["element"])])
def test_what_a_later_regime_takes_is_there_until_then(play: Any, day: float, told: list[str]) -> None:
    """Of ten doctors the half goes on day 1: an element that needs eight has them on day 0, and never on day 2."""
    element = {"home": "barracks", "capability": "infantry", "tier": 1, "hours": {"wait": 24 * day}}
    check = {"kind": "hours", "hours": 5, "pool": "doctors", "amount": 8}
    stages = {"wait": {"kind": "hours", "hours": 0}, "check": check}
    data = coast_data(elements={"element": element}, activation={"decision_h": 0, "stages": stages})
    data["pools"] = {"doctors": {"capacity": 10}}
    data["regimes"] = {"peace": {}, "conflict": {"present_share": {"doctors": 0.5}}}
    data["timeline"] = [{"regime": "peace", "day": 0}, {"regime": "conflict", "day": 1}]
    run = play(data)
    assert run.stuck["subject"].to_list() == told
    assert told or story(run, "element")[0] == ("check", "work", "barracks", "", 0, 5)


def test_a_ship_leaves_a_lost_port_that_has_no_staff(play_wide: Any) -> None:
    data = coast_data(
        flows={"flow": {**one_ship("truck", 2), "diverts_to": {"haven": 3}}},
        places={"harbour": {"berths": {"capacity": 1, "needs": {"divers": 1}}}},
        pools={"divers": {"capacity": 0}},
        disruptions={"mine": {"facilities": ["harbour.berths"], "start_h": 5, "duration_h": 100}},
    )
    assert [step[:4] for step in story(play_wide(data), "flow/ship")][:3] == [
        ("arrive", "wait", "harbour", "divers"),
        ("divert", "move", "haven", "mine"),
        ("discharge", "work", "haven", ""),
    ]
    data["pools"]["divers"]["arrivals"] = [{"day": 3, "amount": 1}]
    data["flows"]["later"] = one_ship("truck", 1)
    data["flows"]["later"]["ships"]["ship"]["calls"][0]["day"] = 5
    assert closure(play_wide(data))["closed_pieces"].to_list() == [2, 1], "who has left takes no diver who comes later"


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        ({"needs": {"gate": {"controllers": 2}}}, "needs.gate", "did you mean"),
        ({"needs": {"gates": {"controller": 2}}}, "needs.gates", "controllers"),
        (serving(controler=1), "tasks.host_nation_support.commitments.post.staffs", "controllers"),
        ({"regimes": {"peace": {"present_share": {"guards": 1}}}}, "regimes.peace.present_share", "[pools]"),
    ],
)
def test_names_of_staff_that_nothing_knows_are_faults(play: Any, changes: dict[str, Any], key: str, value: str) -> None:
    with pytest.raises(InputError) as error:
        play(gated(2, **changes))
    assert key in str(error.value)
    assert value in str(error.value)


def test_stocks_are_issued_before_they_are_loaded(play: Any) -> None:
    """Two lorries' loads that stand ready at hour 2: each is issued in half an hour, one after the other."""
    flow = {"destination": "east", "origins": {"site": {"place": "harbour", "day": 1 / 12, "pieces": {"wheeled": 2}}}}
    flow |= {"shares": one_ship("truck", 1)["shares"]}
    places = {"harbour": {"truck_ramps": 2, "issue_points": {"capacity": 1, "rate_per_h": 2}}}
    run = play(coast_data(flows={"flow": flow}, places=places))
    assert [step for step in story(run, "flow/site/harbour/truck-002") if step[0] == "issue"] == [
        ("issue", "wait", "harbour", "issue_points", 2.0, 2.5),
        ("issue", "work", "harbour", "", 2.5, 3.0),
    ]


def test_of_two_kinds_of_staff_the_scarcer_sets_the_pace(play: Any) -> None:
    """All of two controllers and one of four guards: the lorry takes four hours."""
    data = gated(2, needs={"gates": {"controllers": 2, "guards": 4}})
    data["pools"]["guards"] = {"capacity": 1}
    assert at_the_gate(play(data)) == [("work", "harbour", "", 0.6, 4.6)]


def test_who_finds_one_kind_of_staff_waits_for_the_other(play: Any) -> None:
    """At two gates, two controllers and four guards each: of the guards there are four."""
    two = gated(4, needs={"gates": {"controllers": 2, "guards": 4}})
    two["pools"]["guards"] = {"capacity": 4}
    two["places"]["harbour"]["gates"]["capacity"] = 2
    assert [step[2:] for step in at_the_gate(play(two), "truck-002")] == [
        ("guards", pytest.approx(0.7), pytest.approx(1.6)),
        ("", pytest.approx(1.6), pytest.approx(2.6)),
    ]


def test_guards_stay_with_what_a_train_leaves_behind_on_its_part_of_the_yard(play: Any) -> None:
    """A guard for each of ten pieces on 45 m2: of two trains the second has one wagon of three, for two of its pieces,
    and the rest waits for the wagons of the first."""
    data = coast_data(flows={"flow": one_ship("train", 10)}, needs={"yard_m2": {"guards": 1 / 45}})
    data["pools"] = {"flat_wagons": {"capacity": 4}, "guards": {"capacity": 10}}
    data["places"] = {"harbour": {"yard_m2": 450, "tracks": 2}}
    data["movement"]["train"] |= {"max_wagons": 3, "least_wagons": 1}
    guards = play(data).holdings.filter(pl.col("pool") == "guards").sort("start_h")
    of_part = guards.filter(pl.col("subject").str.ends_with(".2"))
    assert guards["amount"].to_list() == [6, 4, pytest.approx(2), pytest.approx(2)]
    assert of_part["amount"].to_list() == [pytest.approx(2)]
    assert guards["end_h"].max() < 24


def test_staff_that_a_disruption_takes_is_not_waited_for(play: Any) -> None:
    """Half of two controllers are away for a week: one does the work in twice the time."""
    data = gated(2, disruptions={"ill": {"pools": ["controllers"], "start_h": 0, "duration_h": 168, "left_share": 0.5}})
    assert at_the_gate(play(data)) == [("work", "harbour", "", 0.6, 2.6)]


@pytest.mark.parametrize("hours", [168, 9_000])
def test_who_waits_for_staff_goes_on_with_those_who_are_left(play: Any, hours: float) -> None:
    """One of two controllers is away from hour 1 on, for a week or for good, while both are at the other gate."""
    away = {"pools": ["controllers"], "start_h": 1, "duration_h": hours, "left_share": 0.5}
    data = gated(2, 2, disruptions={"ill": away})
    data["places"]["harbour"]["gates"]["capacity"] = 2
    assert at_the_gate(play(data), "truck-002")[-1] == ("work", "harbour", "", 1.6, 3.6)


def guarded_train(guards: float, pieces: int = 4, **needs: Any) -> dict[str, Any]:
    """A train of four pieces, loaded in 0.8 h, that needs half a guard for each of them."""
    data = coast_data(flows={"flow": one_ship("train", pieces)}, pools={"guards": {"capacity": guards}})
    data["movement"]["train"] |= needs or {"needs_per_piece": {"guards": 0.5}}
    return data


def loading(run: Any, lot: str = "train-001") -> list[Any]:
    return [step[1:] for step in story(run, LOT + lot) if step[0] == "load"]


def test_a_train_is_loaded_as_fast_as_there_are_guards_for_its_pieces(play: Any) -> None:
    assert loading(play(guarded_train(2))) == [("work", "harbour", "", 0.4, pytest.approx(1.2))]
    assert loading(play(guarded_train(1))) == [("work", "harbour", "", 0.4, pytest.approx(2.0))]
    assert loading(play({**guarded_train(1), "pools": {}})) == [("work", "harbour", "", 0.4, pytest.approx(1.2))]
    each = guarded_train(1, needs={"guards": 1}, needs_per_piece={"guards": 0.25})
    assert loading(play(each)) == [("work", "harbour", "", 0.4, pytest.approx(2.0))], "one for it, and one for four"


def test_guards_of_a_train_are_free_again_when_it_has_left(play: Any) -> None:
    run = play(guarded_train(2))
    left = run.spans.filter((pl.col("subject") == LOT + "train-001") & (pl.col("activity") == "march"))["start_h"].min()
    assert run.holdings.filter(pl.col("pool") == "guards").select("start_h", "end_h").rows() == [
        (pytest.approx(0.4), left)
    ]


@pytest.mark.parametrize("mode", ["train", "column", "truck", "barge", "flight"])
def test_without_guards_no_movement_of_a_mode_leaves_and_the_answer_says_so(play: Any, mode: str) -> None:
    data = coast_data(flows={"flow": one_ship(mode, 4)}, pools={"guards": {"capacity": 0}})
    data["movement"][mode] = {**data["movement"][mode], "needs_per_piece": {"guards": 1}}
    run = play(data)
    assert run.departures.is_empty()
    assert "guards" in stuck(run)["cause"].to_list()


def test_a_controller_briefs_a_column_while_it_forms_up(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 10)}, pools={"controllers": {"capacity": 1}})
    data["movement"]["column"] |= {"vehicles": 5, "needs": {"controllers": 1}}
    run = play(data)
    formed = [
        [step[4:] for step in story(run, LOT + f"column-00{n}") if step[:2] == ("form up", "work")] for n in (1, 2)
    ]
    assert formed == [[(0.5, 1.5)], [(1.5, 2.5)]]


def test_pieces_that_stand_in_a_port_are_guarded_by_their_number(play: Any) -> None:
    """Two guards for four pieces of which each needs one, landed at ten an hour."""
    data = gated(2, needs={"pieces": {"guards": 1}}, pools={"guards": {"capacity": 2}})
    run = play(data)
    third = [step for step in story(run, LOT + "truck-003") if step[0] == "discharge"]
    assert third[1][1:4] == ("blocked", "harbour", "guards")
    assert third[1][5] == pytest.approx(0.6), "when the first lorry has left"
    own = {**data, "places": {"harbour": {**data["places"]["harbour"], "pieces": {"needs": {"guards": 0.5}}}}}
    assert not any(step[1] == "blocked" for n in (1, 2, 3, 4) for step in story(play(own), LOT + f"truck-00{n}"))
    assert stuck(play({**data, "pools": {"guards": {"capacity": 0}}}))["cause"].to_list()[0] == "guards"


def test_pieces_that_wait_for_a_ship_are_guarded_until_they_are_aboard(play: Any) -> None:
    """One guard, for one piece: the second lorry, there at 1.5, is unloaded when the first piece has gone aboard, at
    4.1, a tenth of an hour after the ship has come."""
    ships = {"ro": {"calls": [{"port": "harbour", "day": 4 / 24, "takes": 2}]}}
    depot = {"place": "barracks", "day": 0, "pieces": {"wheeled": 2}}
    flow = {"destination": "out", "shares": {"wheeled": {"truck": 1.0}}, "origins": {"depot": depot}, "ships": ships}
    data = coast_data(
        flows={"out": flow},
        destinations={"out": {"exits": {"truck": "harbour"}}},
        needs={"pieces": {"guards": 1}},
        pools={"guards": {"capacity": 1}},
    )
    run = play(data)
    assert story(run, "out/depot/barracks/truck-001")[2:5] == [
        ("unload", "work", "harbour", "", 1.0, 1.5),
        ("in port", "milestone", "harbour", "", 1.5, 1.5),
        ("embark", "wait", "harbour", "ship to embark", 1.5, 4.0),
    ]
    assert story(run, "out/depot/barracks/truck-002")[3:5] == [
        ("unload", "blocked", "harbour", "guards", 1.5, 4.1),
        ("unload", "work", "harbour", "", 4.1, 4.6),
    ]


def test_the_team_of_a_terminal_is_shared_out_over_what_is_at_work(play: Any) -> None:
    """Two lorry ramps, a track, a crane, a landing spot and a gate: a team of twelve is two at each. Of these a single
    one takes twice as long, at the ramp and at the gate."""
    data = gated(12, needs={"terminal": {"controllers": 12}})
    assert [at_the_gate(play(data), f"truck-00{n}")[-1][3:] for n in (1, 2)] == [(0.6, 1.6), (1.6, 2.6)]
    assert at_the_gate(play(gated(1, needs={"terminal": {"controllers": 12}}, pieces=1))) == [
        ("work", "harbour", "", pytest.approx(1.1), pytest.approx(3.1))
    ]
    assert "controllers" in stuck(play(gated(0, needs={"terminal": {"controllers": 12}})))["cause"].to_list()
    data["places"]["harbour"]["terminal"] = 2
    with pytest.raises(InputError, match=r"terminal has needs, and nothing else"):
        play(data)


def test_a_regime_asks_for_more_guards(play: Any) -> None:
    """Two guards of two until hour 1, of four from then on: the lorries that come to the gate later take twice as
    long."""
    regimes = {"peace": {}, "conflict": {"needs_factor": {"controllers": 2}}}
    timeline = [{"regime": "peace", "day": 0}, {"regime": "conflict", "day": 1 / 24}]
    run = play(gated(2, 2, regimes=regimes, timeline=timeline))
    assert [at_the_gate(run, f"truck-00{n}")[-1][3:] for n in (1, 2)] == [(0.6, 1.6), (1.6, 3.6)]


def test_what_stands_and_what_is_loaded_have_guards_of_their_own(play: Any) -> None:
    data = guarded_train(4)
    data["needs"] = {"pieces": {"guards": 1}}
    doubts = build_scenario(data, coast()).doubts
    assert [doubt.key for doubt in doubts if "could wait for ever" in doubt.remedy] == [
        "movement.train.needs_per_piece.guards"
    ]


def test_the_sheet_of_means_says_who_works_where(play: Any) -> None:
    """Each gate has a default, with a source or the word assumed in the comment above it."""
    lines = (ROOT / "scenarios/means.toml").read_text().splitlines()
    gates = {
        "yard_guards": "trouw.nl",
        "rail_guards": "rd.nl",
        "support_staff": "bundeswehr.de",
        "first_aiders": "assumed",
        "harbour_divers": "defensie.nl",
        "customs_officers": "assumed",
        "movement_controllers": "ssumed",
    }
    for pool, source in gates.items():
        given = [n for n, line in enumerate(lines) if f"{pool} = " in line and not line.startswith("#")]
        assert any(source in line for n in given for line in lines[max(0, n - 6) : n + 1]), pool


def test_nobody_is_needed_where_nothing_of_a_staffed_place_is_taken(play: Any) -> None:
    """A column rests where there are beds with a cook for each, and takes none of them."""
    data = coast_data(
        flows={"flow": one_ship("column", 4)},
        places={"halt": {"beds": {"capacity": 4, "needs": {"cooks": 1}}}},
        pools={"cooks": {"capacity": 2}},
    )
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 2.5, "hours": 1, "facility": "beds"}]
    assert story(play(data), LOT + "column-001")[3] == ("rest", "work", "halt", "", 3.4, 4.4)

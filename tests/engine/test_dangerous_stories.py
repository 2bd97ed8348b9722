"""Ammunition and fuel: how much explosive a place takes at once, apart from others, and by night."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship, story

LOT = "flow/ship/harbour/"
SHELLS = {"dangerous": True, "explosive_kg": 1000, "wagons": ["container_wagons"]}


def data(limits: dict[str, float], **changes: Any) -> dict[str, Any]:
    """A battalion with 20 containers of ammunition at a barracks without a railhead apart."""
    home = {"home": "railhead", "railhead": "railhead", "destination": "east", "tier": 1}
    places = {place: {"explosive_kg": kg} for place, kg in limits.items()}
    return coast_data(
        activation={"decision_h": 0, "integration_h": 0, "stages": {}},
        classes={"shells": SHELLS},
        shares={"shells": {"train": 1.0}, "wheeled": {"train": 1.0}},
        elements={"bat": {**home, "pieces": {"shells": 20}}},
        places={**places, "railhead": {"tracks": {"capacity": 2, "rate_per_h": 5}, **places.get("railhead", {})}},
        **changes,
    )


def spans(run: Any, *activities: str) -> list[tuple[str, str, str, float, float]]:
    lots = pl.col("subject").str.contains("train")
    rows = run.spans.filter(pl.col("activity").is_in(activities) & (pl.col("end_h") > pl.col("start_h")) & lots)
    return rows.sort("subject", "start_h").select("subject", "kind", "cause", "start_h", "end_h").rows()


def test_trains_are_as_long_as_a_terminal_takes_explosives_and_load_one_after_another(play: Any) -> None:
    """Two trains of ten would load on the two tracks at once: as 10,000 kg may be there, the second waits."""
    free = play(data({}))
    assert [row[1:] for row in spans(free, "load")] == [("work", "", 0.0, 4.0)], "one train of 20"
    limited = spans(play(data({"railhead": 10_000})), "load")
    assert [(kind, cause) for _, kind, cause, *_ in limited] == [("work", ""), ("wait", "explosive_kg"), ("work", "")]
    (_, _, _, _, leaves), (_, _, _, since, until), (*_, begins, ends) = limited
    assert (leaves, since, until, begins, ends) == (2.0, 0.0, 2.0, 2.0, 4.0), "ten containers take two hours"


def test_the_smaller_of_two_places_counts(coast_network: Any) -> None:
    stories = data({"railhead": 10_000, "halt": 5_000})
    stories["destinations"]["east"]["exits"]["train"] = "halt"
    lots = [
        lot for element in compile_scenario(build_scenario(stories, coast_network)).elements for lot in element.lots
    ]
    assert [lot.pieces for lot in lots] == [5, 5, 5, 5]
    masses = [need for need in lots[0].needs() if need.pool[1] == "explosive_kg"]
    assert masses == [(("railhead", "explosive_kg"), 5_000), (("halt", "explosive_kg"), 5_000)]


def test_what_a_ship_takes_counts_where_it_stands_and_not_twice(play: Any) -> None:
    depot = {"place": "barracks", "day": 0, "pieces": {"shells": 2}}
    ships = {"ro": {"calls": [{"port": "harbour", "day": 1, "takes": 2}]}}
    flow = {"destination": "out", "shares": {"shells": {"truck": 1.0}}, "origins": {"depot": depot}, "ships": ships}
    stories = coast_data(
        flows={"out": flow},
        destinations={"out": {"exits": {"truck": "harbour"}}},
        classes={"shells": SHELLS},
        places={"harbour": {"explosive_kg": 2_000}},
    )
    held = play(stories).holdings.filter(pl.col("pool") == "explosive_kg")
    assert held.select("amount", pl.col("start_h", "end_h").round(4)).rows() == [(1000, 1.0, 24.1), (1000, 1.5, 24.2)]


def test_an_end_of_the_way_limits_likewise(play: Any) -> None:
    stories = data({"halt": 10_000})
    stories["destinations"]["east"]["exits"]["train"] = "halt"
    stories["places"]["halt"]["tracks"] = {"capacity": 2, "rate_per_h": 2}
    run = play(stories)
    held = run.holdings.filter((pl.col("pool") == "explosive_kg") & (pl.col("place") == "halt"))
    assert held["amount"].to_list() == [10_000, 10_000]
    (came, leaves), (let_in, _) = held.select("start_h", "end_h").rows()
    assert let_in == leaves == came + 5, "both come at once, and ten containers take five hours"


def test_what_stands_at_a_port_counts_until_it_is_loaded(play: Any) -> None:
    stories = coast_data(flows={"flow": one_ship("truck", 2, "shells")}, places={"harbour": {"explosive_kg": 1000}})
    stories["classes"] = {"shells": {**SHELLS, "yard_m2": 30}}
    assert story(play(stories), LOT + "truck-002")[1] == (
        *("discharge", "blocked", "harbour", "explosive_kg"),
        *(pytest.approx(0.1), pytest.approx(0.6)),
    )


def test_who_waits_for_room_holds_no_ramp_that_another_needs_to_make_room(play: Any) -> None:
    """What has landed fills the harbour and waits for a busy ramp, which a battalion there has asked for before."""
    home = {"home": "harbour", "destination": "east", "tier": 1, "pieces": {"wheeled": 1, "shells": 1}}
    stories = coast_data(
        activation={"decision_h": 0, "integration_h": 0, "stages": {}},
        flows={"flow": {**one_ship("truck", 1, "shells"), "task": "host_nation_support"}},
        tasks={"regional_plans": {"priority": 1}, "host_nation_support": {"priority": 2}},
        classes={"shells": {**SHELLS, "yard_m2": 30}},
        shares={"shells": {"truck": 1.0}, "wheeled": {"truck": 1.0}},
        elements={"bat": home},
        places={"harbour": {"explosive_kg": 1000, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}},
    )
    run = play(stories)
    assert run.stuck.is_empty()
    held = run.holdings.filter(pl.col("pool") == "explosive_kg").select("start_h", "end_h").sort("start_h").rows()
    assert len(held) == 2
    assert held[1][0] >= held[0][1], "one after the other"


def test_each_dangerous_class_is_loaded_apart(coast_network: Any) -> None:
    stories = data({})
    stories["classes"]["diesel"] = {"dangerous": True, "wagons": ["container_wagons"]}
    stories["shares"]["diesel"] = {"train": 1.0}
    stories["elements"]["bat"]["pieces"] = {"wheeled": 4, "shells": 2, "diesel": 2}
    plan = compile_scenario(build_scenario(stories, coast_network))
    lots = [(lot.pieces, lot.trip.way.dangerous) for element in plan.elements for lot in element.lots]
    assert sorted(lots) == [(2, True), (2, True), (4, False)]


def test_what_drives_by_itself_is_not_parted(coast_network: Any) -> None:
    stories = data({})
    stories["classes"]["bowser"] = {"dangerous": True}
    stories["shares"] = {name: {"column": 1.0} for name in ("wheeled", "bowser")}
    stories["elements"]["bat"]["pieces"] = {"wheeled": 4, "bowser": 2}
    plan = compile_scenario(build_scenario(stories, coast_network))
    assert [lot.pieces for element in plan.elements for lot in element.lots] == [6]


def test_trains_with_dangerous_goods_run_at_night_if_the_regime_says_so(play: Any) -> None:
    stories = data({})
    stories["elements"]["bat"]["pieces"]["wheeled"] = 20
    stories["regimes"] = {"peace": {"running_dangerous": ["22:00-05:00"]}, "war": {}}
    stories["timeline"] = [{"regime": "peace", "day": 0}]
    waits = [(wait, start, end) for _, _, wait, start, end in spans(play(stories), "march") if wait]
    assert waits == [("driving window", 4.0, 22.0)], "loaded at four, like the other, which has left"
    stories["timeline"] = [{"regime": "war", "day": 0}]
    assert "driving window" not in [wait for _, _, wait, *_ in spans(play(stories), "march")]
    stories["movement"]["train"]["running"] = ["12:00-20:00"]
    waits = {end for _, _, wait, _, end in spans(play(stories), "march") if wait == "driving window"}
    assert waits == {12.0}, "in war as all others"
    stories["movement"]["train"]["running_dangerous"] = ["18:00-20:00"]
    stories["regimes"]["war"] = {"running": []}
    waits = {end for _, _, wait, _, end in spans(play(stories), "march") if wait == "driving window"}
    assert waits == {18.0}, "what is said of dangerous goods goes before what a regime says of all"


def test_a_place_that_takes_less_than_one_piece_is_told(coast_network: Any) -> None:
    with pytest.raises(InputError, match=r"places\.railhead\.explosive_kg.*500.*is smaller than .*1000 kg"):
        compile_scenario(build_scenario(data({"railhead": 500}), coast_network))

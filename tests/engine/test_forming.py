"""Trains and packets are formed when they are loaded, of the wagons and trucks that there are."""

from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.engine import simulate
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story
from tests.engine.test_outbound_stories import outbound

LOT = "flow/ship/harbour/"


def trains(run: nfm.Run) -> list[tuple[str, float]]:
    """By train, in the order in which they are loaded: its name and its wagons."""
    held = run.holdings.filter(pl.col("pool") == "flat_wagons").sort("start_h", "subject", maintain_order=True)
    return [(name.removeprefix(LOT), wagons) for name, wagons in held.select("subject", "amount").rows()]


def wagons_for(pieces: int, wagons: int, **changes: Any) -> dict[str, Any]:
    """Pieces that are ashore at once and wait for wagons that are away for three days."""
    data = coast_data(
        horizon_days=90,
        flows={"flow": one_ship("train", pieces)},
        pools={"flat_wagons": {"capacity": wagons}},
        places={"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e6}, "tracks": {"capacity": 9, "rate_per_h": 1e6}}},
        **changes,
    )
    data["destinations"]["east"]["beyond_h"] = {"train": 33}
    return data


def test_a_train_goes_with_the_wagons_that_there_are_and_the_rest_follows(play: Any) -> None:
    run = play(wagons_for(120, 55))
    assert trains(run) == [("train-001", 30), ("train-002", 25), ("train-002.2", 5)]
    assert dict(run.subjects.filter(pl.col("mode") == "train").select("subject", "pieces").iter_rows()) == {
        LOT + "train-001": 60,
        LOT + "train-002": 50,
        LOT + "train-002.2": 10,
    }
    assert nfm.closure(run)["closed_pieces"].to_list() == [120]


def test_what_was_left_behind_was_with_its_train_until_then(play: Any) -> None:
    run = play(wagons_for(120, 55))
    whole, rest = story(run, LOT + "train-002"), story(run, LOT + "train-002.2")
    assert rest[0] == whole[0]
    assert ("load", "wait", "harbour", "flat_wagons", pytest.approx(0, abs=0.01), pytest.approx(72, abs=0.1)) in rest


def test_what_was_left_behind_stands_on_its_part_of_the_yard(play: Any) -> None:
    """Ten of sixty pieces stay, each on 45 m2."""
    data = wagons_for(120, 55)
    data["places"]["harbour"]["yard_m2"] = 9000
    stood = play(data).holdings.filter(pl.col("pool") == "yard_m2", pl.col("subject") == LOT + "train-002.2")
    assert stood["amount"].to_list() == [450]


def test_what_is_divided_is_loaded_and_turned_round_in_its_part_of_the_time(play: Any) -> None:
    """Trains of 25 wagons, at five pieces an hour: three hours to the border, five beyond it, as long to unload as to
    load, and the way back."""
    data = wagons_for(100, 45)
    data["places"]["harbour"]["tracks"] = {"capacity": 9, "rate_per_h": 5}
    data["destinations"]["east"]["beyond_h"] = {"train": 5}
    del data["movement"]["train"]["turn_h"]
    away = play(data).holdings.filter(pl.col("pool") == "flat_wagons")
    assert away.select("amount", (pl.col("end_h") - pl.col("start_h")).round(3)).rows() == [
        (25, 10 + 3 + 5 + 10 + 5 + 3),
        (20, 8 + 3 + 5 + 8 + 5 + 3),
        (5, 2 + 3 + 5 + 2 + 5 + 3),
    ]


def test_remainders_join_and_go_last(play: Any) -> None:
    """Three trains of thirty, on forty wagons: thirty go, ten; and when these are back, thirty and ten once more."""
    run = play(wagons_for(180, 40))
    assert trains(run)[:3] == [("train-001", 30), ("train-002", 10), ("train-003", 30)]
    assert [wagons for _, wagons in trains(run)[3:]] == [10, 10]
    assert nfm.closure(run)["closed_pieces"].to_list() == [180]


def test_what_two_trains_leave_behind_goes_as_one(play: Any) -> None:
    """Trains of twenty wagons, of which twelve are there and twelve come on day 1: eight and eight are left, for which
    there are wagons on day 2."""
    data = wagons_for(80, 12)
    data["movement"]["train"]["max_wagons"] = 20
    data["pools"]["flat_wagons"]["arrivals"] = [{"day": 1, "amount": 12}, {"day": 2, "amount": 16}]
    assert trains(play(data)) == [("train-001", 12), ("train-002", 12), ("train-001.2", 16)]


def test_remainders_of_trains_from_afar_join_too(play: Any) -> None:
    """They are loaded beyond the border, on no track that anybody knows."""
    data = outbound("train", 180, place="border", from_h={"train": 10})
    data["places"] = {"harbour": {"tracks": {"capacity": 9, "rate_per_h": 1e6}}}
    data |= {"pools": {"flat_wagons": {"capacity": 40}, "locomotives": {"capacity": 9}}, "horizon_days": 30}
    run = play(data)
    assert [wagons for _, wagons in trains(run)] == [30, 10, 30, 10, 10]
    assert nfm.closure(run)["closed_pieces"].to_list() == [180]


def test_fewer_wagons_than_the_least_do_not_make_a_train_unless_there_can_be_no_more(play: Any) -> None:
    assert trains(play(wagons_for(120, 33)))[:2] == [("train-001", 30), ("train-002", 30)], "three stand idle"
    few = play(wagons_for(12, 3))
    assert [wagons for _, wagons in trains(few)] == [3, 3]


def test_wagons_are_taken_all_at_once_or_not_at_all(play: Any) -> None:
    """All heavy wagons are away. The mixed train is too short without them; the flat ones it would hold meanwhile go
    with another, which is less urgent."""
    tanks = {**one_ship("train", 5, "tracked"), "priority": 1}
    mixed = one_ship("train", 8)
    mixed["shares"]["tracked"] = {"train": 1.0}
    mixed["ships"]["ship"]["calls"][0] |= {"day": 0.2, "pieces": {"wheeled": 8, "tracked": 5}}
    flat = {**one_ship("train", 8), "priority": 3}
    flat["ships"]["ship"]["calls"][0]["day"] = 0.5
    data = wagons_for(1, 4)
    data["movement"]["train"]["least_wagons"] = 9
    data["flows"] = {"tanks": tanks, "mixed": {**mixed, "priority": 2}, "flat": flat}
    data["pools"]["heavy_wagons"] = {"capacity": 5}
    held = play(data).holdings.filter(pl.col("pool").str.ends_with("wagons")).sort("start_h", "pool")
    assert held.select(pl.col("subject").str.split("/").list.first(), "pool").rows() == [
        ("tanks", "heavy_wagons"),
        ("flat", "flat_wagons"),
        ("mixed", "flat_wagons"),
        ("mixed", "heavy_wagons"),
    ]


def test_no_wagon_is_held_for_a_locomotive_that_is_away(play: Any) -> None:
    """One locomotive. The second train is loaded so that it is ready when that is back, and not before."""
    data = coast_data(
        horizon_days=30,
        flows={"flow": one_ship("train", 40)},
        pools={"flat_wagons": {"capacity": 60}, "locomotives": {"capacity": 1}},
        places={"harbour": {"tracks": 9}},
    )
    data["movement"]["train"] |= {"max_wagons": 10, "border_h": 18}
    run = play(data)
    first, second = (story(run, LOT + f"train-{n:03d}") for n in (1, 2))
    (left,) = [span[4] for span in first if span[1] == "move" and span[2] == "halt"]
    back = left + 3 + 18 + 3
    (loads,) = [span for span in second if span[:2] == ("load", "work")]
    assert loads[4:] == (back - 4, back)
    held = run.holdings.filter(pl.col("subject") == LOT + "train-002", pl.col("pool") == "flat_wagons")
    assert held["start_h"].to_list() == [back - 4]


def test_a_short_train_is_loaded_only_when_its_locomotive_is_there(play: Any) -> None:
    """A whole train of ten wagons would be loaded in the four hours before the locomotive is back; one of five has
    until then to become longer."""
    data = wagons_for(40, 15)
    data["pools"]["locomotives"] = {"capacity": 1}
    data["places"]["harbour"]["tracks"] = {"capacity": 9, "rate_per_h": 5}
    data["movement"]["train"] |= {"max_wagons": 10, "border_h": 18}
    run = play(data)
    (engine,) = run.holdings.filter(pl.col("pool") == "locomotives", pl.col("subject") == LOT + "train-001").rows(
        named=True
    )
    assert (round(engine["start_h"], 3), round(engine["end_h"], 3)) == (4, 4 + 3 + 18 + 3)
    assert [span[3:] for span in story(run, LOT + "train-002") if span[0] == "load"] == [
        ("flat_wagons", 0.0, 28.0),
        ("", 28.0, 30.0),
    ]


def test_a_packet_goes_with_the_trucks_that_there_are(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 20)}, pools={"trucks": {"capacity": 7}})
    data["movement"]["truck"]["trucks"] = 5
    run = play(data)
    held = run.holdings.filter(pl.col("pool") == "trucks").sort("start_h")
    assert held["amount"].to_list()[:2] == [5, 2]
    assert nfm.closure(run)["closed_pieces"].to_list() == [20]


def test_trains_of_an_element_are_formed_too_and_it_arrives_with_the_last(play: Any) -> None:
    element = {"tier": 1, "home": "barracks", "railhead": "railhead", "destination": "east", "pieces": {"wheeled": 60}}
    data = coast_data(
        shares={"wheeled": {"train": 1.0}}, elements={"bat": element}, pools={"flat_wagons": {"capacity": 30}}
    )
    strike = {"pools": ["flat_wagons"], "start_h": 0, "duration_h": 48, "left_share": 0.5}
    run = play({**data, "disruptions": {"strike": strike}})
    assert run.subjects.filter(pl.col("mode") == "train")["pieces"].to_list() == [30, 30]
    last = run.spans.filter(pl.col("activity") == "closed")["start_h"].max()
    assert nfm.readiness(run)["in_place_h"].to_list() == [last]


def test_trains_are_formed_anew_of_what_a_fork_leaves() -> None:
    """Of all that there are, where these are fewer than the least of a train."""
    data = wagons_for(150, 20)
    data["movement"]["train"]["least_wagons"] = 15
    data["horizon_days"] = 45
    study = nfm.replicate(build_scenario(data, coast()), 1, jobs=1, keep="all")
    for left in (25, 7, 2):
        forked = nfm.fork(study, 0.5, changes={"pools.flat_wagons.capacity": left}, jobs=1, keep="all")
        assert nfm.measures.stuck(forked).is_empty()
        assert nfm.closure(forked)["last_h"].null_count() == (left == 2), "with two it takes longer than the horizon"


def mean_last(pieces: int, wagons: int, **changes: Any) -> float:
    data = wagons_for(pieces, wagons, **changes)
    data["destinations"]["east"]["beyond_h"] = {"train": {"pert": [20, 30, 60]}}
    data["horizon_days"] = 400
    plan = compile_scenario(build_scenario(data, coast()))
    last = [nfm.closure(simulate(plan, 1, replication))["last_h"][0] for replication in range(12)]
    return sum(last) / len(last)


def test_closure_has_no_steps_over_the_number_of_wagons() -> None:
    """Six hundred pieces are three hundred wagon loads. One wagon more never makes it later, and no wagon stands idle
    for want of those that would make a train full."""
    means = {wagons: mean_last(600, wagons) for wagons in (3, *range(8, 120, 14), 30, 31, 55, 58, 59, 60, 61, 90)}
    ordered = [means[wagons] for wagons in sorted(means)]
    for fewer, more in pairwise(ordered):
        assert more < fewer * 1.03
    assert means[55] < 1.1 * means[58]
    for wagons, mean in means.items():
        assert mean < 1.35 * 300 / wagons * 72 + 72, wagons


@given(st.integers(1, 90), st.integers(1, 40), st.integers(1, 12), st.integers(1, 3), st.integers(0, 9))
def test_every_piece_goes_once_however_trains_are_divided(
    pieces: int, wagons: int, least: int, locomotives: int, seed: int
) -> None:
    data = wagons_for(pieces, wagons)
    data["pools"]["locomotives"] = {"capacity": locomotives}
    data["movement"]["train"]["least_wagons"] = least
    data["horizon_days"] = 400
    data["places"]["harbour"]["yard_m2"] = 6000
    run = simulate(build_scenario(data, coast()), seed)
    moved = run.subjects.filter(pl.col("mode") == "train")
    assert moved["pieces"].sum() == pieces
    assert moved["pieces"].min() > 0
    assert nfm.closure(run)["closed_pieces"].to_list() == [pieces]
    for pool, capacity in (("flat_wagons", wagons), ("locomotives", locomotives), ("yard_m2", 6000)):
        held = run.holdings.filter(pl.col("pool") == pool)
        changes = sorted(
            [(end, -n) for n, end in held.select("amount", "end_h").rows()]
            + [(start, n) for n, start in held.select("amount", "start_h").rows()]
        )
        level = 0.0
        for _, change in changes:
            level += change
            assert level <= capacity + 1e-6
        assert held.filter(pl.col("end_h") >= 400 * 24).is_empty()

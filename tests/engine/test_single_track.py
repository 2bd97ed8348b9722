"""Trains on one track and on several: who follows, meets and overtakes whom, and that none waits for ever."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.engine import simulate
from nfm_sim.measures import closed_lots, lost_pieces
from nfm_sim.network import Facility, Network
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, link, meetings, node, one_ship, story
from tests.engine.test_losses import raid
from tests.engine.test_transit_depth import play_on, with_links


def line(holds: list[bool], tracks: list[int]) -> Network:
    """A railway from one port to another, over stations where trains may stand or not."""
    names = ["west", *(f"s{i}" for i in range(len(holds))), "east"]
    ports = [node(name, lon, "rail", "sea_port_terminal") for name, lon in (("west", 4.0), ("east", 7.0))]
    stations = [node(f"s{i}", 4.5 + i / 10, "rail" if hold else "") for i, hold in enumerate(holds)]
    links = [
        link(f"t{i}", names[i], names[i + 1], 25 * (1 + i % 3), "rail", tracks=tracks[i]) for i in range(len(names) - 1)
    ]
    facilities = [
        Facility(port, name, 2, "", rate)
        for port in ("west", "east")
        for name, rate in (("berths", None), ("ramps", 60.0), ("gangs", None), ("tracks", 60.0))
    ]
    return Network(
        Path("line"),
        {n.name: n for n in [*ports, *stations]},
        {li.name: li for li in links},
        {(f.node, f.name): f for f in facilities},
    )


@st.composite
def lines(draw: st.DrawFn) -> Network:
    holds = draw(st.lists(st.booleans(), max_size=5))
    return line(holds, draw(st.lists(st.sampled_from([1, 1, 2]), min_size=len(holds) + 1, max_size=len(holds) + 1)))


def against(pieces: tuple[int, int], rests: bool) -> dict[str, Any]:
    def flow(port: str, other: str, count: int) -> dict[str, Any]:
        calls = [{"port": port, "day": 0, "pieces": {"wheeled": count}}]
        return {"destination": other, "shares": {"wheeled": {"train": 1.0}}, "ships": {"s": {"calls": calls}}}

    data = coast_data(
        horizon_days=60,
        flows={"there": flow("west", "to east", pieces[0]), "back": flow("east", "to west", pieces[1])},
        pools={"flat_wagons": {"capacity": 12}, "locomotives": {"capacity": 3}},
        bumping=rests,
    )
    data["destinations"] = {"to east": {"exits": {"train": "east"}}, "to west": {"exits": {"train": "west"}}}
    data["movement"]["train"] |= {"max_wagons": 4}
    if rests:
        data["movement"]["train"]["rests"] = [{"activity": "driver's relief", "after_h": 2, "hours": 1}]
        data["flows"]["back"]["priority"] = 0
    return data


@given(lines(), st.tuples(st.integers(1, 90), st.integers(1, 90)), st.booleans())
def test_no_train_waits_for_ever(network: Network, pieces: tuple[int, int], rests: bool) -> None:
    run = simulate(build_scenario(against(pieces, rests), network))
    assert closed_lots(run)["closed_h"].null_count() == 0
    assert meetings(run, network).is_empty()
    after = run.passages.sort("link", "forward", "enter_h").select(
        pl.col("enter_h", "leave_h").diff().over("link", "forward"), "slot_h"
    )
    assert after.filter((pl.col("enter_h") < pl.col("slot_h")) | (pl.col("leave_h") < pl.col("slot_h"))).is_empty()


def test_trains_follow_each_other_on_a_single_track_at_the_headway() -> None:
    """Two trains are loaded side by side; the line takes an hour and a half, with two halves of single track."""
    network = line([True], [1, 1])
    data = against((8, 1), False)
    del data["flows"]["back"]
    data["movement"]["train"] |= {"max_wagons": 2, "headway_h": 0.25}
    closed = closed_lots(simulate(build_scenario(data, network)))["closed_h"].sort()
    assert closed.diff().to_list()[1:] == [0.25]


def test_a_train_that_waits_for_ever_before_a_single_track_is_lost_with_the_station_where_it_stands() -> None:
    """The track is shut until somebody has worked for longer than the horizon; of eight pieces on it, none is left."""
    data = against((8, 0), rests=False)
    del data["flows"]["back"]
    data["pools"]["engineers"] = {"capacity": 1}
    data["disruptions"] = {
        "slide": {"links": ["t1"], "start_h": 0, "work_h": 2000, "needs": {"engineers": 1}},
        **raid(1, 100, nodes=["s0"]),
    }
    run = simulate(build_scenario(data, line([True], [1, 1])))
    assert lost_pieces(run).select("disruption", "pieces").rows() == [("raid", 8)]


def test_trains_cross_where_they_may_stand() -> None:
    network = line([True], [1, 1])
    run = simulate(build_scenario(against((8, 8), False), network))
    moves = run.passages.sort("movement", "enter_h").select("movement", "link", "enter_h", "leave_h").rows()
    # both are discharged and loaded at 16 minutes; the eastern line is twice as long: 0.5 and 1 hour
    start = moves[0][2]
    assert [(link, round(enter - start, 3), round(leave - start, 3)) for _, link, enter, leave in moves] == [
        ("t1", 0.0, 1.0),
        ("t0", 1.0, 1.5),
        ("t0", 0.0, 0.5),
        ("t1", 1.0, 2.0),
    ]


def each_way(**changes: Any) -> Network:
    """The coast, whose single track is given as one link each way."""
    near = coast()
    there = replace(near.links["rail2"], directed=True, **changes)
    back = replace(there, name="rail2 back", start=there.end, end=there.start)
    return replace(near, links={**near.links, "rail2": there, back.name: back})


def test_trains_do_not_meet_on_a_single_track_that_is_given_as_one_link_each_way() -> None:
    """Both are ready at once, an hour of track apart, on which two hours follow for the one that goes out."""
    depot = {"place": "border", "day": 2 / 24, "pieces": {"wheeled": 2}}
    flows = {
        "out": one_ship("train", 2),
        "back": {"destination": "west", "shares": {"wheeled": {"train": 1.0}}, "origins": {"depot": depot}},
    }
    data = coast_data(flows=flows)
    data["destinations"]["west"] = {"exits": {"train": "harbour"}}
    quick = {"capacity": 9, "rate_per_h": 1e6}
    data["places"] = {"harbour": {"ramps": quick, "tracks": quick}, "border": {"tracks": quick}}
    run = play_on(each_way(), data)
    on_track = run.passages.filter(pl.col("link").str.starts_with("rail2")).sort("enter_h")
    assert on_track["link"].n_unique() == 2
    assert on_track["enter_h"][1] >= on_track["leave_h"][0]


@pytest.mark.parametrize("mended", ["rail2", "rail2 back"])
def test_a_track_that_was_closed_twice_is_open_when_both_are_over_whichever_way_they_name(mended: str) -> None:
    """A landslide on one link is cleared at hour 4; works on the other of the same track last until 20."""
    (works,) = {"rail2", "rail2 back"} - {mended}
    landslide = {"links": [mended], "start_h": 0, "work_h": 4, "needs": {"crew": 1}}
    data = coast_data(
        flows={"flow": one_ship("train", 1)},
        pools={"crew": {"capacity": 1}},
        disruptions={"landslide": landslide, "works": {"links": [works], "start_h": 0, "duration_h": 20}},
    )
    run = play_on(each_way(), data)
    assert story(run, "flow/ship/harbour/train-001")[-2] == ("march", "move", "border", "", 20, 21)
    ends = run.outages.group_by("disruption").agg(pl.col("name").sort(), pl.col("end_h").max()).sort("end_h")
    assert ends.rows() == [("landslide", ["rail2", "rail2 back"], 4), ("works", ["rail2", "rail2 back"], 20)]


def test_as_much_is_left_of_a_track_that_is_given_as_one_link_each_way_as_of_one_link() -> None:
    flows = {name: one_ship("train", 1) for name in ("one", "two", "three")}
    data = coast_data(
        flows=flows, disruptions={"fire": {"lines": ["RAIL2"], "start_h": 0, "duration_h": 99, "left_share": 0.5}}
    )
    data["places"] = {"harbour": {name: {"capacity": 9} for name in ("berths", "ramps", "gangs", "tracks")}}
    of_one = play_on(with_links(coast(), rail2={"km": 10}), data)
    assert (
        closed_lots(play_on(each_way(km=10), data))["closed_h"].to_list() == closed_lots(of_one)["closed_h"].to_list()
    )


@pytest.mark.parametrize(
    ("tracks", "fast", "against"), [(1, 2.25, 4.25), (2, 2.25, 4.0), (3, 2.25, 4.0), (4, 0.5, 1.0)]
)
def test_what_is_slow_and_wide_is_overtaken_and_met_on_four_tracks_alone(
    tracks: int, fast: float, against: float
) -> None:
    """Tanks leave at once and take four hours to the halt, where another train takes two; it is ready at half past
    twelve, and at 2.25 it stays a headway behind them. One from the border is at the halt at 1, and takes two hours."""
    late = one_ship("train", 20)
    late["ships"]["ship"]["calls"][0]["day"] = 0.5 / 24
    depot = {"place": "border", "day": 0, "pieces": {"wheeled": 2}}
    back = {"destination": "west", "shares": {"wheeled": {"train": 1.0}}, "origins": {"depot": depot}}
    data = coast_data(flows={"tanks": one_ship("train", 20, "outsized"), "late": late, "back": back})
    data["destinations"]["west"] = {"exits": {"train": "harbour"}}
    quick = {"capacity": 9, "rate_per_h": 1e6}
    data["movement"]["train"] |= {"out_of_gauge_kmh": 25}
    data["places"] = {"harbour": {"ramps": quick, "tracks": quick}, "border": {"tracks": quick}}
    run = play_on(with_links(coast(), rail1={"tracks": tracks}), data)
    on_link = run.passages.filter(pl.col("link") == "rail1").select(
        pl.col("movement").str.split("/").list.first(), "enter_h"
    )
    assert dict(on_link.rows()) == pytest.approx({"tanks": 0, "late": fast, "back": against}, abs=1e-4)

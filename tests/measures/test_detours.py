"""What was lost, and what that did, with hours worked out by hand."""

from typing import Any

import pytest

from nfm_sim import measures
from nfm_sim.measures.losses import lost
from nfm_sim.sentences.losses import lost_told
from nfm_sim.study import join_runs
from tests.conftest import coast_data, one_ship


def close(start_h: Any, duration_h: float, **target: Any) -> dict[str, Any]:
    return {"bridge": {"title": "The bridge at the halt", "start_h": start_h, "duration_h": duration_h, **target}}


def further(run: Any) -> list[tuple[Any, ...]]:
    found = measures.detours(run).drop("replication")
    return [tuple(round(x, 2) if isinstance(x, float) else x for x in row) for row in found.rows()]


def test_a_lost_bridge_that_is_driven_round_is_told(play_wide: Any) -> None:
    """Five vehicles at 50 km/h: 180 km over the bypass take 3.6 h in place of the 3 h of 150 km."""
    run = play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=close(1, 99, links=["road1"])))
    assert further(run) == [("bridge", "column", 1, 5, 0.6, 3.0)]
    assert measures.outages(run).rows() == [(0, "bridge", "link", "road1", "", 1.0, 100.0, 0.0)]
    assert [lost_told(row, 1) for row in measures.summary(run)["lost"]] == [
        "Lost: The bridge at the halt, day 0.0 to 4.2: 1 column went further because of it, 0.6 h in all."
    ]


def test_what_is_waited_for_is_no_detour(play: Any) -> None:
    """There is no way round: it waits at the halt from 3.5 to 10."""
    run = play(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=close(2, 8, links=["road2"])))
    assert further(run) == []
    assert [lost_told(row, 1) for row in lost(run)] == [
        "Lost: The bridge at the halt, day 0.1 to 0.4: it was waited for 1 time, 32 piece-hours in all."
    ]


def test_what_nobody_needs_is_told_too(play_wide: Any) -> None:
    run = play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=close(96, 500, links=["canal1"])))
    assert [lost_told(row, 1) for row in lost(run)] == [
        "Lost: The bridge at the halt, from day 4.0 on: nothing went further because of it, and nothing waited for it."
    ]


def test_a_lorry_before_a_closed_bridge_goes_back_and_round(play_wide: Any) -> None:
    """At the halt at 2.6 with one hour to go; back and over the bypass it drives 280 km, and rests for 0.75 h."""
    run = play_wide(coast_data(flows={"flow": one_ship("truck", 1)}, disruptions=close(1, 99, links=["road2"])))
    assert further(run) == [("bridge", "truck", 1, 1, 5.35, 5.35)]


def test_who_turns_back_has_driven_in_vain(play_wide: Any) -> None:
    """An hour on the bypass and an hour back; the second closure ends before it gets there again."""
    disruptions = {
        "x": {"start_h": 1, "duration_h": 99, "links": ["road1"]},
        "y": {"start_h": 2.5, "duration_h": 2.5, "links": ["road6"]},
    }
    run = play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=disruptions))
    assert further(run) == [("x", "column", 1, 5, 0.6, 3.0), ("y", "column", 1, 5, 2.0, 10.0)]


def test_a_ship_that_goes_to_another_port_counts_with_what_it_carries(play_wide: Any) -> None:
    flow = {**one_ship("truck", 3), "diverts_to": {"haven": 12}}
    run = play_wide(coast_data(flows={"flow": flow}, disruptions=close(0, 99, facilities=["harbour.berths"])))
    assert further(run) == [("bridge", "ship", 1, 3, 12.0, 36.0)]
    assert measures.outages(run).select("what", "name", "place").rows() == [("facility", "berths", "harbour")]


@pytest.mark.parametrize("routing", ["fastest", "earliest"])
def test_a_way_that_is_chosen_for_the_traffic_is_no_detour(routing: str, play_wide: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 100)}, routing=routing)
    data["movement"]["column"]["column_gap_h"] = 4
    data["places"] = {"harbour": {"ramps": {"rate_per_h": 1000}}}
    assert further(play_wide(data)) == []


def test_a_chance_that_never_came_is_told(play_wide: Any) -> None:
    """A bridge that is lost once in a million replications is in no number of one."""
    rare = close(24, 24, links=["road1"])
    rare["bridge"]["chance"] = 1e-6
    run = play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=rare))
    assert [(row["title"], row["share"], row["waits"], row["detours"]) for row in lost(run)] == [
        ("The bridge at the halt", 0, 0, [])
    ]


def test_what_never_came_is_told_by_name(play_wide: Any) -> None:
    rare = {name: {"links": ["road1"], "start_h": 24, "duration_h": 24, "chance": 1e-6} for name in ("b", "a", "c")}
    run = play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=rare))
    assert [row["disruption"] for row in lost(run)] == ["a", "b", "c"]


def test_over_replications_it_says_how_often_and_in_the_mean(play_wide: Any) -> None:
    """With a chance of a half it happens in some of them; each time the same column goes the same 0.6 h further."""
    data = coast_data(flows={"flow": one_ship("column", 5)}, disruptions=close(24, 24, links=["road1"], chance=0.5))
    data["flows"]["flow"]["ships"]["ship"]["calls"][0]["day"] = 1
    run = join_runs([play_wide(data, replication=number) for number in range(8)])
    happened = measures.outages(run)["replication"].n_unique()
    assert 0 < happened < 8
    share = happened / 8
    assert [lost_told(row, 8) for row in lost(run)] == [
        f"Lost: The bridge at the halt, day 1.0 to 2.0, in {100 * share:.0f} % of replications: {share:.3g} columns "
        f"went further because of it, {0.6 * share:.3g} h in all (means over replications)."
    ]


def test_a_random_loss_is_on_record_where_it_fell(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)})
    data["disruptions"] = {"x": {"anywhere": "rail", "start_h": 0, "duration_h": 1, "times": 3, "every_h": 24}}
    rows = measures.outages(play(data)).select("name", "start_h", "end_h").rows()
    assert [row[1:] for row in rows] == [(0.0, 1.0), (24.0, 25.0), (48.0, 49.0)]
    assert {row[0] for row in rows} <= {"rail1", "rail2", "rail3"}

"""Disruptions that end when they have been mended, what guards keep away, and what is lost for good."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.measures import closure, stuck
from nfm_sim.measures.losses import lost as lost_rows
from nfm_sim.problems import InputError
from nfm_sim.sentences.losses import lost_told
from tests.conftest import coast_data, one_ship, story

MINE = "mine countermeasures"


def minehunters(number: int, asked: int = 2, **commitment: Any) -> dict[str, Any]:
    """Elements that are at sea half a day after they are called."""
    post = {"capability": MINE, "number": asked, "travel_h": 12, "mends": "mines", **commitment}
    return {
        "tasks": {"regional_plans": {"priority": 2}, "host_nation_support": {"commitments": {"sweep": post}}},
        "elements": {f"hunter_{n + 1}": {"home": "harbour", "capability": MINE} for n in range(number)},
    }


def mined(**changes: Any) -> dict[str, Any]:
    """The berths are closed at hour 60, for 200 hours, and a ship comes at hour 72."""
    mines = {"facilities": ["harbour.berths"], "start_h": 60, "duration_h": 200, "work_h": 48, "needs": {MINE: 2}}
    flow = one_ship("truck", 1)
    flow["ships"]["ship"]["calls"][0]["day"] = 3
    return coast_data(flows={"flow": flow}, **{"disruptions": {"mines": mines}, "horizon_days": 20, **changes})


def hours(run: Any) -> tuple[float, float]:
    """When it began and when it was over."""
    (row,) = run.outages.select("start_h", "end_h").rows()
    return row


def test_two_minehunters_that_arrive_on_day_3_and_work_48_hours_reopen_on_day_5(play: Any) -> None:
    force = minehunters(2)
    force["tasks"]["home"] = {"commitments": {"guard": {"capability": "infantry"}}}
    force["elements"]["bat"] = {"home": "barracks", "capability": "infantry"}
    run = play(mined(**force))
    assert hours(run) == (60, 120)
    assert story(run, "flow/ship")[:2] == [
        ("arrive", "wait", "harbour", "mines", 72.0, 120.0),
        ("discharge", "work", "harbour", "", 120.0, pytest.approx(120.1)),
    ]
    served = run.duties.filter(pl.col("state") == "serve").select("element", "start_h", "end_h").sort("element")
    assert served.rows()[1:] == [("hunter_1", 72, 120), ("hunter_2", 72, 120)], "and go home then"
    asked = run.commitments.select("commitment", "start_h", "end_h").rows()
    assert sorted(asked) == [("guard", 0, 480), ("sweep", 60, 120)]


def test_who_mends_stays_until_all_that_happened_is_mended_and_waits_for_nothing_else(play: Any) -> None:
    """Mines at hours 60 and 90, each swept in 48 hours, and a storm elsewhere that nobody mends."""
    data = mined(**minehunters(2))
    data["disruptions"]["mines"] |= {"times": 2, "every_h": 30}
    data["disruptions"]["storm"] = {"links": ["rail1"], "start_h": 0, "duration_h": 400}
    run = play(data)
    swept = run.outages.filter(pl.col("disruption") == "mines").select("start_h", "end_h")
    assert swept.rows() == [(60, 120), (90, 138)]
    served = run.duties.filter(pl.col("state") == "serve").select("start_h", "end_h")
    assert served.unique().rows() == [(72, 138)]


def test_one_of_two_takes_twice_as_long_and_without_any_it_lasts(play: Any) -> None:
    assert hours(play(mined(**minehunters(1)))) == (60, 72 + 96)
    data = mined(**minehunters(1, travel_h=1000))
    assert hours(play(data)) == (60, 260)
    del data["disruptions"]["mines"]["duration_h"]
    assert hours(play(data)) == (60, 480), "to the horizon"
    assert closure(play(data))["last_h"].to_list() == [None]


def test_what_would_last_to_the_horizon_is_served_once_it_is_mended(play: Any) -> None:
    data = mined(**minehunters(2))
    del data["disruptions"]["mines"]["duration_h"]
    run = play(data)
    assert hours(run) == (60, 120)
    assert closure(run)["closed_pieces"].to_list() == [1]
    assert story(run, "flow/ship")[0] == ("arrive", "wait", "harbour", "mines", 72.0, 120.0)


def test_ships_come_again_to_a_port_that_has_been_mended(play_wide: Any) -> None:
    """At hour 130, of 260 that it might have taken."""
    data = mined(**minehunters(2))
    data["flows"]["flow"]["diverts_to"] = {"haven": 12}
    data["flows"]["flow"]["ships"]["ship"]["calls"][0]["day"] = 130 / 24
    assert story(play_wide(data), "flow/ship")[0][:3] == ("discharge", "work", "harbour")


def test_who_comes_later_works_on_what_is_left(play: Any) -> None:
    """One is there from hour 72 and has done half of it at hour 120, when the second comes: 24 hours are left."""
    force = minehunters(2, 1)
    late = {"capability": MINE, "travel_h": 12, "mends": "mines", "from_day": 4.5}
    force["tasks"]["host_nation_support"]["commitments"]["later"] = late
    assert hours(play(mined(**force))) == (60, 144)


def test_who_is_called_away_leaves_the_rest_until_it_is_back(play: Any) -> None:
    """It is there from hour 72 to 96, with 24 hours of work left, and again from 120 + 12 hours on the way on."""
    force = minehunters(1, 1)
    crisis = {"capability": MINE, "from_day": 4, "until_day": 5}
    force["tasks"]["crisis"] = {"priority": 0, "commitments": {"post": crisis}}
    data = mined(**force)
    data["disruptions"]["mines"]["needs"] = {MINE: 1}
    assert hours(play(data)) == (60, 156)


def test_a_pool_mends_what_needs_it_and_is_held_meanwhile(play: Any) -> None:
    data = mined(pools={"repair_teams": {"capacity": 1}})
    data["disruptions"]["mines"]["needs"] = {"repair_teams": 1}
    data["disruptions"]["again"] = {**data["disruptions"]["mines"], "facilities": ["harbour.ramps"]}
    run = play(data)
    assert run.outages.select("disruption", "end_h").rows() == [("mines", 108), ("again", 156)]
    assert run.holdings.filter(pl.col("pool") == "repair_teams").select("start_h", "end_h").rows() == [
        (60, 108),
        (108, 156),
    ]


def test_half_the_teams_of_a_pool_take_twice_as_long(play: Any) -> None:
    data = mined(pools={"repair_teams": {"capacity": 1}, "cranes": {"capacity": 6}})
    data["disruptions"]["mines"]["needs"] = {"repair_teams": 2, "cranes": 3}
    run = play(data)
    assert hours(run) == (60, 156), "96 hours of one team of two, whatever else there is enough of"
    assert run.holdings.filter(pl.col("pool").is_in(["repair_teams", "cranes"]))["amount"].to_list() == [1, 3]
    data["pools"]["repair_teams"]["arrivals"] = [{"day": 9, "amount": 1}]
    assert hours(play(data)) == (60, 156), "it does not wait for one that comes on day 9"
    data["pools"]["repair_teams"] = {"capacity": 0, "arrivals": [{"day": 4, "amount": 2}]}
    assert hours(play(data)) == (60, 144), "both come at hour 96"


def test_a_mended_bridge_is_passed_by_those_who_wait_for_it(play: Any) -> None:
    bridge = {"links": ["road2"], "start_h": 2, "duration_h": 200, "work_h": 10, "needs": {"engineers": 1}}
    data = coast_data(
        flows={"flow": one_ship("column", 5)}, pools={"engineers": {"capacity": 1}}, disruptions={"bridge": bridge}
    )
    assert story(play(data), "flow/ship/harbour/column-001")[2:5] == [
        ("march", "move", "halt", "", 1.5, 3.5),
        ("march", "wait", "halt", "bridge", 3.5, 12.0),
        ("march", "move", "border", "", 12.0, 13.01),
    ]
    data["disruptions"]["works"] = {"links": ["road2"], "start_h": 8, "duration_h": 8}
    assert story(play(data), "flow/ship/harbour/column-001")[-2][4:] == (16.0, 17.01), (
        "what else closes it does so still"
    )


def test_a_line_of_which_a_part_is_left_takes_trains_as_before_once_it_is_mended(play: Any) -> None:
    line = {"lines": ["RAIL1"], "start_h": 0, "left_share": 0.5, "work_h": 3, "needs": {"crew": 1}}
    free = coast_data(flows={"flow": one_ship("train", 8)})
    data = {**free, "pools": {"crew": {"capacity": 1}}, "disruptions": {"fire": line}}
    assert closure(play(data))["last_h"][0] <= closure(play(free))["last_h"][0] + 3


def test_teams_are_free_again_when_it_is_over_before_they_could_mend_it(play: Any) -> None:
    """A team waits on for minehunters that never come, until the mines are gone at hour 80; the next needs it then."""
    data = mined(**minehunters(1, travel_h=1000), pools={"teams": {"capacity": 1}})
    data["disruptions"]["mines"] |= {"needs": {MINE: 2, "teams": 1}, "duration_h": 20}
    ramps = {"facilities": ["harbour.ramps"], "start_h": 70, "duration_h": 200, "work_h": 5, "needs": {"teams": 1}}
    never = {**ramps, "facilities": ["harbour.gangs"], "duration_h": 5}
    last = {**ramps, "facilities": ["harbour.truck_ramps"], "start_h": 84}
    data["disruptions"] |= {"ramps": ramps, "never": never, "last": last}
    run = play(data)
    ends = {"mines": 80, "ramps": 85, "never": 75, "last": 90}
    assert dict(run.outages.select("disruption", "end_h").rows()) == ends
    held = run.holdings.filter(pl.col("pool") == "teams").select("subject", "start_h", "end_h")
    assert held.rows() == [("mines", 60, 80), ("ramps", 80, 85), ("last", 85, 90)]
    assert measures.pool_use(run).height, "whoever reads holdings takes those of teams too"
    assert measures.bottlenecks(run).height


def test_what_is_guarded_is_hit_less_often(play: Any) -> None:
    data = mined(pools={"guards": {"capacity": 2}})
    data["disruptions"]["mines"] |= {"needs": {"guards": 1}, "guarded_by": {"guards": 2}, "guarded_chance": 0}
    assert play(data).outages.is_empty()
    data["pools"]["guards"]["capacity"] = 1
    assert len(play(data).outages) == 1


def test_what_is_lost_is_lost_for_good(play: Any) -> None:
    """Of four lorries a half is lost before the first is loaded, and lasts beyond the hour at which it is over."""
    flow = one_ship("truck", 4)
    raid = {"pools": ["trucks"], "start_h": 0, "duration_h": 1, "left_share": 0.99, "loss_share": 0.5}
    data = coast_data(flows={"flow": flow}, pools={"trucks": {"capacity": 4}}, disruptions={"raid": raid})
    data["places"] = {"harbour": {"truck_ramps": 4}}
    held = play(data).holdings.filter(pl.col("pool") == "trucks")
    first = held.filter(pl.col("start_h") < 2)
    assert len(first) == 2
    assert len(held) == 4, "the others go when these are back"


def test_half_of_one_lorry_is_lost_in_some_replications(play: Any) -> None:
    raid = {"pools": ["trucks"], "start_h": 0, "duration_h": 1, "left_share": 0.99, "loss_share": 0.5}
    data = coast_data(pools={"trucks": {"capacity": 1}}, disruptions={"raid": raid})
    left = {play(data, replication=n).capacities.filter(pool="trucks")["capacity"][-1] for n in range(12)}
    assert left == {0, 1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"needs": {"mine countermeasure": 2}}, 'did you mean "mine countermeasures"'),
        ({"work_h": None, "needs": {MINE: 2}}, "must have both work_h and needs"),
        ({"duration_h": None, "work_h": None, "needs": {}}, "must say how long it lasts"),
        ({"announced": True, "guarded_by": {"p": 1}}, "must not be announced when it is guarded"),
    ],
)
def test_what_could_never_be_mended_is_a_fault(play: Any, changes: dict[str, Any], message: str) -> None:
    data = mined(**minehunters(2), pools={"p": {"capacity": 1}})
    given = {**data["disruptions"]["mines"], **changes}
    data["disruptions"]["mines"] = {key: value for key, value in given.items() if value is not None}
    with pytest.raises(InputError) as error:
        play(data)
    assert message in str(error.value)


def test_a_commitment_mends_a_disruption_that_there_is(play: Any) -> None:
    with pytest.raises(InputError) as error:
        play(mined(**minehunters(2, mends="mine")))
    assert 'did you mean "mines"' in str(error.value)


def test_ships_of_a_lost_port_do_not_all_sail_to_the_same_other_one(play_wide: Any) -> None:
    """The haven is nearer, but the first ship keeps it busy for 20 hours; the second sails on to the third port."""
    flow = {**one_ship("truck", 200), "diverts_to": {"haven": 3, "railhead": 8}}
    call = {"port": "harbour", "day": 0.1, "pieces": {"wheeled": 200}}
    flow["ships"]["second"] = {"calls": [call]}
    lost = {"facilities": ["harbour.berths"], "start_h": 0, "duration_h": 100}
    places = {"railhead": {"berths": 1, "ramps": {"capacity": 1, "rate_per_h": 10}, "gangs": 1}}
    places["railhead"]["truck_ramps"] = {"capacity": 1, "rate_per_h": 2}
    run = play_wide(coast_data(flows={"flow": flow}, disruptions={"x": lost}, places=places))
    sailed = run.spans.filter((pl.col("activity") == "divert") & pl.col("subject").is_in(["flow/ship", "flow/second"]))
    assert dict(sailed.select("subject", "place").rows()) == {"flow/ship": "haven", "flow/second": "railhead"}


def bombed(mode: str, pieces: int, share: float, **changes: Any) -> dict[str, Any]:
    """A share of what stands in the yard is lost at hour 2, when all of it has been landed, and nothing can leave."""
    raid = {"facilities": ["harbour.yard_m2"], "start_h": 2, "duration_h": 1, "left_share": 0.99, "loss_share": share}
    means = {"capacity": 0, "arrivals": [{"day": 1, "amount": 4}]}
    return coast_data(
        flows={"flow": one_ship(mode, pieces)},
        places={"harbour": {"yard_m2": 4500}},
        pools={"trucks": means, "flat_wagons": means, "escort_teams": means, "barges": means},
        disruptions={"raid": raid},
        **changes,
    )


def lost(run: Any) -> float:
    (row,) = lost_rows(run)
    assert ("lost with it" in lost_told(row, 1)) == (row["pieces"] > 0)
    return row["pieces"]


@pytest.mark.parametrize("mode", ["train", "column", "truck", "barge"])
def test_pieces_that_stand_where_it_hits_are_lost_and_never_close(play: Any, mode: str) -> None:
    """Half of twelve, spread over all that stands there, whether in one lot or in many; the others close."""
    run = play(bombed(mode, 12, 0.5))
    answer = closure(run).row(0, named=True)
    assert (answer["pieces"], answer["closed_pieces"], answer["last_h"]) == (12, 6, None)
    assert lost(run) == 6
    yard = run.holdings.filter(pl.col("pool") == "yard_m2")
    stood = [yard.filter(pl.col("start_h") <= hour, pl.col("end_h") > hour)["amount"].sum() for hour in (1.9, 2)]
    assert stood[1] == pytest.approx(stood[0] / 2)
    everywhere = bombed(mode, 12, 0.5)
    everywhere["disruptions"]["raid"]["nodes"] = ["harbour"]
    assert lost(play(everywhere)) == 6, "nothing twice"
    assert run.spans.filter(pl.col("activity") == "lost").select("cause", "start_h").unique().rows() == [("raid", 2)]
    assert run.holdings.filter(pl.col("pool") == "yard_m2")["end_h"].max() < run.horizon_h, "no yard stays full"


@pytest.mark.parametrize("mode", ["train", "column", "truck", "barge"])
def test_a_movement_that_loses_all_ends_and_gives_back_what_it_holds(play: Any, mode: str) -> None:
    run = play(bombed(mode, 12, 1))
    assert lost(run) == 12
    assert run.departures.is_empty()
    held = run.holdings.filter((pl.col("end_h") >= run.horizon_h) | pl.col("pool").is_in(["trucks", "flat_wagons"]))
    assert held.is_empty()
    assert stuck(run).is_empty()


def test_a_lost_low_loader_ends_nothing_but_its_load(play: Any) -> None:
    """Two low-loaders are under way with a piece each at hour 2, and one of them is lost; the third piece waits for the
    other, and two close."""
    raid = {"pools": ["trucks"], "start_h": 2, "duration_h": 0.1, "left_share": 0.99, "loss_share": 0.5}
    data = coast_data(
        flows={"flow": one_ship("truck", 3)}, pools={"trucks": {"capacity": 2}}, disruptions={"raid": raid}
    )
    data["places"] = {"harbour": {"truck_ramps": 2}}
    run = play(data)
    assert lost(run) == 1
    assert closure(run)["closed_pieces"].to_list() == [2]
    assert run.holdings.filter((pl.col("pool") == "trucks") & (pl.col("start_h") > 2)).height == 1
    del data["disruptions"]
    whole = {step[0]: step[4] for step in story(play(data), "flow/ship/harbour/truck-001")}
    ends = [story(run, f"flow/ship/harbour/truck-00{n}")[-1] for n in (1, 2)]
    assert sorted(end[0] for end in ends) == ["closed", "lost"]
    assert whole["closed"]


@pytest.mark.parametrize(
    ("hour", "gone", "shifts"), [(24, 4, []), (48.15, 3, []), (50, 3, ["23:00-00:09", "08:00-16:00"])]
)
def test_a_ship_does_not_wait_for_what_is_lost_on_the_quay(
    play: Any, hour: float, gone: int, shifts: list[str]
) -> None:
    """All four stand at the harbour when it is hit, a day before the ship comes: it sails with nothing. Or one of them
    is aboard, as each takes a tenth of an hour, and one is being taken aboard, or is to be in the next shift."""
    flow = {
        "destination": "harbour",
        "shares": {"wheeled": {"truck": 1.0}},
        "origins": {"site": {"place": "barracks", "day": 0, "pieces": {"wheeled": 4}}},
        "ships": {"ship": {"calls": [{"port": "harbour", "day": 2, "takes": 10}]}},
    }
    raid = {"facilities": ["harbour.yard_m2"], "start_h": hour, "duration_h": 1, "left_share": 0.99, "loss_share": 1}
    places = {"harbour": {"yard_m2": 4500, "truck_ramps": 4}}
    data = coast_data(flows={"flow": flow}, places=places, disruptions={"raid": raid})
    data["destinations"]["harbour"] = {"exits": {"truck": "harbour"}}
    data["movement"]["discharge"]["shifts"] = shifts
    run = play(data)
    assert lost(run) == gone
    assert story(run, "flow/ship")[-1][0] == "discharged"
    assert run.spans.filter(pl.col("activity").is_in(["lost", "closed"]))["subject"].is_unique().all()


def test_who_waits_looks_again_when_another_way_opens(play_wide: Any) -> None:
    """Both ways are closed, the usual one until hour 100; when the bypass opens at hour 10 the column takes that."""
    data = coast_data(flows={"flow": one_ship("column", 5)})
    data["disruptions"] = {
        "usual": {"links": ["road1"], "start_h": 0, "duration_h": 100},
        "bypass": {"links": ["road5"], "start_h": 0, "duration_h": 10},
    }
    steps = [step for step in story(play_wide(data), "flow/ship/harbour/column-001") if step[0] == "march"]
    assert steps[:2] == [
        ("march", "wait", "harbour", "usual", 1.5, 10.0),
        ("march", "move", "border", "", 10.0, pytest.approx(13.61)),
    ]
    data["disruptions"]["bypass"] |= {"duration_h": 50, "work_h": 10, "needs": {"engineers": 1}}
    data["pools"] = {"engineers": {"capacity": 1}}
    mended = [step for step in story(play_wide(data), "flow/ship/harbour/column-001") if step[0] == "march"]
    assert [step[4] for step in mended] == [step[4] for step in steps]


def test_what_happens_twice_is_mended_twice(play: Any) -> None:
    """Mines at hours 60 and 70, which one team sweeps one after the other, in twenty hours each: the ship and a lorry
    pass only then, and the link before the border is closed until hour 100."""
    data = mined(pools={"teams": {"capacity": 1}})
    data["disruptions"]["mines"] |= {"needs": {"teams": 1}, "work_h": 20, "times": 2, "every_h": 10, "links": ["road1"]}
    run = play(data)
    assert run.outages.filter(pl.col("what") == "link").select("start_h", "end_h").rows() == [(60, 80), (70, 100)]
    assert story(run, "flow/ship")[0] == ("arrive", "wait", "harbour", "mines", 72.0, 100.0)
    mines = {**data["disruptions"]["mines"], "facilities": []}
    column = one_ship("column", 5)
    column["ships"]["ship"]["calls"][0]["day"] = 3
    run = play({**data, "flows": {"flow": column}, "disruptions": {"mines": mines}})
    (drives,) = [step for step in story(run, "flow/ship/harbour/column-001") if step[:3] == ("march", "move", "halt")]
    assert drives[4] == 100


def test_ships_that_are_warned_sail_to_another_port_and_columns_leave_by_another_way(play_wide: Any) -> None:
    """The ship arrives at hour 4 with 20 hours of discharge; the harbour is lost at hour 10, and known at hour 2."""
    flow = {**one_ship("truck", 200), "diverts_to": {"haven": 3}}
    flow["ships"]["ship"]["calls"][0]["day"] = 1 / 6
    lost_port = {"facilities": ["harbour.berths"], "start_h": 10, "duration_h": 200, "warning_h": 8}
    told = story(play_wide(coast_data(flows={"flow": flow}, disruptions={"x": lost_port})), "flow/ship")
    assert told[0] == ("divert", "move", "haven", "x", 4.0, 7.0)
    untold = story(
        play_wide(coast_data(flows={"flow": flow}, disruptions={"x": {**lost_port, "warning_h": 0}})), "flow/ship"
    )
    assert [step[:3] for step in untold[:2]] == [("discharge", "work", "harbour"), ("divert", "move", "haven")]
    column = coast_data(flows={"flow": one_ship("column", 5)})
    column["disruptions"] = {"x": {"links": ["road2"], "start_h": 3, "duration_h": 200, "warning_h": 2}}
    way = story(play_wide(column), "flow/ship/harbour/column-001")
    assert way[2][:3] == ("march", "move", "border"), "by the bypass, though the bridge is still there when it leaves"


def test_who_mends_goes_on_with_those_who_are_left_when_some_are_lost_while_it_waits(play: Any) -> None:
    """Both teams mend the road for 5 hours, and one is lost at hour 3: the other mends the railway for 20 hours."""
    work = {"start_h": 0, "duration_h": 200, "needs": {"teams": 2}}
    road = {**work, "links": ["road1"], "work_h": 5}
    railway = {**work, "links": ["rail1"], "work_h": 10, "start_h": 1}
    raid = {"pools": ["teams"], "start_h": 3, "duration_h": 0.1, "left_share": 0.99, "loss_share": 0.5}
    run = play(
        coast_data(pools={"teams": {"capacity": 2}}, disruptions={"road": road, "railway": railway, "raid": raid})
    )
    assert dict(run.outages.select("disruption", "end_h").rows()) == {
        "road": 5,
        "raid": pytest.approx(3.1),
        "railway": 25,
    }


def test_in_a_regime_in_which_all_need_twice_as_many_half_as_fast_is_mended(play: Any) -> None:
    """One team is there, and one is needed for ten hours, or two."""
    works = {"links": ["road1"], "start_h": 0, "duration_h": 200, "work_h": 10, "needs": {"teams": 1}}
    data = coast_data(pools={"teams": {"capacity": 1}}, disruptions={"road": works})
    assert hours(play(data)) == (0, 10)
    war = {"regimes": {"war": {"needs_factor": {"teams": 2}}}, "timeline": [{"regime": "war", "day": 0}]}
    assert hours(play({**data, **war})) == (0, 20)

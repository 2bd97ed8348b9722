"""What can never happen is found when it is read, or named when it is over; and it keeps nobody else from moving."""

from collections.abc import Callable, Collection, Generator
from datetime import datetime
from typing import Any

import pytest
from simpy import Event

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.compile.kit import opening_windows
from nfm_sim.engine.log import Who
from nfm_sim.engine.queues.pools import Bundle, Want
from nfm_sim.engine.simulate import stuck_rows
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.draws import Stream
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story

NETWORK = coast()
LONG = {"weight_t": 60, "wagons": ["flat_wagons"], "pieces_per_wagon": 0.5}
"""A class of pieces of which each takes two wagons."""


def refusal(**changes: Any) -> str:
    with pytest.raises(InputError) as error:
        compile_scenario(build_scenario(coast_data(**changes), NETWORK, file="s.toml"))
    return str(error.value).removeprefix("s.toml: ")


def test_what_all_lots_of_a_flow_need_is_refused_once() -> None:
    said = refusal(flows={"flow": one_ship("train", 90)}, pools={"locomotives": {"capacity": 0}})
    assert said.count("it would wait for ever") == 1


def test_a_load_that_is_larger_than_its_pool_is_refused() -> None:
    flow = one_ship("train", 1)
    said = refusal(
        flows={"flow": flow}, pools={"flat_wagons": {"capacity": 4}}, classes={"wheeled": {"pieces_per_wagon": 0.2}}
    )
    assert said == (
        'flows.flow "flow/ship/harbour/train-001" needs 5 of flat_wagons, and pools.flat_wagons.capacity allows 4 at '
        "most: it would wait for ever"
    )


def test_a_stage_that_takes_more_of_a_pool_than_there_is_is_refused_once() -> None:
    stage = {"pool": "bays", "amount": 2}
    units = {name: {"tier": 1, "home": "barracks"} for name in ("one", "two")}
    assert refusal(activation={"stages": {"materiel": stage}}, pools={"bays": {"capacity": 1}}, elements=units) == (
        'activation.stages.materiel "elements.one" needs 2 of bays, and pools.bays.capacity allows 1 at most: it would '
        "wait for ever"
    )


def test_who_mends_more_than_there_is_is_refused() -> None:
    unit = {"home": "barracks", "destination": "east", "personnel": 9, "capability": "", "tier": 1}
    broken = {"share_a_day": 0.1, "stays_share": 1, "mended_by": {"teams": 3}}
    teams = {"capacity": 2}
    assert refusal(elements={"unit": unit}, attrition={"broken": broken}, pools={"teams": teams}) == (
        "attrition.broken needs 3 of teams, and pools.teams.capacity allows 2 at most: it would wait for ever"
    )
    more = {"teams": {**teams, "arrivals": [{"day": 3, "amount": 1}]}}
    data = coast_data(elements={"unit": unit}, attrition={"broken": broken}, pools=more)
    assert compile_scenario(build_scenario(data, NETWORK)).pools["", "teams"].attainable == 3


def test_escorts_and_crews_that_never_come_are_refused() -> None:
    columns = {"flow": one_ship("column", 20)}
    assert "needs 1 of escort_teams" in refusal(flows=columns, pools={"escort_teams": {"capacity": 0}})
    reservists = {"capacity": 0, "call_up": True, "arrivals": [{"day": 1, "amount": 5}]}
    assert "allows 0 at most" in refusal(flows=columns, pools={"escort_teams": reservists}), "no regime calls them up"
    few = {**one_ship("column", 40), "airlifts": {"a": {"airport": "barracks", "day": 0, "people": 60}}}
    assert "needs 80 people of crews, and 60 fly in" in refusal(flows={"flow": few})


REPAIR = {"stages": {"materiel": {"kind": "repair", "repair_h": 1, "bays": {"wheeled": "bays"}}}}
FILL_UP = {"kind": "fill_up", "hours": 1, "full_share": 1.0, "donor_share": 0.5}
UNIT = {"tier": 1, "home": "barracks", "pieces": {"wheeled": 9}, "mission_capable_share": 0.0}
AIRLIFT = {"airlifts": {"a": {"airport": "barracks", "day": 0, "people": 20}}}


@pytest.mark.parametrize(
    ("none_of", "mode", "changes"),
    [
        ("harbour.berths", "truck", {}),
        ("harbour.gangs", "truck", {}),
        ("harbour.customs", "truck", {}),
        ("harbour.gates", "truck", {}),
        ("harbour.gates", "column", {}),
        ("barracks.aircraft_stands", "column", AIRLIFT),
        ("trucks", "truck", {}),
        ("barges", "barge", {}),
        ("flat_wagons", "train", {}),
        ("locomotives", "train", {}),
        ("escort_teams", "column", {}),
        ("bays", "", {"activation": REPAIR, "elements": {"bat": UNIT}}),
    ],
)
def test_what_can_have_nothing_of_what_it_takes_is_refused(none_of: str, mode: str, changes: dict[str, Any]) -> None:
    place, _, name = none_of.rpartition(".")
    data = {key: value for key, value in changes.items() if key != "airlifts"}
    if mode:
        data["flows"] = {"flow": one_ship(mode, 20) | {key: changes[key] for key in changes if key == "airlifts"}}
    if place:
        data["places"] = {place: {name: {"capacity": 0, "rate_per_h": 1}}}
    else:
        data["pools"] = {name: {"capacity": 0}}
    assert f"of {name}, and " in refusal(**data)


def test_the_escort_of_a_march_to_the_railhead_is_looked_at_too() -> None:
    march = {"pieces": {"wheeled": 20}, "railhead": "railhead", "destination": "east"}
    data = {"elements": {"bat": {**UNIT, **march}}, "shares": {"wheeled": {"train": 1.0}}}
    assert "needs 1 of escort_teams" in refusal(**data, pools={"escort_teams": {"capacity": 0}})


def test_what_is_enough_to_the_last_is_not_refused() -> None:
    flow = one_ship("train", 2, "long")
    data = coast_data(flows={"flow": flow}, pools={"flat_wagons": {"capacity": 2}}, classes={"long": LONG})
    assert nfm.closure(nfm.simulate(build_scenario(data, NETWORK)))["closed_pieces"].to_list() == [2]


def test_escorts_that_a_task_brings_may_come() -> None:
    data = coast_data(
        flows={"flow": one_ship("column", 20)},
        pools={"escort_teams": {"capacity": 0}},
        tasks={
            "regional_plans": {},
            "host_nation_support": {
                "commitments": {"escorts": {"capability": "police", "from_day": 1, "staffs": {"escort_teams": 1}}}
            },
        },
        elements={"police": {"home": "barracks", "capability": "police"}},
    )
    assert nfm.closure(nfm.simulate(build_scenario(data, NETWORK)))["closed_pieces"].to_list() == [20]


def test_a_track_that_is_shorter_than_a_locomotive_and_a_wagon_is_refused() -> None:
    said = refusal(flows={"flow": one_ship("train", 9)}, places={"harbour": {"tracks": {"length_m": 10}}})
    assert said == 'places.harbour.tracks.length_m "10 m" is shorter than a train with wheeled, 35.6 m'


ONE_WAGON = {"weight_t": 60, "pieces_per_wagon": 1}


@pytest.mark.parametrize(
    ("limit", "least", "piece", "said"),
    [
        ("max_m", 35.6, ONE_WAGON, "is shorter than a train with wheeled, 35.6 m"),
        ("max_t", 60 + 29, ONE_WAGON, "is less than wheeled weighs, 89 t"),
        ("max_wagons", 2, {"pieces_per_wagon": 0.5}, "is less than wheeled needs, 2 wagons"),
    ],
)
def test_a_train_may_be_as_long_heavy_and_many_as_its_limits_and_no_more(
    limit: str, least: float, piece: dict[str, Any], said: str
) -> None:
    movement = coast_data()["movement"]
    given = {"flows": {"flow": one_ship("train", 1)}, "movement": movement, "classes": {"wheeled": piece}}
    movement["train"][limit] = least
    compile_scenario(build_scenario(coast_data(**given), NETWORK))
    movement["train"][limit] = least - 1
    assert said in refusal(**given)


def test_a_track_as_long_as_a_locomotive_has_no_room_for_a_wagon() -> None:
    said = refusal(flows={"flow": one_ship("train", 1)}, places={"harbour": {"tracks": {"length_m": 20}}})
    assert said == 'places.harbour.tracks.length_m "20 m" is shorter than a train with wheeled, 35.6 m'


def test_what_another_kind_that_is_not_limited_carries_is_not_refused() -> None:
    either = {"wheeled": {"wagons": ["flat_wagons", "container_wagons"], "pieces_per_wagon": 0.5}}
    data = coast_data(flows={"flow": one_ship("train", 1)}, pools={"flat_wagons": {"capacity": 1}}, classes=either)
    assert nfm.closure(nfm.simulate(build_scenario(data, NETWORK)))["closed_pieces"].to_list() == [1]


def test_where_ways_are_chosen_by_arrival_a_leg_may_be_too_long_for_its_hours() -> None:
    movement = coast_data()["movement"]
    movement["column"]["driving"] = ["20:00-21:00"]
    data = coast_data(flows={"flow": one_ship("column", 40)}, movement=movement, routing="earliest")
    compile_scenario(build_scenario(data, NETWORK))


def test_driving_hours_that_are_shorter_than_a_leg_are_refused() -> None:
    movement = coast_data()["movement"]
    movement["column"]["driving"] = ["20:00-21:00"]
    said = refusal(flows={"flow": one_ship("column", 40)}, movement=movement)
    assert "takes 2 h from harbour to halt, and never may it drive so long at a time" in said
    assert said.count("never may it drive") == 2, "once for each leg, however many columns there are"


def test_the_tail_of_a_column_must_be_in_before_driving_hours_end() -> None:
    """Two hours to the halt; twenty vehicles pass in 2.4 minutes, and nine in 1.1."""
    movement = coast_data()["movement"]
    movement["column"]["driving"] = ["20:00-22:02"]
    said = refusal(flows={"flow": one_ship("column", 20)}, movement=movement)
    assert "takes 2 h from harbour to halt" in said
    data = coast_data(flows={"flow": one_ship("column", 9)}, movement=movement)
    assert nfm.closure(nfm.simulate(build_scenario(data, NETWORK)))["closed_pieces"].to_list() == [9]


def test_hours_that_come_only_after_a_short_horizon_are_no_fault() -> None:
    movement = coast_data()["movement"]
    movement["column"]["driving"] = ["20:00-24:00"]
    data = coast_data(flows={"flow": one_ship("column", 9)}, movement=movement, horizon_days=0.5)
    assert nfm.closure(nfm.simulate(build_scenario(data, NETWORK)))["closed_pieces"].to_list() == [0]


def forked(beds: int) -> nfm.Study:
    """A column is at the halt, where it has to rest, and others come, when beds are taken away for good."""
    flows = {"flow": one_ship("column", 60), "small": {**one_ship("column", 4), "priority": 2}}
    movement = coast_data()["movement"]
    rest = {"activity": "night", "after_h": 2.5, "hours": 6, "facility": "beds", "per_vehicle": 1}
    movement["column"]["rests"] = [rest]
    data = coast_data(flows=flows, movement=movement, places={"halt": {"beds": 20}})
    study = nfm.replicate(build_scenario(data, NETWORK), 1, jobs=1, keep="all")
    return nfm.fork(study, 0.3, changes={"places.halt.beds": beds}, jobs=1, keep="all")


def test_a_fork_that_leaves_too_few_is_refused() -> None:
    with pytest.raises(InputError, match=r"asks for 20 a column; halt has 6: it would wait for ever"):
        forked(6)


@pytest.mark.parametrize("duration_h", [240, 9_000])
def test_a_disruption_that_lasts_to_the_horizon_is_named_and_holds_up_none_that_need_less(duration_h: float) -> None:
    flows = {"flow": one_ship("train", 10, "long"), "small": {**one_ship("train", 4), "priority": 2}}
    strike = {"pools": ["flat_wagons"], "start_h": 0, "duration_h": duration_h, "left_share": 0.05}
    data = coast_data(
        flows=flows, pools={"flat_wagons": {"capacity": 20}}, disruptions={"strike": strike}, classes={"long": LONG}
    )
    run = nfm.simulate(build_scenario(data, NETWORK))
    assert dict(nfm.closure(run).select("flow", "closed_pieces").iter_rows()) == {"flow": 0, "small": 4}
    (row,) = nfm.measures.stuck(run).rows(named=True)
    assert (row["name"], row["cause"], row["why"], row["pieces"]) == ("flow", "strike", "never", 10)


def test_a_task_that_holds_all_trucks_for_good_is_named() -> None:
    data = coast_data(
        pools={"trucks": {"capacity": 1}},
        tasks={
            "regional_plans": {"commitments": {"supply": {"pool": "trucks"}}},
            "host_nation_support": {"priority": 2},
        },
        elements={"bat": {"tier": 1, "home": "barracks"}},
        flows={"flow": one_ship("truck", 3)},
    )
    run = nfm.simulate(build_scenario(data, NETWORK))
    (row,) = nfm.measures.stuck(run).rows(named=True)
    assert (row["cause"], row["why"], row["held_by"]) == ("trucks", "held", "regional_plans/supply")
    assert row["subjects"] == 3 - nfm.closure(run)["closed_pieces"][0]


@pytest.mark.parametrize(("until_day", "stuck"), [(None, ["home/share"]), (20, [])])
def test_what_a_task_holds_for_good_is_named_and_what_it_gives_back_is_not(
    until_day: float | None, stuck: list[str]
) -> None:
    """Beyond the horizon the one gives its truck back; another task has its guards for good."""
    shares = {"home": ("trucks", until_day), "gates": ("guards", None)}
    tasks = {
        name: {"priority": n, "commitments": {"share": {"pool": pool, "number": 1, "until_day": until}}}
        for n, (name, (pool, until)) in enumerate(shares.items())
    }
    data = coast_data(
        tasks={"regional_plans": {"priority": 9}, **tasks},
        pools={"trucks": {"capacity": 1}, "guards": {"capacity": 1}},
        flows={"flow": {**one_ship("truck", 1), "task": "regional_plans"}},
    )
    run = nfm.simulate(build_scenario(data, NETWORK))
    assert nfm.closure(run)["closed_pieces"].to_list() == [0]
    assert nfm.measures.stuck(run)["held_by"].to_list() == stuck


def test_who_waits_for_what_one_holds_that_can_never_go_on_is_behind_it() -> None:
    """The first has the bays, and waits for five trucks of one."""
    pools = {name: {"capacity": 1} for name in ("bays", "trucks")}
    world = World(compile_scenario(build_scenario(coast_data(pools=pools), NETWORK)), Stream(0, 0))

    def take(name: str, amount: float, *keys: str) -> Generator[Event, Any, Any]:
        who = Who(name, world.open_log(name, 0.0, "load", "wait", "harbour"), (1.0,))
        for key in keys:
            yield from world.take(who, ("", key), amount if key == "trucks" else 1, "load", "harbour")

    world.env.process(take("first", 5, "bays", "trucks"))
    world.env.process(take("second", 1, "bays"))
    world.env.run_to(1)
    assert {row[0]: row[4:6] for row in stuck_rows(world)} == {"first": ("never", ""), "second": ("behind", "first")}


def test_a_deadlock_is_named_with_its_ring() -> None:
    """Beside it one waits for what will be given back, and has nothing that would help the others."""
    pools = {name: {"capacity": 1} for name in ("bays", "trucks", "barges", "docks")}
    plan = compile_scenario(build_scenario(coast_data(pools=pools), NETWORK))
    world = World(plan, Stream(0, 0))

    def take(name: str, first: str, second: str) -> Generator[Event, Any, Any]:
        who = Who(name, world.open_log(name, 0.0, "load", "wait", "harbour"), (1.0,))
        yield from world.take(who, ("", first), 1, "load", "harbour")
        yield world.pause(1)
        yield from world.take(who, ("", second), 1, "load", "harbour")

    for name, first, second in (("a", "bays", "trucks"), ("b", "trucks", "barges"), ("c", "barges", "bays")):
        world.env.process(take(name, first, second))
    for name, pool in (("d", "bays"), ("e", "docks"), ("f", "docks")):
        world.env.process(take(name, "none", pool))
    world.env.run_to(5)
    found = {row[0]: row for row in stuck_rows(world)}
    assert {name: (row[4], row[5], row[6]) for name, row in found.items()} == {
        "a": ("deadlock", "b", 1),
        "b": ("deadlock", "c", 2),
        "c": ("deadlock", "a", 3),
        "d": ("behind", "a", None),
    }


def test_who_waits_behind_one_that_goes_on_is_not_stuck() -> None:
    """One has the trucks for a while; another with the bays waits for these, a third for the bays, a fourth for what
    the third has."""
    pools = {name: {"capacity": 1} for name in ("bays", "trucks", "barges")}
    plan = compile_scenario(build_scenario(coast_data(pools=pools), NETWORK))
    world = World(plan, Stream(0, 0))

    def take(name: str, *keys: str) -> Generator[Event, Any, Any]:
        who = Who(name, world.open_log(name, 0.0, "load", "wait", "harbour"), (1.0,))
        for key in keys:
            yield from world.take(who, ("", key), 1, "load", "harbour")
            yield world.pause(1)
        yield world.pause(99)

    for name, *keys in (("d", "trucks"), ("a", "bays", "trucks"), ("b", "barges", "bays"), ("c", "none", "barges")):
        world.env.process(take(name, *keys))
    world.env.run_to(5)
    assert sorted(name for pool in world.pools.values() for name, _ in pool.waiting()) == ["a", "b", "c"]
    assert list(stuck_rows(world)) == []


@pytest.mark.parametrize(
    ("takes", "stuck"),
    [
        # what is used up is not given back by who goes on
        ([("x", "parts", 1), ("y", "trucks", 2), ("x", "trucks", 1), ("z", "parts", 1)], {"z": "x"}),
        ([("x", "fitters", 1), ("y", "trucks", 2), ("x", "trucks", 1), ("z", "fitters", 1)], {"z": "x"}),
        # one crew of an element waits for parts in vain, and another gives its bay back, once
        ([("y", "parts", 1), ("bat", "bays", 1), ("bat", "parts", 1), ("z", "bays", 1)], {"bat": "y"}),
        (
            [
                *(("y", "parts", 1), ("bat", "trucks", 1), ("x", "trucks", 1), ("x", "parts", 1), ("y", "bays", 1)),
                *(("bat", "bays", 1), ("z", "trucks", 2)),
            ],
            {"x": "y", "z": "x"},
        ),
        # and so does the gang of a ship of two, and not that of a ship of one
        ([("y", "parts", 1), ("flow/two", "bays", 1), ("flow/two", "parts", 1), ("z", "bays", 1)], {"flow/two": "y"}),
        (
            [("y", "parts", 1), ("flow/one", "bays", 1), ("flow/one", "parts", 1), ("z", "bays", 1)],
            {"flow/one": "y", "z": "flow/one"},
        ),
    ],
)
def test_who_is_stuck_gives_nothing_back(takes: list[tuple[str, str, float]], stuck: dict[str, str]) -> None:
    """Of each who is stuck: who has what it waits for; each is taken in turn by those who can have it."""
    world, take = workshop({name for name, *_ in takes})
    for one in takes:
        world.env.process(take(*one))
    world.env.run_to(1)
    assert {row[0]: row[5] for row in stuck_rows(world)} == stuck


def workshop(names: Collection[str]) -> tuple[World, Callable[[str, str, float], Steps]]:
    """A part, a bay, two trucks and a fitter, for an element, two ships, and whoever else is named; and how one takes
    some of a pool."""
    repair = {"kind": "repair", "repair_h": 1, "bays": {"wheeled": "bays"}, "spares": {"wheeled": "parts"}}
    data = coast_data(
        activation={"stages": {"materiel": repair, "fill": FILL_UP}, "trades": {"other": {"fitters": 1.0}}},
        elements={"bat": {**UNIT, "personnel": 1, "pieces": {"wheeled": 1}}},
        pools={
            "parts": {"capacity": 1},
            "bays": {"capacity": 1},
            "trucks": {"capacity": 2},
            "fitters": {"capacity": 1},
        },
        flows={"flow": one_ship("truck", 1)},
    )
    ships = data["flows"]["flow"]["ships"]
    data["flows"]["flow"]["ships"] = {"one": ships["ship"], "two": {**ships["ship"], "gangs": 2}}
    world = World(compile_scenario(build_scenario(data, NETWORK)), Stream(0, 0))
    whole = {name: world.open_log(name, 0.0, "load", "wait", "harbour") for name in names}

    def take(name: str, pool: str, amount: float) -> Steps:
        yield from world.take(Who(name, whole[name], (1.0,)), ("", pool), amount, "load", "harbour")

    return world, take


def test_who_waits_for_several_at_once_is_stuck_by_any_of_them() -> None:
    """The bay is with one who waits in vain for the part, and the trucks with one who may give them back."""
    world, take = workshop(["y", "z", "x"])
    for name, pool, amount in (("y", "parts", 1), ("z", "bays", 1), ("z", "parts", 1), ("x", "trucks", 2)):
        world.env.process(take(name, pool, amount))
    lot = Who("lot", world.open_log("lot", 0.0, "load", "wait", "harbour"), (1.0,))
    wants = [Want(world.pools["", pool], amount=1, enough=1, later=False) for pool in ("bays", "trucks")]
    world.env.process(world.take_together(Bundle(lot, wants), "load", "harbour"))
    world.env.run_to(1)
    assert {row[0]: row[5] for row in stuck_rows(world)} == {"z": "y", "lot": "z"}


def test_who_may_yet_be_served_is_not_called_stuck() -> None:
    data = coast_data(flows={"flow": one_ship("truck", 9)}, pools={"trucks": {"capacity": 1}}, horizon_days=1)
    run = nfm.simulate(build_scenario(data, NETWORK))
    assert nfm.closure(run)["last_h"][0] is None
    assert run.stuck.is_empty()


def test_who_waits_for_parts_that_are_on_order_is_not_stuck() -> None:
    repair = {
        "kind": "repair",
        "repair_h": 10,
        "bays": {"wheeled": "bays"},
        "spares": {"wheeled": "spares"},
        "at_once": 1,
    }
    late = {"capacity": 2, "arrivals": [{"day": 20, "amount": 1}]}
    broken = {"tier": 1, "home": "barracks", "pieces": {"wheeled": 10}, "mission_capable_share": 0.7}
    data = coast_data(
        activation={"stages": {"materiel": repair}},
        pools={"bays": {"capacity": 1}, "spares": late},
        elements={"bat": broken},
    )
    run = nfm.simulate(build_scenario(data, NETWORK))
    assert story(run, "bat")[-1] == ("materiel", "wait", "barracks", "spares", 20.0, 240.0)
    assert run.stuck.is_empty()


def test_a_pool_that_is_open_again_has_no_more_than_before() -> None:
    """Of two trucks one is closed for five hours; from hour 20 on both bring supplies for good."""
    supply = {"pool": "trucks", "number": 2, "from_day": 20 / 24}
    data = coast_data(
        activation={"stages": {"recall": {"hours": 20}}},
        pools={"trucks": {"capacity": 2}},
        tasks={"regional_plans": {"commitments": {"supply": supply}}, "host_nation_support": {"priority": 2}},
        elements={"bat": {"tier": 1, "home": "barracks"}},
        flows={"flow": one_ship("truck", 20)},
        disruptions={"strike": {"pools": ["trucks"], "start_h": 0, "duration_h": 5, "left_share": 0.5}},
    )
    run = nfm.simulate(build_scenario(data, NETWORK))
    (row,) = nfm.measures.stuck(run).rows(named=True)
    assert (row["why"], row["held_by"]) == ("held", "regional_plans/supply")
    assert row["subjects"] == 20 - nfm.closure(run)["closed_pieces"][0]


@pytest.mark.parametrize("g_day", [datetime(2027, 3, 27), datetime(2027, 10, 30)])
def test_always_open_is_always_open_when_the_clock_changes(g_day: datetime) -> None:
    windows = opening_windows(("00:00-24:00",), g_day, 72)
    assert windows is not None
    assert windows.fit(0, 72) == 0


def test_an_opening_closes_at_its_hour_on_the_clock() -> None:
    windows = opening_windows(("22:00-06:00",), datetime(2027, 10, 30), 72)
    assert windows is not None
    assert windows.fit(22, 9) == 22, "the night of 31 October 2027 has an hour more"
    spring = opening_windows(("22:00-06:00",), datetime(2027, 3, 27), 72)
    assert spring is not None
    assert spring.fit(22, 8) == 45, "that of 28 March an hour less: only the next is long enough"

"""What a plan draws on, and what of it is not limited or never used."""

from typing import Any

from nfm_sim.compile import compile_scenario
from nfm_sim.compile.pools import drawn_by, idle_means, not_limited, unused_pools
from nfm_sim.network import Network
from nfm_sim.plan import Plan
from nfm_sim.scenario import Scenario, build_scenario
from tests.conftest import coast, coast_data, one_ship

NETWORK = coast()


def planned(network: Network = NETWORK, **changes: Any) -> tuple[Scenario, Plan]:
    scenario = build_scenario(coast_data(**changes), network)
    return scenario, compile_scenario(scenario)


FLOWS = {"a": one_ship("train", 20), "b": one_ship("column", 20), "c": one_ship("truck", 2)}


def test_pools_that_nothing_draws_on_are_told_and_slips_of_the_pen() -> None:
    names = ("flat_wagons", "trucks", "barges", "locomotivs", "tents")
    scenario, plan = planned(flows=FLOWS, pools={name: {"capacity": 30} for name in names})
    assert [(fault.key, fault.remedy) for fault in unused_pools(scenario, plan)] == [
        ("pools.locomotivs", 'is a pool that nothing draws on (did you mean "locomotives"?)'),
        ("pools.tents", "is a pool that nothing draws on"),
    ]
    assert idle_means(scenario, plan) == ["barges"], "they are means of a mode by which nothing goes"
    assert drawn_by(scenario, plan) == {
        "flat_wagons": ["flows.a"], "trucks": ["flows.c"], "barges": [], "locomotivs": [], "tents": [],
    }  # fmt: skip


def test_what_is_missing_is_near_to_no_name_that_is_there() -> None:
    """The yard of the port is missing too, and no pool."""
    scenario, plan = planned(flows=FLOWS, pools={name: {"capacity": 3} for name in ("truck", "trucks", "yard_m3")})
    assert [fault.remedy for fault in unused_pools(scenario, plan)] == ["is a pool that nothing draws on"] * 2


def test_wagons_of_a_class_are_means_too() -> None:
    pools = {"carriers": {"capacity": 3}, "low_loaders": {"capacity": 3}}
    own = {"tank": {"wagons": ["carriers"], "trucks": ["low_loaders"]}}
    scenario, plan = planned(flows=FLOWS, pools=pools, classes={"wheeled": {}, **own})
    assert idle_means(scenario, plan) == ["carriers", "low_loaders"]
    assert unused_pools(scenario, plan) == []


def test_a_pool_that_is_called_like_a_facility_is_another_thing() -> None:
    """Lorries use the ramps of the harbour, and none of the pool."""
    named = {"tank": {"trucks": ["truck_ramps"]}, "wheeled": {}}
    scenario, plan = planned(flows={"c": FLOWS["c"]}, classes=named, pools={"truck_ramps": {"capacity": 3}})
    assert drawn_by(scenario, plan) == {"truck_ramps": []}
    assert idle_means(scenario, plan) == ["truck_ramps"]


def test_all_kinds_of_wagon_that_may_carry_a_piece_are_drawn_on() -> None:
    either = {"wheeled": {"wagons": ["flat_wagons", "other_wagons"]}}
    pools = {name: {"capacity": 30} for name in ("flat_wagons", "other_wagons")}
    scenario, plan = planned(flows={"a": FLOWS["a"]}, classes=either, pools=pools)
    assert drawn_by(scenario, plan) == {"flat_wagons": ["flows.a"], "other_wagons": ["flows.a"]}


def test_who_draws_on_a_pool_is_told_in_turn() -> None:
    repair = {"kind": "repair", "repair_h": 1, "bays": {"wheeled": "bays"}, "spares": {"wheeled": "spares"}}
    stages = {"materiel": repair, "training": {"hours": 5, "pool": "areas"}}
    unit = {"tier": 1, "home": "barracks", "pieces": {"wheeled": 9}, "mission_capable_share": 0.0}
    share = {"pool": "guards", "number": 1}
    scenario, plan = planned(
        activation={"stages": stages, "trades": {"other": {"soldiers": 1.0}}},
        elements={"bat": unit, "other": unit},
        tasks={"regional_plans": {}, "home": {"commitments": {"share": share}}},
        pools={name: {"capacity": 9} for name in ("bays", "spares", "areas", "soldiers", "guards", "trucks")},
        flows={"flow": {**one_ship("truck", 1), "task": "home"}},
    )
    both = ["elements.bat", "elements.other"]
    assert drawn_by(scenario, plan) == {
        "bays": both,
        "spares": both,
        "areas": both,
        "soldiers": ["activation.trades"],
        "guards": ["tasks.home"],
        "trucks": ["flows.flow"],
    }


def test_who_staffs_mends_guards_and_treats_draws_on_a_pool_too() -> None:
    """And of those who guard pieces or work at lorries where nothing limits them it is said that nothing does."""
    flood = {"links": ["road1"], "start_h": 1, "duration_h": 9, "needs": {"engineers": 1}, "work_h": 2}
    flood |= {"guarded_by": {"sentries": 1}, "guarded_chance": 0}
    wounded = {"share_a_day": 0.1, "stays_share": 1, "mended_by": {"surgeons": 0.1}}
    movement = coast_data()["movement"]
    movement["truck"]["needs"] = {"loaders": 1}
    pools = {name: {"capacity": 9} for name in ("engineers", "sentries", "surgeons", "controllers", "loaders")}
    changes: dict[str, Any] = {
        "flows": {"c": FLOWS["c"]},
        "movement": movement,
        "places": {"harbour": {"gates": {"capacity": 1, "rate_per_h": 1}}},
        "needs": {"gates": {"controllers": 2}},
        "disruptions": {"flood": flood},
        "attrition": {"wounded": wounded},
        "elements": {"bat": {"home": "barracks", "destination": "east", "tier": 1, "personnel": 100}},
    }
    scenario, plan = planned(**changes, pools=pools)
    assert drawn_by(scenario, plan) == {
        "engineers": ["disruptions.flood"],
        "sentries": ["disruptions.flood"],
        "surgeons": ["attrition.wounded"],
        "controllers": ["needs.gates"],
        "loaders": ["flows.c"],
    }
    without = {name: pools[name] for name in ("engineers", "sentries", "surgeons")}
    _, plan = planned(**changes, pools=without)
    assert not_limited(plan) == ["controllers", "loaders", "trucks", "staging yard at harbour"]


def test_what_movements_need_and_nothing_limits_is_told() -> None:
    _, plan = planned(flows=FLOWS)
    assert not_limited(plan) == [
        "crews", "escort_teams", "flat_wagons", "locomotives", "trucks", "staging yard at harbour",
    ]  # fmt: skip
    crewed = {**one_ship("column", 2), "airlifts": {"a": {"airport": "barracks", "day": 0, "people": 9}}}
    _, plan = planned(flows={"flow": crewed}, places={"harbour": {"yard_m2": 900}})
    assert not_limited(plan) == [], "two vehicles need no escort"


def test_a_port_without_berths_or_quay_is_told() -> None:
    near = coast()
    facilities = {key: there for key, there in near.facilities.items() if key != ("harbour", "berths")}
    network = Network(near.path, near.nodes, near.links, facilities)
    own_yard = {"harbour": {"ammunition_m2": {"capacity": 900}}}
    flow = {"flow": one_ship("truck", 1, "shells")}
    classes = {"shells": {"dangerous": True, "yard": "ammunition_m2"}}
    _, plan = planned(network, flows=flow, classes=classes, places=own_yard)
    assert not_limited(plan) == ["trucks", "berths at harbour"], "what stands in a yard of its own is limited"
    _, plan = planned(network, flows=flow, classes=classes, places={"harbour": {"quay_m": 300, **own_yard["harbour"]}})
    assert not_limited(plan) == ["trucks"]

"""Lots as they are compiled: who goes first, what they have in common, and how large they are."""

import math
from dataclasses import replace
from typing import Any

import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.plan.movement import Lot
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship

NETWORK = coast()


def lots(**changes: Any) -> list[Lot]:
    plan = compile_scenario(build_scenario(coast_data(**changes), NETWORK))
    return [*(lot for _, lot in plan.flow_lots()), *(lot for element in plan.elements for lot in element.lots)]


def test_lots_that_go_the_same_way_share_one_trip() -> None:
    first, second = lots(flows={"flow": one_ship("truck", 2)})
    assert first.trip is second.trip


def test_pools_serve_by_task_priority_tier_and_deadline() -> None:
    """Of flows the earlier required goes first, and one without a day last; an element may have a priority of its
    own, in place of its tier."""
    flows = {
        name: {**one_ship("truck", 1), "priority": priority, **({"required_day": day} if day else {})}
        for name, priority, day in (("late", 2, 9), ("none", 2, None), ("early", 2, 5), ("urgent", 1, 9))
    }
    home = {"home": "barracks", "pieces": {"wheeled": 1}, "destination": "east"}
    elements = {
        "second": {**home, "tier": 2},
        "first": {**home, "tier": 1},
        "own": {**home, "tier": 3, "priority": 1.5},
    }
    moving = sorted(lots(flows=flows, elements=elements, shares={"wheeled": {"truck": 1.0}}), key=lambda lot: lot.rank)
    names = [lot.subject.split("/")[0] for lot in moving]
    assert [name for name in names if name in flows] == ["urgent", "early", "late", "none"]
    assert [name for name in names if name in elements] == ["first", "own", "second"]


def test_a_place_without_hours_of_its_own_has_the_usual_ones() -> None:
    movement = coast_data()["movement"]
    movement["truck"]["loading"] = ["08:00-16:00"]
    for open_at, opens in (([], 8), (["06:00-09:00"], 6)):
        ramps = {"capacity": 2, "rate_per_h": 2, **({"open": open_at} if open_at else {})}
        (lot,) = lots(
            flows={"flow": one_ship("truck", 1)}, movement=movement, places={"harbour": {"truck_ramps": ramps}}
        )
        assert lot.load is not None
        assert lot.load.windows is not None
        assert lot.load.windows.opens_at(0) == opens


@pytest.mark.parametrize(("later", "most"), [(0, 2), (1, 3), (9, 4)])
def test_a_packet_is_as_large_as_all_lorries_that_ever_come(later: int, most: int) -> None:
    movement = coast_data()["movement"]
    movement["truck"]["trucks"] = 4
    trucks = {"capacity": 2, **({"arrivals": [{"day": 1, "amount": later}]} if later else {})}
    made = lots(flows={"flow": one_ship("truck", 12)}, movement=movement, pools={"trucks": trucks})
    assert max(lot.pieces for lot in made) == most


def test_lorries_of_a_larger_kind_count_for_what_they_carry() -> None:
    """Two lorries for a piece each and two for three each carry eight at once, though twenty might leave together."""
    movement = coast_data()["movement"]
    movement["truck"] |= {"trucks": 20, "lorries": {"large": {"pieces": 3}}}
    pools = {name: {"capacity": 2} for name in ("trucks", "large")}
    classes = {"wheeled": {"trucks": ["trucks", "large"]}}
    made = lots(flows={"flow": one_ship("truck", 16)}, movement=movement, pools=pools, classes=classes)
    assert [lot.pieces for lot in made] == [8, 8]


def test_pieces_go_aboard_only_where_a_ship_of_their_flow_takes_some() -> None:
    """They come to the harbour by lorry, at which a ship calls."""
    at_home = {"place": "barracks", "day": 0, "pieces": {"wheeled": 1}}
    call = {"port": "harbour", "day": 1}
    for takes in (0, 1):
        calls = [{**call, "takes": 1}] if takes else [{**call, "pieces": {"other": 1}}]
        flow = {"destination": "sea", "origins": {"depot": at_home}, "ships": {"ro": {"calls": calls}}}
        flow["shares"] = {name: {"truck": 1.0} for name in ("wheeled", "other")}
        sea = {**coast_data()["destinations"], "sea": {"exits": {"truck": "harbour"}}}
        made = lots(flows={"flow": flow}, destinations=sea, classes={"wheeled": {}, "other": {}})
        (home,) = (lot for lot in made if lot.origin == "barracks")
        assert (home.embarkation is not None) == bool(takes)


def test_a_column_breaks_down_the_more_surely_the_more_vehicles_and_the_farther() -> None:
    movement = coast_data()["movement"]
    movement["column"] |= {"breakdown_per_vehicle_km": 0.001}
    (lot,) = lots(flows={"flow": one_ship("column", 4)}, movement=movement)
    assert lot.trip.breakdown is not None
    assert lot.trip.breakdown.chance == pytest.approx(1 - math.exp(-0.001 * 4 * 150))


def test_a_train_is_as_long_as_the_scarcest_of_its_wagons_allows() -> None:
    """Four tanks, each on a heavy wagon of two that there are, and eight lorries on four flat ones of ninety."""
    tank = {"wagons": ["heavy_wagons"], "pieces_per_wagon": 1}
    car = {"wagons": ["flat_wagons"], "pieces_per_wagon": 2}
    flow = one_ship("train", 8, "car")
    flow["shares"]["tank"] = {"train": 1.0}
    flow["ships"]["ship"]["calls"][0]["pieces"]["tank"] = 4
    pools = {"heavy_wagons": {"capacity": 2}, "flat_wagons": {"capacity": 90}}
    made = lots(flows={"flow": flow}, classes={"tank": tank, "car": car}, pools=pools)
    assert max(need.amount for lot in made for need in lot.along if need.pool[1] == "heavy_wagons") == 2


def test_a_packet_is_as_high_as_the_highest_of_its_pieces() -> None:
    flow = one_ship("truck", 1, "low")
    flow["shares"] |= {"high": {"truck": 1.0}, "unknown": {"truck": 1.0}}
    flow["ships"]["ship"]["calls"][0]["pieces"] |= {"high": 1, "unknown": 1}
    classes = {"low": {"height_m": 1.5}, "high": {"height_m": 2.5}, "unknown": {}}
    movement = coast_data()["movement"]
    movement["truck"] |= {"trucks": 3, "lorries": {"trucks": {"deck_m": 1.2}}}
    bridges = {name: replace(link, max_height_m=9.0) for name, link in NETWORK.links.items()}
    bridges["road4"] = replace(bridges["road4"], max_height_m=3.0)  # on no way to the border
    network = replace(NETWORK, links=bridges)
    for pieces, height_m in (({"low": 1, "high": 1, "unknown": 1}, 3.7), ({"unknown": 1}, 0)):
        flow["ships"]["ship"]["calls"][0]["pieces"] = pieces
        data = coast_data(flows={"flow": flow}, classes=classes, movement=movement, pools={"trucks": {"capacity": 9}})
        ((_, lot),) = compile_scenario(build_scenario(data, network)).flow_lots()
        assert lot.trip.way.height_m == pytest.approx(height_m)


def test_a_train_is_as_long_as_its_wagons_with_the_locomotive_and_as_heavy_as_the_fullest() -> None:
    """Four pieces, three on two wagons: two or one on a wagon, of 4 t and 29 t of its own."""
    limited = {**NETWORK.links, "rail3": replace(NETWORK.links["rail3"], max_train_m=20.0, max_weight_t=1.0)}
    classes = {"half": {"pieces_per_wagon": 1.5, "weight_t": 4}}
    data = coast_data(flows={"flow": one_ship("train", 4, "half")}, classes=classes)
    ((_, lot),) = compile_scenario(build_scenario(data, replace(NETWORK, links=limited))).flow_lots()
    assert lot.trip.way.train_m == pytest.approx(3 * 15.6 + 20)
    assert lot.trip.way.weight_t == 29 + 2 * 4


def test_what_holds_no_explosives_takes_nothing_of_their_limit() -> None:
    kg = {"harbour": {"explosive_kg": {"capacity": 9000}}}
    for mass, needs in ((0, ()), (50, ((("harbour", "explosive_kg"), 50.0),))):
        classes = {"shells": {"explosive_kg": mass}}
        lot, _ = lots(flows={"flow": one_ship("truck", 2, "shells")}, classes=classes, places=kg)
        assert lot.explosives == needs


def test_ammunition_goes_in_packets_of_its_own() -> None:
    flow = one_ship("truck", 1, "shells")
    flow["shares"]["wheeled"] = {"truck": 1.0}
    movement = coast_data()["movement"]
    movement["truck"]["trucks"] = 2
    for pieces, dangerous in (({"shells": 1, "wheeled": 1}, [False, True]), ({"wheeled": 2}, [False])):
        flow["ships"]["ship"]["calls"][0]["pieces"] = pieces
        classes = {"shells": {"dangerous": True}, "wheeled": {}}
        made = lots(flows={"flow": flow}, classes=classes, movement=movement)
        assert sorted(lot.trip.way.dangerous for lot in made) == dangerous

"""What a wait is due to is said in columns, and is not read from how a name is spelt."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from tests.conftest import coast_data, one_ship

LONG_ROAD = {"links": ["road1"], "start_h": 0, "duration_h": 30}


def causes(run: Any) -> set[tuple[str, str]]:
    return set(measures.bottlenecks(run).select("kind", "name").rows())


def test_a_disruption_called_like_a_link_is_a_disruption(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 5)}, disruptions={"strike (road1)": LONG_ROAD})
    found = causes(play(data))
    assert ("disruption", "strike (road1)") in found
    assert ("link", "road1") not in found


def test_a_wait_for_a_link_names_the_link(play: Any) -> None:
    two = {"ramps": 2, "gangs": 2}  # so that two columns want to set off at once
    found = causes(play(coast_data(flows={"flow": one_ship("column", 40, gangs=2)}, places={"harbour": two})))
    assert ("link", "road1") in found


def test_a_pool_called_like_a_facility_keeps_its_delay(play: Any) -> None:
    data = coast_data(
        flows={"flow": one_ship("truck", 6)},
        classes={"wheeled": {"trucks": ["truck_ramps"]}},
        pools={"truck_ramps": {"capacity": 1, "unit": "low-loaders"}},
    )
    run = play(data)
    hours = {
        (kind, name): hours for kind, name, hours in measures.bottlenecks(run).select("kind", "name", "hours").rows()
    }
    # five trucks wait for the one of the pool, which is away for 6.75 h a trip; it alone then finds the ramp free
    assert hours["pool", "truck_ramps"] > 60
    assert ("facility", "harbour.truck_ramps") not in hours
    held = measures.utilisation(run).filter(pl.col("pool") == "truck_ramps")
    assert sorted(held["place"]) == ["", "harbour"]


def test_a_pool_called_place_dot_facility_is_not_that_facility(play: Any) -> None:
    data = coast_data(
        flows={"flow": one_ship("truck", 6)}, pools={"harbour.truck_ramps": {"capacity": 99, "unit": "things"}}
    )
    run, plain = play(data), play({**data, "pools": {}})
    assert run.pools.filter(pl.col("pool") == "truck_ramps")["capacity"].to_list() == [1.0]
    assert run.spans.equals(plain.spans), "the pool is one that nothing uses"


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ({"disruptions": {"driving window": {**LONG_ROAD, "announced": True}}}, ("disruption", "driving window")),
        ({"movement.column.driving": ["03:00-20:00"]}, ("rule", "driving window")),
    ],
)
def test_a_disruption_called_like_a_rule_is_a_disruption(
    play: Any, data: dict[str, Any], cause: tuple[str, str]
) -> None:
    whole = coast_data(flows={"flow": one_ship("column", 5)})
    for key, value in data.items():
        part = whole
        *way, last = key.split(".")
        for step in way:
            part = part[step]
        part[last] = value
    assert causes(play(whole)) == {cause, ("rule", "gangs of the ship")} or causes(play(whole)) == {cause}

"""Every number of a scenario has bounds that mean something in the world."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario, scenario_schema
from tests.conftest import coast, coast_data, one_ship

NETWORK = coast()


def numbers(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All numbers of a schema, with where they stand."""
    if isinstance(schema, dict):
        if schema.get("type") in ("number", "integer"):
            yield where, schema
        for key, inner in schema.items():
            yield from numbers(inner, f"{where}/{key}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from numbers(inner, where)


def test_no_number_is_without_bounds() -> None:
    found = dict(numbers(scenario_schema()["$defs"]["Scenario"])) | dict(numbers(scenario_schema()["$defs"]))
    # a bare number in place of a distribution or a capacity has the bounds of what it becomes
    short = {
        where for where in found if where.endswith(("anyOf", "additionalProperties")) and "default" not in found[where]
    }
    unbounded = [
        where
        for where, schema in found.items()
        if not ("minimum" in schema or "exclusiveMinimum" in schema)
        or not ("maximum" in schema or "exclusiveMaximum" in schema)
    ]
    assert set(unbounded) <= short
    assert len(found) > 150


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e308, 2**63, -1, True, "many", [1], None])
@pytest.mark.parametrize(
    "path",
    [
        "horizon_days",
        "movement.truck.speed_kmh.motorway",
        "movement.discharge_x",
        "pools.trucks.capacity",
        "places.harbour.ramps",
        "deadline_days.1",
        "flows.flow.priority",
        "flows.flow.ships.ship.calls.0.day",
        "flows.flow.ships.ship.lateness_h",
        "elements.bat.wanted_day",
        "elements.bat.notice_to_move_days",
        "tasks.regional_plans.weight",
        "movement.civil.delay_b",
    ],
)
def test_a_number_out_of_the_world_is_an_input_error(path: str, value: Any) -> None:
    data = coast_data(
        flows={"flow": one_ship("truck", 1)},
        pools={"trucks": {"capacity": 1}},
        elements={"bat": {"tier": 1, "home": "barracks"}},
        tasks={"regional_plans": {}, "host_nation_support": {}},
    )
    scenario = build_scenario(data, NETWORK)
    if path == "movement.discharge_x" or (value == -1 and path == "flows.flow.priority"):
        return
    if value in (None,) and path in ("elements.bat.wanted_day", "elements.bat.notice_to_move_days"):
        return  # null is not given
    with pytest.raises(InputError) as error:
        scenario.with_changes({path: value})
    assert all("Input should" not in str(problem) for problem in error.value.problems)


def test_the_hour_zero_lies_on_the_calendar_and_on_the_clock() -> None:
    for g_day, remedy in (
        ("2027-03-28T02:30:00", "is an hour that the clock skips"),
        ("9999-12-31T00:00:00", "must lie between the years 1950 and 2150"),
        ("2027-01-04T00:00:00+01:00", "must be a local time, without a zone"),
        ("soon", "must be a time such as 2027-01-04T06:00:00"),
    ):
        with pytest.raises(InputError, match=remedy):
            build_scenario(coast_data(g_day=g_day), NETWORK)


def test_sizes_are_said_when_they_are_met() -> None:
    flow = one_ship("truck", 100_000)
    flow["ships"] |= {"b": flow["ships"]["ship"], "c": flow["ships"]["ship"]}
    with pytest.raises(InputError, match=r"shares has 300,000 movements; at most 200,000"):
        build_scenario(coast_data(flows={"flow": flow}), NETWORK)
    demand = {"capability": "infantry", "number": 20_000, "day": 1}
    plans = {"east": {"versions": {"now": {"demands": [demand, demand]}}}}
    with pytest.raises(InputError, match=r"plans has 40,000 elements asked for; at most 20,000"):
        build_scenario(coast_data(plans=plans), NETWORK)

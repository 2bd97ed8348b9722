"""Names tell the subjects of the record apart, so two things never share one."""

from typing import Any

import pytest

from nfm_sim.engine import simulate
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship

SHIP: dict[str, Any] = one_ship("truck", 1)
CHALK = {"airport": "barracks", "day": 0, "people": 9}


def flow(**ships: Any) -> dict[str, Any]:
    return {**SHIP, "ships": ships or SHIP["ships"]}


CASES = {
    "an element and a flow": (
        {"elements": {"bat": {"home": "barracks"}}, "flows": {"bat": flow()}},
        "flows.bat is also the name of one of the elements; give it another",
    ),
    "a formation and a flow": (
        {"elements": {"a": {"home": "barracks", "parent": "bde"}}, "formations": {"bde": {}}, "flows": {"bde": flow()}},
        "flows.bde is also the name of one of the formations; give it another",
    ),
    "a formation and an element": (
        {"elements": {"bde": {"home": "barracks", "parent": "bde"}}, "formations": {"bde": {}}},
        "formations.bde is also the name of one of the elements; give it another",
    ),
    "an element called like a lot of another": (
        {"elements": {"bat": {"home": "barracks"}, "bat/column-001": {"home": "barracks"}}},
        'elements.bat/column-001 must not have "/" in its name',
    ),
    "flows and ships that are the same put together": (
        {"flows": {"a/b": flow(c=SHIP["ships"]["ship"]), "a": flow(**{"b/c": SHIP["ships"]["ship"]})}},
        'flows.a/b must not have "/" in its name',
    ),
    "a ship and an airlift": (
        {"flows": {"flow": {**flow(), "airlifts": {"ship": CHALK}}}},
        "flows.flow.airlifts.ship is also the name of one of its ships; give it another",
    ),
    "a ship and a commitment": (
        {
            "pools": {"trucks": {"capacity": 9}},
            "tasks": {
                "regional_plans": {},
                "host_nation_support": {},
                "ukraine": {"commitments": {"ship": {"pool": "trucks"}}},
            },
            "flows": {"ukraine": flow()},
        },
        "flows.ukraine.ships.ship is also the name of one of the commitments of the task ukraine; give it another",
    ),
    "a task and an element": (
        {"elements": {"bat": {"home": "barracks"}}, "tasks": {"bat": {}, "regional_plans": {}}},
        "tasks.bat is also the name of one of the elements; give it another",
    ),
}


@pytest.mark.parametrize(("data", "fault"), CASES.values(), ids=CASES.keys())
def test_two_things_of_one_name_are_refused(data: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError) as error:
        build_scenario(coast_data(**data), coast())
    assert f"scenario: {fault}" in str(error.value).splitlines()


def test_subjects_have_names_of_their_own() -> None:
    ship = SHIP["ships"]["ship"]
    data = coast_data(
        flows={"a": flow(b=ship, c=ship), "b": {**flow(a=ship), "airlifts": {"chalk": CHALK}}},
        elements={"c": {"tier": 1, "home": "barracks", "destination": "east", "pieces": {"wheeled": 30}}},
        formations={"bde": {"elements": ["c"]}},
        shares={"wheeled": {"column": 1}},
    )
    subjects = simulate(build_scenario(data, coast())).subjects["subject"]
    assert subjects.n_unique() == len(subjects) == 11

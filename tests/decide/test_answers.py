"""What a decision asks and answers, in words."""

import pytest

import nfm_sim as nfm
from nfm_sim.decide.answers import _in_words, _words
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("closure.brigade <= 30 d", "the last piece of The Brigade no later than day 30.0"),
        ("closure < 2 d", "the last piece of each flow before day 2.0"),
        ("closure.brigade >= 2 d", "the last piece of The Brigade no earlier than day 2.0"),
        ("closure.more > 2 d", "the last piece of more after day 2.0"),
        ("closure.brigade.on_time_share >= 90 %", "the share of pieces on time of The Brigade at least 90 %"),
        ("ready_by_deadline.1 > 90 %", "the share ready by its deadline of tier 1 more than 90 %"),
        ("ready_by_deadline < 90 %", "the share ready by its deadline of each element less than 90 %"),
        ("operation.trucks <= 3", "operation trucks at most 3"),
        ("waits.hours <= 3 h", "waits hours of each place at most 3 h"),
        (
            "closure.more <= 1 d and (closure.more <= 2 d or closure.brigade <= 3 d)",
            "the last piece of more no later than day 1.0 and (the last piece of more no later than day 2.0 or the "
            "last piece of The Brigade no later than day 3.0)",
        ),
    ],
)
def test_a_goal_is_said_in_words(goal: str, said: str) -> None:
    flows = {"brigade": {**one_ship("truck", 3), "title": "The Brigade"}, "more": one_ship("truck", 3)}
    elements = {"battalion": {"tier": 1, "home": "barracks"}}
    scenario = build_scenario(coast_data(flows=flows, elements=elements), coast())
    assert _in_words(nfm.Goal(f"P({goal})").event.event, scenario) == said


def test_what_stands_at_a_path_is_called_by_its_last_names() -> None:
    assert _words("pools.escort_teams.capacity") == "escort teams"
    assert _words("places.harbour.truck_ramps") == "harbour truck ramps"

"""What is asked: frozen models, reading TOML with CSV tables, changes by dotted path, JSON Schema."""

from typing import Any

from nfm_sim.scenario.capacity import More, one_more
from nfm_sim.scenario.changes import read_change, read_value, split_change
from nfm_sim.scenario.model import Scenario
from nfm_sim.scenario.plain import scenario_data, scenario_from_data
from nfm_sim.scenario.read import build_scenario, read_scenario
from nfm_sim.scenario.values import Distribution, read_distribution

__all__ = [
    "Distribution",
    "More",
    "Scenario",
    "build_scenario",
    "one_more",
    "read_change",
    "read_distribution",
    "read_scenario",
    "read_value",
    "scenario_data",
    "scenario_from_data",
    "scenario_schema",
    "split_change",
]


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, for editors to complete and check with."""
    return Scenario.model_json_schema()

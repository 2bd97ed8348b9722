"""Scenarios: frozen models, reading TOML with CSV tables, changes by dotted path, JSON Schema."""

from nfm_sim.kinds import Distribution
from nfm_sim.scenario.changes import join_path, read_change, read_value, split_change, split_path
from nfm_sim.scenario.files import read_scenario
from nfm_sim.scenario.options import More, one_more
from nfm_sim.scenario.rules import ModeRules
from nfm_sim.scenario.scenario import Scenario, build_scenario, expect_scenario, scenario_from_data
from nfm_sim.scenario.schema import scenario_schema
from nfm_sim.scenario.values import read_distribution

# fmt: off
__all__ = [
    "Distribution", "ModeRules", "More", "Scenario", "build_scenario", "expect_scenario", "join_path", "one_more",
    "read_change", "read_distribution", "read_scenario", "read_value", "scenario_from_data", "scenario_schema",
    "split_change", "split_path",
]
# fmt: on

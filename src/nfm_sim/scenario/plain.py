"""A scenario with its network as plain data, such as JSON holds, and back."""

from __future__ import annotations

from typing import Any

from nfm_sim.network import network_data, network_from_data
from nfm_sim.scenario.model import Scenario
from nfm_sim.scenario.read import build_scenario


def scenario_data(scenario: Scenario) -> dict[str, Any]:
    """Return what a scenario was made of: its file, its tables, their data, and the network; nothing is left out.

    Dates are ISO strings.
    """
    return {
        "file": scenario._file,
        "tables": scenario._tables,
        "data": _plain(scenario._data),
        "network": network_data(scenario.loaded_network),
    }


def scenario_from_data(data: dict[str, Any]) -> Scenario:
    """Make the scenario of what `scenario_data` returned. Raises `InputError` as reading does."""
    return build_scenario(data["data"], network_from_data(data["network"]), data["file"], data["tables"])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value

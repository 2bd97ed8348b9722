"""A network as plain data, such as JSON holds, and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from nfm_sim.network.network import Facility, Link, Network, Node


def network_data(network: Network) -> dict[str, Any]:
    """Return all of a network in dictionaries, lists, strings and numbers."""
    return {
        "path": str(network.path),
        "nodes": [{**asdict(node), "holds": sorted(node.holds)} for node in network.nodes.values()],
        "links": [{**asdict(link), "modes": sorted(link.modes)} for link in network.links.values()],
        "facilities": [asdict(facility) for facility in network.facilities.values()],
    }


def network_from_data(data: dict[str, Any]) -> Network:
    """Make the network of what `network_data` returned."""
    nodes = [Node(**{**row, "holds": frozenset(row["holds"])}) for row in data["nodes"]]
    links = [Link(**{**row, "modes": frozenset(row["modes"])}) for row in data["links"]]
    facilities = [Facility(**row) for row in data["facilities"]]
    return Network(
        Path(data["path"]),
        {node.name: node for node in nodes},
        {link.name: link for link in links},
        {(facility.node, facility.name): facility for facility in facilities},
    )

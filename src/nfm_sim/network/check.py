"""Prove that a network holds together: no link too short, every terminal reaches every border of its mode."""

from __future__ import annotations

from collections import Counter

import networkx as nx

from nfm_sim.network.network import MODES, Network
from nfm_sim.problems import Problem

ROUNDING_KM = 0.15
"""Coordinates are rounded to 0.001 degree, about 0.1 km at each end of a link."""

TERMINALS = ("sea_port_terminal", "inland_terminal", "rail_terminal", "barracks", "airport")


def check_network(network: Network) -> list[Problem]:
    """Return what is wrong with a network that could be read; empty when all is well."""
    return [*_links_too_short(network), *_unreached_borders(network)]


def count_network(network: Network) -> dict[str, dict[str, float]]:
    """Return per mode the number of nodes, links, terminals and border crossings, and the km of links."""
    counts: dict[str, dict[str, float]] = {}
    for mode in MODES:
        kinds = Counter(network.nodes[name].kind for name in network.nodes_of_mode[mode])
        links = [link for link in network.links.values() if mode in link.modes]
        counts[mode] = {
            "nodes": len(network.nodes_of_mode[mode]),
            "links": len(links),
            "km": round(sum(link.km for link in links)),
            "terminals": sum(kinds[kind] for kind in TERMINALS),
            "border crossings": kinds["border_crossing"],
        }
    return counts


def _links_too_short(network: Network) -> list[Problem]:
    problems = []
    for link in network.links.values():
        straight_km = network.great_circle_km(link.start, link.end)
        if link.km < straight_km - ROUNDING_KM:
            remedy = f"is shorter than the great circle of {straight_km:.1f} km from {link.start} to {link.end}"
            problems.append(Problem(str(network.path / "link.csv"), f"{link.name}, length", f"{link.km:g}", remedy))
    return problems


def _unreached_borders(network: Network) -> list[Problem]:
    problems = []
    for mode in MODES:
        graph = network._graph(mode, {})
        borders = {name for name in graph if network.nodes[name].kind == "border_crossing"}
        for name in sorted(graph):
            if network.nodes[name].kind in TERMINALS:
                missed = borders - nx.descendants(graph, name)
                if missed:
                    remedy = f"does not reach {', '.join(sorted(missed))} by {mode}; add the missing links"
                    problems.append(Problem(str(network.path / "node.csv"), name, "", remedy))
    return problems

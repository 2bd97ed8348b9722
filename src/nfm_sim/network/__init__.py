"""Nodes, links and facilities as GMNS tables; checks; routes over them."""

from nfm_sim.network.check import check_network, count_network
from nfm_sim.network.network import CEMT_CLASSES, MODES, Facility, Link, Network, Node, NoRouteError, Route
from nfm_sim.network.plain import network_data, network_from_data
from nfm_sim.network.tables import read_network, read_outline

__all__ = [
    "CEMT_CLASSES",
    "MODES",
    "Facility",
    "Link",
    "Network",
    "NoRouteError",
    "Node",
    "Route",
    "check_network",
    "count_network",
    "network_data",
    "network_from_data",
    "read_network",
    "read_outline",
]

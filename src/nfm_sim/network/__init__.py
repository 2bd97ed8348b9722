"""Nodes, links and facilities as GMNS tables; checks; routes over them."""

from nfm_sim.network.check import BORDER, check_network, count_network, evidence, network_warnings, proved
from nfm_sim.network.imports import import_network, write_network
from nfm_sim.network.network import CEMT_CLASSES, LINE_CLASSES, Facility, Link, Network, Node, Outline, Point, Route
from nfm_sim.network.plain import network_data, network_from_data
from nfm_sim.network.tables import read_network
from nfm_sim.problems import NoRouteError

# fmt: off
__all__ = [
    "BORDER", "CEMT_CLASSES", "LINE_CLASSES", "Facility", "Link", "Network", "NoRouteError", "Node", "Outline", "Point",
    "Route", "check_network", "count_network", "evidence", "import_network", "network_data",
    "network_from_data", "network_warnings", "proved", "read_network", "write_network",
]
# fmt: on

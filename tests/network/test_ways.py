"""The ways of a mode are what another library finds on the same network."""

import random
from pathlib import Path

import networkx as nx
import pytest

from nfm_sim.network import Link, Network, read_network
from tests.conftest import ROOT, link, node

SPEEDS = {"motorway": 50.0, "rail": 60.0}


@pytest.fixture(scope="module")
def netherlands() -> Network:
    return read_network(ROOT / "networks/netherlands")


@pytest.mark.parametrize("mode", ["road", "rail", "water"])
def test_the_fastest_way_is_that_of_networkx(netherlands: Network, mode: str) -> None:
    ways, chance = netherlands.ways(mode), random.Random(mode)
    closed = set(chance.sample([each.name for each in ways.links], 5))
    graph = nx.MultiDiGraph()
    for each in ways.links:
        if each.name not in closed:
            hours = each.km / min(each.free_speed_kmh, SPEEDS.get(each.kind, 1e9))
            graph.add_edge(each.start, each.end, weight=hours)
            if not each.directed:
                graph.add_edge(each.end, each.start, weight=hours)
    hours = ways.hours(SPEEDS, closed)
    for start, end in (chance.sample(sorted(graph), 2) for _ in range(30)):
        found = ways.fastest(hours, start, end)
        if found is None:
            assert not nx.has_path(graph, start, end)
        else:
            assert sum(hours[found]) == pytest.approx(nx.shortest_path_length(graph, start, end, weight="weight"))


def test_nothing_lies_between_a_place_and_itself(netherlands: Network) -> None:
    ways = netherlands.ways("road")
    assert ways.fastest(ways.hours(), "kp_almere", "kp_almere") == []
    assert Network(Path(), {}, {}, {}).ways("road").names == []


def network_of(kind: str, *links: Link) -> Network:
    """Places a, b and c of links, of which b is of a kind."""
    nodes = [node("a", 4), node("b", 5, kind=kind), node("c", 6)]
    return Network(Path(), {each.name: each for each in nodes}, {each.name: each for each in links}, {})


@pytest.mark.parametrize("kind", ["road_junction", "external"])
def test_other_ways_are_found_when_those_before_count_twice(kind: str) -> None:
    """Three roads beside each other, at home, or abroad where there is no other way: one after the other is taken."""
    beside = (link(f"road_{km}", "a", "b", km, "road") for km in (12, 10, 11))
    network = network_of(kind, *beside, link("on", "b", "c", 1, "road"))
    ways = [[each.name for each in route.links] for route in network.routes("a", "c", "road")]
    assert ways == [["road_10", "on"], ["road_11", "on"], ["road_12", "on"]]


def test_a_way_may_be_asked_for_without_links_that_stand_in_any_collection() -> None:
    network = network_of("road_junction", link("short", "a", "b", 10, "road"), link("long", "a", "b", 12, "road"))
    for without in ({"short"}, ["short"], frozenset({"short"})):
        assert [each.name for each in network.route("a", "b", "road", without=without).links] == ["long"]

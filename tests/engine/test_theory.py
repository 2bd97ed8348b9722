"""Where theory has an answer, the model agrees with it."""

import math
from heapq import heapreplace
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.engine import simulate
from nfm_sim.measures import closed_lots
from nfm_sim.network import Network
from nfm_sim.record import Run
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, wide_coast

SHIPS = 300
MANY = 200_000
"""Customers with whom the recursion is held against theory: their mean wait is right to a few percent."""

Waits = np.ndarray


def waits_in_turn(arrival_h: np.ndarray, service_h: np.ndarray, servers: int) -> Waits:
    """The hours that each waits for one of several servers, first come first served (Lindley 1952, Proc. Camb. Phil.
    Soc. 48:277; Kiefer and Wolfowitz 1955, Trans. AMS 78:1)."""
    free_h = [0.0] * servers
    waits = []
    for arrives, takes in zip(arrival_h.tolist(), service_h.tolist(), strict=True):
        begins = max(arrives, free_h[0])
        heapreplace(free_h, begins + takes)
        waits.append(begins - arrives)
    return np.array(waits)


def arrivals(number: int, seed: int = 1) -> np.ndarray:
    """Hours of arrivals at random, one an hour on average."""
    return np.cumsum(np.random.default_rng(seed).exponential(1.0, number))


def services(number: int, mean_h: float, seed: int = 2) -> np.ndarray:
    """Hours of service at random, which are whole pieces at 200 an hour."""
    return np.ceil(np.random.default_rng(seed).exponential(mean_h * 200, number)) / 200


def erlang_c_wait(arrivals_per_h: float, served_per_h: float, servers: int) -> float:
    """Mean wait in the queue of an M/M/c system (Erlang C)."""
    load = arrivals_per_h / served_per_h
    terms = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last) / (servers * served_per_h - arrivals_per_h)


@pytest.mark.parametrize(("servers", "use"), [(1, 0.5), (3, 0.6)])
def test_mean_waits_in_turn_are_those_of_erlang(servers: int, use: float) -> None:
    waits = waits_in_turn(arrivals(MANY), services(MANY, use * servers), servers)
    assert waits.mean() == pytest.approx(erlang_c_wait(1.0, 1 / (use * servers), servers), rel=0.05)


def test_mean_waits_for_a_fixed_service_are_those_of_pollaczek_and_khinchin() -> None:
    use = 0.6
    waits = waits_in_turn(arrivals(MANY), np.full(MANY, use), 1)
    assert waits.mean() == pytest.approx(use * use / (2 * (1 - use)), rel=0.05)


def ships_of(mode: str, arrival_h: np.ndarray, pieces: np.ndarray, places: dict[str, Any]) -> dict[str, Any]:
    """Ships that come at these hours; nothing is scarce but what `places` says."""
    plenty = {"capacity": 999, "rate_per_h": 1e9}
    usual = {"berths": 999, "gangs": 999, "ramps": plenty, "truck_ramps": plenty, "cranes": plenty}
    calls = [
        [{"port": "harbour", "day": hour / 24, "pieces": {"wheeled": round(number)}}]
        for hour, number in zip(arrival_h, pieces, strict=True)
    ]
    flow = {
        "destination": "east",
        "shares": {"wheeled": {mode: 1.0}},
        "ships": {f"s{number:03d}": {"calls": call} for number, call in enumerate(calls)},
    }
    places = {"harbour": {**usual, **places.get("harbour", {})}, "lock": places.get("lock", {"chambers": plenty})}
    data = coast_data(flows={"flow": flow}, places=places, horizon_days=float(arrival_h[-1] / 24 + 30))
    data["movement"]["truck"]["pieces"] = round(pieces.max())
    data["movement"]["barge"]["headway_h"] = 1e-9
    return data


def waited(run: Run, cause: str, subject: str) -> Waits:
    """The hours that each ship, or its lot, waited for something."""
    hours = (
        run.spans.filter(pl.col("cause") == cause).group_by("subject").agg((pl.col("end_h") - pl.col("start_h")).sum())
    )
    found = dict(hours.iter_rows())
    return np.array([found.get(subject.format(number), 0.0) for number in range(SHIPS)])


@pytest.mark.parametrize("berths", [1, 3])
def test_ships_wait_for_berths_as_theory_has_them_wait(berths: int) -> None:
    arrival_h, service_h = arrivals(SHIPS), services(SHIPS, 0.6 * berths)
    place = {"berths": berths, "gangs": berths, "ramps": {"capacity": berths, "rate_per_h": 200}}
    data = ships_of("truck", arrival_h, service_h * 200, {"harbour": place})
    waits = waited(simulate(build_scenario(data, coast())), "berths", "flow/s{:03d}")
    theory = waits_in_turn(arrival_h, service_h, berths)
    assert (theory > 0).mean() > 0.2, "many wait"
    assert waits == pytest.approx(theory, abs=1e-3)


@pytest.mark.parametrize(
    ("mode", "place", "facility"), [("truck", "harbour", "truck_ramps"), ("barge", "lock", "chambers")]
)
def test_lots_wait_for_ramps_and_locks_as_theory_has_them_wait(mode: str, place: str, facility: str) -> None:
    arrival_h, use = arrivals(SHIPS, seed=11), 0.6
    data = ships_of(mode, arrival_h, np.ones(SHIPS), {place: {facility: {"capacity": 1, "rate_per_h": 1 / use}}})
    run = simulate(build_scenario(data, coast()))
    waits = waited(run, facility, f"flow/s{{:03d}}/harbour/{mode}-001")
    theory = waits_in_turn(arrival_h, np.full(SHIPS, use), 1)
    assert (theory > 0).mean() > 0.2, "many wait"
    assert waits == pytest.approx(theory, abs=1e-3)


MODES_AT = {"train": "tracks", "truck": "truck_ramps", "barge": "cranes"}


def most_an_hour(network: Network, places: dict[str, Any], per_lot: dict[str, int], hold_h: dict[str, float]) -> float:
    """Pieces an hour that the facilities of the harbour and the links to the border can pass: the maximum flow."""
    graph = nx.DiGraph()

    def rate(name: str) -> float:
        value = places.get(name, {})
        there = network.facilities["harbour", name]
        return value.get("capacity", there.capacity) * (value.get("rate_per_h") or there.rate_per_h or math.inf)

    graph.add_edge("sea", "yard", capacity=rate("ramps"))
    for mode, network_mode in (("train", "rail"), ("truck", "road"), ("barge", "water"), ("column", "road")):
        loaded = rate(MODES_AT[mode]) if mode in MODES_AT else math.inf
        graph.add_edge("yard", (mode, "harbour"), capacity=loaded)
        for link in network.links.values():
            if network_mode in link.modes:
                hold = {"rail2": 1.0, "rail6": 1.6}.get(link.name, hold_h.get(mode, 0.0))
                capacity = per_lot[mode] / hold if hold else math.inf
                for start, end in ((link.start, link.end), (link.end, link.start)):
                    graph.add_edge((mode, start), (mode, end), capacity=capacity)
        if mode == "barge":
            graph["barge", "lock"]["barge", "border"]["capacity"] = per_lot["barge"]
        graph.add_edge((mode, "border"), "abroad", capacity=math.inf)
    return float(nx.maximum_flow_value(graph, "sea", "abroad"))


@given(
    st.lists(st.integers(1, 4), min_size=4, max_size=4),
    st.sampled_from([5, 40, 400]),
    st.sampled_from([2, 20, 200]),
    st.integers(100, 800),
    st.sampled_from(["fixed", "fastest", "earliest"]),
)
def test_no_flow_closes_before_the_network_can_carry_it(
    parts: list[int], ramps: int, tracks: int, pieces: int, routing: str
) -> None:
    network = wide_coast()
    shares = {mode: part / sum(parts) for mode, part in zip(("train", "column", "truck", "barge"), parts, strict=True)}
    flow = one_ship("train", pieces)
    flow["shares"] = {"wheeled": shares}
    places = {name: {"capacity": 1, "rate_per_h": rate} for name, rate in (("ramps", ramps), ("tracks", tracks))}
    data = coast_data(flows={"flow": flow}, places={"harbour": places}, routing=routing, horizon_days=100)
    run = simulate(build_scenario(data, network))
    per_lot = {"train": 60, "column": 20, "truck": 1, "barge": 40}
    most = most_an_hour(network, places, per_lot, {"train": 0.25, "column": 0.5, "barge": 0.1})
    last_h = closed_lots(run)["closed_h"].max()
    assert last_h >= pieces / most


def test_a_flow_that_one_ramp_holds_up_closes_near_the_bound() -> None:
    network, pieces = wide_coast(), 600
    data = coast_data(flows={"flow": one_ship("train", pieces)}, horizon_days=100)
    places = {"ramps": {"capacity": 1, "rate_per_h": 100.0}, "tracks": {"capacity": 1, "rate_per_h": 10.0}}
    run = simulate(build_scenario({**data, "places": {"harbour": places}}, network))
    per_lot = {"train": 60, "column": 1, "truck": 1, "barge": 1}
    only_rail = {"train": 0.25, "column": 1e9, "barge": 1e9}
    places |= {"truck_ramps": {"capacity": 1, "rate_per_h": 1e-9}, "cranes": {"capacity": 1, "rate_per_h": 1e-9}}
    most = most_an_hour(network, places, per_lot, only_rail)
    assert most == pytest.approx(10, rel=1e-3), "the loading track"
    assert pieces / most <= closed_lots(run)["closed_h"].max() <= pieces / most + 5, "and the way of the last train"

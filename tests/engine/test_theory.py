"""Where theory has an answer, the model agrees with it."""

import math
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfm_sim.engine import simulate
from nfm_sim.measures import closed_lots
from nfm_sim.network import Network
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, wide_coast

SHIPS = 8_000
BATCHES = 20


def erlang_c_wait(arrivals_per_h: float, served_per_h: float, servers: int) -> float:
    """Mean wait in the queue of an M/M/c system (Erlang C)."""
    load = arrivals_per_h / served_per_h
    terms = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last) / (servers * served_per_h - arrivals_per_h)


@pytest.mark.parametrize(("berths", "use"), [(1, 0.5), (3, 0.6)])
def test_berth_waits_of_a_poisson_stream_are_those_of_erlang(berths: int, use: float) -> None:
    """Ships come at random, with an exponential number of pieces, and so of hours at the berth."""
    rng = np.random.default_rng(berths)
    arrival_h = np.cumsum(rng.exponential(1.0, SHIPS))
    mean_pieces = 1.0 * berths * use * 200  # discharged at 200 an hour
    pieces = np.ceil(rng.exponential(mean_pieces, SHIPS)).astype(int)
    ships: dict[str, Any] = {
        f"s{i:05d}": {"calls": [{"port": "harbour", "day": arrival_h[i] / 24, "pieces": {"wheeled": int(pieces[i])}}]}
        for i in range(SHIPS)
    }
    flow = {"destination": "east", "shares": {"wheeled": {"truck": 1.0}}, "ships": ships}
    place = {
        "berths": berths,
        "gangs": berths,
        "ramps": {"capacity": berths, "rate_per_h": 200},
        "truck_ramps": {"capacity": SHIPS, "rate_per_h": 1e9},
    }
    data = coast_data(flows={"flow": flow}, places={"harbour": place}, horizon_days=float(arrival_h[-1] / 24 + 30))
    data["movement"]["truck"]["pieces"] = int(pieces.max())
    run = simulate(build_scenario(data, coast()))

    berth_waits = run.spans.filter((pl.col("cause") == "berths") & ~pl.col("subject").str.contains("truck"))
    waited = dict(berth_waits.select("subject", pl.col("end_h") - pl.col("start_h")).iter_rows())
    waits = np.array([waited.get(f"flow/{name}", 0.0) for name in ships])[500:]
    batches = np.array([batch.mean() for batch in np.array_split(waits, BATCHES)])
    error = 3.9 * batches.std(ddof=1) / math.sqrt(BATCHES)  # 99.9 % of Student's t with 19 degrees of freedom
    theory = erlang_c_wait(1 / 1.0, 1 / (1.0 * berths * use), berths)
    assert error < 0.4 * theory, "the sample is large enough for the test to be able to fail"
    assert abs(batches.mean() - theory) < error


def random_ships(number: int, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Ships of one piece that come at random, one an hour on average."""
    arrival_h = np.cumsum(np.random.default_rng(seed).exponential(1.0, number))
    calls = [[{"port": "harbour", "day": hour / 24, "pieces": {"wheeled": 1}}] for hour in arrival_h]
    return arrival_h, {f"s{i:05d}": {"calls": call} for i, call in enumerate(calls)}


@pytest.mark.parametrize(
    ("mode", "place", "facility"), [("truck", "harbour", "truck_ramps"), ("barge", "lock", "chambers")]
)
def test_waits_at_ramps_and_locks_of_fixed_service_are_those_of_theory(mode: str, place: str, facility: str) -> None:
    """M/D/1: arrivals at random, a fixed time of service, one server. Mean wait: use / (2 (1 - use)) services."""
    number, use = 6000, 0.6
    arrival_h, ships = random_ships(number, seed=11)
    flow = {"destination": "east", "shares": {"wheeled": {mode: 1.0}}, "ships": ships}
    plenty = {"capacity": 99, "rate_per_h": 1e6}
    places: dict[str, Any] = {
        "harbour": {"berths": 99, "gangs": 99, "ramps": plenty, "truck_ramps": plenty, "cranes": plenty},
        "lock": {"chambers": plenty},
    }
    places[place][facility] = {"capacity": 1, "rate_per_h": 1 / use}
    data = coast_data(flows={"flow": flow}, places=places, horizon_days=float(arrival_h[-1] / 24 + 30))
    data["movement"]["barge"]["headway_h"] = 1e-9
    run = simulate(build_scenario(data, coast()))
    waited = (
        run.spans.filter(pl.col("cause") == facility)
        .group_by("subject")
        .agg((pl.col("end_h") - pl.col("start_h")).sum().alias("hours"))
    )
    hours = dict(waited.iter_rows())
    waits = np.array([hours.get(f"flow/{name}/harbour/{mode}-001", 0.0) for name in ships])[300:]
    batches = np.array([batch.mean() for batch in np.array_split(waits, BATCHES)])
    error = 3.9 * batches.std(ddof=1) / math.sqrt(BATCHES)
    theory = use * use / (2 * (1 - use))
    assert error < 0.4 * theory, "the sample is large enough for the test to be able to fail"
    assert abs(batches.mean() - theory) < error


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


@settings(max_examples=25, deadline=None)
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

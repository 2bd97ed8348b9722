"""Where theory has an answer, the model agrees with it."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from nfm_sim.engine import simulate
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data

SHIPS = 20_000
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
        f"s{i:05d}": {
            "calls": [{"port": "harbour", "day": arrival_h[i] / 24, "pieces": {"wheeled": int(pieces[i])}}]
        }
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

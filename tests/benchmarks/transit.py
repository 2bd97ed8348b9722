"""A corps in transit: seconds a replication, link bookings a second, and how time and memory grow.

Run: python tests/benchmarks/transit.py

1. `corps_transit.toml` once it is compiled, and its link bookings a second.
2. The same movements with the same links and slots in the usual way: one SimPy `Resource` a link and direction, a
   request a hop. Each way is timed five times in turn; the ratio of the medians of link bookings a second counts,
   of the movement over links alone (booking, waiting and driving).
3. Ten corps one after the other: time and memory beside one.
"""

import copy
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import polars as pl
import simpy

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.engine import simulate
from nfm_sim.engine.links.credits import Calendar, book_leg, find_start
from nfm_sim.plan import Plan

SCENARIO = Path(__file__).parents[2] / "scenarios/corps_transit.toml"
ROUNDS, CORPS, APART_DAYS = 5, 10, 40

Hop = tuple[str, float, float]
"""Link with its direction, hours to its end, hours that it is taken."""


def seconds(call: Callable[[], object]) -> float:
    gc.collect()  # what the call before it has left is not its own
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def trips(run: nfm.Run) -> list[tuple[float, list[Hop]]]:
    """When each movement that needs credits set off, and its hops."""
    booked = run.passages.filter(pl.col("slot_h") > 0).sort("movement", "enter_h")
    found = []
    for _, rows in booked.group_by("movement", maintain_order=True):
        hops = [
            (f"{link}{forward}", leave - enter, slot)
            for link, forward, enter, leave, slot in rows.select(
                "link", "forward", "enter_h", "leave_h", "slot_h"
            ).iter_rows()
        ]
        found.append((float(rows["enter_h"][0]), hops))
    return sorted(found, key=lambda trip: trip[0])


def by_leg(movements: list[tuple[float, list[Hop]]]) -> None:
    """Book each trip whole, and drive it."""
    env = simpy.Environment()
    links = list(dict.fromkeys(hop[0] for _, hops in movements for hop in hops))
    number = {link: i for i, link in enumerate(links)}
    calendars = [Calendar() for _ in links]

    def move(start: float, hops: list[Hop]):
        slots, at = [], 0.0
        for link, run_h, slot_h in hops:
            slots.append((number[link], at, slot_h, run_h))
            at += run_h
        yield env.timeout(start)
        credit, _ = find_start(calendars, slots, env.now)
        book_leg(calendars, slots, credit)
        if credit > env.now:
            yield env.timeout(credit - env.now)
        yield env.timeout(at)

    for start, hops in movements:
        env.process(move(start, hops))
    env.run()


def by_hop(movements: list[tuple[float, list[Hop]]]) -> None:
    """Request each link in turn, hold it for its slot, and drive on."""
    env = simpy.Environment()
    resources = {hop[0]: simpy.Resource(env) for _, hops in movements for hop in hops}

    def release(resource: simpy.Resource, request: simpy.resources.resource.Request, hours: float):
        yield env.timeout(hours)
        resource.release(request)

    def move(start: float, hops: list[Hop]):
        yield env.timeout(start)
        for link, run_h, slot_h in hops:
            request = resources[link].request()
            yield request
            env.process(release(resources[link], request, slot_h))
            yield env.timeout(run_h)

    for start, hops in movements:
        env.process(move(start, hops))
    env.run()


def ten_corps(scenario: nfm.Scenario) -> nfm.Scenario:
    """The same corps again and again."""
    data = copy.deepcopy(scenario.given("flows"))
    flows = {}
    for number in range(CORPS):
        for name, flow in data.items():
            again = copy.deepcopy(flow)
            for ship in again["ships"].values():
                for call in ship["calls"]:
                    call["day"] += number * APART_DAYS
            for airlift in again.get("airlifts", {}).values():
                airlift["day"] += number * APART_DAYS
            flows[f"{name}_{number}"] = again
    return scenario.with_changes({"flows": flows, "horizon_days": 60 + (CORPS - 1) * APART_DAYS})


def peak_mb(plan: Plan) -> float:
    tracemalloc.start()
    simulate(plan)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    scenario = nfm.read_scenario(SCENARIO)
    plan = compile_scenario(scenario)
    run = simulate(plan)
    movements = run.subjects.filter(pl.col("what") == "movement").height
    took = statistics.median(seconds(lambda: simulate(plan)) for _ in range(ROUNDS))
    bookings = run.passages.filter(pl.col("slot_h") > 0).height
    print(f"{movements:,} movements, {run.spans.height:,} spans, {bookings:,} link bookings")
    print(f"a replication           {took:.2f} s, {1 / took:.1f} a second, {bookings / took:,.0f} bookings a second")

    journeys = trips(run)
    rounds = [(seconds(lambda: by_leg(journeys)), seconds(lambda: by_hop(journeys))) for _ in range(ROUNDS)]
    leg, hop = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"whole legs alone        {bookings / leg / 1e6:.2f} million link bookings a second")
    print(f"a Resource a link       {bookings / hop / 1e6:.2f} million; {hop / leg:.1f} times as long")

    ten = compile_scenario(ten_corps(scenario))
    simulate(ten)
    both = [(seconds(lambda: simulate(plan)), seconds(lambda: simulate(ten))) for _ in range(3)]
    one_s, ten_s = (statistics.median(column) for column in zip(*both, strict=True))
    memory = peak_mb(ten) / peak_mb(plan)
    print(f"ten corps               {ten_s:.2f} s, {ten_s / one_s:.1f} times the time, {memory:.1f} the memory")


if __name__ == "__main__":
    main()

"""Processor time of a replication against the number of force elements. Run: python tests/benchmarks/elements.py [MOST]

The offer of `dutch_force.toml` is copied about 2, 20 and 200 times, with its pools and docks grown alike, and two
commitments with relief ask for a hundredth of the elements. What counts is the power of the number of elements by which
the processor time grows, and the number of calls, which a busy machine does not change: 1 is linear.
"""

import cProfile
import math
import statistics
import sys
import time
from pathlib import Path

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario

SIZES = (100, 1_000, 10_000)
ROUNDS = 5


def grown(size: int) -> nfm.Scenario:
    """The Dutch offer copied to about `size` elements, none of which moves over the network."""
    scenario = nfm.read_scenario(Path(__file__).parents[2] / "scenarios/dutch_force.toml")
    copies = math.ceil(size / len(scenario.elements))
    own = scenario.model_dump(exclude_defaults=True, mode="json")
    elements = {}
    for number in range(copies):
        for name, element in own["elements"].items():
            alone = {key: value for key, value in element.items() if key not in ("destination", "requires", "parent")}
            elements[f"{name} {number}"] = alone
    pools = {
        name: {**pool, "capacity": pool["capacity"] * copies,
               "arrivals": [{**a, "amount": a["amount"] * copies} for a in pool.get("arrivals", [])]}
        for name, pool in own["pools"].items()
    }  # fmt: skip
    docks = {"g_t_harde": {"docks": {"capacity": 4 * copies, "rate_per_h": 15, "open": ["06:00-22:00"]}}}
    tour = {"from_day": 20, "tour_days": 30, "longest_tour_days": 60, "rest_days": 30, "travel_h": 48}
    few = max(1, size // 200)
    tasks = {
        "regional_plans": {"priority": 2},
        "mission": {"priority": 1, "commitments": {
            "infantry": {"capability": "light infantry | motorised infantry", "number": few, **tour},
            "medical": {"capability": "medical", "number": few, **tour},
        }},
    }  # fmt: skip
    data = {key: value for key, value in own.items() if key not in ("formations", "plans")}
    data |= {"elements": elements, "pools": pools, "places": {**own["places"], **docks}, "tasks": tasks}
    return nfm.build_scenario(data, scenario.loaded_network)


def calls(plan: object) -> int:
    """Calls of functions in a replication."""
    profile = cProfile.Profile()
    profile.runcall(nfm.simulate, plan, seed=1)
    return sum(entry.callcount for entry in profile.getstats())


def seconds(plan: object, number: int, rounds: int) -> float:
    """Processor time of a replication, on the average of so many."""
    begin = time.process_time()
    for again in range(rounds):
        nfm.simulate(plan, seed=1, replication=number * rounds + again)
    return (time.process_time() - begin) / rounds


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    sizes = [size for size in SIZES if size <= most]
    counts, compiled, plans = [], [], []
    for size in sizes:
        scenario = grown(size)
        begin = time.process_time()
        plans.append(compile_scenario(scenario))
        compiled.append(time.process_time() - begin)
        counts.append(len(scenario.elements))
    turns = [  # in turns, the small ones so often that each takes as long, as the machine is not always as fast
        [seconds(plan, number, sizes[-1] // size) for plan, size in zip(plans, sizes, strict=True)]
        for number in range(ROUNDS)
    ]
    print(f"{'elements':>9}{'compile s':>11}{'replication s':>15}{'ms an element':>15}")
    for count, at_first, taken in zip(counts, compiled, zip(*turns, strict=True), strict=True):
        middle = statistics.median(taken)
        print(f"{count:9,}{at_first:11.2f}{middle:15.3f}{middle / count * 1000:15.3f}")
    larger = math.log(counts[-1] / counts[0])
    powers = sorted(math.log(taken[-1] / taken[0]) / larger for taken in turns)
    of_calls = math.log(calls(plans[-1]) / calls(plans[0])) / larger
    median = statistics.median(powers)
    print(f"grows as the number of elements to the power {median:.2f} ({powers[0]:.2f} to {powers[-1]:.2f})")
    print(f"its calls to the power {of_calls:.2f}")


if __name__ == "__main__":
    main()

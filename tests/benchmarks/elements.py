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
ROUNDS = 3


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


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    print(f"{'elements':>9}{'compile s':>11}{'replication s':>15}{'ms an element':>15}")
    found = []
    for size in SIZES:
        if size > most:
            break
        scenario = grown(size)
        begin = time.process_time()
        plan = compile_scenario(scenario)
        compiled = time.process_time() - begin
        seconds = []
        for number in range(ROUNDS):
            begin = time.process_time()
            nfm.simulate(plan, seed=1, replication=number)
            seconds.append(time.process_time() - begin)
        middle = statistics.median(seconds)
        count = len(scenario.elements)
        found.append((count, middle, calls(plan)))
        print(f"{count:9,}{compiled:11.2f}{middle:15.3f}{middle / count * 1000:15.3f}")
    first, last = found[0], found[-1]
    time_power, calls_power = (math.log(last[n] / first[n]) / math.log(last[0] / first[0]) for n in (1, 2))
    print(f"grows as the number of elements to the power {time_power:.2f}, its calls {calls_power:.2f}")


if __name__ == "__main__":
    main()

"""What uncertain numbers cost: replications that each have a plan of their own, against those that share one.

.venv/bin/python tests/benchmarks/uncertain.py
"""

import time

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario

REPLICATIONS = 5


def seconds(scenario: nfm.Scenario) -> float:
    """Processor time of a replication, once its plan is compiled."""
    plan = compile_scenario(scenario)
    nfm.simulate(plan, seed=1)
    begin = time.process_time()
    for replication in range(REPLICATIONS):
        nfm.simulate(plan, seed=1, replication=replication)
    return (time.process_time() - begin) / REPLICATIONS


def main() -> None:
    for name in ("allied_brigade", "corps_transit", "atlantic_resolve_2024"):
        scenario = nfm.read_scenario(f"scenarios/{name}.toml")
        trucks = scenario.pools["trucks"].capacity
        uncertain = scenario.with_changes({"pools.trucks.capacity": {"pert": [0.8 * trucks, trucks, 1.5 * trucks]}})
        known, drawn = seconds(scenario), seconds(uncertain)
        print(f"{name:24}{known:8.3f} s known{drawn:8.3f} s uncertain   ratio {drawn / known:.1f}")


if __name__ == "__main__":
    main()

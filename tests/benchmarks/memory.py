"""Memory of a plan over many replications, with links that close anywhere: MiB after 10, 100, 300 and 600 of them.

Run: python -m tests.benchmarks.memory. What is found under way goes with its replication, so the numbers stay level.
"""

from pathlib import Path

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from tests.engine.test_memory import ANYWHERE

SCENARIO = Path(__file__).parents[2] / "scenarios/allied_brigade.toml"
LOOKS = (10, 100, 300, 600)


def resident_mib() -> float:
    """Memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    plan = compile_scenario(nfm.read_scenario(SCENARIO).with_changes({"disruptions": ANYWHERE}))
    for replication in range(LOOKS[-1]):
        nfm.simulate(plan, seed=1, replication=replication)
        if replication + 1 in LOOKS:
            print(f"{replication + 1:>4} replications: {resident_mib():.0f} MiB")


if __name__ == "__main__":
    main()

"""Is a replication as quick as it was? Run: python tests/benchmarks/floor.py [COMMIT] [PAIRS]

Five scenarios are simulated by the code of a commit (the last tag, or HEAD, without one) and by the code as it is, in
turns, each in a process of its own with the packages that are installed here. Printed are the medians of processor
seconds a replication, and the median of their ratios with the least and the most: a Markdown table for the note of a
change to `engine/`.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
SCENARIOS = ("allied_brigade", "atlantic_resolve_2024", "corps_transit", "one_force", "dutch_force")
REPLICATIONS, PAIRS = 3, 5
TIMED = """
import sys, time
import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
plan = compile_scenario(nfm.read_scenario(sys.argv[1]))
nfm.simulate(plan, 1)
begin = time.process_time()
for number in range(1, 1 + int(sys.argv[2])):
    nfm.simulate(plan, 1, number)
print((time.process_time() - begin) / int(sys.argv[2]))
"""


def git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True, text=True).stdout.strip()


def seconds(root: Path, name: str) -> float:
    """Processor seconds of a replication, by the code and the scenario that lie there."""
    command = [sys.executable, "-c", TIMED, str(root / "scenarios" / f"{name}.toml"), str(REPLICATIONS)]
    where = os.environ | {"PYTHONPATH": str(root / "src"), "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=where, cwd=root).stdout)


def compared(before: Path, name: str, pairs: int) -> str:
    """The row of a scenario: each pair one after the other, the first of them in turn."""
    found: list[tuple[float, float]] = []
    for number in range(pairs):
        sides = (before, ROOT)[:: 1 if number % 2 else -1]
        timed = {side: seconds(side, name) for side in sides}
        found.append((timed[before], timed[ROOT]))
    old, new = (1000 * statistics.median(side) for side in zip(*found, strict=True))
    ratios = sorted(now / then for then, now in found)
    middle = statistics.median(ratios)
    return f"| `{name}` | {old:.0f} | {new:.0f} | {middle:.2f} | {ratios[0]:.2f} to {ratios[-1]:.2f} |"


def main(commit: str, pairs: int) -> None:
    with TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        git("worktree", "add", "--detach", str(before), commit)
        try:
            short = git("rev-parse", "--short", commit)
            print(f"| scenario | {short}, ms | now, ms | now over before | of {pairs} pairs |")
            print("|---|---|---|---|---|")
            for name in SCENARIOS:
                print(compared(before, name, pairs), flush=True)
        finally:
            git("worktree", "remove", "--force", str(before))


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else (git("tag", "--sort=-creatordate").split() or ["HEAD"])[0]
    main(given, int(sys.argv[2]) if len(sys.argv) > 2 else PAIRS)

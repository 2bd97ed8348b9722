"""What people wait for before the first answer, as processor time. Run: python tests/benchmarks/start.py

Each number is the median of five fresh processes (user and system time, their workers' too), after one that leaves the
bytecode of all packages behind, as an installation does. With `--than FOLDER`,
another checkout such as `git worktree add FOLDER COMMIT` makes, both take turns, and the ratio stands beside.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parents[2]
COMMAND = "import sys; sys.argv[0] = 'nfm-sim'; from nfm_sim.__main__ import main; main()"
BRIGADE = "scenarios/allied_brigade.toml"
COMPLETION = {"_NFM_SIM_COMPLETE": "complete_bash", "COMP_WORDS": "nfm-sim run --se", "COMP_CWORD": "2"}
FIGURE = "import os, nfm_sim as nfm; nfm.plots.closure(nfm.open_study({!r})); os._exit(0)"
"""Until it stands there: a notebook does not end with it, and nobody waits for what Python tidies up at its end."""
LIBRARIES = "import os, matplotlib.pyplot, numpy, polars, pydantic; os._exit(0)"
"""What such a figure cannot take less than."""
WARM = f"""
import nfm_sim as nfm
scenario = nfm.read_scenario({BRIGADE!r})
base = nfm.replicate(scenario, 16, jobs=1)
def answer(trucks):
    changed = nfm.replicate(scenario.with_changes({{"pools.trucks.capacity": trucks}}), 16, jobs=1)
    return nfm.Comparison({{"base": base, "changed": changed}}).difference("closure.last_h")
answer(200)
"""
CHANGE = WARM + "answer(210)\nanswer(220)\n"


def cases(out: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """By name: the arguments of Python, and what stands in the environment."""
    return {
        "nfm-sim --help": (["-c", COMMAND, "--help"], {}),
        "nfm-sim run --help": (["-c", COMMAND, "run", "--help"], {}),
        "completion": (["-c", COMMAND], COMPLETION),
        "import nfm_sim": (["-c", "import nfm_sim"], {}),
        "run allied_brigade": (["-c", COMMAND, "run", BRIGADE], {}),
        "run with all its figures": (["-c", COMMAND, "run", BRIGADE, "--out", str(out / "run"), "--figures"], {}),
        "figure of a stored run": (["-c", FIGURE.format(str(out / "run"))], {}),
        "its libraries alone": (["-c", LIBRARIES], {}),
        "16 replications, changed": (["-c", WARM], {}),
        "and two changes more": (["-c", CHANGE], {}),
    }


def spent_s(checkout: Path, out: Path, arguments: list[str], environment: dict[str, str]) -> float:
    """The processor time of a fresh Python on the sources of a checkout, in seconds."""
    bytecode = {"PYTHONPYCACHEPREFIX": str(out / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout / "src"), **bytecode, **environment},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--than", type=Path, help="another checkout, to be compared with")
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    checkouts = [HERE] if asked.than is None else [asked.than.absolute(), HERE]
    with TemporaryDirectory() as folder:
        outs = [Path(folder) / str(number) for number in range(len(checkouts))]
        medians: dict[str, list[float]] = {}
        for name in cases(outs[0]):
            turns = [
                [spent_s(there, out, *cases(out)[name]) for there, out in zip(checkouts, outs, strict=True)]
                for _ in range(1 + asked.rounds)
            ]
            medians[name] = [statistics.median(column) for column in zip(*turns[1:], strict=True)]
            ratio = f"  ({medians[name][-1] / medians[name][0]:.2f})" if len(checkouts) > 1 else ""
            print(f"{name:26}", *(f"{seconds:6.2f} s" for seconds in medians[name]), ratio)
        first, last = medians["16 replications, changed"], medians["and two changes more"]
        change = [(more - less) / 2 for less, more in zip(first, last, strict=True)]
        print(f"{'a change and its answer':26}", *(f"{seconds:6.2f} s" for seconds in change))


if __name__ == "__main__":
    main()

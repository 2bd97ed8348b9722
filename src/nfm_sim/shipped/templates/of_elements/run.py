"""Simulate scenario.toml, print its answers, and write figures to runs/figures. Run: python run.py [REPLICATIONS]"""

import sys
from pathlib import Path

import nfm_sim as nfm

here = Path(__file__).parent
scenario = nfm.read_scenario(here / "scenario.toml")
replications = int(sys.argv[1]) if len(sys.argv) > 1 else 40

study = nfm.replicate(scenario, replications, seed=1, out=here / "runs/study")  # again, it goes on with what is there
print(nfm.estimate(study, "readiness.on_time", by="tier"))
print(nfm.measures.readiness_by_element(study))
print(nfm.bottlenecks(study.kept).head(5))

figures = here / "runs/figures"
figures.mkdir(parents=True, exist_ok=True)
nfm.plots.save(nfm.plots.readiness(study), figures / "readiness.png")
first = next(iter(scenario.elements))  # or the name of another
nfm.plots.save(nfm.plots.critical_path(study.kept, first), figures / "critical_path.png")

"""Simulate scenario.toml, print its answers, and write figures to runs/figures. Run: python run.py [REPLICATIONS]"""

import sys
from pathlib import Path

import nfm_sim as nfm

here = Path(__file__).parent
scenario = nfm.read_scenario(here / "scenario.toml")
replications = int(sys.argv[1]) if len(sys.argv) > 1 else 40

study = nfm.replicate(scenario, replications, seed=1, out=here / "runs/study")  # again, it goes on with what is there
print(nfm.estimate(study, "closure.median"))
print(nfm.bottlenecks(study.kept).head(5))

figures = here / "runs/figures"
figures.mkdir(parents=True, exist_ok=True)
nfm.plots.save(nfm.plots.closure(study), figures / "closure.png")
nfm.plots.save(nfm.plots.network_load(study.kept), figures / "network_load.png")

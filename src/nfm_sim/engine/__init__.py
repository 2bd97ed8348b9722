"""One replication: activation, transit, pools, credits, draws, and the record they leave."""

from nfm_sim.engine.compile import compile_scenario
from nfm_sim.engine.fork import fork_plan
from nfm_sim.engine.plan import Plan
from nfm_sim.engine.record import OFFERED, TABLES, Run
from nfm_sim.engine.simulate import simulate
from nfm_sim.engine.streams import quantiles
from nfm_sim.engine.traffic import day_and_hour

__all__ = [
    "OFFERED",
    "TABLES",
    "Plan",
    "Run",
    "compile_scenario",
    "day_and_hour",
    "fork_plan",
    "quantiles",
    "simulate",
]

"""The plan: a scenario compiled into plain tuples that all replications share. Data alone, and frozen."""

from nfm_sim.plan.plan import Plan
from nfm_sim.plan.traffic import day_and_hour

__all__ = ["Plan", "day_and_hour"]

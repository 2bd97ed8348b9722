"""Compiling: a scenario made into a plan, with every name resolved, every route cut, and every draw asked for."""

from nfm_sim.compile.pools import drawn, drawn_by, idle_means, not_limited, unused_pools
from nfm_sim.compile.scenario import compile_scenario, forked_plan

__all__ = ["compile_scenario", "drawn", "drawn_by", "forked_plan", "idle_means", "not_limited", "unused_pools"]

"""The plan: what all replications of a scenario share, frozen."""

from nfm_sim.plan.plan import Plan

__all__ = ["Plan"]

"""Replications of a scenario, and the store on disk."""

from nfm_sim.study.replicate import join_runs, replicate
from nfm_sim.study.store import open_run, write_run
from nfm_sim.study.versions import plan_versions

__all__ = ["join_runs", "open_run", "plan_versions", "replicate", "write_run"]

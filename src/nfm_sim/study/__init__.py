"""Replications of a scenario: made in batches by any number of workers, kept on disk, and read as one run."""

from nfm_sim.study.batches import join_runs
from nfm_sim.study.replicate import Progress, replicate, write_run
from nfm_sim.study.study import Study, open_study
from nfm_sim.study.versions import plan_versions

__all__ = ["Progress", "Study", "join_runs", "open_study", "plan_versions", "replicate", "write_run"]

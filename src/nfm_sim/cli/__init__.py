"""The command line: `nfm-sim run, study, compare, sweep, prices, verify, validate, schema, network`."""

from nfm_sim.cli import compare, network, run, study
from nfm_sim.cli.app import app, main

__all__ = ["app", "compare", "main", "network", "run", "study"]

"""The command line: `nfm-sim run, study, compare, sweep, prices, programme, record, verify, validate, schema, ...`.

Commands load the rooms that they use when they run, not before, so that help and completion come at once.
"""

# each of these registers its commands
from nfm_sim.cli import compare, decide, imports, run, shipped, stored, study  # noqa: F401
from nfm_sim.cli.app import app, main

__all__ = ["app", "main"]

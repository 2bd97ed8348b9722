"""The command line: `nfm-sim run, study, compare, sweep, prices, programme, record, verify, validate, schema, ...`."""

from nfm_sim.cli import compare, decide, explain, imports, network, plot, records, report, run, shipped, study, verify
from nfm_sim.cli.app import app, main

__all__ = [
    "app",
    "compare",
    "decide",
    "explain",
    "imports",
    "main",
    "network",
    "plot",
    "records",
    "report",
    "run",
    "shipped",
    "study",
    "verify",
]

"""The record of simulations: its words, the schemas of its tables, and the tables themselves."""

from nfm_sim.record.run import Record, Run
from nfm_sim.record.tables import TABLES

__all__ = ["TABLES", "Record", "Run"]

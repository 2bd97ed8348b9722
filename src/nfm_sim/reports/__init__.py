"""One offline page of a study: the answer in sentences, a replay, curves, tables, and the evidence."""

from nfm_sim.reports.evidence import PageVerification, verify_page
from nfm_sim.reports.page import report

__all__ = ["PageVerification", "report", "verify_page"]

"""One offline page of a study: the answer in sentences, a replay, curves, tables, and the evidence."""

from nfm_sim.reports.evidence import SEAL
from nfm_sim.reports.page import report, report_answer
from nfm_sim.reports.verify import PageVerification, verify_page

__all__ = ["SEAL", "PageVerification", "report", "report_answer", "verify_page"]

"""Replications of a scenario: made in batches by any number of workers, kept on disk, and read as one run."""

from nfm_sim.scenario.on_record import Case, OnRecord, read_priors
from nfm_sim.study.calibrate import BASELINES, Calibration, calibrate, read_records
from nfm_sim.study.compare import Comparison, compare, open_comparison, response, sweep
from nfm_sim.study.estimates import TargetState, band, estimate
from nfm_sim.study.export import answers_of, event_log, export, load_lines, passage_lines
from nfm_sim.study.overview import differences_told, prices_told, spread_in_words, study_estimates, variance_split
from nfm_sim.study.prices import shadow_prices
from nfm_sim.study.programme import Proposal, propose_programme
from nfm_sim.study.quantities import main_quantities, read_quantity
from nfm_sim.study.replicate import How, Progress, fork, precision, replicate, write_run
from nfm_sim.study.sensitivity import factorial, latin_hypercube, morris, sobol, sobol_indices, tornado
from nfm_sim.study.study import Study, open_study
from nfm_sim.study.verify import Verification, sign, signer, verify
from nfm_sim.study.workers import join_runs

# fmt: off
__all__ = [
    "BASELINES", "Calibration", "Case", "Comparison", "How", "OnRecord", "Progress", "Proposal", "Study", "TargetState",
    "Verification", "answers_of", "band", "calibrate", "compare", "differences_told", "estimate", "event_log", "export",
    "factorial", "fork", "join_runs", "latin_hypercube", "load_lines", "main_quantities", "morris",
    "open_comparison", "open_study", "passage_lines", "precision", "prices_told", "propose_programme", "read_priors",
    "read_quantity", "read_records", "replicate", "response", "shadow_prices", "sign", "signer", "sobol",
    "sobol_indices", "spread_in_words", "study_estimates", "sweep", "tornado", "variance_split", "verify", "write_run",
]
# fmt: on

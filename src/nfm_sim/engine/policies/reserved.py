"""Reserved shares: each task is sure of its reserve, and above the reserves strict order holds."""

from nfm_sim.engine.plan import ClaimPlan
from nfm_sim.engine.pools import Rank


def reserved(claim: ClaimPlan, filled: int) -> Rank:
    """Rank what is within the reserve first, then by the priority of the task."""
    return (0 if filled < claim.reserve else 1, claim.task.priority)

"""Weights: elements are shared out as seats are, in proportion to the weights of the tasks."""

from nfm_sim.engine.plan import ClaimPlan
from nfm_sim.engine.pools import Rank


def weights(claim: ClaimPlan, filled: int) -> Rank:
    """Rank by elements per weight, half an element ahead (Webster, Sainte-Laguë), then by priority."""
    return ((filled + 0.5) / claim.task.weight, claim.task.priority)

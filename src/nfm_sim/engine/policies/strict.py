"""Strict order: the task with the lower priority number takes all that it asks for."""

from nfm_sim.engine.plan import ClaimPlan
from nfm_sim.engine.pools import Rank


def strict(claim: ClaimPlan, filled: int) -> Rank:
    """Rank by the priority of the task, whatever it has."""
    return (claim.task.priority,)

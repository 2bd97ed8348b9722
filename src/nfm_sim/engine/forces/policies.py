"""Which task goes first for elements.

A policy is a function from a commitment and the number of elements that it has to the rank of its next one: the
lower rank goes first. A commitment takes an element from another if its next one ranks before the other's last. The
same function thus says which commitment is served, which gives up an element, and when all keep what they have.
"""

from collections.abc import Callable, Mapping

from nfm_sim.kinds.choices import POLICIES, function_of
from nfm_sim.plan.forces import CommitmentPlan
from nfm_sim.plan.movement import Rank


def strict(commitment: CommitmentPlan, filled: int) -> Rank:
    """Rank by the priority of the task: the lower number takes all that it asks for."""
    return (commitment.task.priority,)


def weights(commitment: CommitmentPlan, filled: int) -> Rank:
    """Share elements out as seats are, in proportion to the weights of the tasks: rank by elements per weight, half
    an element ahead (Webster, Sainte-Laguë), then by priority."""
    return ((filled + 0.5) / commitment.task.weight, commitment.task.priority)


def reserved(commitment: CommitmentPlan, filled: int) -> Rank:
    """Rank what is within the reserve of a task first; above the reserves strict order holds."""
    return (0 if filled < commitment.reserve else 1, commitment.task.priority)


PolicyFunction = Callable[[CommitmentPlan, int], Rank]
OURS: Mapping[str, PolicyFunction] = {policy.__name__: policy for policy in (strict, weights, reserved)}


def policy_of(name: str) -> PolicyFunction:
    """Return the policy that a scenario names in `policy`."""
    return function_of(POLICIES[name], OURS, _no_rank)


def _no_rank(rank: object, commitment: CommitmentPlan, filled: int) -> str:
    if isinstance(rank, tuple) and all(isinstance(number, int | float) and number == number for number in rank):
        return ""
    return "a tuple of numbers, of which the lower goes first"

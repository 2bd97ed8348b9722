"""Which task goes first for elements, one file a policy. A new policy is one new file and one line here.

A policy is a function from a claim and the number of elements that it has to the rank of its next one: the lower
rank goes first. A claim takes an element from another if its next ranks before the other's last. The same function
thus says who is served, who gives up, and when everybody keeps what he has.
"""

from collections.abc import Callable, Mapping

from nfm_sim.engine.plan import ClaimPlan
from nfm_sim.engine.policies.reserved import reserved
from nfm_sim.engine.policies.strict import strict
from nfm_sim.engine.policies.weights import weights
from nfm_sim.engine.pools import Rank

POLICIES: Mapping[str, Callable[[ClaimPlan, int], Rank]] = {
    "strict": strict,
    "weights": weights,
    "reserved": reserved,
}
"""By the name that a scenario gives in `policy`."""

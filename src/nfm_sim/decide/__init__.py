"""From what would happen to what to do: goals, and searches over studies for what reaches them."""

from nfm_sim.decide.exchange import exchange, exchange_told, exchanged, one_more_and_one_fewer
from nfm_sim.decide.protect import Loss, Protection, protect, worst_together

__all__ = [
    "Loss",
    "Protection",
    "exchange",
    "exchange_told",
    "exchanged",
    "one_more_and_one_fewer",
    "protect",
    "worst_together",
]

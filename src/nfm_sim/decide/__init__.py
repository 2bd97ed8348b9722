"""From what would happen to what to do: goals, and searches over studies for what reaches them."""

from nfm_sim.decide.buy import Purchase, Selected, buy, buy_by_year, select
from nfm_sim.decide.choose import Chosen, choose
from nfm_sim.decide.exchange import exchange, exchange_told, exchanged, one_more_and_one_fewer
from nfm_sim.decide.goals import Chance, Goal, Needed, chance, need, needs
from nfm_sim.decide.protect import Loss, Protection, protect, worst_together
from nfm_sim.scenario.options import Option, Options, read_options

# fmt: off
__all__ = [
    "Chance", "Chosen", "Goal", "Loss", "Needed", "Option", "Options", "Protection", "Purchase", "Selected", "buy",
    "buy_by_year", "chance", "choose", "exchange", "exchange_told", "exchanged", "need", "needs",
    "one_more_and_one_fewer", "protect", "read_options", "select", "worst_together",
]
# fmt: on

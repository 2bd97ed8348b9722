"""From what would happen to what to do: goals, and searches over studies for what reaches them."""

from nfm_sim.decide.buy import Purchase, buy
from nfm_sim.decide.choose import Choice, choose
from nfm_sim.decide.goals import Chance, Goal, chance
from nfm_sim.decide.need import Need, need, needs
from nfm_sim.decide.select import Selected, select
from nfm_sim.scenario.options import Option, Options, read_options

__all__ = [
    "Chance",
    "Choice",
    "Goal",
    "Need",
    "Option",
    "Options",
    "Purchase",
    "Selected",
    "buy",
    "chance",
    "choose",
    "need",
    "needs",
    "read_options",
    "select",
]

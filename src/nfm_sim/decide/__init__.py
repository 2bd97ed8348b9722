"""From what would happen to what to do: goals, and searches over studies for what reaches them."""

from nfm_sim.decide.goals import Chance, Goal, chance
from nfm_sim.decide.need import Need, need, needs

__all__ = ["Chance", "Goal", "Need", "chance", "need", "needs"]

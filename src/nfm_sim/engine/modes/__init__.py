"""How a lot moves, one file a mode. A new mode is one new file and one line here."""

from collections.abc import Callable, Mapping

from nfm_sim.engine.modes.barge import barge
from nfm_sim.engine.modes.column import column
from nfm_sim.engine.modes.flight import flight
from nfm_sim.engine.modes.train import train
from nfm_sim.engine.modes.truck import truck
from nfm_sim.engine.world import Mover, Steps, World

MODES: Mapping[str, Callable[[World, Mover], Steps]] = {
    "train": train,
    "column": column,
    "truck": truck,
    "barge": barge,
    "flight": flight,
}

"""The modes by which pieces move, one file each. A new mode is one new file and one line here."""

from collections.abc import Mapping

from nfm_sim.compile.modes.barge import Barge
from nfm_sim.compile.modes.column import Column
from nfm_sim.compile.modes.flight import Flight
from nfm_sim.compile.modes.mode import Mode
from nfm_sim.compile.modes.train import Train
from nfm_sim.compile.modes.truck import Truck

MODES: Mapping[str, Mode] = {mode.name: mode for mode in (Train(), Column(), Truck(), Barge(), Flight())}
"""By the name that a scenario gives in `shares`."""

__all__ = ["MODES", "Mode"]

"""How the lots of each mode are made, a file a mode."""

from collections.abc import Mapping

from nfm_sim.compile.modes.barge import BargeMode
from nfm_sim.compile.modes.column import ColumnMode
from nfm_sim.compile.modes.flight import FlightMode
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive, count_fullness
from nfm_sim.compile.modes.train import TrainMode
from nfm_sim.compile.modes.truck import TruckMode
from nfm_sim.kinds import ModeKind
from nfm_sim.kinds.modes import BARGE, COLUMN, FLIGHT, TRAIN, TRUCK

OURS: Mapping[str, type[Mode]] = {
    TRAIN.name: TrainMode,
    COLUMN.name: ColumnMode,
    TRUCK.name: TruckMode,
    BARGE.name: BargeMode,
    FLIGHT.name: FlightMode,
}


def class_of(kind: ModeKind) -> type[Mode]:
    """Return how the lots of a mode are made; those of a user's mode in the usual way, if it gives no other."""
    made: type[Mode] = OURS.get(kind.name) or kind.compiled or Mode
    return made


__all__ = ["LotParts", "Mode", "RulesDrive", "class_of", "count_fullness"]

"""One function a figure: `(run, ..., ax=None) -> Axes`. None sets a global style, shows or saves anything."""

from collections.abc import Callable, Mapping

from matplotlib.axes import Axes

from nfm_sim.plots.band import band
from nfm_sim.plots.closure import closure
from nfm_sim.plots.critical_path import critical_path
from nfm_sim.plots.difference import difference
from nfm_sim.plots.double_booking import double_booking
from nfm_sim.plots.duties import duties
from nfm_sim.plots.network_load import network_load
from nfm_sim.plots.occupation import occupation
from nfm_sim.plots.queue import queue
from nfm_sim.plots.readiness import readiness
from nfm_sim.plots.records import records
from nfm_sim.plots.style import save
from nfm_sim.plots.supply import supply
from nfm_sim.plots.time_space import time_space
from nfm_sim.plots.tornado import tornado
from nfm_sim.plots.waits import waits
from nfm_sim.plots.ways import ways
from nfm_sim.record import Record

FIGURES: Mapping[str, Callable[[Record], Axes]] = {
    "readiness": readiness,
    "closure": closure,
    "network_load": network_load,
    "waits": waits,
    "supply": supply,
    "duties": duties,
    "queue": queue,
    "occupation": occupation,
    "time_space": time_space,
    "ways": ways,
    "double_booking": double_booking,
}
"""The figures of a run, by name."""

__all__ = [
    "FIGURES",
    "band",
    "closure",
    "critical_path",
    "difference",
    "double_booking",
    "duties",
    "network_load",
    "occupation",
    "queue",
    "readiness",
    "records",
    "save",
    "supply",
    "time_space",
    "tornado",
    "waits",
    "ways",
]

"""One function a figure: `(run, ..., ax=None) -> Axes`. None sets a global style, shows or saves anything."""

from collections.abc import Callable, Collection, Iterator, Mapping

from matplotlib.axes import Axes

from nfm_sim.plots.ashore import ashore
from nfm_sim.plots.band import band
from nfm_sim.plots.civil_cost import civil_cost
from nfm_sim.plots.closure import closure
from nfm_sim.plots.critical_path import critical_path
from nfm_sim.plots.delay import delay
from nfm_sim.plots.departures import departures
from nfm_sim.plots.difference import difference
from nfm_sim.plots.double_booking import double_booking
from nfm_sim.plots.duties import duties
from nfm_sim.plots.frame import figure, is_empty, let_go, save
from nfm_sim.plots.frontier import frontier
from nfm_sim.plots.inline import inline_svg
from nfm_sim.plots.ledger import ledger
from nfm_sim.plots.network_load import network_load
from nfm_sim.plots.occupation import occupation
from nfm_sim.plots.orders import orders
from nfm_sim.plots.pool_use import pool_use
from nfm_sim.plots.queue import queue
from nfm_sim.plots.readiness import readiness
from nfm_sim.plots.records import records
from nfm_sim.plots.saturation import saturation
from nfm_sim.plots.stock import stock
from nfm_sim.plots.supplied import days_of_supply, effective
from nfm_sim.plots.supply import supply
from nfm_sim.plots.time_space import time_space
from nfm_sim.plots.tornado import tornado
from nfm_sim.plots.waits import waits
from nfm_sim.plots.ways import ways
from nfm_sim.plots.weighed import weighed
from nfm_sim.problems import InputError, did_you_mean
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
    "departures": departures,
    "delay": delay,
    "pool_use": pool_use,
    "ashore": ashore,
    "stock": stock,
    "saturation": saturation,
    "ledger": ledger,
    "double_booking": double_booking,
    "effective": effective,
    "days_of_supply": days_of_supply,
}
"""The figures of a run or a study, by name."""


def drawn(record: Record, names: Collection[str] = tuple(FIGURES)) -> Iterator[tuple[str, Axes]]:
    """Draw figures one by one, and yield each with its name; those that have nothing to show are left out. Raises
    `InputError` for a name that no figure has.

    >>> dict(nfm.plots.drawn(run, ["closure", "time_space"])).keys()
    dict_keys(['closure'])
    """
    for name in names:
        if name not in FIGURES:
            remedy = f"is no figure{did_you_mean(name, FIGURES)}; there are {', '.join(FIGURES)}"
            raise InputError.of("plots", "name", name, remedy)
    for name in names:
        ax = FIGURES[name](record)
        if is_empty(ax):
            let_go(ax)
        else:
            yield name, ax


# fmt: off
__all__ = [
    "FIGURES", "ashore", "band", "civil_cost", "closure", "critical_path", "days_of_supply", "delay", "departures",
    "difference", "double_booking", "drawn", "duties", "effective", "figure", "frontier", "inline_svg", "is_empty",
    "ledger", "network_load", "occupation", "orders", "pool_use", "queue", "readiness", "records", "saturation", "save",
    "stock", "supply", "time_space", "tornado", "waits", "ways", "weighed",
]
# fmt: on

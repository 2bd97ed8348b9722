"""One function a figure: `(run, ..., ax=None) -> Axes`. None sets a global style, shows or saves anything."""

from collections.abc import Callable, Collection, Iterator, Mapping

from matplotlib.axes import Axes

from nfm_sim.plots.decisions import frontier, orders, weighed
from nfm_sim.plots.flows import ashore, closure, departures, ways
from nfm_sim.plots.forces import critical_path, ledger, readiness
from nfm_sim.plots.frame import figure, inline_svg, is_empty, let_go, save
from nfm_sim.plots.means import occupation, pool_use, saturation, stock
from nfm_sim.plots.network_load import network_load
from nfm_sim.plots.queues import civil_cost, delay, queue, waits
from nfm_sim.plots.studies import band, difference, records, tornado
from nfm_sim.plots.sustainment import days_of_supply, effective
from nfm_sim.plots.tasks import double_booking, duties, supply
from nfm_sim.plots.time_space import time_space
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

"""One function a figure: `(run, ..., ax=None) -> Axes`. None sets a global style, shows or saves anything."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from matplotlib.axes import Axes

from nfm_sim.plots.decisions import amounts, frontier, orders, weighed
from nfm_sim.plots.flows import ashore, closure, departures, ways
from nfm_sim.plots.forces import critical_path, double_booking, duties, ledger, readiness, supply
from nfm_sim.plots.maps import columns, network, network_load, time_space
from nfm_sim.plots.means import holders, occupation, pool_use, saturation, stock
from nfm_sim.plots.queues import civil_cost, delay, detours, queue, waits
from nfm_sim.plots.studies import band, chance, difference, on_record, records, tornado
from nfm_sim.plots.style import drawn_if_any, figure, inline_svg, is_empty, save
from nfm_sim.plots.sustainment import days_of_supply, effective, supply_by_day, supply_of_means
from nfm_sim.problems import one_of
from nfm_sim.record import Record

_OF_RECORDS: Sequence[Callable[[Record], Axes]] = (
    *(readiness, closure, network_load, waits, detours, supply, duties),
    *(queue, occupation, time_space, columns, ways, departures, delay),
    *(pool_use, holders, ashore, stock, saturation, ledger),
    *(double_booking, effective, days_of_supply, supply_by_day, supply_of_means),
)
FIGURES: Mapping[str, Callable[[Record], Axes]] = {draw.__name__: draw for draw in _OF_RECORDS}
"""The figures of a run or a study, by name."""


def drawn(record: Record, names: Collection[str] = tuple(FIGURES)) -> Iterator[tuple[str, Axes]]:
    """Draw figures one by one, and yield each with its name; those that have nothing to show are left out. Raises
    `InputError` for a name that no figure has.

    >>> dict(nfm.plots.drawn(run, ["closure", "time_space"])).keys()
    dict_keys(['closure'])
    """
    for name in names:
        one_of(FIGURES, name, "plots", "name")
    for name in names:
        ax = drawn_if_any(FIGURES[name], record)
        if ax is not None:
            yield name, ax


# fmt: off
__all__ = [
    "FIGURES", "amounts", "ashore", "band", "chance", "civil_cost", "closure", "columns", "critical_path",
    "days_of_supply", "delay", "departures", "detours", "difference", "double_booking", "drawn", "duties", "effective",
    "figure", "frontier", "holders", "inline_svg", "is_empty", "ledger", "network", "network_load", "occupation",
    "on_record", "orders", "pool_use", "queue", "readiness", "records", "saturation", "save", "stock", "supply",
    "supply_by_day", "supply_of_means", "time_space", "tornado", "waits", "ways", "weighed",
]
# fmt: on

"""Open, stochastic simulation of NATO Force Model activation and allied transit through the Netherlands.

A scenario on a network is simulated into spans; spans are read as measures; a study repeats it; a plot shows it:

    >>> import nfm_sim as nfm
    >>> scenario = nfm.read_scenario("scenarios/atlantic_resolve_2024.toml")
    >>> run = nfm.simulate(scenario, seed=7)
    >>> nfm.closure(run)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nfm_sim import plots
    from nfm_sim.engine import Plan, Run, compile_scenario, simulate
    from nfm_sim.measures import (
        bottlenecks,
        civil_cost,
        closure,
        closure_curve,
        commitments,
        critical_path,
        critical_share,
        departures_by_day,
        double_booked,
        double_booking,
        formations,
        gap,
        last_enabler,
        ledger,
        link_load,
        link_load_by_hour,
        offers,
        queue,
        readiness,
        readiness_by_element,
        readiness_by_tier,
        readiness_curve,
        saturation,
        stock,
        summary,
        task_fill,
        task_people,
        total,
        utilisation,
        waits,
        ways_taken,
    )
    from nfm_sim.network import Network, check_network, read_network
    from nfm_sim.problems import InputError
    from nfm_sim.scenario import Scenario, build_scenario, read_scenario, scenario_schema
    from nfm_sim.study import (
        Comparison,
        Study,
        band,
        compare,
        estimate,
        factorial,
        latin_hypercube,
        morris,
        open_comparison,
        open_study,
        plan_versions,
        precision,
        replicate,
        response,
        shadow_prices,
        sobol,
        sobol_indices,
        sweep,
        tornado,
        verify,
        write_run,
    )

_ROOMS = {
    "network": ("Network", "check_network", "read_network"),
    "scenario": ("Scenario", "build_scenario", "read_scenario", "scenario_schema"),
    "problems": ("InputError",),
    "engine": ("Plan", "Run", "compile_scenario", "simulate"),
    "measures": (
        "closure",
        "closure_curve",
        "commitments",
        "critical_path",
        "critical_share",
        "departures_by_day",
        "double_booked",
        "double_booking",
        "formations",
        "gap",
        "last_enabler",
        "ledger",
        "link_load",
        "offers",
        "queue",
        "readiness",
        "readiness_by_element",
        "readiness_by_tier",
        "readiness_curve",
        "summary",
        "task_fill",
        "task_people",
        "total",
        "utilisation",
        "bottlenecks",
        "saturation",
        "stock",
        "civil_cost",
        "link_load_by_hour",
        "ways_taken",
        "waits",
    ),
    "study": (
        "Comparison",
        "Study",
        "band",
        "compare",
        "estimate",
        "factorial",
        "latin_hypercube",
        "morris",
        "open_comparison",
        "open_study",
        "plan_versions",
        "precision",
        "replicate",
        "response",
        "shadow_prices",
        "sobol",
        "sobol_indices",
        "sweep",
        "tornado",
        "verify",
        "write_run",
    ),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Comparison",
    "InputError",
    "Network",
    "Plan",
    "Run",
    "Scenario",
    "Study",
    "band",
    "bottlenecks",
    "build_scenario",
    "check_network",
    "civil_cost",
    "closure",
    "closure_curve",
    "commitments",
    "compare",
    "compile_scenario",
    "critical_path",
    "critical_share",
    "departures_by_day",
    "double_booked",
    "double_booking",
    "estimate",
    "factorial",
    "formations",
    "gap",
    "last_enabler",
    "latin_hypercube",
    "ledger",
    "link_load",
    "link_load_by_hour",
    "morris",
    "offers",
    "open_comparison",
    "open_study",
    "plan_versions",
    "plots",
    "precision",
    "queue",
    "read_network",
    "read_scenario",
    "readiness",
    "readiness_by_element",
    "readiness_by_tier",
    "readiness_curve",
    "replicate",
    "response",
    "saturation",
    "scenario_schema",
    "shadow_prices",
    "simulate",
    "sobol",
    "sobol_indices",
    "stock",
    "summary",
    "sweep",
    "task_fill",
    "task_people",
    "tornado",
    "total",
    "utilisation",
    "verify",
    "waits",
    "ways_taken",
    "write_run",
]


def __getattr__(name: str) -> Any:
    """Open a room when a name of it is first used, so that importing the package is quick."""
    if name == "plots":
        return import_module("nfm_sim.plots")
    if name in _ROOM_OF:
        return getattr(import_module(f"nfm_sim.{_ROOM_OF[name]}"), name)
    raise AttributeError(f"module 'nfm_sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

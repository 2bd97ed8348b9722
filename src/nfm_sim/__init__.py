"""Open, stochastic simulation of NATO Force Model activation and allied transit through the Netherlands.

A scenario on a network is simulated into spans; spans are read as measures; a study repeats it; a plot shows it:

    import nfm_sim as nfm
    scenario = nfm.read_scenario("scenarios/atlantic_resolve_2024.toml")
    run = nfm.simulate(scenario, seed=7)
    print(nfm.closure(run))

Here stands what most scripts need. The rest stands in its room: measures under `nfm.measures`, figures under
`nfm.plots`, designs, sensitivity and estimates under `nfm.study`. The face is listed in `__init__.pyi`, once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nfm_sim.beside import listed

_ROOM_OF = listed(__file__)
__all__ = sorted(_ROOM_OF)


def __getattr__(name: str) -> Any:
    """Open a room when a name of it is first used, so that importing the package is quick."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'nfm_sim' has no attribute {name!r}")
    room = _ROOM_OF[name]
    return import_module(f"{room}.{name}") if room == __name__ else getattr(import_module(room), name)


def __dir__() -> list[str]:
    return __all__

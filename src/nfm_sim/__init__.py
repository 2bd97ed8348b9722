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

import ast
from importlib import import_module
from pathlib import Path
from typing import Any


def _listed(stub: Path) -> dict[str, str]:
    """The names that the stub imports, each with the room that it comes from."""
    imports = [step for step in ast.parse(stub.read_text("utf-8")).body if isinstance(step, ast.ImportFrom)]
    return {name.name: str(step.module) for step in imports for name in step.names}


_ROOM_OF = _listed(Path(__file__).with_suffix(".pyi"))
__all__ = sorted(_ROOM_OF)


def __getattr__(name: str) -> Any:
    """Open a room when a name of it is first used, so that importing the package is quick."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'nfm_sim' has no attribute {name!r}")
    room = _ROOM_OF[name]
    return import_module(f"{room}.{name}") if room == __name__ else getattr(import_module(room), name)


def __dir__() -> list[str]:
    return __all__

"""The versions that the numbers of a study depend on: the code of the model, and packages."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nfm_sim.study.records import digest

PACKAGES = ("nfm_sim", "simpy", "numpy", "scipy", "polars")
"""Packages on which a number in a table may depend."""
MODEL = ("kinds", "record", "network", "scenario", "plan", "compile", "engine", "measures")
"""The rooms of the package that a number in a table may depend on."""


def current_key() -> dict[str, Any]:
    """Return the versions that a study made now is made with: the code of the model, and the versions of packages."""
    return {"model": model_digest(), "versions": {name: version(name) for name in PACKAGES}}


@cache
def model_digest() -> str:
    """The digest of the code that numbers depend on: all rooms of the making wing, and the measures."""
    root = Path(__file__).parents[1]
    files = [file for room in MODEL for file in (root / room).rglob("*.py")]
    code = b"\0".join(part for file in sorted(files) for part in (file.name.encode(), file.read_bytes()))
    return digest(code)

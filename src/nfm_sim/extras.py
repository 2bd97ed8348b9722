"""Packages that only some need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nfm_sim.problems import InputError, Problem


def import_extra(module: str, extra: str) -> Any:
    """Import a module that comes with an extra; raise `InputError` that names it when it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        remedy = f"is not installed; it comes with the extra nfm_sim[{extra}]"
        raise InputError([Problem("nfm_sim", module.split(".")[0], "", remedy)]) from None

"""Packages that only some need."""

from importlib import import_module
from typing import Any

import polars as pl

from nfm_sim.problems import InputError


def import_extra(module: str, extra: str) -> Any:
    """Import a module that comes with an extra; raise `InputError` that names it when it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        remedy = f"is not installed; it comes with the extra nfm_sim[{extra}]"
        raise InputError.of("nfm_sim", module.split(".")[0], "", remedy) from None


def to_pandas(table: pl.DataFrame) -> Any:
    """Return a table as a pandas DataFrame; nulls are NaN or None. Needs the extra `pandas`, and no pyarrow.

    >>> nfm.to_pandas(nfm.closure(run)).shape
    (1, 10)
    """
    pandas = import_extra("pandas", "pandas")
    return pandas.DataFrame({column: table[column].to_numpy() for column in table.columns})

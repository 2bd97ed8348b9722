"""The uncertain numbers of a scenario as replications drew them."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import COUNT, KEY
from nfm_sim.measures.common import answers, kept
from nfm_sim.record import Record


@kept
@answers(path=KEY, value=COUNT)
def drawn_inputs(run: Record) -> pl.DataFrame:
    """Return what was drawn for each uncertain number: replication, path, value; no rows when only hours are.

    >>> nfm.measures.drawn_inputs(run).rows()
    []
    """
    return run.inputs.sort("replication", "path")

"""Which replication is in the middle: the one to look at when one is looked at."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.closure import closure
from nfm_sim.measures.readiness import readiness
from nfm_sim.record import Record


def typical(run: Record) -> int:
    """Return the number of the replication in the middle.

    Replications are ranked by the hours at which flows close and elements are in place, added up; what was not reached
    counts as reached at the horizon. Of two in the middle it is the earlier one.

    >>> nfm.measures.typical(run)
    0
    """
    end = run.horizon_h
    hours = pl.concat(
        [
            closure(run).select("replication", hour="last_h"),
            readiness(run).select("replication", hour="in_place_h"),
        ]
    )
    ranked = (
        hours.group_by("replication")
        .agg(pl.col("hour").fill_null(end).sum())
        .sort("hour", "replication")["replication"]
        .to_list()
    )
    return ranked[(len(ranked) - 1) // 2] if ranked else 0

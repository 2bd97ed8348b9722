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
    closed, ready = closure(run).select("replication", hour="last_h"), readiness(run)
    hours = pl.concat([closed, ready.select("replication", hour="in_place_h")])
    sums = hours.group_by("replication").agg(pl.col("hour").fill_null(run.horizon_h).sum())
    ranked = sums.sort("hour", "replication")["replication"].to_list()
    return ranked[(len(ranked) - 1) // 2] if ranked else 0

"""Holdings: which subject has how much of which pool, from when to when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nfm_sim.engine.queues.pools import SharedPool


@dataclass(slots=True, eq=False)
class Holding:
    """An amount of a pool that a subject holds."""

    pool: SharedPool
    subject: str
    amount: float
    start_h: float
    end_h: float = math.inf
    staff: Sequence[Holding] = ()
    """Those who work at it, who are released with it."""
    pace: float = 1.0
    """Their share of those whom it needs: work takes the longer."""

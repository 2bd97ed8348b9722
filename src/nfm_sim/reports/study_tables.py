"""The tables of a study on its page: what was answered, what held things up, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from nfm_sim import measures
from nfm_sim.measures.columns import PART, Column
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences.cells import Readout
from nfm_sim.sentences.names import with_titles
from nfm_sim.study import Study, read_quantity, study_estimates, variance_split
from nfm_sim.study.overview import ESTIMATES
from nfm_sim.study.prices import FRESH, priced

TABLES = {
    "Closure by flow": "days after hour 0, with 95 % intervals",
    "On time by flow": "by the day that is asked for: the share of the pieces, and the chance that "
    "all of them are there",
    "Readiness by tier": "shares of elements, with 95 % intervals",
    "What holds up": "piece-hours of delay that each caused, mean over replications; down to 95 % of all of it",
    "What went further": "because of what was lost; means over replications",
    "Readiness by element": "by deadline: share of replications, which is the chance",
    "Asked for twice": "element-days, mean over replications",
    "What the spread of closure goes with": "share of the variance over replications",
    "Waits for what can never come": "in the replications kept",
}
"""The tables of the page, each with what it shows in words."""
CALLED = {"pieces_on_time": "share of pieces on time", "all_on_time": "chance that all are there"}
MOST_OF = 0.95
"""A table of what holds up ends where it has so much of the delay."""


def tables_of(base: Study, prices: pl.DataFrame | None, on_record: OnRecord | None) -> list[Readout]:
    """The tables of a study, some of which may have no rows."""
    found = study_estimates(base)
    elements = measures.readiness_by_element(base) if not measures.readiness(base).is_empty() else pl.DataFrame()
    titled, columns = partial(with_titles, base), measures.COLUMNS
    rows: dict[str, tuple[pl.DataFrame, Mapping[str, Column]]] = {
        "Closure by flow": (titled(found["closure"]), ESTIMATES),
        "On time by flow": (titled(found["on_time"]), ESTIMATES),
        "Readiness by tier": (found["readiness"], ESTIMATES),
        "What holds up": (titled(_holds_up(base)), columns["bottlenecks"]),
        "What went further": (titled(_further(base)), columns["detours"]),
        "Readiness by element": (titled(elements), columns["readiness_by_element"]),
        "Asked for twice": (titled(measures.double_booking(base)), {}),
        "What the spread of closure goes with": (titled(_spread(base)), {"share": PART}),
        "Waits for what can never come": (base.whole.stuck.drop("replication"), columns["stuck"]),
    }
    return [
        *(_beside(base, on_record) if on_record else ()),
        *(_priced(prices) if prices is not None else ()),
        *(Readout(title, table, kinds, caption=TABLES[title], called=CALLED) for title, (table, kinds) in rows.items()),
    ]


def _holds_up(base: Study) -> pl.DataFrame:
    piece_hours = pl.col("piece_hours")
    return (
        measures.bottlenecks(base)
        .group_by("kind", "name")
        .agg(piece_hours.sum() / len(base.replications), pl.col("first_h").min())
        .sort("piece_hours", "name", descending=[True, False])
        .filter(piece_hours.cum_sum().shift(1, fill_value=0) < MOST_OF * piece_hours.sum())
    )


def _priced(prices: pl.DataFrame) -> list[Readout]:
    names = priced(prices)
    kinds = {part: read_quantity(name).declared for name in names for part in (name, f"{name}{FRESH}")}
    caption = "one more of each; intervals hold for all together; fresh: again, on replications that did not choose it"
    return [Readout("What to buy first", prices, kinds, tuple(kinds), caption)]


def _further(base: Study) -> pl.DataFrame:
    """What went further because of what was lost, mean over replications."""
    number = len(base.replications)
    amounts = pl.col("movements", "pieces", "extra_h", "piece_hours").sum() / number
    return measures.detours(base).group_by("disruption", "mode", maintain_order=True).agg(amounts)


def _spread(base: Study) -> pl.DataFrame:
    """Which uncertain numbers the spread of closure goes with; empty where there is none, or too few replications."""
    if not base.scenario.uncertain or measures.closure(base).is_empty():
        return pl.DataFrame()
    table = variance_split(base)
    return table if table["share"].null_count() < len(table) else pl.DataFrame()


def _beside(base: Study, record: OnRecord) -> list[Readout]:
    """What is on record, beside the middle of the model and its 10-90 %."""
    answer = measures.operation(base)
    rows = []
    for name, seen in record.observed.items():
        values = answer[name].cast(pl.Float64)
        rows.append((name, *seen.range, values.median(), *measures.likely(values), seen.source))
    columns = ["number", "on_record_least", "on_record_most", "model_median", "model_low", "model_high", "source"]
    needed = measures.needed_for()
    caption = "low to high: where the next replication lies eight times in ten (10-90 %)"
    if len(answer) < needed:
        caption = f"{len(answer)} replications cannot tell where the next lies: {needed} can"
    return [Readout("On record, and the model", pl.DataFrame(rows, schema=columns, orient="row"), caption=caption)]


def inputs_of(scenario: Scenario) -> list[Readout]:
    """Pools and facilities with where their numbers come from."""
    pools = [
        (
            name.replace("_", " "),
            float(pool.capacity),
            pool.unit,
            " ".join(pool.source.split()),
            "assumed" in pool.source,
        )
        for name, pool in scenario.pools.items()
    ]
    uncertain = [(path, str(_given(value))) for path, value in scenario.uncertain.items()]
    return [
        Readout(
            "Means, and where they come from",
            pl.DataFrame(pools, schema=["pool", "capacity", "unit", "source", "assumed"], orient="row"),
            caption="capacities at hour 0; an uncertain one at its middle",
        ),
        Readout(
            "Numbers that nobody knows",
            pl.DataFrame(uncertain, schema=["input", "drawn from"], orient="row"),
            caption="drawn once a replication",
        ),
    ]


def _given(value: object) -> Any:
    return value.model_dump(exclude_none=True, exclude_defaults=True) if hasattr(value, "model_dump") else value

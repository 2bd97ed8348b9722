"""The first screen of a page: what was asked, by which day, whether it can be done, and what to do first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from nfm_sim import measures, plots
from nfm_sim.in_words import UNKNOWN, day, percent
from nfm_sim.measures.summary import needed_for
from nfm_sim.plan import Plan
from nfm_sim.plots.style import axes_or_new
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences.answers import Bounds, all_there, flows_asked, on_record_told
from nfm_sim.sentences.names import names_of, of_title
from nfm_sim.study import Study, estimate

NINE_IN_TEN = 0.9
CURVE = (5.2, 3.6)
"""Inches of the curve: its letters can be read where it stands."""
NARROW = "\u00a0%"
MOST_ROWS = 8
"""Of what is asked for on the first screen: what is least sure; the others stand below it."""


@dataclass(frozen=True)
class Due:
    """A flow or tier against its day: texts as they stand on the page."""

    who: str
    asked: str
    by: str
    median: str
    nine_in_ten: str
    chance: str
    on_time_share: str
    surely: tuple[float, float]
    """The chance that all are there, and the share that is; what is not asked for by a day stands last."""


@dataclass(frozen=True)
class Brief:
    """The first screen: whether it can be done in a sentence, rows of what is asked for, and the curve."""

    verdict: str
    first: list[Due]
    others: list[Due]
    """Of which more is sure."""
    curve: str
    heads: tuple[str, ...]
    """Of the columns of its rows."""


def brief(study: Study, plan: Plan, named: str = "") -> Brief:
    """Return the first screen of the page of a study; `named` tells its figure from others of the page."""
    asked = dict(flows_asked(study.scenario, plan, lambda place: of_title(study.called("nodes", place))))
    table, due = _least_sure_first(study, asked)
    of_tier = bool(due) and due[0].who not in table["title"]
    ax = (plots.readiness if of_tier else plots.closure)(study, ax=axes_or_new(None, *CURVE))
    if (key := ax.get_legend()) is not None:  # beside the axes it would leave them too little room
        key.set_bbox_to_anchor(None)
        key.set_loc("best")
        key.set_frame_on(True)
        for text in key.get_texts():
            text.set_fontsize("x-small")
    number = len(study.replications)
    late = "Nine in ten by" if number >= needed_for(NINE_IN_TEN) else f"Latest of {number}"
    heads = ("By", "Median", late, "Chance that all are there", "Share on time")
    curve = plots.inline_svg(f"first{named}", ax)
    return Brief(_verdict(study, table, due), due[:MOST_ROWS], due[MOST_ROWS:], curve, heads)


def verdict(study: Study) -> str:
    """Whether all that is asked for by a day is there by then: of the operation as a whole."""
    return _verdict(study, *_least_sure_first(study, {}))


def _least_sure_first(study: Study, asked: Mapping[str, str]) -> tuple[pl.DataFrame, list[Due]]:
    """What is asked for by a day in each replication, of whom, and its rows; `asked` has the words of flows."""
    table = measures.deadlines(study)
    titles = names_of(study, "flows", table["flow"].drop_nulls().unique())
    table = table.with_columns(title=pl.col("flow").replace(titles))
    table = table.with_columns(who=pl.coalesce("title", pl.format("Tier {}", "tier")))
    told = {titles.get(name, name): words for name, words in asked.items()}
    return table, sorted(_due(study, table, told), key=lambda row: row.surely)


def _verdict(study: Study, table: pl.DataFrame, due: list[Due]) -> str:
    asked = table.filter(pl.col("required_h").is_not_null())
    whole = asked.group_by("replication").agg(pl.col("on_time").all(ignore_nulls=False)).sort("replication")
    if whole.is_empty():
        return all_there(Bounds(None), 0, len(study.replications), "")
    found = estimate(whole, "on_time", sampling=study.sampling).row(0, named=True)
    worst = due[0]
    late = f"; {worst.who} falls short most, with {worst.on_time_share} on time" if worst.surely < (1, 1) else ""
    chance = Bounds(found["estimate"], found["low"], found["high"])
    days = asked["required_h"].unique()
    by = day(float(days[0])) if len(days) == 1 else "its day"
    return all_there(chance, int(whole["on_time"].sum()), len(whole), late, by)


def _due(study: Study, table: pl.DataFrame, asked: Mapping[str, str]) -> Iterator[Due]:
    number = len(study.replications)
    for (who,), rows in table.group_by("who", maintain_order=True):
        found = {
            name: estimate(rows, name, share=True, sampling=study.sampling).row(0, named=True)
            for name in ("on_time", "on_time_share")
        }
        first = rows.row(0, named=True)
        done = rows["done_h"].fill_null(float("inf")).sort()
        last = float(done[-1]) if number < needed_for(NINE_IN_TEN) else done.quantile(NINE_IN_TEN, "higher")
        surely = (2.0 if value["estimate"] is None else float(value["estimate"]) for value in found.values())
        required = rows["required_h"].median()
        yield Due(
            who=str(who),
            asked=asked.get(str(who), f"{first['number']:,} force elements ready to move"),
            by=day(required) if isinstance(required, float) else "no day",
            median=_when(done.quantile(0.5, "higher"), study),
            nine_in_ten=_when(last, study) if number > 1 else UNKNOWN,
            chance=_share(found["on_time"]),
            on_time_share=_share(found["on_time_share"]),
            surely=(next(surely), next(surely)),
        )


def _when(hour: float | None, study: Study) -> str:
    return day(hour) if hour is not None and hour <= study.horizon_h else f"after {day(study.horizon_h)}"


def _share(found: dict[str, float | None]) -> str:
    if found["estimate"] is None:
        return UNKNOWN
    low, high = found["low"], found["high"]
    between = "" if low is None or high is None else f" ({100 * low:.0f}-{100 * high:.0f})"
    return f"{percent(found['estimate'])}{between}".replace(" %", NARROW)


def beside_record(study: Study, record: OnRecord) -> Iterator[str]:
    """The verdict of what is on record, in sentences."""
    answer = measures.operation(study)
    for name, seen in record.observed.items():
        values = answer[name].cast(pl.Float64)
        if values.null_count() < len(values):
            words = name.replace("_", " ").capitalize()
            yield on_record_told(words, seen.range, float(values.median()), measures.likely(values))  # type: ignore[arg-type]

"""The first screen of a page: what was asked, by which day, whether it can be done, and what to do first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from nfm_sim import measures, plots
from nfm_sim.compile import not_limited
from nfm_sim.in_words import UNKNOWN, day, percent
from nfm_sim.measures.bottlenecks import held_up
from nfm_sim.measures.losses import lost
from nfm_sim.measures.programmes import windows_together
from nfm_sim.measures.summary import delay_in_short, likely, needed_for
from nfm_sim.measures.supply import supply_in_short
from nfm_sim.plan import Plan
from nfm_sim.plots.style import axes_or_new
from nfm_sim.problems import counted
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences import answers
from nfm_sim.sentences.answers import NINE_IN_TEN, Bounds, all_there, flows_asked, on_record_told
from nfm_sim.sentences.losses import lost_told, supply_told
from nfm_sim.sentences.names import cause_name, cause_of_slip, names_of, of_title, programme_name, with_titles
from nfm_sim.study import Study, estimate, prices_told

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
    surely: tuple[float, ...]
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
    chance = _bounds(study, whole, "on_time")
    worst = due[0]
    late = f"; {worst.who} falls short most, with {worst.on_time_share} on time" if worst.surely < (1, 1) else ""
    days = asked["required_h"].unique()
    by = day(float(days[0])) if len(days) == 1 else "its day"
    return all_there(chance, int(whole["on_time"].sum()), len(whole), late, by)


def _due(study: Study, table: pl.DataFrame, asked: Mapping[str, str]) -> Iterator[Due]:
    number = len(study.replications)
    for (who,), rows in table.group_by("who", maintain_order=True):
        chance, share = (_bounds(study, rows, name, share=True) for name in ("on_time", "on_time_share"))
        first = rows.row(0, named=True)
        done = rows["done_h"].fill_null(float("inf")).sort()
        last = float(done[-1]) if number < needed_for(NINE_IN_TEN) else done.quantile(NINE_IN_TEN, "higher")
        required = rows["required_h"].median()
        yield Due(
            who=str(who),
            asked=asked.get(str(who), f"{first['number']:,} force elements ready to move"),
            by=day(required) if isinstance(required, float) else "no day",
            median=_when(done.quantile(0.5, "higher"), study),
            nine_in_ten=_when(last, study) if number > 1 else UNKNOWN,
            chance=_share(chance),
            on_time_share=_share(share),
            surely=tuple(2.0 if of.value is None else of.value for of in (chance, share)),
        )


def _when(hour: float | None, study: Study) -> str:
    return day(hour) if hour is not None and hour <= study.horizon_h else f"after {day(study.horizon_h)}"


def _share(of: Bounds) -> str:
    if of.value is None:
        return UNKNOWN
    between = "" if of.low is None or of.high is None else f" ({100 * of.low:.0f}-{100 * of.high:.0f})"
    return f"{percent(of.value)}{between}".replace(" %", NARROW)


def beside_record(study: Study, record: OnRecord) -> Iterator[str]:
    """The verdict of what is on record, in sentences."""
    answer = measures.operation(study)
    for name, seen in record.observed.items():
        values = answer[name].cast(pl.Float64)
        if values.null_count() < len(values):
            words = name.replace("_", " ").capitalize()
            yield on_record_told(words, seen.range, float(values.median()), measures.likely(values))  # type: ignore[arg-type]


# The answer in sentences: what a reader who decides needs, with how sure it is


MOST_NAMED = 3
"""Of what held up most."""


def to_do(record: Record, prices: pl.DataFrame | None = None) -> list[str]:
    """Return what is lost and when, what to do first (by `prices`, where there are), and what holds up."""
    return [
        *(lost_told(row, record.about["replications"]) for row in lost(record)),
        *(prices_told(prices) if prices is not None else ()),
        *_late(record),
        *_windows(record),
        *_tasks(record),
        *_delay(record),
        *supply_told(supply_in_short(record), record.about["replications"]),
        *_stuck(record),
    ]


def in_full(record: Record) -> list[str]:
    """Return what there is by when, flow by flow and tier by tier, in sentences."""
    warning = "One replication is one way in which chance may go. How sure an answer is, a study says."
    return [*_closure(record), *_readiness(record), *[warning] * (record.about["replications"] == 1)]


def _windows(record: Record) -> Iterator[str]:
    """Whether the planned windows hold."""
    table = measures.windows(record)
    for row in windows_together(record):
        mine = table.filter(pl.col("programme") == row["programme"])
        held = _bounds(record, mine, "held", share=True)
        name, binds = programme_name(record, row["programme"]), cause_of_slip(record, row["binds"])
        yield answers.window(name, row["ends_h"], len(mine), held, row["slip_h"], binds)


def _closure(record: Record) -> Iterator[str]:
    table, names = measures.closure(record), names_of(record, "flows", record.titles.get("flows", {}))
    number = record.about["replications"]
    for (key,), rows in table.group_by("flow", maintain_order=True):
        flow = names.get(str(key), str(key))
        hours = rows["last_h"].drop_nulls()
        range_h, median = likely(rows["last_h"], NINE_IN_TEN), _bounds(record, rows, "last_h.median")
        yield answers.last_piece(flow, number, hours.to_list(), range_h, median)
        if not rows["on_time_share"].has_nulls() and number >= needed_for(NINE_IN_TEN):
            whole = rows.select("replication", on_time=pl.col("on_time_share") >= 1)
            yield answers.chance_on_time(flow, _bounds(record, whole, "on_time"))
            yield answers.pieces_on_time(flow, _bounds(record, rows, "on_time_share", share=True))


def _bounds(of: Record, rows: pl.DataFrame, column: str, share: bool = False) -> Bounds:
    """The estimate of a column of what a record answers."""
    found = estimate(rows, column, share=share, sampling=of.about["sampling"])
    return Bounds(*found.select("estimate", "low", "high").row(0))


def _readiness(record: Record) -> Iterator[str]:
    deadlines = dict(measures.readiness_by_tier(record).select("tier", "deadline_h").unique().iter_rows())
    for row in estimate(record, "readiness.on_time", by="tier").sort("tier").rows(named=True):
        share = Bounds(row["estimate"], row["low"], row["high"])
        if share != Bounds(None):
            yield answers.ready(row["tier"], share, deadlines[row["tier"]])


def _late(record: Record) -> Iterator[str]:
    """Which elements of each tier are least likely to be ready by its deadline, and what they wait for before that."""
    late = measures.readiness_by_element(record).filter(pl.col("ready_by_deadline") < 1)
    if late.is_empty():
        return
    late = late.sort("tier", "ready_by_deadline")
    middle = measures.typical(record)
    one, names = record.one(middle), names_of(record, "elements", late["element"])
    for (tier,), rows in late.group_by("tier", maintain_order=True):
        some = {
            names[element]: (chance, _awaited(one, element, middle))
            for element, chance in rows.head(MOST_NAMED).select("element", "ready_by_deadline").iter_rows()
        }
        yield answers.late(int(str(tier)), some, len(rows), record.about["replications"])


def _awaited(one: Record, element: str, replication: int) -> str:
    """What an element waited for most in a replication, from its order until it was ready; "" if for nothing."""
    mine = pl.col("replication") == replication
    ready_h = measures.readiness(one).filter(mine, pl.col("element") == element)["ready_h"][0]
    waits = pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]) & (pl.col("activity") != Activity.DECISION)
    until = pl.col("start_h") < (one.horizon_h if ready_h is None else ready_h)
    path = measures.critical_path(one, element).filter(mine, waits, until)
    hours = path.group_by("cause_kind", "cause", maintain_order=True).agg(pl.col("hours").sum())
    return "" if hours.is_empty() else cause_name(one, *hours.sort("hours", descending=True).row(0)[:2])


def _tasks(record: Record) -> Iterator[str]:
    table = measures.double_booking(record)
    if not table.is_empty():
        days, number = float(table["element_days"].sum()), record.about["replications"]
        worst = with_titles(record, table.sort("element_days", descending=True)).row(0, named=True)
        yield answers.double_booked(days, worst["wanted_by"], worst["task"], number)


def _delay(record: Record) -> Iterator[str]:
    yield from answers.delay(delay_in_short(record))
    number = record.about["replications"]
    worst = held_up(record).select("kind", "name", "piece_hours").head(MOST_NAMED)
    yield from answers.held_up(dict(with_titles(record, worst).select("name", "piece_hours").iter_rows()), number)


def _stuck(record: Record) -> Iterator[str]:
    found, number = record.whole.stuck, record.whole.about["replications"]
    if not found.is_empty():
        often = f"In {found['replication'].n_unique():,} of {number:,} replications some"
        some = often if number > 1 else f"{len(found):,}"
        yield f"{some} wait at the horizon for what can never come; the table of those stands below."


def rests_on(scenario: Scenario, plan: Plan) -> str:
    """Say in words which of the means are assumed, and what is not limited."""
    assumed = [name for name, pool in scenario.pools.items() if "assumed" in pool.source]
    unlimited = [name.replace("_", " ") for name in not_limited(plan)]
    told = f"{len(assumed)} of {counted(len(scenario.pools), 'pool')} of means are assumed in whole or in part."
    drawn = counted(len(scenario.uncertain), "number") if scenario.uncertain else ""
    told += f" {drawn} that nobody knows are drawn once a replication." if drawn else ""
    return told + (f" Not limited, as nothing gives it: {', '.join(unlimited)}." if unlimited else "")

"""The page: what it says, put together and rendered."""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from nfm_sim import measures, plots
from nfm_sim.compile import compile_scenario, not_limited
from nfm_sim.measures.columns import PART, Column
from nfm_sim.plan import Plan
from nfm_sim.problems import counted, plain
from nfm_sim.reports.brief import MOST_ROWS, beside_record, brief, chance_by_day
from nfm_sim.reports.dates import dated
from nfm_sim.reports.evidence import SEAL, Evidence, MadeWith, PageStudy, digest_of, packed, sealed
from nfm_sim.reports.headlines import in_full, to_do
from nfm_sim.reports.levers import levers_of
from nfm_sim.reports.replay import replay_data
from nfm_sim.reports.tables import PageTable, page_table
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences.effects import Effect, differences
from nfm_sim.sentences.names import with_titles
from nfm_sim.study import (
    Comparison,
    Study,
    main_quantities,
    read_quantity,
    shadow_prices,
    study_estimates,
    variance_split,
)
from nfm_sim.study.overview import ESTIMATES, differences_of
from nfm_sim.study.prices import FRESH, priced
from nfm_sim.study.records import ForkRecord
from nfm_sim.writing import write_all

FIGURES = {
    "closure": "Share of pieces over the border by day.",
    "readiness": "Share of each tier that is ready to move, in place and effective by day.",
    "supply": "What the plans ask for by day, what is in place, and the gap.",
    "delay": "Which share of the delay comes from ships, ports, network, means, the far end and rules.",
    "waits": "The largest waits of all kinds by place and cause.",
    "departures": "Lorries, trains, columns and barges that leave on each day.",
    "holders": "Who holds the pool that is used most on each day, and what there is of it.",
    "detours": "What went another way because of what was lost, and how many hours further.",
    "supply_by_day": "Tonnes of each class of supply that came on each day, by mode, and what was asked for.",
    "network_load": "The network with the pieces that passed each link, where they stood in queues, and what was lost.",
    "ways": "Pieces from port over mode to border.",
    "saturation": "Which capacity was full on which days.",
    "ledger": "Where the days of elements went, from the order until they were ready, and until they were effective.",
    "ashore": "Pieces that stand at each port by day.",
    "stock": "How full yards are by day.",
    "occupation": "What stands at each berth and loading track by day.",
    "pool_use": "Of the time that means and facilities are taken: work, driving, waiting, and the way back.",
    "double_booking": "Element-days that one task has and another asks for.",
    "duties": "Which element is on which task by day.",
}
"""The figures of the page in their order, each with what it shows in words."""
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
EFFECTS = dict.fromkeys(("change", "of", "what", "difference", "that is"), pl.String)
MOST_TOLD = 3
"""Differences that are told in sentences; the table below has them all."""
MOST_OF = 0.95
"""A table of what holds up ends where it has so much of the delay."""
Tell = Callable[[str], None]


def report(
    record: Study | Comparison,
    out: str | Path,
    *,
    prices: int = 0,
    on_record: OnRecord | None = None,
    quantities: Sequence[str] = (),
    command: str = "",
    jobs: int | None = None,
    tell: Tell | None = None,
) -> Path:
    """Write one HTML page with everything in it, which asks no network for anything; return its file.

    Of a study, or of a comparison, whose base is shown whole with the differences of the others in its main quantities
    (readiness by tier, closure by flow, ...) and in `quantities`. With `prices`, it says what to buy first, from so
    many replications with one more of each capacity, made by `jobs` processes (`nfm.shadow_prices`). `on_record` is
    what is on record of the operation, beside the model. `command` is what makes the page again, and `tell` is called
    with what is being made. Needs jinja2. Raises `InputError` for what the disk refuses.

    >>> study = nfm.replicate(scenario, 2, out=folder / "study", jobs=1)
    >>> nfm.report(study, folder / "page.html").name
    'page.html'
    """
    tell = tell or (lambda _: None)
    tell("the evidence")
    studies = studies_of(record)
    evidence = Evidence(
        studies=[_evidence(name, study) for name, study in studies.items()],
        quantities=list(quantities),
        prices=prices,
        on_record=on_record,
        command=command,
        made_with=made_with(next(iter(studies.values())).manifest),
    )
    text = render(record, evidence, jobs=jobs, tell=tell)
    out = Path(out)
    return write_all(out.parent, {out.name: text.encode()})[0]


def studies_of(record: Study | Comparison) -> Mapping[str, Study]:
    """The studies of a comparison by name, the base first; or the one there is."""
    if not isinstance(record, Comparison):
        return {record.about["title"]: record}
    return {record.base: record[record.base], **record}


def render(
    record: Study | Comparison, evidence: Evidence, *, jobs: int | None = None, tell: Tell = lambda _: None
) -> str:
    """Return the page of a study or comparison, as `report` writes it. All of it follows from its evidence: made again
    from that, it is the same letter by letter."""
    studies = studies_of(record)
    base, on_record, prices = next(iter(studies.values())), evidence.on_record, None
    scenario = base.scenario
    if evidence.prices:
        tell("prices")
        prices = shadow_prices(scenario, evidence.prices, seed=base.seed, sampling=base.sampling, jobs=jobs)
    tell("the answer")
    plan = compile_scenario(scenario)
    first = brief(base, plan)
    told = [*to_do(base, prices), *(beside_record(base, on_record) if on_record else ())]
    compared, levers = Compared(), None
    if isinstance(record, Comparison) and (levers := levers_of(record)) is None:
        compared = _compared(record, evidence.quantities)
    figures = [*compared.figures, *_figures(base, on_record, tell)]
    tables = _tables(base, prices, on_record)
    tell("the replay")
    number = measures.typical(base)
    replay = replay_data(base.one(number), number, scenario.loaded_network)
    script = _text("replay.js") + _text("page.js")
    page = _environment(base.about["g_day"]).get_template("page.html.j2")
    text = page.render(
        seal=SEAL,
        about=base.about,
        replications=len(base.replications),
        brief=first,
        most_rows=MOST_ROWS,
        to_do=told,
        in_full=in_full(base),
        compared=compared,
        levers=levers,
        by_quantity=list(filter(None, compared.tables)),
        base=next(iter(studies)),
        rests_on=_rests_on(scenario, plan),
        number=number,
        figures=figures,
        tables=list(filter(None, tables)),
        facts=_facts(base, evidence.made_with),
        inputs=list(filter(None, _inputs(scenario))),
        command=evidence.command,
        replay=_json(replay),
        evidence=_json(evidence.model_dump(mode="json")),
        scenarios={digest: text for text, digest in (packed(study.scenario) for study in studies.values())},
        styles=_text("style.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return sealed(text)


@dataclass(frozen=True)
class Figure:
    """A figure of the page: its title, what it shows in words, and its SVG."""

    title: str
    about: str
    svg: str


@dataclass(frozen=True)
class Compared:
    """What a comparison adds: sentences, tables and figures of the differences."""

    told: Sequence[str] = ()
    effects: PageTable | None = None
    tables: Sequence[PageTable | None] = ()
    figures: Sequence[Figure] = ()


def _compared(comparison: Comparison, quantities: Sequence[str]) -> Compared:
    tables: list[PageTable | None] = []
    figures = []
    for quantity in dict.fromkeys([*main_quantities(comparison[comparison.base].scenario), *quantities]):
        title = f"Differences of {quantity}"
        table = with_titles(comparison[comparison.base], comparison.difference(quantity))
        asked = read_quantity(quantity)
        kinds = {"reached_share": PART, **dict.fromkeys(("before", "after", "difference"), asked.declared)}
        told = f"{asked.words}; pairs: of replications with the same random draws; differing: pairs that do"
        shown = table.drop("unit", "gain", "differing_high")
        tables.append(page_table(title, shown, told, kinds=kinds, differences=("difference",)))
        svg = plots.inline_svg("-".join(["difference", *re.findall(r"\w+", quantity)]), plots.difference(table))
        figures.append(Figure(title, "Paired differences from the base, with intervals.", svg))
    effects, pairs = differences_of(comparison, quantities, titles=True)
    return Compared(differences(effects, comparison.base, pairs, MOST_TOLD), _by_size(effects), tables, figures)


def _by_size(effects: Sequence[Effect]) -> PageTable | None:
    """One table of what differs in whole flows, tiers, tasks and goals: what is sure first, the largest first."""
    known = [effect for effect in effects if effect.whole and effect.difference is not None]
    shown = sorted((e for e in known if not e.is_same), key=lambda effect: (not effect.is_sure, -effect.size))
    ways = {None: "differs", True: "better", False: "worse"}
    rows = [
        (
            e.change,
            e.of,
            e.words,
            e.told,
            ways[None if e.gain is None else e.gain > 0] if e.is_sure else "may be chance",
        )
        for e in shown
    ]
    same = counted(len(known) - len(shown), "number")
    caption = f"intervals hold for all rows of a quantity together; left out as the same in every pair: {same}"
    return page_table("What differs, the largest first", pl.DataFrame(rows, schema=EFFECTS, orient="row"), caption)


def _figures(base: Study, on_record: OnRecord | None, tell: Tell) -> Iterator[Figure]:
    """The figures that have something to show; the departures beside what is on record of them."""
    if len(base.replications) > 1 and not measures.closure(base).is_empty():
        yield Figure("Chance of closing by day", "How likely all of a flow is there, by day.", chance_by_day(base))
    seen = on_record.observed.get("trucks_a_day") if on_record is not None else None
    for name, ax in plots.drawn(base, list(FIGURES)):
        tell(f"figure {name}")
        about, shown = FIGURES[name], ax
        if name == "departures" and seen is not None:
            about, shown = f"{about} Grey: lorries on record.", plots.departures(base, {"truck": seen.range})
        title = shown.get_figure(root=True).get_suptitle()  # type: ignore[union-attr]
        yield Figure(title, about, plots.inline_svg(name, shown))


def _json(data: object) -> str:
    """Data as it may stand in a script element: no text in it can end that."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _environment(g_day: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("nfm_sim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = lambda value: plain(" ".join(str(value).split()))
    environment.filters["dated"] = lambda value: dated(environment.filters["plain"](value), g_day)
    return environment


def _text(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")


def _tables(base: Study, prices: pl.DataFrame | None, on_record: OnRecord | None) -> list[PageTable | None]:
    found = study_estimates(base)
    bottlenecks = (
        measures.bottlenecks(base)
        .group_by("kind", "name")
        .agg(pl.col("piece_hours").sum() / len(base.replications), pl.col("first_h").min())
        .sort("piece_hours", "name", descending=[True, False])
        .filter(pl.col("piece_hours").cum_sum().shift(1, fill_value=0) < MOST_OF * pl.col("piece_hours").sum())
    )
    elements = measures.readiness_by_element(base) if not measures.readiness(base).is_empty() else pl.DataFrame()
    titled, columns = partial(with_titles, base), measures.COLUMNS
    rows: dict[str, tuple[pl.DataFrame, Mapping[str, Column]]] = {
        "Closure by flow": (titled(found["closure"]), ESTIMATES),
        "On time by flow": (titled(found["on_time"]), ESTIMATES),
        "Readiness by tier": (found["readiness"], ESTIMATES),
        "What holds up": (titled(bottlenecks), columns["bottlenecks"]),
        "What went further": (titled(_further(base)), columns["detours"]),
        "Readiness by element": (titled(elements), columns["readiness_by_element"]),
        "Asked for twice": (titled(measures.double_booking(base)), {}),
        "What the spread of closure goes with": (titled(_spread(base)), {"share": PART}),
        "Waits for what can never come": (base.whole.stuck.drop("replication"), columns["stuck"]),
    }
    return [
        _beside(base, on_record) if on_record else None,
        _priced(prices) if prices is not None else None,
        *(page_table(title, table, TABLES[title], kinds=kinds) for title, (table, kinds) in rows.items()),
    ]


def _priced(prices: pl.DataFrame) -> PageTable | None:
    names = priced(prices)
    kinds = {part: read_quantity(name).declared for name in names for part in (name, f"{name}{FRESH}")}
    caption = "one more of each; intervals hold for all together; fresh: again, on replications that did not choose it"
    return page_table("What to buy first", prices, caption, kinds=kinds, differences=kinds)


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


def _beside(base: Study, record: OnRecord) -> PageTable | None:
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
    return page_table("On record, and the model", pl.DataFrame(rows, schema=columns, orient="row"), caption)


def _facts(base: Study, made: MadeWith) -> dict[str, str]:
    about = base.about
    return {
        "scenario": str(about["file"]),
        "network": str(about["network"]),
        "hour 0": str(about["g_day"]),
        "horizon": f"{base.horizon_h / 24:g} days",
        "replications": f"{len(base.replications):,}, {base.sampling}",
        "seed": str(base.seed),
        "code of the model": made.model,
        "versions": made.versions,
        "made": made.made,
        "page": made.page,
    }


def made_with(manifest: Mapping[str, Any]) -> MadeWith:
    """With what a study was made, and a page of it is."""
    return MadeWith(
        model=manifest["model"],
        versions=", ".join(f"{name} {number}" for name, number in manifest["versions"].items()),
        made=manifest["made"],
        page=f"nfm_sim {version('nfm_sim')}, Python {platform.python_version()}",
    )


def _inputs(scenario: Scenario) -> list[PageTable | None]:
    """Pools and facilities with where their numbers come from."""
    pools = [
        (name, float(pool.capacity), pool.unit, " ".join(pool.source.split()), "assumed" in pool.source)
        for name, pool in scenario.pools.items()
    ]
    uncertain = [(path, str(_given(value))) for path, value in scenario.uncertain.items()]
    return [
        page_table(
            "Means, and where they come from",
            pl.DataFrame(pools, schema=["pool", "capacity", "unit", "source", "assumed"], orient="row"),
            "capacities at hour 0; an uncertain one at its middle",
        ),
        page_table(
            "Numbers that nobody knows",
            pl.DataFrame(uncertain, schema=["input", "drawn from"], orient="row"),
            "drawn once a replication",
        ),
    ]


def _given(value: object) -> Any:
    return value.model_dump(exclude_none=True, exclude_defaults=True) if hasattr(value, "model_dump") else value


def _rests_on(scenario: Scenario, plan: Plan) -> str:
    """Say in words which of the means are assumed, and what is not limited."""
    assumed = [name for name, pool in scenario.pools.items() if "assumed" in pool.source]
    unlimited = [name.replace("_", " ") for name in not_limited(plan)]
    told = f"{len(assumed)} of {counted(len(scenario.pools), 'pool')} of means are assumed in whole or in part."
    drawn = counted(len(scenario.uncertain), "number") if scenario.uncertain else ""
    told += f" {drawn} that nobody knows are drawn once a replication." if drawn else ""
    return told + (f" Not limited, as nothing gives it: {', '.join(unlimited)}." if unlimited else "")


def _evidence(name: str, study: Study) -> PageStudy:
    done = study.replications
    some = dict.fromkeys([done[0], done[len(done) // 2]])
    return PageStudy(
        name=name,
        scenario=packed(study.scenario)[1],
        seed=study.seed,
        sampling=study.sampling.value,
        fork=[ForkRecord(**fork) for fork in study.about["fork"]],
        done=done,
        kept=sorted(study.kept_replications),
        again=[(number, digest_of(study.rerun(number))) for number in some],
    )

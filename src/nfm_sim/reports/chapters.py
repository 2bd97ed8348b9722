"""The chapters of a page, each of which answers one question on a screen of its own, and its figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures, plots
from nfm_sim.measures.columns import PART
from nfm_sim.plan import Plan
from nfm_sim.plots.style import whole_of
from nfm_sim.problems import counted
from nfm_sim.reports.headlines import CURVE, Brief, beside_record, brief, in_full, rests_on, to_do, verdict
from nfm_sim.reports.tables import FIGURES, PageTable, page_tables
from nfm_sim.scenario.on_record import OnRecord
from nfm_sim.sentences.cells import Readout
from nfm_sim.sentences.effects import Effect, differences
from nfm_sim.sentences.names import of_title, with_titles
from nfm_sim.study import Comparison, Study, main_quantities, read_quantity
from nfm_sim.study.estimates import band
from nfm_sim.study.overview import differences_of

Tell = Callable[[str], None]
EFFECTS = dict.fromkeys(("change", "of", "what", "difference", "that is"), pl.String)
MOST_JUDGED = 12
"""Studies of a comparison, the base the first, of which is told whether all is there by its day."""
MOST_TOLD = 3
"""Differences that are told in sentences; the table below has more."""
MOST_SHOWN = 20
"""Rows of that table on the first screen; the table of all stands further below."""


@dataclass(frozen=True)
class Figure:
    """A figure of the page: its title, what it shows in words, and its SVG."""

    title: str
    about: str
    svg: str

    @classmethod
    def of(cls, name: str, ax: Axes, about: str) -> Figure:
        """A figure that is drawn on these axes; `name` is its own on the page."""
        return cls(whole_of(ax).get_suptitle(), about, plots.inline_svg(name, ax))


WIDE = 5.6
"""Inches of the figure of the first screen, whose letters can be read beside the table."""


def beside(ax: Axes) -> Axes:
    """Make a figure of its own as narrow as it stands beside the table of the first screen."""
    whole_of(ax).set_size_inches(WIDE, max(CURVE[1], whole_of(ax).get_size_inches()[1] * 0.8))
    return ax


@dataclass(frozen=True)
class Chapter:
    """A question and its answer: what was asked and what came of it in sentences, the brief of a study, and tables and
    figures, of which the first stand on the first screen."""

    title: str
    asked: Sequence[str] = ()
    told: Sequence[str] = ()
    brief: Brief | None = None
    tables: Sequence[PageTable] = ()
    figures: Sequence[Figure] = ()
    in_full: Sequence[str] = ()
    """What is said of each flow and tier, one click deeper."""
    deeper: str = "in full sentences, with intervals"
    rests_on: str = ""
    more: Sequence[PageTable] = ()
    """Tables that stand further below."""


def study_chapter(
    study: Study,
    title: str,
    plan: Plan,
    *,
    prices: pl.DataFrame | None = None,
    on_record: OnRecord | None = None,
    named: str = "",
) -> Chapter:
    """Whether what a study asks for can be done, and what to do first."""
    told = [*to_do(study, prices), *(beside_record(study, on_record) if on_record else ())]
    first = brief(study, plan, named)
    return Chapter(title, told=told, brief=first, in_full=in_full(study), rests_on=rests_on(study.scenario, plan))


def entitled(comparison: Comparison) -> Comparison:
    """A comparison whose studies are called by their titles where their names are those of their files."""
    titles = {
        name: of_title(str(study.about["title"])) if Path(str(study.about["file"])).stem == name else name
        for name, study in comparison.items()
    }
    are_own = len({*titles.values()}) == len(titles)
    return Comparison({titles[name]: study for name, study in comparison.items()}) if are_own else comparison


def compared_chapter(comparison: Comparison, quantities: Sequence[str], title: str, named: str = "") -> Chapter:
    """What differs from the base, the largest first; each quantity row by row lies deeper. `named` stands before the
    names of figures."""
    comparison = entitled(comparison)
    base = comparison[comparison.base]
    tables, figures = [], list[Figure]()
    for quantity in dict.fromkeys([*main_quantities(base.scenario), *quantities]):
        about = f"Differences of {quantity}"
        table = with_titles(base, comparison.difference(quantity))
        asked = read_quantity(quantity)
        kinds = {"reached_share": PART, **dict.fromkeys(("before", "after", "difference"), asked.declared)}
        told = f"{asked.words}; pairs: of replications with the same random draws; differing: pairs that do"
        shown = table.drop("unit", "gain", "differing_high")
        tables.append(Readout(about, shown, kinds, ("difference",), told))
        name = "-".join([f"{named}difference", *re.findall(r"\w+", quantity)])
        ax = plots.difference(table) if figures else beside(plots.difference(table))
        figures.append(Figure.of(name, ax, "Paired differences from the base, with intervals."))
    effects, pairs = differences_of(comparison, quantities, titles=True)
    sentences = [*_verdicts(comparison), *differences(effects, "the base", pairs, MOST_TOLD)]
    by_size = _by_size(effects)
    largest = replace(by_size, rows=by_size.rows.head(MOST_SHOWN))
    if len(by_size.rows) > MOST_SHOWN:
        largest = replace(largest, caption=f"the {MOST_SHOWN} largest; {by_size.caption}")
        tables.insert(0, by_size)
    first = page_tables(largest)
    return Chapter(title, told=sentences, tables=first, figures=figures, more=page_tables(*tables))


def _verdicts(comparison: Comparison) -> Iterator[str]:
    """Of each study whether all is there by its day; told once of those in which that is as sure."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for name, study in islice(comparison.items(), MOST_JUDGED):
        told = verdict(study)
        alike.setdefault(told.partition(";")[0].rstrip("."), []).append((name, told))
    for whole, studies in alike.items():
        names = "; ".join(name for name, _ in studies)  # titles have commas
        yield f"{names}: {studies[0][1] if len(studies) == 1 else f'{whole}.'}"


def _by_size(effects: Sequence[Effect]) -> Readout:
    """One table of what differs in whole flows, tiers, tasks and goals: what is sure first, the largest first."""
    known = [effect for effect in effects if effect.whole and effect.difference is not None]
    shown = sorted((e for e in known if not e.is_same), key=lambda effect: (not effect.is_sure, -effect.size))
    ways = {None: "differs", True: "better", False: "worse"}
    that_is = [ways[None if e.gain is None else e.gain > 0] if e.is_sure else "may be chance" for e in shown]
    rows = [(e.change, e.of, e.words, e.told, way) for e, way in zip(shown, that_is, strict=True)]
    same = counted(len(known) - len(shown), "number")
    caption = f"intervals hold for all rows of a quantity together; left out as the same in every pair: {same}"
    table = pl.DataFrame(rows, schema=EFFECTS, orient="row")
    table = table.drop("change") if table["change"].n_unique() == 1 else table
    return Readout("What differs, the largest first", table, caption=caption)


def figures_of(base: Study, on_record: OnRecord | None, tell: Tell) -> Iterator[Figure]:
    """The figures that have something to show; the departures beside what is on record of them."""
    if len(base.replications) > 1 and not measures.closure(base).is_empty():
        curve = with_titles(base, band(measures.closed_by(base), "closed", by="flow", share=True))
        due = with_titles(base, measures.closure(base).select("flow", "required_h").unique(maintain_order=True))
        shown = plots.chance(curve, due=dict(due.iter_rows()), of=base)
        yield Figure.of("chance", shown, "How likely all of a flow is there, by day.")
    seen = {name: of.range for name, of in on_record.observed.items()} if on_record is not None else {}
    if seen and not plots.is_empty(ax := plots.on_record(base, seen)):
        yield Figure.of("on-record", ax, "What is on record, and what the model makes of it.")
    for name, ax in plots.drawn(base, list(FIGURES)):
        tell(f"figure {name}")
        about, shown = FIGURES[name], ax
        if name == "departures" and "trucks_a_day" in seen:
            about, shown = f"{about} Grey: lorries on record.", plots.departures(base, {"truck": seen["trucks_a_day"]})
        yield Figure.of(name, shown, about)

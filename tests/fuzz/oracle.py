"""What may come of spoiled input: an input error that names file and key, or a run whose invariants hold.

Everything else raises: a traceback of any kind, or `BrokenError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from matplotlib import pyplot

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario, not_limited, unused_pools
from nfm_sim.engine import simulate
from nfm_sim.measures import COLUMNS, KEPT
from nfm_sim.network import Network, NoRouteError, check_network, count_network, network_warnings, proved
from nfm_sim.plan import Plan
from nfm_sim.problems import InputError, Problem, plain
from nfm_sim.record import Run
from nfm_sim.reports import verify_page
from nfm_sim.reports.evidence import opened
from nfm_sim.scenario import Scenario, build_scenario, read_scenario

LEAKS = re.compile(r"pydantic|Input should|Traceback|\bNoneType\b|<class|object at 0x|errors\.pydantic")
MOST_LINE = 1_500
DRAWN = 120
"""Of so many runs one is drawn too: of those whose seed leaves one less, because seeds of 0 are many among examples."""
MEASURED = 4
"""Of so many runs all measures of one are looked at, for they take longer than the run."""
NEEDS_MORE = ("critical_path", "civil_cost", "held_by_day")
"""Measures that ask for more than a run."""


class BrokenError(AssertionError):
    """Something that may not come of any input."""


def said_well(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Each problem names its file, is of one line that a terminal may show, and is in our own words."""
    if not problems:
        raise BrokenError("an error that says nothing")
    for problem in problems:
        text = str(problem)
        if not problem.file or text != plain(text) or len(text) > MOST_LINE or LEAKS.search(text):
            raise BrokenError(f"said badly: {text[:300]!r}")


def outcome(act: Callable[[], object]) -> str:
    """Do something with input; return what came of it."""
    try:
        act()
    except InputError as error:
        said_well(error.problems)
        return "input error"
    except NoRouteError:
        return "input error"
    return "fine"


def try_data(data: Any, network: Network, seed: int = 0) -> str:
    """A scenario of plain data."""
    return outcome(lambda: play(build_scenario(data, network), seed))


def try_file(file: Path, seed: int = 0) -> str:
    """A scenario file with its tables and its network."""
    return outcome(lambda: play(read_scenario(file), seed))


def try_network(folder: Path) -> str:
    """A folder with the tables of a network."""

    def read() -> None:
        network = nfm.read_network(folder)
        found = [*check_network(network), *network_warnings(network)]
        if found:
            said_well(found)
        json.dumps([count_network(network), proved(network)], allow_nan=False)

    return outcome(read)


def try_study(folder: Path) -> str:
    """A study folder: look whether it is what it says, open it, and read all of it. What is sound can be read."""

    def read() -> None:
        sound = _is_sound(folder)
        try:
            study = nfm.open_study(folder)
            for name in KEPT:
                study.scan(name).collect()
            if study.kept_replications:
                nfm.summary(study.kept)
        except InputError as error:
            _unless(not sound, f"sound, and cannot be read: {error}")
            raise

    return outcome(read)


def _is_sound(folder: Path) -> bool:
    try:
        return nfm.verify(folder, "all").sound
    except InputError as error:
        said_well(error.problems)
        return False


def try_page(page: Path) -> str:
    """A page: sound are only those whose digest fits."""

    def read() -> None:
        found = verify_page(page)
        _unless(not found.sound or opened(page.read_bytes().decode())[1], "sound, with a digest that does not fit")

    return outcome(read)


def play(scenario: Scenario, seed: int) -> None:
    """Simulate a scenario that was read, and hold its record against the invariants."""
    plan = compile_scenario(scenario)
    warnings = [*scenario.doubts, *unused_pools(scenario, plan)]
    if warnings:
        said_well(warnings)
    not_limited(plan)
    try:
        run_and_read(scenario, plan, seed)
    except (InputError, NoRouteError) as error:
        raise BrokenError(f"an input error after all was read: {error}") from error


def run_and_read(scenario: Scenario, plan: Plan, seed: int) -> None:
    """Simulate a plan, hold the record against the invariants, and now and then draw it."""
    run = simulate(plan, seed)
    hold(run, scenario)
    if seed % MEASURED == MEASURED - 1:
        hold_measures(run)
    if seed % DRAWN == DRAWN - 1:
        for name, draw in nfm.plots.FIGURES.items():
            ax = draw(run)
            ax.figure.canvas.draw()
            pyplot.close(ax.get_figure(root=True))
            _unless(bool(ax.has_data() or ax.texts), f"{name} shows something or says why not")


def hold(run: Run, scenario: Scenario) -> None:
    """The invariants of every record."""
    for name, table in run.tables.items():
        _no_nonsense(table, name)
    _unless(run.subjects["subject"].is_unique().all(), "subjects are unique")
    _unless((run.spans["start_h"] <= run.spans["end_h"]).all(), "no span is shorter than nothing")
    _unless((run.spans["end_h"] <= run.horizon_h).all(), "no span goes beyond the horizon")
    spans = run.spans.filter(pl.col("kind") != "milestone").sort("subject", "start_h")
    gaps = spans.with_columns(pl.col("end_h").shift(1).over("subject").alias("before"))
    _unless(gaps.filter(pl.col("before") != pl.col("start_h")).is_empty(), "spans tile")
    hours = nfm.measures.ledger(run).group_by("subject").agg(pl.col("hours").sum()).sort("subject")
    total = nfm.measures.total(run).filter(pl.col("total_h") > 0).sort("subject")
    _unless(hours["hours"].to_list() == total["total_h"].to_list(), "the ledger adds up")
    ends = run.duties.group_by("element").agg(
        pl.col("end_h").max(), (pl.col("end_h") - pl.col("start_h")).sum().alias("h")
    )
    _unless((ends["end_h"] == run.horizon_h).all(), "duties reach the horizon")
    used = nfm.measures.utilisation(run)
    _unless(
        used.filter(pl.col("peak_held") > pl.col("capacity") * (1 + 1e-9) + 1e-6).is_empty(), "pools within capacity"
    )
    if scenario.uncertain:
        scenario = scenario.drawn(dict(run.inputs.select("path", "value").iter_rows()))
    cargoes = [cargo for flow in scenario.flows.values() for _, _, cargo in flow.cargoes()]
    moved = sum(sum(cargo.pieces.values()) for cargo in cargoes)
    _unless(nfm.measures.closed_lots(run)["pieces"].sum() == moved, "pieces are conserved")
    held_up = nfm.bottlenecks(run)
    moved = abs(held_up["piece_hours"].sum() - held_up["waited_piece_hours"].sum())
    _unless(moved <= 1e-6 * (1 + held_up["piece_hours"].sum()), "waits are passed on whole")
    _unless(held_up.is_empty() or held_up["piece_hours"].min() >= 0, "nothing causes less than no wait")


def hold_measures(run: Run) -> None:
    """The invariants of what is read of a record."""
    for name in COLUMNS:
        if name not in NEEDS_MORE and hasattr(nfm.measures, name):  # not those that tests declare
            _no_nonsense(getattr(nfm.measures, name)(run), name)
    said = json.dumps(nfm.summary(run))
    _unless("NaN" not in said and "Infinity" not in said, "the summary holds numbers or null")


def _no_nonsense(table: pl.DataFrame, name: str) -> None:
    for column, kind in table.schema.items():
        if kind.is_float():
            values = table[column].drop_nulls()
            if not values.is_finite().all():
                raise BrokenError(f"{name}.{column} holds {values.filter(~values.is_finite())[0]}")
            if column.endswith("_share") and column != "used_share" and len(values) and float(values.max()) > 1 + 1e-9:  # type: ignore[arg-type]
                raise BrokenError(f"{name}.{column} is {values.max()}")


def _unless(held: bool | None, what: str) -> None:
    if not held:
        raise BrokenError(what)

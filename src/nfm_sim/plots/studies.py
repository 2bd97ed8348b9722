"""What a study answers: differences, inputs, bands of confidence, and the model beside the record."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.measures.columns import Column
from nfm_sim.plots import style
from nfm_sim.plots.style import COLOURS, colour_of, figure, some, titled
from nfm_sim.record import Record
from nfm_sim.sentences.cells import unit_of_differences
from nfm_sim.sentences.names import names_of


@figure
def difference(table: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what `Comparison.difference` returned: a point with its interval for each row; those that leave out 0
    are filled. What is not known has no point. The axis is in points, hours or days, as sentences are.

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> pair = nfm.Comparison({"few": study, "more": nfm.replicate(more, 2, jobs=1)})
    >>> table = pair.difference().with_columns(low=-6.0, high=-5.0)  # two replications tell no interval
    >>> nfm.plots.difference(table).get_xlabel()
    'difference (h)'
    """
    numbers = table.select("difference", "low", "high")
    known = some(numbers.drop_nulls(), "no difference is known")
    about = table.columns[: table.columns.index("pairs")]
    words = [pl.col(c) if table[c].dtype == pl.String else pl.format(f"{c} {{}}", c) for c in about]
    alone = table[about[0]].n_unique() == 1 < len(about)
    labels = style.row_names(table.select(pl.concat_str(words[alone:], separator=", ")).to_series().to_list())
    ax = style.axes_of_rows(ax, [fill(label, style.KEY_LETTERS) for label in labels], width=8, head=1.2, each=0.35)
    measured = table["unit"][0] if "unit" in table.columns else ""
    bounds = [*known["low"], *known["high"]]
    unit = unit_of_differences(Column(measured, share=measured == "share"), bounds)
    for place, row in enumerate((numbers * unit.factor).rows()):
        if None not in row:
            change, low, high = row
            ax.plot([low, high], [place] * 2, color=COLOURS[0], linewidth=1.5)
            face = COLOURS[0] if low > 0 or high < 0 else "white"
            ax.plot(change, place, "o", color=COLOURS[0], markerfacecolor=face)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_xlabel(f"difference ({unit.name})" if unit.name else "difference")
    told = "lines: intervals that hold for all rows together; filled: it leaves out 0; with the same random draws"
    return titled(ax, "What each change does, against the base", told)


@figure
def tornado(table: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what `nfm.study.tornado` returned, of one row of its quantity: a bar to each side for each path, the largest
    on top, with the value of the input at its end and the interval of the difference. The axis is in the unit that the
    table gives.

    >>> table = nfm.study.tornado(scenario, {"pools.trucks.capacity": (1, 4)}, replications=2, jobs=1)
    >>> nfm.plots.tornado(table).get_xlabel()
    'difference from the scenario as it is (h)'
    """
    some(table, "no input was varied")
    paths = table["path"].unique(maintain_order=True).to_list()
    ax = style.axes_of_rows(ax, paths, width=8, head=1.5, each=0.5)
    for number, end in enumerate(("low", "high")):
        rows = table.filter((pl.col("end") == end) & pl.col("difference").is_not_null())
        places = [paths.index(path) for path in rows["path"]]
        sizes = rows["difference"].to_list()
        ax.barh(places, sizes, height=0.6, color=COLOURS[number], label=f"{end} end of the range")
        look: dict[str, Any] = {"fmt": "none", "ecolor": "black", "elinewidth": 0.8, "capsize": 2}
        ax.errorbar(sizes, places, xerr=style.reach(rows, "difference"), **look)
        for place, row in zip(places, rows.rows(named=True), strict=True):
            right = row["difference"] > 0 or (row["difference"] == 0 and end == "high")
            edge = row["high" if right else "low"]
            at = row["difference"] if edge is None else edge
            side: Any = {"ha": "left" if right else "right", "va": "center", "fontsize": "x-small"}
            ax.annotate(f"{row['value']:g}", (at, place), (4 if right else -4, 0), textcoords="offset points", **side)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.margins(x=0.15)
    ax.set_xlabel(f"difference from the scenario as it is{style.in_unit(table)}")
    return titled(ax, "What each input alone does to the answer", "at both ends of its range, with 95 % intervals")


@figure
def band(
    table: pl.DataFrame,
    label: str = "",
    *,
    due: Mapping[str, float | None] | None = None,
    of: Record | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what `nfm.band` returned over the hours: for each group the mean, in the dark band each of its points,
    in the light band the whole curve, with the confidence that was asked for. `label` names the vertical axis.
    Dotted: the hour by which each group is `due`. With the study that it is `of`, days have their dates.

    >>> curve = nfm.study.band(nfm.measures.readiness_curve(study), "share", by=["tier", "milestone"], share=True)
    >>> nfm.plots.band(curve, "share").get_ylabel()
    'share'
    """
    some(table, "no curve to draw")
    ax = style.axes_or_new(ax)
    names = table.columns[: table.columns.index("hour")]
    groups = table.group_by(names, maintain_order=True) if names else [((), table)]
    curves = {}
    for key, rows in groups:
        pairs = zip(names, key, strict=True)
        curves[", ".join(str(value) if name == "flow" else f"{name} {value}" for name, value in pairs)] = rows
    colours, asked = colour_of(curves), due or {}
    for name, rows in curves.items():
        days = (rows["hour"] / 24).to_list()
        ax.plot(days, rows["estimate"].to_list(), color=colours[name], label=style.named(name))
        if (hour := asked.get(name)) is not None:
            ax.axvline(hour / 24, color=colours[name], linestyle=":")
        for ends, alpha in (("", 0.35), ("all_", 0.15)):
            if rows[f"{ends}low"].null_count() == 0:
                style.fill_band(ax, rows, colours[name], alpha=alpha, ends=ends, step=None)
    still = table.filter(pl.any_horizontal(pl.col("estimate", "low", "high").diff().over(names or pl.lit(0)) != 0))
    last = max([0.0, *still["hour"], *filter(None, asked.values())])
    ax.set(xlim=(0, last / 24 + 2), xlabel=style.DAYS, ylabel=label)
    told = "line: mean; dark band: each point, light band: the whole curve, with 95 % confidence"
    title, dotted = label.capitalize() or "A curve and its bands", "dotted: the day that is asked for" if due else ""
    return titled(ax, title, told, dotted)


@figure
def chance(
    table: pl.DataFrame,
    *,
    words: str = "all of a flow is there",
    due: Mapping[str, float | None] | None = None,
    of: Record | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how likely something is by a day, as `nfm.study.band` has it of `nfm.measures.closed_by`, by flow, or of
    `nfm.measures.enough`, by class of supply; `words` say what it is, `due` and `of` as in `band`.

    >>> curve = nfm.study.band(nfm.measures.closed_by(study), "closed", by="flow", share=True)
    >>> nfm.plots.chance(curve).get_ylabel()
    'chance (%)'
    """
    about = table.columns[0]
    names = names_of(of, "flows", table[about].unique()) if of is not None and about == "flow" else {}
    table = table.with_columns(pl.col(about).replace(names))
    due = {names.get(flow, flow): hour for flow, hour in (due or {}).items()}
    hundred = pl.col("estimate", "low", "high", "all_low", "all_high") * 100
    ax = band(table.with_columns(hundred), "chance (%)", due=due, of=of, ax=ax)
    ax.set_ylim(-2, 102)
    bands = "line: estimate; dark band: each day, light band: the whole curve, with 95 % confidence"
    dotted = "dotted: the day that is asked for" if due else ""
    return titled(ax, f"Chance that {words}, by day", bands, dotted)


@figure
def on_record(run: Record, observed: Mapping[str, tuple[float, float]], *, ax: Axes | None = None) -> Axes:
    """Draw what is on record of an operation, from least to most, beside what the model makes of it: its median, and
    the 10-90 % band or, of few replications, least to most. `observed` has ranges by columns of
    `nfm.measures.operation`; each row is in parts of the middle of its record.

    >>> nfm.plots.on_record(run, {"trucks": (3, 5)}).get_xlabel()
    'model, in % of what is on record'
    """
    answer, spread = measures.operation(run), style.Spread(run.about["replications"])
    rows = {
        name: (*seen, *answer.select(*spread.of(name), pl.col(name).median().alias("median")).row(0))
        for name, seen in observed.items()
        if answer[name].count()
    }
    some(rows, "nothing that is on record can be told of this run")
    names = [
        f"{name.replace('_', ' ').capitalize()}:\nmodel {median:,.3g}, on record {least:,g} to {most:,g}"
        for name, (least, most, _, _, median) in rows.items()
    ]
    ax = style.axes_of_rows(ax, names, head=1.7, each=0.5)
    for place, (least, most, low, high, median) in enumerate(rows.values()):
        part = 200 / (least + most)
        ax.barh(place, (most - least) * part, 0.7, least * part, color="0.8", label="" if place else "on record")
        ax.plot([low * part, high * part], [place] * 2, color=COLOURS[0], label="" if place else spread.name)
        ax.plot(median * part, place, "o", color=COLOURS[0], label="" if place else "model, median")
    ax.axvline(100, color="black", linewidth=0.8)
    ax.set(xlim=(0, None), xlabel="model, in % of what is on record")
    return titled(ax, "The model beside what is on record")


@figure
def records(scores: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the days to closure of each operation: on record (from least to most), predicted from the others (median and
    10-90 % band), and as the mean of the others in the same direction and the line of lorry loads would have it.
    `scores` is that of `nfm.calibrate`.

    >>> columns = ["case", "quantity", "on_record_low", "on_record_high", "low", "median", "high"]
    >>> columns += ["by_direction", "by_line"]
    >>> row = ("autumn", "closed_days", 21.0, 23.0, 14.0, 20.0, 30.0, 38.0, 50.0)
    >>> nfm.plots.records(pl.DataFrame([row], schema=columns, orient="row")).get_xlabel()
    'days from the first ship, or the first piece, to the last piece'
    """
    rows = scores.filter(pl.col("quantity") == "closed_days").rows(named=True)
    some(rows, "no record of days to closure")
    ax = style.axes_of_rows(ax, [str(row["case"]) for row in rows], head=1.5, each=0.6)
    for place, row in enumerate(rows):
        ax.barh(place, row["high"] - row["low"], 0.25, row["low"], color=COLOURS[0], alpha=0.3)
        ax.plot(row["median"], place, "o", color=COLOURS[0])
        ax.plot(row["by_direction"], place, "x", color="grey")
        ax.plot(row["by_line"], place, "+", color="grey", markersize=9)
        if row["on_record_low"] is not None:
            ax.plot([row["on_record_low"], row["on_record_high"]], [place] * 2, color="black", linewidth=3)
    ax.plot([], [], color="black", linewidth=3, label="on record")
    ax.plot([], [], "o-", color=COLOURS[0], label="model, from the other operations: median, 10-90 %")
    ax.plot([], [], "x", color="grey", label="mean of the others in the same direction")
    ax.plot([], [], "+", color="grey", label="line of lorry loads, fitted to the others")
    ax.set(xlim=(0, None), xlabel="days from the first ship, or the first piece, to the last piece")
    return titled(ax, "Days to closure: on record, and the model", "each operation is predicted from the others")

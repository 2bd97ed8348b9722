"""What military traffic costs civil traffic, by hour of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, quiet_frame
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.values import TIMEZONE


@figure
def civil_cost(run: Record, scenario: Scenario, *, ax: Axes | None = None) -> Axes:
    """Draw the vehicle-hours that civil traffic loses to columns and trucks, by hour of the day (local time).

    Of the replications whose tables are at hand; means. Raises ValueError when the scenario has no civil volumes.

    >>> busy = scenario.with_changes({"movement.civil.mean_per_h.motorway": 3000})
    >>> nfm.plots.civil_cost(run, busy).get_ylabel()
    'vehicle-hours lost'
    """
    whole = run.whole
    table = measures.civil_cost(whole, scenario)
    if table.is_empty():
        return say_empty(axes_or_new(ax), "no column or truck drives in this run")
    zero = datetime.fromisoformat(run.about["g_day"]).replace(tzinfo=TIMEZONE).astimezone(UTC)
    of_day = {hour: (zero + timedelta(hours=hour)).astimezone(TIMEZONE).hour for hour in table["hour"].unique()}
    number = whole.about["replications"]
    lost = (
        table.with_columns(pl.col("hour").replace_strict(of_day, return_dtype=pl.Int32))
        .group_by("hour")
        .agg(pl.col("vehicle_hours").sum() / number)
        .sort("hour")
    )
    ax = axes_or_new(ax)
    ax.bar((lost["hour"] + 0.5).to_list(), lost["vehicle_hours"].to_list(), width=0.9, color=COLOURS[1])
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
    ax.set(xlabel="hour of the day, local time", ylabel="vehicle-hours lost")
    all_of_it = float(lost["vehicle_hours"].sum())
    quiet_frame(ax)
    return titled(ax, f"What civil traffic loses: {all_of_it:,.0f} vehicle-hours", over(run, whole))

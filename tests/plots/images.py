"""The pictures that figures should be: `python -m tests.plots.images` draws them anew, for a look at each."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import polars as pl
from matplotlib.axes import Axes

import nfm_sim as nfm
from nfm_sim import plots
from nfm_sim.scenario import build_scenario
from nfm_sim.study import join_runs
from tests.conftest import coast_data, one_ship, wide_coast

BASELINE = Path(__file__).parent / "baseline"
DPI = 50


def story() -> nfm.Scenario:
    """A flow by truck and train, two battalions for two tasks, and a plan; a railway that is closed for a day."""
    late = {"exponential": {"mean": 6}}
    flow = one_ship("truck", 12, lateness_h=late)
    flow["ships"]["ship"]["calls"][0]["pieces"] = {"wheeled": 12}
    flow["shares"] = {"wheeled": {"truck": 0.5, "train": 0.5}}
    battalion = {"tier": 1, "home": "barracks", "capability": "infantry", "personnel": 600}
    return build_scenario(
        coast_data(
            flows={"division": {**flow, "required_day": 2}},
            pools={"trucks": {"capacity": 1}, "locomotives": {"capacity": 1}},
            places={"harbour": {"yard_m2": 800}},
            destinations={"east": {"exits": {"truck": "border", "train": "border"}, "beyond_h": {"truck": 6}}},
            elements={"first": battalion, "second": {**battalion, "tier": 2}},
            activation={"stages": {"recall": {"hours": {"uniform": [6, 60]}}}},
            tasks={
                "regional_plans": {"priority": 1},
                "host_nation_support": {"priority": 1},
                "kingdom": {"priority": 2, "commitments": {"guard": {"capability": "infantry", "from_day": 4}}},
            },
            disruptions={
                "flood": {"title": "The railway is flooded", "links": ["rail1"], "start_h": 12, "duration_h": 24}
            },
            plans={"north": {"versions": {"first": {"demands": [{"capability": "infantry", "number": 2, "day": 2}]}}}},
            title="A story for pictures",
            notional="All of it.",
            horizon_days=8,
        ),
        wide_coast(),
    )


def figures() -> Iterator[tuple[str, Axes]]:
    """Every figure, of five replications of the story or of tables as they are."""
    scenario = story()
    run = join_runs([nfm.simulate(scenario, seed=5, replication=number) for number in range(5)])
    for name, draw in plots.FIGURES.items():
        options = {"network": scenario.loaded_network} if name in ("network_load", "time_space", "columns") else {}
        yield name, draw(run, **options)  # type: ignore[call-arg]
    yield "critical_path", plots.critical_path(run, "first")
    yield "civil_cost", plots.civil_cost(run, scenario.with_changes({"movement.civil.mean_per_h.motorway": 3000}))
    hours = [0.0, 24.0, 48.0]
    curve = pl.DataFrame(
        {"tier": [1] * 3, "hour": hours, "estimate": [0.0, 0.5, 0.9], "low": [0.0, 0.4, 0.8], "high": [0.1, 0.6, 1.0]}
    ).with_columns(all_low=pl.col("low") * 0.9, all_high=(pl.col("high") * 1.1).clip(0, 1))
    yield "band", plots.band(curve, "share in place")
    yield (
        "chance",
        plots.chance(curve.select(pl.all().exclude("tier"), flow=pl.lit("a")).select("flow", pl.all().exclude("flow"))),
    )
    yield "network", plots.network(scenario.loaded_network)
    yield "on_record", plots.on_record(run, {"trucks": (4, 6), "trains": (1, 3)})
    rows = {"study": ["more", "less"], "flow": ["a", "a"], "pairs": [9, 9], "unit": ["h", "h"]}
    ends = {"difference": [-2.0, 1.0], "low": [-3.0, -1.0], "high": [-1.0, 3.0]}
    gains = {"gain": [1.0, 3.0], "low": [0.5, 2.0], "high": [1.5, 4.0]}
    packages = {"budget": [1e7, 2e7], "package": ["a", "a + b"], "eur": [8e6, 2e7]}
    yield "frontier", plots.frontier(pl.DataFrame(packages | gains), "hours gained")
    chances = {"estimate": [0.1, 0.8, 0.9], "low": [0.0, 0.7, 0.8], "high": [0.2, 0.9, 1.0]}
    tried = pl.DataFrame({"teams": [1, 2, 4], **chances})
    yield "amounts", plots.amounts(tried, "chance", title="How many teams", least=0.6)
    weeks = {"week": [0, 1, 1], "mode": ["train"] * 3, "line": ["one", "one", "two"], "direction": ["east"] * 3}
    yield "orders", plots.orders(pl.DataFrame({**weeks, "need_50": [4, 8, 2], "need_90": [6, 9, 4]}))
    buys = {"change": ["A guard more", "A guard fewer"], "h": [-2.0, 3.0], "h_low": [-3.0, 1.0], "h_high": [-1.0, 5.0]}
    yield "weighed", plots.weighed(pl.DataFrame(buys), {"h": "hours of the mean piece"}, title="What guards buy")
    yield "difference", plots.difference(pl.DataFrame({**rows, **ends}))
    paths = {"path": ["pools.trucks.capacity"] * 2, "end": ["low", "high"], "value": [1.0, 4.0], "unit": ["h", "h"]}
    yield (
        "tornado",
        plots.tornado(pl.DataFrame({**paths, "difference": [3.0, -1.0], "low": [2.0, -2.0], "high": [4.0, 0.0]})),
    )
    columns = [
        "case",
        "quantity",
        "on_record_low",
        "on_record_high",
        "low",
        "median",
        "high",
        "by_direction",
        "by_line",
    ]
    row = ("autumn", "closed_days", 21.0, 23.0, 14.0, 20.0, 30.0, 38.0, 50.0)
    yield "records", plots.records(pl.DataFrame([row], schema=columns, orient="row"))


def draw_all(folder: Path) -> list[str]:
    """Draw every figure into a folder; return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, ax in figures():
        plots.save(ax, folder / f"{name}.png", dpi=DPI)
        names.append(name)
    return names


if __name__ == "__main__":
    mpl.use("Agg")
    draw_all(BASELINE)
    plt.close("all")

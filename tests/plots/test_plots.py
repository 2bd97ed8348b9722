"""Figures show what the measures say, on the axes that they are given."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import polars as pl
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from nfm_sim import measures, plots
from nfm_sim.network import read_network
from nfm_sim.plots.style import figure
from nfm_sim.problems import InputError
from nfm_sim.record import Run
from tests.conftest import ROOT, coast_data, one_ship, wide_coast


@pytest.fixture(autouse=True)
def _close() -> Any:
    plt.close("all")  # what tests of other files have left open
    yield
    plt.close("all")


def test_the_readiness_lines_end_at_the_share_that_was_reached(activation_run: Run) -> None:
    ax = plots.readiness(activation_run)
    tiers = measures.readiness_by_tier(activation_run)
    solid = [line for line in ax.get_lines() if line.get_linestyle() == "-" and len(line.get_xdata()) > 2]
    assert [line.get_ydata()[-1] for line in solid] == pytest.approx((tiers["ready_share"] * 100).to_list())
    assert [text.get_text() for text in ax.get_legend().get_texts()][:3] == [
        f"tier {tier}, within {days} days" for tier, days in ((1, 10), (2, 30), (3, 180))
    ]
    assert "days" in ax.get_xlabel()
    assert "%" in ax.get_ylabel()


def test_the_closure_curve_reaches_all_pieces(activation_run: Run) -> None:
    due, line = plots.closure(activation_run).get_lines()
    assert [*due.get_xdata()] == [21, 21], "the day that is asked for"
    assert max(line.get_ydata()) == 100
    assert line.get_label() == "An allied armoured brigade (2,500\u00a0pieces)"


def test_the_bars_are_the_worst_waits(activation_run: Run) -> None:
    ax = plots.waits(activation_run, most=5)
    expected = measures.waits(activation_run)["piece_hours"].head(5).to_list()
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(expected)


def test_the_map_draws_every_link_that_was_used(activation_run: Run) -> None:
    network = read_network(ROOT / "networks/netherlands")
    ax = plots.network_load(activation_run, network)
    used = {link for link in measures.link_load(activation_run)["link"] if "road" in network.links[link].modes}
    drawn = [c for c in ax.collections if c.get_label().startswith("_") and hasattr(c, "get_segments")]
    assert len(used) in [len(c.get_segments()) for c in drawn]
    waits = [text.get_text() for text in ax.texts if "piece-hours" in text.get_text()]
    assert waits
    assert all(text.count("\n") == 1 and "\\n" not in text for text in waits), "the place, and below it the hours"


def test_names_in_a_figure_steer_nothing_and_keep_its_lines() -> None:
    @figure
    def draw() -> Any:
        _, ax = plt.subplots()
        ax.text(0, 0, "red \x1b[31m\nblue")
        return ax

    assert draw().texts[0].get_text() == "red \\x1b[31m\nblue"


@pytest.mark.parametrize("name", plots.FIGURES)
def test_a_figure_uses_the_axes_it_is_given_and_returns_them(name: str, activation_run: Run) -> None:
    _, ax = plt.subplots()
    assert plots.FIGURES[name](activation_run, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "readiness",
        "closure",
        "waits",
        "supply",
        "duties",
        "double_booking",
        "queue",
        "occupation",
        "ways",
        "time_space",
    ],
)
def test_an_empty_run_says_so(name: str, play: Any) -> None:
    ax = plots.FIGURES[name](play(coast_data()))
    assert len(ax.texts) == 1


def test_several_replications_give_a_band(play: Any) -> None:
    from nfm_sim.study import join_runs

    late = {"lateness_h": {"exponential": {"mean": 10}}}
    data = coast_data(flows={"flow": one_ship("truck", 5, **late)})
    ax = plots.closure(join_runs([play(data, replication=n) for n in range(3)]))
    assert len(ax.collections) == 1


def test_the_supply_line_ends_at_what_is_in_place(play: Any) -> None:
    elements = {
        name: {"tier": 1, "home": "barracks", "capability": "infantry", "hours": {"recall": hours}}
        for name, hours in {"a": 10, "b": 100}.items()
    }
    plans = {"north": {"versions": {"first": {"demands": [{"capability": "infantry", "day": 2, "number": 3}]}}}}
    run = play(coast_data(activation={"stages": {"recall": {}}}, elements=elements, plans=plans))
    demanded, in_place = plots.supply(run, "infantry").get_lines()
    assert (max(demanded.get_ydata()), max(in_place.get_ydata())) == (3, 2)


def test_the_critical_path_has_a_row_for_each_stage_and_wait(activation_run: Run) -> None:
    ax = plots.critical_path(activation_run, "1gnc_hq")
    drawn = sum(bar.get_width() for bar in ax.patches) * 24
    path = measures.critical_path(activation_run, "1gnc_hq")
    assert drawn == pytest.approx(path["hours"].sum(), abs=len(path))
    assert any(label.get_text().startswith("effect: ") for label in ax.get_yticklabels())


def test_the_gantt_has_a_row_for_each_element_on_a_task_and_full_bars_where_it_serves(play: Any) -> None:
    post = {"capability": "infantry", "from_day": 1, "until_day": 4, "travel_h": 12}
    tasks = {"regional_plans": {}, "guard": {"commitments": {"post": post}}}
    elements = {"a": {"home": "barracks", "capability": "infantry"}, "b": {"home": "barracks", "capability": "signals"}}
    run = play(coast_data(tasks=tasks, elements=elements))
    ax = plots.duties(run)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a (infantry)"]
    assert [(bar.get_x(), bar.get_width(), bar.get_alpha()) for bar in ax.patches] == [(1, 0.5, 0.45), (1.5, 2.5, 1)]
    assert len(plots.duties(run, capabilities=["signals"]).texts) == 1, "which says that there is none"


def test_of_many_elements_the_gantt_has_the_first(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    post = {"capability": "infantry", "number": 2}
    elements = {name: {"home": "barracks", "capability": "infantry"} for name in "ba"}
    run = play(coast_data(tasks={"regional_plans": {}, "guard": {"commitments": {"post": post}}}, elements=elements))
    monkeypatch.setattr(plots.style, "MOST_ROWS", 1)
    ax = plots.duties(run)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a (infantry)"]
    assert "the first 1 of 2 elements, by capability" in " ".join(ax.get_figure().get_supxlabel().split())


def hatched(ax: Any) -> list[tuple[float, float]]:
    """From when until when something is hatched as lost, in days."""
    bands = [patch for patch in ax.patches if patch.get_gid() == "lost"]
    return [(band.get_x(), round(band.get_x() + band.get_width(), 3)) for band in bands]


def test_what_is_lost_is_hatched_once_and_of_many_hours_on_a_grid(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The axis has 2.25 days, a hundredth of which, 0.0225, goes 20 times into 11 hours and 65 times into 35."""
    closed = {"links": ["road1"], "start_h": 11, "duration_h": 24}
    run = play(coast_data(flows={"flow": one_ship("truck", 3)}, disruptions={"closed": closed}))

    @figure
    def curve(run: Run) -> Any:
        return plots.closure(run)

    assert hatched(plots.closure(run)) == hatched(curve(run)) == [(11 / 24, round(35 / 24, 3))]
    monkeypatch.setattr("nfm_sim.plots.lost.MOST_EDGES", 1)
    ((begin, end),) = hatched(plots.closure(run))
    assert (begin, end) == pytest.approx((20 * 0.0225, 65 * 0.0225), abs=1e-3)


def test_the_heat_map_shows_the_element_days(play: Any) -> None:
    tasks = {
        "regional_plans": {"priority": 2},
        "crisis": {"priority": 1, "commitments": {"post": {"capability": "infantry", "until_day": 3}}},
    }
    elements = {"a": {"home": "barracks", "capability": "infantry", "tier": 1}}
    ax = plots.double_booking(play(coast_data(tasks=tasks, elements=elements)))
    assert [text.get_text() for text in ax.texts] == ["3"]


@pytest.mark.parametrize(
    ("replications", "title"),
    [(1, ""), (3, "line: median; band: least to most of 3 replications\n"), (40, "band: 10-90 % of 40 replications\n")],
)
def test_few_replications_have_no_10_to_90_percent(replications: int, title: str, play: Any) -> None:
    from nfm_sim.study import join_runs

    data = coast_data(flows={"flow": one_ship("truck", 5, lateness_h={"exponential": {"mean": 10}})})
    ax = plots.closure(join_runs([play(data, replication=n) for n in range(replications)]))
    said = ax.get_figure().get_supxlabel()
    assert title in said
    assert ("band" in said) == bool(title)


def test_several_replications_give_readiness_a_band(play: Any) -> None:
    from nfm_sim.study import join_runs

    stages = {"stages": {"recall": {"hours": {"uniform": [10, 90]}}}}
    data = coast_data(activation=stages, elements={"a": {"tier": 1, "home": "barracks"}})
    assert len(plots.readiness(join_runs([play(data, replication=n) for n in range(3)])).collections) == 1


def test_save_writes_a_picture_and_lets_go_of_the_figure(activation_run: Run, tmp_path: Path) -> None:
    plots.save(plots.waits(activation_run), tmp_path / "w.png")
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_no_global_style_is_set(activation_run: Run) -> None:
    before = dict(plt.rcParams)
    plots.readiness(activation_run)
    assert dict(plt.rcParams) == before
    assert isinstance(activation_run.spans, pl.DataFrame)


def test_the_time_space_diagram_has_a_line_for_each_passage(play_wide: Any) -> None:
    run = play_wide(coast_data(flows={"flow": one_ship("train", 40)}))
    ax = plots.time_space(run, start="harbour", end="border", mode="train", network=wide_coast())
    (drawn,) = (collection for collection in ax.collections if isinstance(collection, LineCollection))
    lines = drawn.get_segments()
    expected = run.passages.filter(pl.col("link").is_in(["rail1", "rail2"]))
    assert len(lines) == len(expected)
    assert sorted({round(km) for line in lines for _, km in line}) == [0, 100, 150]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Harbour", "Border", "Halt"]


def test_the_time_space_diagram_has_the_part_that_is_asked_for_and_says_what_nobody_drove(play_wide: Any) -> None:
    run = play_wide(coast_data(flows={"flow": one_ship("train", 40)}))
    look: Any = {"mode": "train", "network": wide_coast()}
    assert plots.time_space(run, days=(1, 2), **look).get_xlim() == (1, 2)
    ax = plots.time_space(run, start="border", end="harbour", **look)
    assert ax.texts[0].get_text() == "no train has left from border to harbour in this run"


def test_the_queue_is_as_long_as_the_measure_says(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 30)}))
    (line,) = plots.queue(run, step_h=1).get_lines()
    waiting = measures.queue(run, 1).filter(pl.col("cause") == "truck_ramps")
    assert max(line.get_ydata()) == waiting["waiting"].max()


def test_the_occupation_has_a_row_for_each_berth_and_track_in_use(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = one_ship("train", 40)
    flow["ships"]["second"] = flow["ships"]["ship"]
    run = play(coast_data(flows={"flow": flow}, places={"harbour": {"berths": 2, "gangs": 2}}))
    ax = plots.occupation(run)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["Harbour, berth 1", "Harbour, berth 2", "Harbour, loading track 1"]
    hours = sum(bar.get_width() * 24 for bar in ax.patches)
    held = run.holdings.filter(pl.col("pool").is_in(["berths", "tracks"]))
    assert hours == pytest.approx((held["end_h"] - held["start_h"]).sum())
    monkeypatch.setattr(plots.style, "MOST_ROWS", 1)
    ax = plots.occupation(run)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Harbour, loading track 1"], "the busiest"
    assert "the busiest 1 of 3 rows" in " ".join(ax.get_figure().get_supxlabel().split())


def test_the_bands_carry_all_pieces(play: Any) -> None:
    flow = one_ship("train", 10)
    flow["shares"] = {"wheeled": {"train": 0.5, "truck": 0.5}}
    ax = plots.ways(play(coast_data(flows={"flow": flow})))
    assert [text.get_text() for text in ax.texts] == ["Harbour: 10", "trains: 5", "lorries: 5", "Border: 10"]
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(3), "each column of blocks is the whole"


def test_nothing_is_booked_on_a_day_without_work(play: Any) -> None:
    """Hour 0 is a Monday: the line of what is booked falls to nothing on Saturday and Sunday."""
    data = coast_data(flows={"flow": one_ship("truck", 30)}, horizon_days=20, programme={"per_day": {"truck": 3}})
    ax = plots.departures(play(data))
    (booked,) = [line for line in ax.get_lines() if line.get_linestyle() == ":"]
    assert list(booked.get_ydata()[5:8]) == [0, 0, 1], "three, the most of a day, stand at the top of the strip"
    assert "dotted: booked" in ax.get_figure().get_supxlabel()


def test_a_map_elsewhere_shows_what_was_used_there(play: Any) -> None:
    """The story's coast lies in the Netherlands; the same coast on the other side of the world does not."""
    from dataclasses import replace

    run = play(coast_data(flows={"flow": one_ship("truck", 5)}))
    assert plots.network_load(run).get_xlim() == (3.2, 7.9)
    there = {name: replace(node, lon=node.lon - 100, lat=-node.lat) for name, node in run.network.nodes.items()}
    ax = plots.network_load(run, replace(run.network, nodes=there))
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    used = [there[name] for name in ("harbour", "border")]
    assert all(west < node.lon < east and south < node.lat < north for node in used)
    assert east - west < 10


def test_a_figure_says_what_it_shows_of_what(play: Any) -> None:
    from nfm_sim.study import join_runs

    data = coast_data(flows={"flow": one_ship("truck", 5)}, title="A small transit", notional="All of it.")
    run = join_runs([play(data, replication=n) for n in range(3)])
    for name, ax in plots.drawn(run):
        whole = ax.get_figure()
        assert whole.get_suptitle(), name
        said = " ".join(whole.get_supxlabel().split())
        assert "A small transit. 3 stratified replications, seed" in said, name
        assert said.endswith("notional."), name
        if "days" in ax.get_xlabel():
            assert "January 2027" in ax.get_xlabel(), name
            whole.canvas.draw()
            assert "04 Jan" in ax.get_xticklabels()[0].get_text() + ax.get_xticklabels()[1].get_text(), name


def test_a_figure_in_axes_that_are_given_has_its_title_alone(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 5)}))
    whole, (left, right) = plt.subplots(1, 2)
    plots.closure(run, ax=left)
    plots.waits(run, ax=right)
    assert left.get_title(loc="left") == "How much of each flow has crossed the border, by day"
    assert whole.get_suptitle() == whole.get_supxlabel() == ""


def test_what_has_nothing_to_show_is_not_drawn(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 5)}))
    shown = dict(plots.drawn(run))
    assert {"closure", "network_load", "waits", "departures", "delay", "pool_use"} <= set(shown)
    assert not {"readiness", "duties", "supply", "time_space", "double_booking"} & set(shown)
    with pytest.raises(InputError, match=r'name "closur" must be one of .*did you mean "closure"'):
        list(plots.drawn(run, ["closur"]))


def test_the_departures_are_those_of_the_measure(play: Any) -> None:
    run = play(coast_data(flows={"flow": one_ship("truck", 5)}))
    ax = plots.departures(run, {"truck": (3, 6)})
    (line,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    by_day = measures.departures_by_day(run).group_by("day").agg(pl.col("pieces").sum()).sort("day")
    assert sum(line.get_ydata()) * 6 == pytest.approx(by_day["pieces"].sum()), "the strip goes up to the record's 6"
    assert "grey: on record" in ax.get_figure().get_supxlabel()


def test_what_holders_did_adds_up(play: Any) -> None:
    ax = plots.pool_use(play(coast_data(flows={"flow": one_ship("truck", 5)}, pools={"trucks": {"capacity": 2}})))
    ends: dict[float, float] = {}
    for bar in ax.patches:
        ends[bar.get_y()] = ends.get(bar.get_y(), 0.0) + bar.get_width()
    assert list(ends.values()) == pytest.approx([100.0] * len(ends))


def test_the_replication_in_the_middle_is_the_one_that_is_shown(play: Any) -> None:
    from nfm_sim.study import join_runs

    data = coast_data(flows={"flow": one_ship("truck", 5, lateness_h={"exponential": {"mean": 10}})})
    run = join_runs([play(data, replication=n) for n in range(5)])
    last = measures.closure(run).sort("last_h")["replication"].to_list()
    assert measures.typical(run) == last[2]
    said = plots.occupation(run).get_figure().get_supxlabel()
    assert f"replication {last[2]}, in the middle of 5" in said


def test_a_figure_is_drawn_once_when_it_is_saved(
    activation_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, times = Figure.draw, []
    monkeypatch.setattr(Figure, "draw", lambda whole, renderer: (times.append(whole), draw(whole, renderer))[1])
    plots.save(plots.closure(activation_run), tmp_path / "closure.png")
    assert len(times) == 1


def test_no_axes_are_made_for_a_figure_of_nothing_that_is_left_out(
    activation_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario without flows has figures of nothing; drawn one by one they say so in axes, drawn together not."""
    made = []
    subplots = plt.subplots
    monkeypatch.setattr(plt, "subplots", lambda *args, **options: (made.append(1), subplots(*args, **options))[1])
    shown = [plt.close() for _ in plots.drawn(activation_run)]
    assert 0 < len(shown) == len(made) < len(plots.FIGURES)

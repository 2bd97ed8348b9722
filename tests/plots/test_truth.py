"""Figures say what is so: one meaning, one colour and one name for a thing, hours where they were, and no text cut."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import polars as pl
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

import nfm_sim as nfm
from nfm_sim import measures, plots
from nfm_sim.plots.style import MANY_COLOURS, OTHER, colour_of, flow_colours, row_names, task_colours, tier_colours
from nfm_sim.scenario import build_scenario
from nfm_sim.sentences.names import capacity_name, cause_name, names_of
from nfm_sim.study import join_runs
from tests.conftest import coast, coast_data, one_ship, wide_coast
from tests.measures.by_hand import record, rows
from tests.plots.images import story


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def key_of(ax: Any) -> list[str]:
    return [text.get_text().replace("\n", " ").replace("\u00a0", " ") for text in ax.get_legend().get_texts()]


def said(ax: Any) -> str:
    return " ".join(ax.get_figure().get_supxlabel().split())


def flows(number: int) -> dict[str, Any]:
    """Flows of five lorries each, one ship each, a quarter of a day apart."""
    data = {}
    for place in range(number):
        data[f"flow_{place:02d}"] = one_ship("truck", 5)
        data[f"flow_{place:02d}"]["ships"]["ship"]["calls"][0]["day"] = place / 4
    return data


# --- hours where they were


def test_a_bar_of_an_element_counts_from_the_order_and_is_full_until_it_is_ready(play: Any) -> None:
    """The order comes after a day; ready after two more, in place and effective after one more."""
    data = coast_data(
        activation={"decision_h": 24, "stages": {"recall": {"hours": 48}}, "integration_h": 24},
        elements={"first": {"tier": 1, "home": "barracks", "capability": "infantry"}},
        deadline_days={1: 2.5},
        horizon_days=20,
    )
    run = play(data)
    ready = measures.readiness(run).row(0, named=True)
    assert (ready["order_h"], ready["ready_h"], ready["effective_h"]) == (24, 72, 96)
    assert measures.element_hours(run).select("until", "kind", "hours", "begin_h").rows() == [
        ("ready", "work", 48.0, 0.0),
        ("effective", "work", 24.0, 0.0),
    ]
    ax = plots.ledger(run)
    bars = [(bar.get_x(), bar.get_width(), bar.get_alpha()) for bar in ax.patches if bar.get_width()]
    assert bars == [(0, 2, 1.0), (2, 1, 0.4)]
    deadline = [line.get_xdata() for line in ax.get_lines() if len(line.get_xdata()) == 2]
    assert [list(days) for days in deadline] == [[2.5, 2.5]], "beyond the full bar: it was ready in time"
    assert ax.get_xlabel() == "days from the order"


def test_an_element_that_is_never_ready_is_told(play: Any) -> None:
    data = coast_data(
        activation={"stages": {"recall": {"hours": 999}}},
        elements={"first": {"tier": 1, "home": "barracks", "capability": "infantry"}},
    )
    assert "not ready" in [text.get_text().strip() for text in plots.ledger(play(data)).texts]


def test_the_critical_path_stands_on_the_days_after_hour_0(play: Any) -> None:
    data = coast_data(
        activation={"decision_h": 24, "stages": {"recall": {"hours": 48}}},
        elements={"first": {"tier": 1, "home": "barracks", "capability": "infantry"}},
    )
    ax = plots.critical_path(play(data), "first")
    assert ax.get_xlabel().startswith("days after hour 0")
    assert sorted((bar.get_x(), bar.get_width()) for bar in ax.patches) == [(0, 1), (1, 2)]


def test_full_days_stand_where_they_were(play: Any) -> None:
    """The only lorry is away for a day with each of two loads, and idle for two days between."""
    flow = one_ship("truck", 1)
    flow["ships"]["late"] = {"calls": [{"port": "harbour", "day": 4, "pieces": {"wheeled": 1}}]}
    data = coast_data(flows={"flow": flow}, pools={"trucks": {"capacity": 1}})
    data["destinations"]["east"]["beyond_h"] = {"truck": 22}
    run = play(data)
    full = measures.full_days(run, 0.95).filter(pl.col("name") == "trucks")["day"].to_list()
    assert full == [0, 1, 4, 5]
    assert measures.saturation(run).filter(pl.col("name") == "trucks")["days"].to_list() == [4]
    ax = plots.saturation(run)
    names = [label.get_text() for label in ax.get_yticklabels()]
    row = names.index("trucks")
    (bars,) = [c for c in ax.collections if c.get_paths()[0].vertices[0, 1] == pytest.approx(row - 0.4)]
    assert [path.vertices[:, 0].min() for path in bars.get_paths()] == [0, 1, 4, 5]


# --- one meaning of a queue


def test_queues_are_the_same_on_the_map_over_time_and_in_the_measure(play: Any) -> None:
    """A late ship, then lorries that wait for one truck: being late is a wait, but no queue."""
    data = coast_data(flows={"flow": one_ship("truck", 6, lateness_h=12)}, pools={"trucks": {"capacity": 1}})
    run = play(data)
    waits = measures.waits(run)
    assert "lateness" in waits["cause"].to_list()
    assert "lateness" not in measures.queue(run)["cause"].to_list()
    ax = plots.network_load(run)
    (told,) = [text.get_text() for text in ax.texts]
    in_queue = waits.filter(~pl.col("cause").is_in(["lateness", "gangs of the ship"]))["piece_hours"].sum()
    assert told == f"Harbour\n{in_queue:,.0f} piece-hours"
    (line,) = plots.queue(run, step_h=0.05).get_lines()
    assert sum(line.get_ydata()) * 0.05 == pytest.approx(in_queue, rel=0.01)
    assert "but those of late ships" in said(ax)
    labels = [label.get_text() for label in plots.waits(run).get_yticklabels()]
    assert "Harbour: lateness" in labels, "which is a wait, and says so"


# --- one colour for a thing


def test_a_port_and_a_flow_have_one_colour_in_all_figures_of_a_record(play_wide: Any) -> None:
    """The haven is fullest over time and the harbour has more pieces: the order of figures is no colour."""
    flow, other = one_ship("train", 30), one_ship("train", 8)
    other["ships"]["ship"]["calls"][0]["port"] = "haven"
    data = coast_data(flows={"a": flow, "b": other}, pools={"locomotives": {"capacity": 1}})
    data["places"] = {"harbour": {"yard_m2": 90_000}, "haven": {"yard_m2": 3000}}
    run = play_wide(data)
    seen: dict[str, set[str]] = {}
    for ax in (plots.ashore(run), plots.stock(run), plots.queue(run)):
        for line in ax.get_lines():
            if line.get_label() in ("Harbour", "Haven"):
                seen.setdefault(line.get_label(), set()).add(to_hex(line.get_color()))
    assert {name: len(colours) for name, colours in seen.items()} == {"Harbour": 1, "Haven": 1}
    assert seen["Harbour"] != seen["Haven"]
    flows_seen = {line.get_label()[0]: to_hex(line.get_color()) for line in plots.closure(run).get_lines()}
    berths = plots.occupation(run)
    drawn = {to_hex(bar.get_facecolor()) for bar in berths.patches}
    assert drawn == set(flows_seen.values())


def test_tiers_and_flows_never_share_a_colour() -> None:
    run = nfm.simulate(story(), seed=1)
    colours = [*tier_colours(run).values(), *flow_colours(run).values()]
    assert len(set(colours)) == len(colours)
    assert len(set(task_colours(run).values())) == 2


def test_no_colour_is_used_twice_and_what_has_none_is_grey() -> None:
    number = len(MANY_COLOURS)
    assert len({*colour_of(map(str, range(number))).values()}) == number
    assert list(colour_of(map(str, range(number + 3))).values()).count(OTHER) == 3
    assert colour_of(["a", "b"], {"b": MANY_COLOURS[0]}) == {"a": MANY_COLOURS[1], "b": MANY_COLOURS[0]}


def test_a_cause_and_a_mode_have_their_colour_whatever_else_is_drawn(play: Any) -> None:
    by_truck = plots.departures(play(coast_data(flows={"flow": one_ship("truck", 5)})))
    line, *_ = by_truck.get_lines()[1:]
    assert line.get_color() == nfm.kinds.MODES["truck"].colour
    ways = plots.ways(play(coast_data(flows={"flow": one_ship("truck", 5)})))
    assert to_hex(ways.collections[0].get_facecolor()[0]) == line.get_color()


# --- one name for a thing


def test_nodes_have_their_names_and_those_with_one_name_their_identifiers_too() -> None:
    network = coast()
    nodes = {**network.nodes, "halt": replace(network.nodes["halt"], title="Harbour")}
    data = coast_data(flows={"flow": {**one_ship("truck", 5), "title": "A brigade (notional)"}})
    run = nfm.simulate(build_scenario(data, replace(network, nodes=nodes)))
    assert run.called("nodes", "harbour") == "Harbour (harbour)"
    assert run.called("nodes", "border") == "Border"
    assert key_of(plots.closure(run)) == ["A brigade (5 pieces)"]
    assert capacity_name(run, "facility", "border.gates") == "Border: gates"
    assert capacity_name(run, "link", "road1") == "ROAD1: Harbour (harbour) - Harbour (halt)"
    assert cause_name(run, "link", "A15 (road1)") == "A15"
    assert cause_name(run, "pool", "heavy_wagons") == "heavy wagons"
    assert names_of(run, "flows", ["flow", "other_flow"]) == {"flow": "A brigade", "other_flow": "other flow"}


def test_a_study_calls_things_as_its_runs_do() -> None:
    scenario = story()
    study = nfm.replicate(scenario, 1, jobs=1)
    assert study.titles == nfm.simulate(scenario).titles
    assert study.called("nodes", "harbour") == "Harbour"


def test_long_names_of_rows_lose_their_middle_and_stay_apart() -> None:
    long = ["a" * 80 + "1", "a" * 80 + "2"]
    assert [len(name) for name in row_names(long)] == [63, 63]
    assert len({*row_names(long)}) == 2
    same = ["a" * 40 + "x" + "b" * 40, "a" * 40 + "y" + "b" * 40]
    assert row_names(same) == same, "without their middle they would be one"


# --- many of a thing


def test_of_thirty_flows_the_latest_have_a_line_and_the_others_one_together(play: Any) -> None:
    run = play(coast_data(flows=flows(30)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plots.closure(run)
        ax.get_figure().canvas.draw()
        berths = plots.occupation(run)
        berths.get_figure().canvas.draw()
    assert sorted(key_of(ax)) == ["19 others (95 pieces)", *(f"flow {n} (5 pieces)" for n in range(19, 30))]
    colours = [line.get_color() for line in ax.get_lines()]
    assert len(set(colours)) == len(colours)
    assert "19 others" in key_of(berths)
    for drawn in (ax, berths):
        axes, key = drawn.get_window_extent(), drawn.get_legend().get_window_extent()
        assert key.x0 > axes.x1, "the key stands beside the axes"
        assert axes.height > 100


def test_many_lorries_and_few_trains_have_a_strip_each_with_its_own_scale(play: Any) -> None:
    flow = one_ship("truck", 300)
    flow["shares"] = {"wheeled": {"truck": 0.9, "train": 0.1}}
    run = play(coast_data(flows={"flow": flow}))
    ax = plots.departures(run)
    counted = {"truck": "pieces", "train": "movements"}
    days = measures.departures_by_day(run)
    most = {mode: days.filter(pl.col("mode") == mode)[number].max() for mode, number in counted.items()}
    assert [text.get_text() for text in ax.texts] == ["trains", "lorries"]
    tops = [label.get_text() for label in ax.get_yticklabels()]
    assert sorted(tops) == sorted(["0", f"{most['train']:,.3g}", "0", f"{most['truck']:,.0f}"])
    (trains,) = [line for line in ax.get_lines() if line.get_color() == nfm.kinds.MODES["train"].colour]
    assert max(trains.get_ydata()) == 1, "the day with most trains reaches the top of their strip"


# --- what was lost


def lost(**change: Any) -> dict[str, Any]:
    bridge = {"title": "The bridge is closed", "links": ["road1"], "start_h": 24, "duration_h": 48, **change}
    flow = one_ship("truck", 30)
    flow["ships"]["late"] = {"calls": [{"port": "harbour", "day": 4, "pieces": {"wheeled": 1}}]}
    return coast_data(flows={"flow": flow}, disruptions={"bridge": bridge})


def bands(ax: Any) -> list[tuple[float, float, float]]:
    return [
        (patch.get_x(), patch.get_x() + patch.get_width(), patch.get_alpha())
        for patch in ax.patches
        if patch.get_hatch()
    ]


@pytest.mark.parametrize("name", ["closure", "queue", "departures", "ashore", "occupation", "saturation"])
def test_what_is_lost_is_hatched_on_every_axis_of_time(name: str, play_wide: Any) -> None:
    run = play_wide({**lost(), "pools": {"trucks": {"capacity": 1}}})
    ax = plots.FIGURES[name](run)
    assert [band[:2] for band in bands(ax)] == [(1, pytest.approx(min(3, ax.get_xlim()[1])))]
    assert "The bridge is closed, day 1.0 to 3.0" in key_of(ax)


def test_what_some_replications_lose_is_paler_and_says_how_many(play_wide: Any) -> None:
    run = join_runs([play_wide(lost(chance=0.5), replication=number) for number in range(8)])
    share = measures.happened(run)["share"].item()
    assert 0 < share < 1
    ax = plots.closure(run)
    assert bands(ax) == [(1, 3, pytest.approx(share))]
    assert f"The bridge is closed, day 1.0 to 3.0, in {share * 100:.0f} % of replications" in key_of(ax)
    happened = measures.outages(run)["replication"].unique().to_list()
    calm = next(number for number in range(8) if number not in happened)
    assert bands(plots.ashore(run, replication=calm)) == []
    assert bands(plots.ashore(run, replication=happened[0])) == [(1, 3, 1.0)]


def test_what_is_lost_is_marked_on_the_map(play_wide: Any) -> None:
    run = play_wide({**lost(links=["road1", "canal1"], facilities=["harbour.berths"])})
    ax = plots.network_load(run)
    crosses = [line for line in ax.get_lines() if line.get_marker() == "X" and len(line.get_xdata()) == 1]
    assert sorted((round(line.get_xdata()[0], 2), line.get_ydata()[0]) for line in crosses) == [
        (4.0, 52.0),
        (4.5, 52.0),
        (4.5, 52.0),
    ]
    assert "lost: The bridge is closed, day 1.0 to 3.0" in key_of(ax)
    pools = play_wide({**lost(links=[], pools=["trucks"]), "pools": {"trucks": {"capacity": 1}}})
    assert not [text for text in key_of(plots.network_load(pools)) if "lost" in text], "a pool has no place"


# --- texts


def texts_of(ax: Any) -> list[tuple[str, Any]]:
    whole = ax.get_figure()
    whole.canvas.draw()
    texts = [text for text in whole.findobj(Text) if text.get_visible() and text.get_text().strip()]
    for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
        beyond = [tick.label1 for tick in axis.get_major_ticks() if not (ax.axison and low <= tick.get_loc() <= high)]
        texts = [text for text in texts if text not in beyond]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def overlaps(ax: Any) -> list[tuple[str, str]]:
    """The texts of a figure that stand on each other, by more than a pixel or two."""
    shrunk = [(text, box.padded(-1.5)) for text, box in texts_of(ax)]
    return [(a, b) for (a, box), (b, other) in combinations(shrunk, 2) if box.overlaps(other)]


def cut(ax: Any) -> list[str]:
    """The texts of a figure that do not lie within it whole."""
    page = ax.get_figure().bbox.padded(1)
    return [text for text, box in texts_of(ax) if not (page.contains(*box.min) and page.contains(*box.max))]


@pytest.fixture(scope="module")
def records() -> dict[str, Any]:
    scenario = story()
    names = {name: f"{name} with a name that is rather longer than one would like it to be" for name in ("a", "b")}
    flow = {"a": {**one_ship("train", 40), "title": names["a"]}, "b": {**one_ship("column", 40), "title": names["b"]}}
    disrupted = coast_data(flows=flow, disruptions={"x": {"lines": ["ROAD1"], "start_h": 1, "duration_h": 9}})
    disrupted["disruptions"]["x"]["title"] = "The road from the harbour is closed for a long while"
    return {
        "story": join_runs([nfm.simulate(scenario, seed=5, replication=number) for number in range(3)]),
        "thirty": nfm.simulate(build_scenario(coast_data(flows=flows(30)), coast())),
        "disrupted": nfm.simulate(build_scenario(disrupted, wide_coast())),
    }


@pytest.mark.parametrize("record", ["story", "thirty", "disrupted"])
def test_texts_neither_overlap_nor_are_cut(record: str, records: dict[str, Any]) -> None:
    for name, ax in plots.drawn(records[record]):
        assert overlaps(ax) == [], name
        assert cut(ax) == [], name
        plt.close("all")


def test_one_of_many_replications_says_so(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("truck", 5)}, pools={"trucks": {"capacity": 1}})
    study = nfm.replicate(build_scenario(data, coast()), 4, jobs=1)
    for name in ("queue", "pool_use"):
        assert "one of 4 replications, whose tables are at hand" in said(plots.FIGURES[name](study)), name


def test_an_empty_map_says_why(play: Any) -> None:
    ax = plots.network_load(play(coast_data()))
    assert plots.is_empty(ax)
    assert ax.texts[0].get_text() == "nothing moved over the network in this run, and nothing waited at its nodes"


def test_a_source_of_delay_counts_as_none_where_nothing_waited_for_it() -> None:
    """In one of two replications all of the delay is for want of lorries, in the other a ship is late; in a third one
    there is none."""
    movements = rows("replication subject what pieces", *((number, "lot", "movement", 1) for number in range(3)))
    waited = rows(
        "replication subject activity kind place cause cause_kind start_h end_h",
        (0, "lot", "load", "wait", "port", "trucks", "pool", 0.0, 6.0),
        (1, "lot", "arrive", "wait", "port", "lateness", "rule", 0.0, 60.0),
    )
    ax = plots.delay(record(subjects=movements, spans=waited))
    assert {bar.get_width() for bar in ax.patches} == {50}
    assert [line.get_xdata().tolist() for line in ax.lines] == [[0, 100]] * 2  # type: ignore[union-attr]

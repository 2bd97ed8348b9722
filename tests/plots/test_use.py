"""Figures of who holds what, of detours, of supply and of records say what the measures say."""

from typing import Any

import matplotlib.pyplot as plt
import polars as pl
import pytest

from nfm_sim import measures, plots
from nfm_sim.study import band
from tests.conftest import coast_data, one_ship
from tests.engine.test_supply_stories import area, data
from tests.measures.test_supply import STORM


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    plt.close("all")


def bars(ax: Any) -> float:
    return sum(bar.get_width() * bar.get_height() for bar in ax.patches if not bar.get_hatch())


def two_flows() -> dict[str, Any]:
    flows = {"first": {**one_ship("truck", 5), "title": "The first"}, "second": one_ship("truck", 3)}
    return coast_data(flows=flows, pools={"trucks": {"capacity": 4}})


def test_the_bars_of_holders_are_all_that_was_held_and_the_line_what_there_is(play: Any) -> None:
    run = play(two_flows())
    lengths = pl.col("end_h") - pl.col("start_h")
    held = run.holdings.filter(pl.col("pool") == "trucks").select((pl.col("amount") * lengths).sum()).item()
    ax = plots.holders(run, "trucks")
    assert bars(ax) * 24 == pytest.approx(held)
    assert {*ax.get_lines()[0].get_ydata()} == {4.0}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["what there is", "The first", "second"]
    assert ax.get_figure().get_suptitle() == "Who holds the trucks, against what there is"


def test_the_days_that_are_asked_for_are_drawn_in_one_order_so_that_a_page_is_the_same_again(play: Any) -> None:
    days = {f"flow_{number}": 3.0 + number for number in range(6)}
    flows = {name: {**one_ship("truck", 1), "required_day": day} for name, day in days.items()}
    ax = plots.closure(play(coast_data(flows=flows)))
    dotted = [line.get_xdata()[0] for line in ax.get_lines() if line.get_linestyle() == ":"]
    assert dotted == [*days.values()]


def test_what_there_is_of_a_pool_follows_the_hours_of_the_day(play: Any) -> None:
    """Half of the lorries are lost from noon: three quarters are there, mean of the day."""
    half = {"strike": {"pools": ["trucks"], "start_h": 12, "duration_h": 12, "left_share": 0.5}}
    table = measures.held_by_day(play({**two_flows(), "disruptions": half}), "trucks")
    assert table.filter(pl.col("day") == 0)["capacity"].to_list() == [3.0, 3.0]


def test_detours_are_the_hours_of_the_measure(play_wide: Any) -> None:
    """Five vehicles at 50 km/h: 180 km over the bypass take 3.6 h in place of the 3 h of 150 km."""
    bridge = {"bridge": {"title": "The bridge", "links": ["road1"], "start_h": 1, "duration_h": 99}}
    ax = plots.detours(play_wide(coast_data(flows={"flow": one_ship("column", 5)}, disruptions=bridge)))
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.6])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["The bridge: columns"]
    assert [text.get_text() for text in ax.texts] == ["1 columns"]


def test_supply_by_day_has_what_came_as_bars_and_what_was_asked_for_as_a_line(play: Any) -> None:
    run = play(data(area(), disruptions=STORM, pools={"trucks": {"capacity": 5}}))
    came = measures.supply_by_day(run)["tonnes"]
    ax = plots.supply_by_day(run)
    most = float(came.max())  # type: ignore[arg-type]
    assert sum(bar.get_height() for bar in ax.patches if not bar.get_hatch()) * most == pytest.approx(came.sum())
    line = ax.get_lines()[1]
    assert line.get_ydata()[0] * most == pytest.approx(11.2275), "of each day, those without loads too"


def test_a_long_supply_is_drawn_by_weeks(play: Any) -> None:
    run = play(data(area(), pools={"trucks": {"capacity": 5}}, horizon_days=70))
    weeks = {round(bar.get_width(), 1) for bar in plots.supply_by_day(run).patches}
    assert weeks == {6.3}, "nine tenths of a week"


def test_the_share_of_means_that_served_supply(play: Any) -> None:
    ax = plots.supply_of_means(play(data(area(), pools={"trucks": {"capacity": 5}})))
    lengths = dict(zip((t.get_text() for t in ax.get_yticklabels()), (b.get_width() for b in ax.patches), strict=True))
    assert lengths["trucks"] == 100


def test_the_model_stands_beside_the_record_in_its_own_measure(play: Any) -> None:
    ax = plots.on_record(play(two_flows()), {"trucks": (8, 12), "trains": (1, 3)})
    (lorries, trains) = (label.get_text() for label in ax.get_yticklabels())
    assert lorries == "Trucks:\nmodel 8, on record 8 to 12"
    assert trains == "Trains:\nmodel 0, on record 1 to 3"
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(80, 40), (50, 100)]
    assert plots.is_empty(plots.on_record(play(two_flows()), {}))


def test_the_chance_of_closing_is_in_percent_with_the_day_asked_for(play: Any) -> None:
    curve = band(measures.closed_by(play(two_flows())), "closed", by="flow", share=True)
    ax = plots.chance(curve, due={"first": 48.0})
    assert max(max(line.get_ydata()) for line in ax.get_lines() if line.get_linestyle() == "-") == 100
    assert ax.get_figure().get_suptitle() == "Chance that all of a flow is there, by day"


def test_columns_over_distance_have_their_dates_on_a_line_of_their_own(play: Any) -> None:
    ax = plots.columns(play(coast_data(flows={"flow": one_ship("column", 5)})))
    ax.get_figure().canvas.draw()
    assert ax.get_figure().get_suptitle() == "Where each column was, by day"
    assert not [label for label in ax.get_xticklabels() if "\\n" in label.get_text()]


def test_a_network_says_how_many_of_its_places_have_their_names(coast_network: Any) -> None:
    ax = plots.network(coast_network)
    kinds = [node.kind for node in coast_network.nodes.values() if not node.kind.endswith("junction")]
    assert f"of {len(kinds)} places" in ax.get_figure().get_supxlabel()
    assert "Harbour" in [text.get_text() for text in ax.texts]

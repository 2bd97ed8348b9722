"""Figures of estimates: what is drawn is what the tables say."""

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim import plots
from nfm_sim.scenario import build_scenario
from tests.conftest import called, coast, coast_data, one_ship


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


BAND = pl.DataFrame(
    {"tier": [1, 1, 2, 2], "hour": [0.0, 24.0] * 2, "estimate": [0.0, 0.5, 0.0, 0.1]}
    | {name: [0.0, 0.4, 0.0, 0.0] for name in ("low", "all_low")}
    | {name: [0.0, 0.6, 0.0, 0.2] for name in ("high", "all_high")}
)
DIFFERENCE = pl.DataFrame(
    {"study": ["more", "less", "other"], "flow": ["a"] * 3, "pairs": [9] * 3}
    | {"difference": [-2.0, 1.0, None], "low": [-3.0, -1.0, None], "high": [-1.0, 3.0, None]}
)


def test_a_band_is_drawn_twice_for_each_group() -> None:
    ax = plots.band(BAND, "share in place")
    assert [line.get_label() for line in ax.lines] == ["tier 1", "tier 2"]
    assert list(ax.lines[0].get_xdata()) == [0, 1]
    assert len(ax.collections) == 4
    one = plots.band(BAND.filter(pl.col("tier") == 1).drop("tier"))
    assert one.get_legend() is None
    alone = plots.band(BAND.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("low", "all_low")))
    assert not alone.collections, "one replication has no band"
    assert "no curve" in plots.band(BAND.head(0)).texts[0].get_text()


def test_a_difference_that_leaves_out_nothing_is_filled() -> None:
    ax = plots.difference(DIFFERENCE)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["more, a", "less, a", "other, a"]
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [point.get_xdata()[0] for point in points] == [-2, 1]
    assert [point.get_markerfacecolor() for point in points][1] == "white"
    assert "no difference" in plots.difference(DIFFERENCE.tail(1)).texts[0].get_text()
    by_place = plots.difference(DIFFERENCE.rename({"flow": "place"}))
    assert [label.get_text() for label in by_place.get_yticklabels()] == ["more, a", "less, a", "other, a"]


def test_a_tornado_has_a_bar_to_each_side() -> None:
    table = pl.DataFrame(
        {"path": ["a", "a", "b", "b"], "end": ["low", "high"] * 2, "value": [1.0, 9.0, 2.0, 3.0]}
        | {
            "unit": ["h"] * 4,
            "difference": [5.0, -4.0, 1.0, None],
            "low": [4.0, -5.0, 0.0, None],
            "high": [6.0, -3.0, 2.0, None],
        }
    )
    ax = plots.tornado(table)
    assert ax.get_xlabel() == "difference from the scenario as it is (h)"
    assert sorted(bar.get_width() for bar in ax.patches) == [-4, 1, 5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert {text.get_text() for text in ax.texts} == {"1", "9", "2"}
    assert "no input" in plots.tornado(table.head(0)).texts[0].get_text()


@pytest.mark.parametrize("figure", [plots.band, plots.difference])
def test_they_draw_on_the_axes_that_are_given(figure) -> None:  # type: ignore[no-untyped-def]
    _, ax = plt.subplots()
    assert figure(BAND if figure is plots.band else DIFFERENCE, ax=ax) is ax


def test_every_figure_takes_a_study_that_keeps_one_replication(tmp_path: Path) -> None:
    data = coast_data(
        flows={"flow": one_ship("truck", 5, lateness_h={"exponential": {"mean": 10}})},
        elements={"11_infbat": {"tier": 1, "home": "barracks", "capability": "infantry"}},
        activation={"stages": {"recall": {"hours": 12}}},
        plans={"north": {"versions": {"first": {"demands": [{"capability": "infantry", "day": 1}]}}}},
    )
    study = nfm.replicate(build_scenario(data, coast()), 5, seed=3, jobs=1, out=tmp_path / "study", keep=[1])
    drawn = dict(plots.drawn(study))
    assert {"readiness", "closure", "supply", "duties", "occupation", "queue", "network_load"} <= set(drawn)
    assert "in the middle of 5" in drawn["occupation"].get_figure().get_supxlabel()
    done = called("plot", tmp_path / "study", "closure", "delay", "--out", tmp_path / "figures", "--format", "svg")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["closure.svg", "delay.svg"]
    plt.close("all")
    none = nfm.replicate(build_scenario(data, coast()), 2, seed=3, jobs=1, out=tmp_path / "none", keep=())
    assert {"queue", "pool_use", "duties"} <= set(dict(plots.drawn(none)))
    assert nfm.report(none, tmp_path / "page.html").exists()
    wrong = called("plot", tmp_path / "study", "closur", "--out", tmp_path / "no")
    assert wrong.returncode == 2
    assert 'did you mean "closure"' in wrong.stderr
    assert not (tmp_path / "no").exists()

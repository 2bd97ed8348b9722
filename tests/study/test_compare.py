"""Comparisons, designs, sweeps, sensitivity and shadow prices, on stories whose answers are known."""

import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from nfm_sim import measures, plots
from nfm_sim.problems import InputError
from nfm_sim.record import Run
from nfm_sim.scenario import Scenario, build_scenario, one_more
from nfm_sim.study import (
    Comparison,
    Study,
    compare,
    differences_told,
    factorial,
    latin_hypercube,
    morris,
    open_comparison,
    open_study,
    replicate,
    response,
    shadow_prices,
    sobol,
    sobol_indices,
    sweep,
    tornado,
)
from nfm_sim.study.compare import _gain
from nfm_sim.study.intervals import Sample
from tests.conftest import coast, coast_data, one_ship

LATE = {"lateness_h": {"exponential": {"mean": 30}}}
ONE = "closure[flow]"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    flows = {"flow": one_ship("truck", 40, **LATE), "other": one_ship("truck", 30, **LATE)}
    return build_scenario(coast_data(flows=flows, horizon_days=20, pools={"trucks": {"capacity": 2}}), coast())


@pytest.fixture(scope="module")
def comparison(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    changes = {"twice": {"pools.trucks.capacity": 4}, "the same": {"title": "by another name"}}
    scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
    return compare(scenarios, 8, seed=3, out=tmp_path_factory.mktemp("comparison"), changes=changes)


def last_h(study: Study) -> pl.Series:
    return measures.closure(study).filter(pl.col("flow") == "flow")["last_h"]


def test_differences_are_paired(comparison: Comparison) -> None:
    table = comparison.difference(ONE)
    twice, same = table.rows(named=True)
    before, after = (last_h(comparison[name]) for name in ("base", "twice"))
    assert twice["difference"] == pytest.approx((after - before).mean())
    assert twice["high"] < 0
    moved = int((before != after).sum())
    assert (twice["pairs"], twice["differing"]) == (8, moved)
    assert twice["p_value"] == 2 * 2 ** (1 - moved), "what eight coins can tell at most, and there are two comparisons"
    assert twice["gain"] > 3, "both had the same ships as late"
    assert twice["gain"] == pytest.approx((before.var() + after.var()) / (after - before).var())  # type: ignore[operator]
    assert (same["difference"], same["low"], same["high"], same["p_value"]) == (0, None, None, 1)
    assert same["differing"] == 0
    assert same["differing_high"] > 0.3, "an effect in so many cannot be excluded by eight"
    assert same["gain"] is None
    assert comparison.difference(ONE, against="twice").rows(named=True)[0]["difference"] == -twice["difference"]


def test_the_difference_of_quantiles_is_that_of_before_and_after(comparison: Comparison) -> None:
    before, after = (last_h(comparison[name]) for name in ("base", "twice"))
    row = comparison.difference("closure.p25[flow]").rows(named=True)[0]
    assert (row["before"], row["after"]) == (before.quantile(0.25, "linear"), after.quantile(0.25, "linear"))
    assert row["difference"] == row["after"] - row["before"]
    of_pairs = comparison.quantile_of_differences("closure.p25[flow]").rows(named=True)[0]
    assert of_pairs["difference"] == pytest.approx((after - before).quantile(0.25, "linear"))
    assert of_pairs["difference"] != row["difference"]
    assert of_pairs["before"] is None
    with pytest.raises(InputError, match="names no quantile"):
        comparison.quantile_of_differences("closure")


def test_several_intervals_hold_together(comparison: Comparison) -> None:
    both = comparison.difference(ONE).rows(named=True)[0]
    two = Comparison({name: comparison[name] for name in ("base", "twice")})
    alone = two.difference(ONE).rows(named=True)[0]
    assert both["high"] - both["low"] > alone["high"] - alone["low"]


def test_a_comparison_is_opened_again(comparison: Comparison, scenario: Scenario, tmp_path: Path) -> None:
    shutil.copytree(comparison["base"].folder.parent, tmp_path / "c")
    again = open_comparison(tmp_path / "c")
    assert list(again) == ["base", "twice", "the same"]
    assert again.changes["twice"] == {"pools.trucks.capacity": 4}
    assert again.difference().equals(comparison.difference())
    with pytest.raises(InputError, match="compares other studies"):
        compare({"base": scenario}, 2, out=tmp_path / "c")
    with pytest.raises(InputError, match="nfm-sim compare --out"):
        open_comparison(tmp_path)
    with pytest.raises(InputError, match=r'against "twise" must be one of base, .*did you mean "twice"'):
        comparison.difference(against="twise")
    for other in ({"seed": 4}, {"seed": comparison["base"].seed, "sampling": "independent"}):
        with pytest.raises(InputError, match=r"on the same draws, these have .*seed 3, stratified"):
            Comparison({"a": comparison["base"], "b": replicate(scenario, 1, **other)})
    (tmp_path / "c/comparison.json").write_text("{}")
    with pytest.raises(InputError, match=r"c/comparison.json: "):
        compare({"base": scenario}, 2, seed=5, out=tmp_path / "c")


def test_who_names_a_comparison_for_a_study_is_told_of_its_studies(scenario: Scenario, tmp_path: Path) -> None:
    compare({"base": scenario, "more": scenario}, 1, out=tmp_path / "pair", jobs=1)
    with pytest.raises(InputError, match=r"is not in this folder; name one of the studies .*pair/base, .*pair/more$"):
        open_study(tmp_path / "pair")


def test_what_never_closes_is_no_number(scenario: Scenario) -> None:
    short = scenario.with_changes({"horizon_days": 7})
    result = compare({"base": short, "more": short.with_changes({"pools.trucks.capacity": 4})}, 12, seed=3)
    reached = last_h(result["base"]).is_not_null()
    assert 0 < reached.sum() < 12, "some close and some do not"
    (mean,) = result.difference(ONE).rows(named=True)
    assert mean["difference"] is mean["before"] is mean["low"] is None
    assert mean["after"] is not None
    assert mean["reached_share"] == reached.mean()
    (median,) = result.difference("closure[flow].median").rows(named=True)
    assert median["high"] is None or median["high"] < 0


def test_a_flow_that_one_scenario_alone_has_is_not_one_that_never_closes(scenario: Scenario) -> None:
    compared = compare({"both": scenario, "one": scenario.with_changes({"flows.other": False})}, 2, jobs=1)
    one, other = compared.difference("closure").sort("flow").rows(named=True)
    assert (one["reached_share"], other["reached_share"], other["difference"]) == (1, None, None)
    told = differences_told(compared)
    assert "1 difference cannot be known, as one of both scenarios has no such row." in told
    assert not [line for line in told if "other" in line]


def test_until_goes_on_until_every_row_of_every_study_is_sure(scenario: Scenario) -> None:
    more = scenario.with_changes({"pools.trucks.capacity": 4})
    result = compare(
        {"base": scenario, "more": more}, 400, seed=3, targets=["closure ±30h"], min_replications=10, jobs=1
    )
    numbers = {len(study.replications) for study in result.values()}
    assert len(numbers) == 1
    assert 20 <= numbers.pop() < 400
    assert (result.estimates()["half_width"] <= 30).all()


def test_designs_fill_their_ranges() -> None:
    assert factorial({"a": [1, 2], "b": ["x", "y"]}) == [
        {"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"},
    ]  # fmt: skip
    points = latin_hypercube({"a": (0.0, 1.0), "n": (1, 4), "t": {"pert": [1, 2, 10]}}, 8, seed=1)
    assert sorted(int(point["a"] * 8) for point in points) == list(range(8))
    assert sorted(point["n"] for point in points) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert all(isinstance(point["n"], int) and 1 <= point["t"] <= 10 for point in points)
    assert points == latin_hypercube({"a": (0.0, 1.0), "n": (1, 4), "t": {"pert": [1, 2, 10]}}, 8, seed=1)
    halves = [point["a"] < 0.5 for point in sobol({"a": (0.0, 1.0)}, 6)]
    assert len(halves) == 6
    assert sum(halves) == 3
    with pytest.raises(InputError) as caught:
        sobol({"a": (2, 1), "b": "x", "c": {"pert": [3, 2, 1]}}, 4)
    assert [problem.key for problem in caught.value.problems] == ["a", "b", "c"]


def test_a_sweep_puts_answers_beside_inputs(scenario: Scenario, tmp_path: Path) -> None:
    result = sweep(
        scenario, factorial({"pools.trucks.capacity": [1, 2, 4]}), replications=4, seed=3, out=tmp_path / "s"
    )
    table = response(result, ONE)
    assert table["pools.trucks.capacity"].to_list() == [1, 2, 4]
    assert table["estimate"].is_sorted(descending=True)
    assert response(open_comparison(tmp_path / "s"), ONE).equals(table)
    with pytest.raises(InputError, match=r'pools.truks.*did you mean "trucks"'):
        sweep(scenario, [{"pools.truks.capacity": 1}], replications=1)


RANGES = {"pools.trucks.capacity": (1, 6), "places.harbour.landing_spots": (1, 3)}


def test_morris_finds_what_matters(scenario: Scenario) -> None:
    table = morris(scenario, RANGES, quantity=ONE, trajectories=6, replications=2, seed=3)
    trucks, spots = table.rows(named=True)
    assert trucks["path"] == "pools.trucks.capacity"
    assert trucks["mu"] < 0 < trucks["mu_star"]  # of so few trajectories the bounds may not be known
    assert spots["mu_star"] == spots["sigma"] == 0


@pytest.mark.long
def test_sobol_indices_share_the_variance(scenario: Scenario) -> None:
    table = sobol_indices(scenario, RANGES, quantity=ONE, points=16, replications=2, seed=3)
    trucks, spots = table.rows(named=True)
    assert trucks["path"] == "pools.trucks.capacity"
    assert trucks["total"] == pytest.approx(1, abs=0.3)
    assert spots["total"] == pytest.approx(0, abs=1e-9)


def test_sensitivity_needs_numbers(scenario: Scenario) -> None:
    short = scenario.with_changes({"horizon_days": 2})
    with pytest.raises(InputError, match="give a longer horizon"):
        morris(short, RANGES, trajectories=2, replications=1)


def test_a_tornado_has_both_ends_of_each_input(scenario: Scenario) -> None:
    ranges = {"places.harbour.landing_spots": (1, 3), "pools.trucks.capacity": (1, 6)}
    table = tornado(scenario, ranges, quantity=ONE, replications=4, seed=3)
    assert table.select("path", "end", "value").rows() == [
        ("pools.trucks.capacity", "low", 1), ("pools.trucks.capacity", "high", 6),
        ("places.harbour.landing_spots", "low", 1), ("places.harbour.landing_spots", "high", 3),
    ]  # fmt: skip
    low, high, *rest = table["difference"]
    assert high < 0 < low
    assert rest == [0, 0]
    plots.tornado(table).figure.draw_without_rendering()  # what differs in no pair has no bounds
    table = tornado(scenario, {"pools.trucks.capacity": (1_000_000, 1_000_001)}, replications=1, jobs=1)
    assert table["value"].to_list() == [1_000_000] * 2 + [1_000_001] * 2, "ends that are nearly the same are two"


def test_shadow_prices_rank_what_binds(scenario: Scenario, tmp_path: Path) -> None:
    table = shadow_prices(scenario, 16, seed=3, out=tmp_path / "p")
    first = table.row(0, named=True)
    assert first["capacity"] == "trucks"
    assert first["more"] == 1
    assert first["closure_low"] <= first["closure"] <= first["closure_high"] < 0
    assert table["closure"].is_sorted()
    assert first["closure_fresh_high"] < 0, "those that did not choose it say so too"
    assert table["closure_fresh"].null_count() == len(table) - 1
    assert "ready_by_deadline" not in table.columns, "nobody is offered"
    assert shadow_prices(scenario, 16, seed=3, out=tmp_path / "p").equals(table), "it goes on where it was"
    three = shadow_prices(scenario, 16, seed=3, more={"trucks": 3})
    assert three.row(0, named=True)["closure"] < first["closure"]


def test_prices_make_the_answers_that_they_are_of(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dict.fromkeys(measures.KEPT, 0)

    def counted(name: str) -> measures.Measure:
        measure = measures.KEPT[name]

        def count(run: Run) -> pl.DataFrame:
            made[name] += run.subjects["replication"].n_unique()
            return measure(run)

        return count

    for name in measures.KEPT:
        monkeypatch.setitem(measures.KEPT, name, counted(name))
    table = shadow_prices(scenario, 8, quantities=["closure.mean_h"], jobs=1)
    fresh = table["closure.mean_h_fresh_replications"].sum()
    assert made.pop("closure") == 8 + table["replications"].sum() + 2 * fresh
    assert made.pop("bottlenecks") == 5, "that show what holds anything up"
    assert not any(made.values())


def test_what_is_as_sure_as_the_widest_will_be_has_no_more_replications() -> None:
    """Two ships come together or apart, as chance has it, so that one more truck gains more or less: a second ramp
    gains as little each time."""
    late = {"lateness_h": {"uniform": [0, 60]}}
    flows = {name: one_ship("truck", 20, **late) for name in ("one", "two")}
    ports = {"harbour": {"ramps": {"capacity": 2, "rate_per_h": 1e3}, "truck_ramps": {"capacity": 1, "rate_per_h": 30}}}
    data = coast_data(flows=flows, places=ports, pools={"trucks": {"capacity": 6}}, horizon_days=30)
    table = shadow_prices(build_scenario(data, coast()), 32, quantities=["closure.mean_h"], jobs=1)
    width = pl.col("closure.mean_h_high") - pl.col("closure.mean_h_low")
    rows = table.select("capacity", "replications", width.alias("width")).rows_by_key("capacity", unique=True)
    assert rows["trucks"][0] == 32
    assert rows["harbour.truck_ramps"][0] == 16
    assert rows["harbour.truck_ramps"][1] <= rows["trucks"][1]


def test_prices_are_the_same_however_an_operation_is_cut_into_flows() -> None:
    large, small = (one_ship("truck", pieces)["ships"]["ship"] for pieces in (50, 6))
    flow = one_ship("truck", 1)
    whole = {"all": {**flow, "ships": {"large": large, "small": small}}}
    parts = {"a": {**flow, "ships": {"large": large}}, "b": {**flow, "ships": {"small": small}}}
    pools = {"trucks": {"capacity": 2}}
    one, two = (
        shadow_prices(
            build_scenario(coast_data(flows=flows, horizon_days=30, pools=pools), coast()),
            1,
            quantities=["closure", "closure.mean_h"],
            jobs=1,
        )
        for flows in (whole, parts)
    )
    quantities = ["capacity", "closure", "closure.mean_h"]
    assert one.row(0)[0] == "trucks"
    assert one.select(quantities).rows() == two.select(quantities).rows()


def test_shadow_prices_of_nothing_scarce(scenario: Scenario) -> None:
    free = {"pools.trucks.capacity": 1000, "places": {"harbour": {"truck_ramps": 1000}}}
    alone = scenario.with_changes({**free, "flows.flow.ships.ship.calls.0.pieces": {"wheeled": 1}})
    with pytest.raises(InputError, match="holds nothing up"):
        shadow_prices(alone, 2, sampling="independent")


def test_one_more_says_how_it_is_added(scenario: Scenario) -> None:
    wagons = scenario.with_changes({"pools.flat": {"capacity": 60, "unit": "wagons"}})
    more = one_more(wagons, "pool", "flat")
    assert more is not None
    assert (more.amount, more.changes) == (30, {"pools.flat.capacity": 90})
    ramps = one_more(scenario, "facility", "harbour.ramps")
    assert ramps is not None
    assert ramps.changes == {"places.harbour.ramps": 2, "places.harbour.gangs": 2}, "a ramp brings its gang"
    manned = one_more(scenario.with_changes({"places.harbour.gangs": 5}), "facility", "harbour.ramps")
    assert manned is not None
    assert manned.changes == {"places.harbour.ramps": 2}
    rated = scenario.with_changes({"places": {"harbour": {"ramps": {"capacity": 3, "rate_per_h": 5}}}})
    more = one_more(rated, "facility", "harbour.ramps")
    assert more is not None
    again = rated.with_changes(more.changes).facility("harbour", "ramps")
    assert again is not None
    assert (again.capacity, again.rate_per_h) == (4, 5)
    week = {"weekday": [1] * 24, "saturday": [0] * 24}
    timetable = scenario.with_changes({"movement": {"civil": {"paths": {"other": week}}}})
    paths = one_more(timetable, "link", "rail1")
    assert paths is not None
    changed = timetable.with_changes(paths.changes).movement.civil.paths["other"]
    assert (changed.weekday[0], changed.saturday and changed.saturday[0]) == (2, 1)
    assert one_more(scenario, "rule", "driving window") is None
    assert one_more(scenario, "link", "road1") is None


def test_intervals_of_estimates_are_of_each_study(comparison: Comparison) -> None:
    table = comparison.estimates("closure[flow].p90")
    assert table["study"].to_list() == ["base", "twice", "the same"]
    hours = np.sort(last_h(comparison["base"]).to_numpy())
    assert table["estimate"][0] == pytest.approx(np.quantile(hours, 0.9))
    assert table.filter(pl.col("study") == "base")["high"].to_list() == [None], "eight are too few for a bound"


@pytest.mark.parametrize(("module", "extra"), [("SALib", "sensitivity"), ("pandas", "pandas")])
def test_what_is_not_installed_is_named(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    parts = (".analyze", ".analyze.morris", ".sample", ".sample.morris") if module == "SALib" else ()
    for part in ("", *parts):
        monkeypatch.setitem(sys.modules, f"{module}{part}", None)
    with pytest.raises(InputError, match=rf"{module} is not installed.*nfm_sim\[{extra}\]"):
        morris(scenario, RANGES) if module == "SALib" else replicate(scenario, 1).to_pandas("closure")


def test_what_cannot_change_under_way_shows_before_anything_is_written(tmp_path: Path) -> None:
    later = {"later": [{"at_h": 1.0, "changes": {"horizon_days": 3}}]}
    scenarios = dict.fromkeys(("base", "later"), build_scenario(coast_data(), coast()))
    with pytest.raises(InputError, match="horizon_days"):
        compare(scenarios, 1, forks=later, out=tmp_path / "both", jobs=1)
    assert not (tmp_path / "both").exists()


def test_the_gain_of_blocks_is_that_of_as_many_replications_alone() -> None:
    """Means of two blocks, 0 and 2, vary by 2; of 16 values drawn alone they would by a sixteenth of 32 / 31."""
    values = np.repeat([0.0, 2.0], 16)
    nothing, both = Sample(np.zeros(32), 16), Sample(values, 16)
    assert _gain(nothing, both, both) == pytest.approx(1 / 31)


def test_a_card_says_what_each_changes() -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 5)}), coast())
    card = compare(dict.fromkeys(("as", "other"), scenario), 1, changes={"other": {"a.b": 4}}, jobs=1)._repr_html_()
    assert "a.b = 4" in card
    assert "as it is" in card


def test_what_no_longer_waits_waits_for_none() -> None:
    """Four lorries' loads, ramps enough, and one lorry: with four of them nobody waits for one."""
    data = coast_data(
        flows={"flow": one_ship("truck", 4)}, places={"harbour": {"truck_ramps": 4}}, pools={"trucks": {"capacity": 1}}
    )
    one = build_scenario(data, coast())
    compared = compare({"one": one, "four": one.with_changes({"pools.trucks.capacity": 4})}, 2, jobs=1)
    table = compared.difference("waits.hours").filter(pl.col("cause") == "trucks")
    assert table["after"].to_list() == [0]
    assert (table["difference"] == -table["before"]).all()
    assert table["before"][0] > 0

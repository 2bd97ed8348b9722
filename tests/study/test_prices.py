"""Shadow prices of a story without chance, of which every replication says the same."""

import sys
from types import SimpleNamespace

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import read_quantity, shadow_prices
from nfm_sim.study.compare import compare_quantity
from nfm_sim.study.prices import _wide, most_wanted
from tests.conftest import coast, coast_data, one_ship
from tests.decide.test_buy import TRUCKS, lorries


def test_the_first_is_tried_again_and_has_as_much_as_was_asked_for() -> None:
    """Three trucks more, and one more of all else; what the scenario has no rows for is left out."""
    table = shadow_prices(lorries(), 16, quantities=["closure", "ready_by_deadline"], more={"trucks": 3}, jobs=1)
    more = nfm.simulate(lorries().with_changes({TRUCKS: 5}), 0)
    gain = nfm.closure(nfm.simulate(lorries(), 0))["last_h"][0] - nfm.closure(more)["last_h"][0]
    first, *others = table.rows(named=True)
    assert (first["capacity"], first["more"], first["closure"]) == ("trucks", 3, -gain)
    assert (first["closure_fresh"], first["closure_fresh_replications"]) == (-gain, 16)
    assert {row["closure_fresh"] for row in others} == {None}
    assert not [name for name in table.columns if name.startswith("ready_by_deadline")]


def test_what_does_not_surely_gain_is_not_tried_again() -> None:
    """Of one replication nothing is sure."""
    table = shadow_prices(lorries(), 1, quantities=["closure"], jobs=1)
    assert "closure_fresh" not in table.columns


def test_of_a_number_that_is_good_neither_way_what_changes_it_most_stands_first() -> None:
    table = shadow_prices(lorries(), 1, quantities=["waits.waits"], jobs=1)
    sizes = table["waits.waits"].abs().to_list()
    assert sizes[0] > sizes[-1]


def test_the_capacities_with_most_delay_are_tried_first() -> None:
    pilot = nfm.replicate(lorries(), 2, jobs=1)
    first, second = nfm.bottlenecks(nfm.simulate(lorries(), 0)).head(2)["piece_hours"]
    found = {most: [(one.name, held) for one, held in most_wanted(pilot, lorries(), most, {})] for most in (1, 9)}
    assert found[1] == [("trucks", pytest.approx(first))], "as a mean over replications"
    assert found[9] == [*found[1], ("harbour.truck_ramps", pytest.approx(second))]


def test_links_of_one_timetable_are_one_capacity_with_the_delay_of_all() -> None:
    """Trains wait for the one path in an hour, at the harbour and again at the halt."""
    rules = {
        "civil": {"paths": {"other": {"weekday": [1] * 24}}},
        "train": {"speed_kmh": {"rail": 50}, "max_wagons": 5},
    }
    quick = {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "tracks": {"capacity": 20, "rate_per_h": 1e3}}
    data = coast_data(flows={"flow": one_ship("train", 100)}, movement=rules, places={"harbour": quick})
    scenario = build_scenario(data, coast())
    waited = nfm.bottlenecks(nfm.simulate(scenario, 0)).filter(kind="link")
    assert waited["name"].to_list() == ["rail1", "rail2"]
    ((one, held),) = most_wanted(nfm.replicate(scenario, 1, jobs=1), scenario, 9, {})
    assert (one.name, held) == ("paths of other", pytest.approx(waited["piece_hours"].sum()))
    ((three, held_too),) = most_wanted(nfm.replicate(scenario, 1, jobs=1), scenario, 9, {"paths of other": 3})
    assert (three.amount, held_too) == (3, held)
    assert three.changes == {"movement.civil.paths.other.weekday": [4] * 24}


def test_of_capacities_with_as_much_delay_the_first_by_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = {"piece_hours": [4.0, 4, 9, 2, 2], "first_h": 0.0}
    waited = pl.DataFrame({"kind": "pool", "name": ["b", "a", "c", "b", "a"], **hours})
    monkeypatch.setattr(sys.modules["nfm_sim.measures.bottlenecks"], "bottlenecks", lambda _: waited)
    pilot = SimpleNamespace(about={"replications": 2})
    scenario = lorries().with_changes({f"pools.{name}": {"capacity": 1} for name in "abc"})
    found = [(one.name, one.amount, held) for one, held in most_wanted(pilot, scenario, 2, {"a": 5})]  # type: ignore[arg-type]
    assert found == [("c", 1, 4.5), ("a", 5, 3)]


def test_an_interval_is_wide_that_more_replications_make_narrower_than_the_widest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With four times as many replications that of `a`, as long as 8, will be as long as 4."""
    ends = [
        ("a", -2.0, 6.0, 1),
        ("narrow", 0.0, 4.0, 1),
        ("open", None, 0.0, 1),
        ("same", 0.0, 5.0, 0),
        ("b", 1, 5.5, 1),
    ]
    gains = pl.DataFrame(ends, schema=["study", "low", "high", "differing"], orient="row")
    monkeypatch.setattr("nfm_sim.study.prices.compare_quantity", lambda *_: gains)
    assert _wide({}, "base", ["closure"], 0.5, 0.95) == {"a", "b", "open"}


def test_whose_interval_is_wide_has_all_replications_and_the_base_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 36, which is no whole number of blocks, both go on after the first block, and one after the second."""
    late = {"uniform": [0, 60]}
    scenario = lorries(lateness_h=late).with_changes({"flows.more": one_ship("truck", 4, lateness_h=late)})
    wide = iter([{"trucks", "harbour.truck_ramps"}, {"trucks"}])
    monkeypatch.setattr("nfm_sim.study.prices._wide", lambda *_: next(wide))
    table = shadow_prices(scenario, 36, quantities=["closure.mean_h"], jobs=1)
    rows = {row["capacity"]: row for row in table.rows(named=True)}
    assert {name: row["replications"] for name, row in rows.items()} == {"trucks": 36, "harbour.truck_ramps": 32}
    both = {"base": scenario, "trucks": scenario.with_changes({TRUCKS: 3})}
    alone = compare_quantity(nfm.compare(both, 36, jobs=1), read_quantity("closure.mean_h").whole, "base", 0.95)
    assert rows["trucks"]["closure.mean_h"] == pytest.approx(alone["difference"][0])


def test_what_is_no_capacity_is_said() -> None:
    known = {"trucks": 1, "harbour.truck_ramps": 1, "paths of other": 1}
    timetable = {"movement.civil.paths": {"other": {"weekday": [1] * 24}}}
    with pytest.raises(InputError, match=r'truks is no pool.*did you mean "trucks"') as caught:
        shadow_prices(lorries().with_changes(timetable), 2, more={**known, "truks": 3})
    with pytest.raises(InputError, match="--more: paths of other is no pool, no facility of a place and no line"):
        shadow_prices(lorries(), 2, more=known)
    for amount in (0, -1.0, float("nan")):
        with pytest.raises(InputError, match=r"--more: trucks .* must be a number above 0"):
            shadow_prices(lorries(), 2, more={"trucks": amount})
    assert len(caught.value.problems) == 1

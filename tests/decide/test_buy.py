"""Packages for a budget."""

import sys
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.decide import Options, buy, buy_by_year, read_options, select
from nfm_sim.decide.buy import NOTHING, Shop, called
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study.intervals import wilson
from tests.conftest import called as command
from tests.conftest import coast, coast_data, one_ship

TRUCKS, RAMPS = "pools.trucks.capacity", "places.harbour.truck_ramps.capacity"


def lorries(**ship: Any) -> nfm.Scenario:
    """Twelve lorry loads by two trucks over one ramp, which loads two an hour."""
    ports = {"harbour": {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    flows = {"flow": one_ship("truck", 12, **ship)}
    return build_scenario(coast_data(flows=flows, places=ports, pools={"trucks": {"capacity": 2}}), coast())


def options(**more: Any) -> Options:
    return Options.model_validate(
        {
            "options": {
                "trucks": {"changes": {TRUCKS: "+10"}, "eur": 4e6},
                "ramp": {"changes": {RAMPS: "+5"}, "eur": 3e6},
                "crane": {"changes": {"places.harbour.cranes": 2}, "eur": 1e6},
                **more,
            }
        }
    )


def test_what_completes_each_other_is_bought_together_and_what_does_nothing_is_not() -> None:
    """With two trucks a second ramp gains little, with one ramp ten more trucks less than with six."""
    found = buy(lorries(), options(), budget=8e6, quantity="closure", confirming=16, jobs=1)
    assert found.best == ("trucks", "ramp")
    assert found.eur == 7e6
    assert found.together.estimate > 0
    assert found.gain.estimate == pytest.approx(found.singles.estimate + found.together.estimate)
    alone = dict(found.alone.select("option", "gain").rows())
    assert alone["crane"] == 0
    assert found.rivals.is_empty()
    assert found.tried == 4, "with the crane too there would be eight"


def test_what_does_nothing_alone_and_something_together_is_not_left_out() -> None:
    """A ramp and a gate behind it let two lorries an hour pass each: with two of both twelve pass in 3 h less."""
    gate = "places.harbour.gates"
    narrow = lorries().with_changes({gate: {"capacity": 1, "rate_per_h": 2}, TRUCKS: 30})
    wider = {
        name: {"changes": {path: "+1"}, "eur": 1e6} for name, path in (("ramp", RAMPS), ("gate", f"{gate}.capacity"))
    }
    shop = Options.model_validate({"options": wider})
    found = buy(narrow, shop, budget=2e6, quantity="closure", confirming=2, jobs=1)
    assert found.alone.select("option", "gain").rows() == [("ramp", 0.0), ("gate", 0.0)]
    assert (found.best, found.singles.estimate) == (("ramp", "gate"), 0)
    assert found.together.estimate == pytest.approx(3, abs=0.01)


def test_a_budget_is_kept_and_the_frontier_says_what_more_money_gives() -> None:
    dear = options(ramp={"changes": {RAMPS: "+5"}, "eur": 5e6})
    found = buy(lorries(), dear, budget=4e6, quantity="closure", confirming=2, jobs=1)
    assert found.best == ("trucks",)
    assert found.frontier["package"].to_list() == ["trucks", "trucks + ramp"]
    assert found.next.estimate > 0


def test_of_many_packages_cheap_ones_are_tried_that_gain_most_for_their_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three trucks for 9 M gain more than two for 3 M, and less than three times two."""
    monkeypatch.setattr(sys.modules["nfm_sim.decide.buy"], "MOST_SETS", 1)
    cheap = {name: {"changes": {TRUCKS: "+2"}, "eur": 3e6} for name in ("a", "b", "c")}
    shop = Options.model_validate({"options": {"dear": {"changes": {TRUCKS: "+3"}, "eur": 9e6}, **cheap}})
    found = buy(lorries(), shop, budget=9e6, confirming=2, jobs=1)
    assert found.alone["option"][0] == "dear"
    assert found.best == ("a", "b", "c")


def test_for_a_goal_the_chance_grows() -> None:
    goal = "P(closure <= 5 h) >= 0.9 and eur <= 7 M"
    found = buy(lorries(), options(), budget=99e6, goal=goal, confirming=16, jobs=1)
    assert (found.budget, found.best) == (7e6, ("trucks", "ramp"))
    assert (found.gain.estimate, found.gain.low > 0, found.gain.high) == (1.0, True, 1.0)


def test_an_option_is_there_when_it_has_come() -> None:
    """Ordered at hour 0, the trucks come after a day: the last loads are on their way by then, or not."""
    late = options(trucks={"changes": {TRUCKS: "+10"}, "eur": 4e6, "lead_days": 0.5})
    found = buy(lorries(), late, budget=4e6, quantity="closure", confirming=2, jobs=1)
    at_once = buy(lorries(), options(), budget=4e6, quantity="closure", confirming=2, jobs=1)
    assert 0 < found.gain.estimate < at_once.gain.estimate
    never = options(trucks={"changes": {TRUCKS: "+10"}, "eur": 4e6, "lead_days": 500})
    assert buy(lorries(), never, budget=4e6, quantity="closure", confirming=2, jobs=1).best == ("ramp",)


def test_packages_keep_what_options_ask() -> None:
    shop = Shop(
        lorries(),
        options(
            trucks={"changes": {TRUCKS: "+10"}, "eur": 4e6, "at_most": 2, "requires": ["ramp"]},
            other={"changes": {RAMPS: "+1"}, "eur": 1e6, "excludes": ["ramp"]},
        ),
    )
    found = {called(package) for package in shop.affordable(["trucks", "ramp", "other"], 11e6)}
    assert found == {"nothing", "ramp", "other", "trucks + ramp", "2 trucks + ramp"}
    assert shop.alone("trucks") == ("trucks", "ramp")
    assert shop.eur(("trucks", "trucks", "ramp")) == 11e6
    assert list(shop.larger(("other",), ["trucks"], 1e9)) == []
    assert set(shop.larger(NOTHING, ["trucks", "other"], 1e9)) == {("trucks", "ramp"), ("other",)}
    assert set(shop.exchanged(("ramp",), ["trucks", "ramp", "other"], 1e9)) == {("trucks", "ramp"), ("other",)}
    assert shop.made(("trucks", "trucks", "ramp")).pools["trucks"].capacity == 22
    assert shop.forks(("trucks", "trucks", "ramp")) == ()


def test_what_comes_under_way_is_a_change_of_that_hour_and_after_the_horizon_none() -> None:
    for days, hours in ((1 / 48, [0.5]), (9.5, [228.0]), (10, [])):
        late = options(trucks={"changes": {TRUCKS: "+10"}, "eur": 4e6, "lead_days": days})
        shop = Shop(lorries(), late)
        assert shop.made(("trucks",)).pools["trucks"].capacity == 2
        assert [(fork["at_h"], fork["changes"]) for fork in shop.forks(("trucks",))] == [
            (at_h, {TRUCKS: 12}) for at_h in hours
        ]


@pytest.mark.parametrize("hours", [0, -5.0, float("nan"), float("inf")])
def test_a_difference_that_does_not_matter_is_more_than_none(hours: float) -> None:
    with pytest.raises(InputError, match=r"buy: indifference .* must be a number above 0"):
        buy(lorries(), options(), budget=4e6, indifference=hours, jobs=1)


def test_where_nothing_is_to_gain_nothing_is_bought() -> None:
    """Of hours 0 without anything bought, half a percent is none."""
    found = buy(lorries(), options(), budget=8e6, quantity="detours.extra_h", confirming=16, jobs=1)
    assert (found.best, found.gain.estimate) == (NOTHING, 0)


def test_of_what_gains_as_much_the_cheapest_is_bought() -> None:
    """With twelve lorries each drives once: those of a charter besides are not needed, and another costs less."""
    charter = {"changes": {TRUCKS: "+2"}, "eur": 1e6}
    cheaper = {"changes": {TRUCKS: "+10"}, "eur": 3e6}
    shop = Options.model_validate(
        {"options": {"charter": charter, **options().model_dump(exclude_unset=True)["options"], "cheaper": cheaper}}
    )
    found = buy(lorries(), shop, budget=4e6, quantity="closure", confirming=16, jobs=1)
    assert (found.best, found.eur) == (("cheaper",), 3e6)
    assert found.frontier["package"][-1] == "ramp + cheaper"
    assert found.frontier["budget"].to_list() == [4e6, 14e6], "and ten million more"
    assert {"charter + cheaper", "trucks"} <= {*found.rivals["package"]}, "which differ in no replication"


@pytest.mark.parametrize("confirming", [0, -1])
def test_what_is_found_is_confirmed(confirming: int) -> None:
    with pytest.raises(ValueError, match="replications must be at least 1"):
        buy(lorries(), options(), budget=4e6, confirming=confirming, jobs=1)


def test_what_is_told_of_a_package_holds_together() -> None:
    """Four intervals: of the package, of its parts, of what it does beyond these, and of what more money gives. What
    differs by as much in each of 16 pairs may differ by none, or twice as much, where Wilson's bound leaves it."""
    only = Options.model_validate({"options": {"trucks": {"changes": {TRUCKS: "+10"}, "eur": 4e6}}})
    gain = buy(lorries(), only, budget=4e6, quantity="closure", confirming=16, jobs=1).gain
    hidden = wilson(0, 16, 1 - 0.05 / 4).high
    assert gain.high == pytest.approx(gain.estimate * (1 + hidden))
    assert gain.low == pytest.approx(gain.estimate * (1 - hidden))


@pytest.mark.parametrize("budget", [-1.0, float("nan"), float("inf")])
def test_a_budget_is_an_amount_of_money(budget: float) -> None:
    with pytest.raises(InputError, match=r"budget .* must be 0 or more"):
        buy(lorries(), options(), budget=budget, jobs=1)


def test_a_frontier_begins_with_as_many_budgets_for_nothing_as_it_takes() -> None:
    """By steps of ten million, 120 of them buy nothing; none has a bound, and the one that buys has."""
    dear = Options.model_validate({"options": {"trucks": {"changes": {TRUCKS: "+10"}, "eur": 1.2e9}}})
    frontier = buy(lorries(), dear, budget=1.21e9, confirming=16, jobs=1).frontier
    assert frontier["package"].to_list() == ["nothing"] * 119 + ["trucks"] * 3
    assert frontier["low"].null_count() == 119


def test_what_is_not_known_in_each_replication_is_no_quantity_to_buy_by() -> None:
    with pytest.raises(InputError, match="is not known in each replication with nothing"):
        buy(lorries().with_changes({"horizon_days": 1}), options(), budget=4e6, quantity="closure", jobs=1)


def test_a_table_says_the_same_as_a_file(tmp_path: Path) -> None:
    toml, table = tmp_path / "options.toml", tmp_path / "options.csv"
    toml.write_text(
        f'[options.trucks]\nchanges = {{ "{TRUCKS}" = "+10", "{RAMPS}" = "+5" }}\neur = 4e6\nat_most = 2\n'
        'excludes = ["crane"]\n[options.crane]\nchanges = { "places.harbour.cranes" = 2 }\neur = 1e6\nlead_days = 3\n'
    )
    table.write_text(
        f"option,changes,eur,at_most,excludes,lead_days\ntrucks,{TRUCKS} = +10; {RAMPS} = +5,4e6,2,crane,\n"
        "crane,places.harbour.cranes = 2,1e6,,,3\n"
    )
    assert read_options(toml, scenario=lorries()) == read_options(table, scenario=lorries())
    assert read_options(toml, scenario=lorries())["crane"].source == "notional"


def test_all_that_is_wrong_with_options_is_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text(
        f'[options.a]\nchanges = {{ "pools.truks.capacity" = "+10" }}\neur = 1\nrequires = ["d"]\n'
        f'[options.b]\nchanges = {{ "{TRUCKS}" = 3 }}\neur = 1\nat_most = 2\n'
        f'[options.c]\nchanges = {{ "{TRUCKS}" = 4 }}\neur = 1\n'
    )
    with pytest.raises(InputError) as caught:
        read_options(file, scenario=lorries())
    said = str(caught.value)
    assert all(words in said for words in ("no option of this file", "sets a value", "set by b too", "to add to"))


@pytest.mark.parametrize("added", ["+6O", "+10, pools.barges.capacity = +2", "-", "+nan", "+ 4"])
def test_what_is_added_is_a_number(added: str, tmp_path: Path) -> None:
    toml, table = tmp_path / "options.toml", tmp_path / "options.csv"
    toml.write_text(f'[options.a]\nchanges = {{ "{TRUCKS}" = "{added}" }}\neur = 1\n')
    table.write_text(f'option,changes,eur\na,"{TRUCKS} = {added}",1\n')
    for file in (toml, table):
        with pytest.raises(InputError, match=r'options.a.changes.* adds ".*" to pools.trucks.capacity; write a number'):
            read_options(file, scenario=lorries())


def test_a_quantity_of_what_the_scenario_has_none_of_is_refused_before_anything_is_tried() -> None:
    for quantity, said in (("demands_met.unmet", "asks for each plan, and"), ("closure[flaw]", "is no flow of")):
        with pytest.raises(InputError, match=said):
            buy(lorries(), options(), budget=1e6, quantity=quantity, jobs=1)
        with pytest.raises(InputError, match=said):
            buy_by_year(lorries(), options(), budgets={2027: 1e6}, quantity=quantity, jobs=1)


def test_the_shipped_options_fit_their_scenario() -> None:
    corps = nfm.read_scenario(nfm.example("corps_transit"))
    found = read_options(nfm.example("corps_options"), scenario=corps)
    assert len(found.options) == 12
    assert all(len(option.source) > 20 for option in found.options.values())


def test_a_search_that_was_killed_goes_on(tmp_path: Path) -> None:
    """Killed in the midst of its options, it makes the same choices again, of the replications that it finds."""
    asked: Any = {"budget": 8e6, "quantity": "closure", "confirming": 4, "jobs": 1, "out": tmp_path}
    reports: list[tuple[int, int]] = []

    def killed(progress: nfm.study.Progress) -> None:
        reports.append((progress.done, progress.asked))
        if len(reports) == 12:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        buy(lorries(), options(), progress=killed, **asked)
    found = buy(lorries(), options(), progress=lambda p: reports.append((p.done, p.asked)), **asked)
    assert reports[12] == reports[11], "what was done is not made again"
    assert found.gain == buy(lorries(), options(), **{**asked, "out": None}).gain
    assert "trucks + ramp" in nfm.open_comparison(tmp_path)


def test_what_is_wrong_with_options_is_said_by_the_command(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[options.a]\nchanges = { "pools.truks.capacity" = "+1" }\n')
    done = command("buy", nfm.example("allied_brigade"), "--options", wrong, "--budget", 1)
    assert (done.returncode, "options.a.eur" in done.stderr) == (2, True)


def test_where_packages_are_many_the_best_is_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two trucks more gain less for their money than ten; of twelve packages, which are too many, one is not tried."""
    monkeypatch.setattr(sys.modules["nfm_sim.decide.buy"], "MOST_SETS", 6)
    few = options(few={"changes": {TRUCKS: "+2"}, "eur": 1.5e6, "at_most": 2})
    found = buy(lorries(), few, budget=6e6, quantity="closure", confirming=8, jobs=1)
    assert (found.best, found.eur, found.tried) == (("trucks",), 4e6, 11)
    assert found.frontier["package"].to_list() == ["trucks", "trucks + ramp"]


@pytest.mark.long
def test_of_many_packages_those_that_are_likely_are_grown_and_exchanged() -> None:
    """Seven options that do nothing beside two that matter: more packages than are tried, and the best is found."""
    idle = {f"idle_{n}": {"changes": {"places.harbour.cranes": n + 2}, "eur": 1e5} for n in range(7)}
    idle |= {name: {**option, "excludes": [n for n in idle if n != name]} for name, option in idle.items()}
    extra = {f"ramp_{n}": {"changes": {RAMPS: "+1"}, "eur": 1e6} for n in range(7)}
    found = buy(lorries(), options(**idle, **extra), budget=8e6, quantity="closure", confirming=8, jobs=1)
    assert {"trucks"} <= {*found.best}
    assert found.eur <= 8e6
    assert found.tried < 100


def test_a_difference_of_half_a_percent_does_not_matter_when_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be less of it better, or more."""
    said: list[float] = []

    def selected(*asked: Any, indifference: float, **how: Any) -> Any:
        said.append(indifference)
        return select(*asked, indifference=indifference, **how)

    monkeypatch.setattr(sys.modules["nfm_sim.decide.buy"], "select", selected)
    for quantity in ("closure", "closure.closed_pieces", "P(closure <= 9 d)"):
        buy(lorries(), options(), budget=0, quantity=quantity, confirming=16, jobs=1)
    last_h = nfm.closure(nfm.simulate(lorries()))["last_h"][0]
    assert said == pytest.approx([0.005 * last_h, 0.005 * 12, 0.02])


def test_what_no_replication_has_is_no_gain_to_choose_by() -> None:
    """The gain in a percentile would be that in the mean, under another name."""
    with pytest.raises(InputError, match=r'buy: p90 "closure.last_h.p90" is no number of a replication; take closure'):
        buy(lorries(), options(), budget=4e6, quantity="closure.p90", jobs=1)

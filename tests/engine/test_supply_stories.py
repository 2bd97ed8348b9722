"""Supply: stories with exact hours of what is used, what comes, and who is no longer effective."""

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from nfm_sim import measures
from nfm_sim.compile import compile_scenario
from nfm_sim.engine.movement.mover import Movements
from nfm_sim.engine.supply.stocks import SupplyChain
from nfm_sim.engine.world import World
from nfm_sim.kinds import SupplyKind, extend
from nfm_sim.plan.draws import Stream
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship

SHUT = {"links": ["road1"], "start_h": 0, "duration_h": 120}
DRY = ["food", "equipment", "lubricants", "barrier", "personal", "mail"]
"""What makes 7.40 kg a person and day."""


def data(stocks: dict[str, Any], beyond_h: float = 0, **changes: Any) -> dict[str, Any]:
    """A brigade of 4,500 that is in place at hour 0, without pieces, in an area that lorries reach from the harbour in
    3 hours and those beyond the border; loading takes half an hour."""
    brigade = {"home": "barracks", "capability": "infantry", "tier": 1, "personnel": 4500, "destination": "east"}
    given: dict[str, Any] = {
        "activation": {"decision_h": 0, "integration_h": 0, "stages": {}},
        "elements": {"brigade": brigade},
        "supply": {"uses": ["food"], "stocks": {"depot": {"place": "harbour"}, **stocks}},
    }
    made = coast_data(**{**given, **changes})
    made["destinations"]["east"]["beyond_h"] = {"truck": beyond_h}
    return made


def area(**fields: Any) -> dict[str, Any]:
    return {"area": {"drawn_from": "depot", "destination": "east", **fields}}


def states(run: Any, name: str = "brigade") -> list[tuple[str, float, float]]:
    return run.duties.filter(pl.col("element") == name).select("state", "start_h", "end_h").rows()


def level(run: Any, holder: str, supply: str, hour: float) -> float:
    """Tonnes at an hour: those of the last row before, less what they fell since."""
    rows = run.levels.filter((pl.col("holder") == holder) & (pl.col("supply") == supply) & (pl.col("hour") <= hour))
    _, _, _, since, tonnes, falls, _ = rows.row(-1)
    return float(tonnes - falls / 24 * (hour - since))


# how much is used, and what carries it


def test_4500_people_use_33_tonnes_a_day_and_hold_7_lorries_in_the_mean(play: Any) -> None:
    """Out and back take 52 hours each, and 2 at the far end: of that the way here takes 3, loading half an hour."""
    stories = data(area(days=5), beyond_h=49, horizon_days=120, pools={"trucks": {"capacity": 50}})
    stories["supply"]["uses"] = DRY
    stories["movement"]["truck"]["turn_h"] = 2
    run = play(stories)
    used = run.levels.filter((pl.col("holder") == "brigade") & (pl.col("hour") == 0))["needs_t_a_day"].sum()
    assert used == pytest.approx(33.3, abs=0.05)
    assert used / 22 == pytest.approx(1.51, abs=0.005)
    held = run.holdings.filter((pl.col("pool") == "trucks") & (pl.col("start_h") > 240) & (pl.col("end_h") < 2880))
    hours = (held["end_h"] - held["start_h"]).unique().round(6).to_list()
    assert hours == [2 * 52 + 2 + 0.5], "half an hour of it is loaded"
    lorries = used / 22 / 24 * (2 * 52 + 2)
    assert lorries == pytest.approx(6.7, abs=0.02)
    between = [later - sooner for sooner, later in pairwise(sorted(held["start_h"]))]
    assert np.mean(between) == pytest.approx(22 / used * 24, rel=1e-3), "one sets out whenever a load is missing"


def test_an_ammunition_rate_is_the_smaller_of_what_is_required_and_allowed(play: Any) -> None:
    for allowed, tonnes in ((None, 18 * 1.56), (1000, 18.0), (5000, 18 * 1.56)):
        stories = data(area())
        stories["elements"]["brigade"]["weapons"] = 18
        factors = {} if allowed is None else {"controlled_kg_a_weapon_day": allowed}
        stories["supply"] |= {"uses": ["ammunition"], "classes": {"ammunition": factors}}
        needs = play(stories).levels.filter(pl.col("holder") == "brigade")["needs_t_a_day"]
        assert needs[0] == pytest.approx(tonnes)


def test_a_stock_is_empty_when_it_has_been_used_and_is_noticed_then(play: Any) -> None:
    """A day of shells for 18 guns, of 1.17 t an hour, which carry none."""
    stories = data(area(tonnes={"ammunition": 28.08}, days=1))
    stories["supply"] |= {"uses": ["ammunition"], "usual_days_carried": 0}
    stories["supply"]["stocks"]["depot"]["tonnes"] = {"ammunition": 0}
    stories["elements"]["brigade"]["weapons"] = 18
    run = play(stories)
    assert run.shortages.select("element", "start_h").rows() == [("brigade", pytest.approx(24, abs=1e-3))]


def test_pieces_use_fuel_and_an_element_may_say_what_it_uses_itself(play: Any) -> None:
    stories = data(area(), shares={"tracked": {"truck": 1.0}})
    stories["supply"] |= {"uses": ["fuel"], "classes": {"fuel": {"kg_a_piece_day": {"tracked": 100}}}}
    stories["elements"]["brigade"]["pieces"] = {"tracked": 20}
    of = pl.col("holder") == "brigade"
    assert play(stories).levels.filter(of)["needs_t_a_day"][0] == pytest.approx(2.0)
    stories["elements"]["brigade"]["supply_t_a_day"] = {"fuel": 7}
    assert play(stories).levels.filter(of)["needs_t_a_day"][0] == pytest.approx(7.0)


def test_a_regime_changes_what_is_used(play: Any) -> None:
    stories = data({"area": {"place": "harbour", "destination": "east", "tonnes": {"food": 100}}})
    stories["regimes"] = {"peace": {"supply_factor": {"food": 0}}, "war": {"supply_factor": {"food": 2}}}
    stories["timeline"] = [{"regime": "peace", "day": 0}, {"regime": "war", "day": 2}]
    run = play(stories)
    assert level(run, "area", "food", 48) == 100
    assert level(run, "area", "food", 72) == pytest.approx(100 - 2 * 4.5 * 2.495)
    rows = run.levels.filter(pl.col("holder") == "area")
    empty_h = pytest.approx(48 + 24 * 100 / (2 * 4.5 * 2.495), abs=1e-5)
    assert rows["hour"].to_list() == [0.0, 48.0, empty_h], "a row for each change, and none for the hours between"


def test_a_class_of_supply_of_ones_own_is_used_as_ours_are(play: Any) -> None:
    batteries = SupplyKind(name="batteries", meaning="For radios.", kg_a_person_day=2.0, stops_effect=True)
    with extend(batteries):
        stories = data({"area": {"place": "harbour", "destination": "east", "tonnes": {"batteries": 9}}})
        stories["supply"]["uses"] = ["batteries"]
        assert states(play(stories))[0] == ("serve", 0, 96), "a day of it, and three that are carried"


def test_an_order_goes_out_at_the_hour_at_which_a_load_is_missing(play: Any) -> None:
    stories = data(area(days=1), disruptions={"storm": SHUT})
    stories["elements"]["brigade"]["supply_t_a_day"] = {"food": 480}
    stories["supply"]["stocks"]["area"]["tonnes"] = {"food": 480}
    ordered = play(stories).deliveries["ordered_h"].unique().sort().head(4)
    assert ordered.to_list() == pytest.approx([1.1, 2.2, 3.3, 4.4], abs=1e-5), "22 t at 20 t an hour"


def test_what_nobody_draws_on_orders_nothing(play: Any) -> None:
    assert play(data(area(days=5), elements={})).deliveries.is_empty()


# who lacks it


def test_with_three_days_carried_and_the_road_shut_for_five_effect_is_lost_at_72_hours(play: Any) -> None:
    run = play(data(area(), disruptions={"storm": SHUT}))
    assert states(run)[:3] == [("serve", 0, 72), ("short of supply", 72, 123), ("serve", 123, 240)], "48 h and the way"
    assert run.shortages.rows() == [(0, "brigade", "food", 72.0, 123.0, True)]
    assert not run.levels.filter(pl.col("holder") == "area")["falls_t_a_day"].sum(), "it never has any"


def test_who_lived_on_what_was_carried_is_filled_again(play: Any) -> None:
    """A day of food lies there when the road is shut, and then three are carried."""
    stories = data(area(tonnes={"food": 4.5 * 2.495}), disruptions={"storm": SHUT})
    run = play(stories)
    assert states(run)[:3] == [("serve", 0, 96), ("short of supply", 96, 123), ("serve", 123, 240)]


def test_nothing_lacks_while_what_comes_is_enough(play: Any) -> None:
    run = play(data(area(days=2)))
    assert states(run) == [("serve", 0, 240)]
    assert run.shortages.is_empty()
    assert level(run, "brigade", "food", 200) == pytest.approx(3 * 4.5 * 2.495), "it stays full"


def test_what_does_not_stop_effect_lacks_in_silence_of_the_task(play: Any) -> None:
    stories = data({"area": {"place": "harbour", "destination": "east", "tonnes": {"mail": 0}}})
    stories["supply"]["uses"] = ["mail"]
    run = play(stories)
    assert states(run) == [("serve", 0, 240)]
    assert run.shortages.rows() == [(0, "brigade", "mail", 72.0, 240.0, False)]


def test_the_first_in_rank_is_filled_before_the_others(play: Any) -> None:
    stories = data(area(), disruptions={"storm": {"links": ["road1"], "start_h": 0, "duration_h": 120}})
    stories["supply"]["stocks"]["depot"]["tonnes"] = {"food": 22}
    second = {**stories["elements"]["brigade"], "tier": 2}
    stories["elements"] = {"second": second, "brigade": stories["elements"]["brigade"]}
    run = play(stories)
    assert [states(run, name)[1] for name in ("brigade", "second")] == [
        ("short of supply", 72, 123),
        ("short of supply", 72, 240),
    ]


def test_an_enabler_is_not_effective_while_it_lacks_supply(play: Any) -> None:
    """A headquarters that comes when its food has run out is effective when it has some."""
    stories = data(area(), disruptions={"storm": {"links": ["road1"], "start_h": 0, "duration_h": 120}})
    stories["supply"]["usual_days_carried"] = 1
    stories["elements"]["brigade"] |= {"partner": "a division", "partner_h": 48}
    run = play(stories)
    effective = run.spans.filter((pl.col("subject") == "brigade") & (pl.col("activity") == "effective"))
    assert effective["start_h"].to_list() == [123.0]
    waited = run.spans.filter((pl.col("subject") == "brigade") & (pl.col("cause") == "supply"))
    assert waited.select("start_h", "end_h").rows() == [(48.0, 123.0)]


# stocks that come from stocks


def test_a_stock_is_filled_from_another_in_its_lead_time(play: Any) -> None:
    stocks = {
        "corps": {"drawn_from": "depot", "destination": "east", "days": 10},
        "support": {"drawn_from": "corps", "lead_h": 24, "days": 0},
    }
    assert play(data(stocks, horizon_days=30)).levels.filter(pl.col("holder") == "depot").is_empty(), "not limited"
    run = play(data(stocks, horizon_days=30))
    came = run.deliveries.filter(pl.col("stock") == "support")
    assert (came["hour"] - came["sent_h"]).unique().to_list() == [24.0]
    assert run.deliveries.filter(pl.col("stock") == "corps")["movement"][0].startswith("corps/container/truck-")
    assert states(run) == [("serve", 0, 720)]
    stocks["support"]["lead_h"] = {"uniform": [10, 30]}
    came = play(data(stocks, horizon_days=30)).deliveries.filter(pl.col("stock") == "support")
    assert (came["hour"] - came["sent_h"]).n_unique() == came.height, "each with a draw of its own"


def test_a_depot_that_is_used_up_sends_no_more(play: Any) -> None:
    """It has three loads of 22 t, which last 5.88 days, and 3 are carried."""
    stories = data(area(days=5), horizon_days=30)
    stories["supply"]["stocks"]["depot"]["tonnes"] = {"food": 70}
    run = play(stories)
    assert run.deliveries["tonnes"].sum() == pytest.approx(66)
    assert level(run, "depot", "food", 0) in (70, pytest.approx(26)), "two loads are missing at once"
    assert states(run)[1][:2] == ("short of supply", pytest.approx(24 * (3 + 66 / 4.5 / 2.495), abs=1e-5))


def test_what_is_pushed_comes_each_day_whatever_is_used(play: Any) -> None:
    run = play(data(area(daily_t={"food": 11}), horizon_days=9))
    assert run.deliveries["ordered_h"].to_list() == [48.0, 96.0, 144.0, 192.0], "a load of 22 t every other day"


def test_what_is_reviewed_once_a_day_is_ordered_then(play: Any) -> None:
    depot = {"place": "harbour", "days": 5, "review_h": 24}  # which orders from nobody
    run = play(data({"depot": depot, **area(days=5, review_h=24)}, horizon_days=9))
    assert {hour % 24 for hour in run.deliveries["ordered_h"]} == {0.0}
    assert run.deliveries["movement"].n_unique() == run.deliveries.height, "each load has a name of its own"


def test_who_carries_nothing_is_fed_from_the_stock(play: Any) -> None:
    stories = data(area(days=5, tonnes={"food": 56}))
    stories["supply"]["usual_days_carried"] = 0
    run = play(stories)
    assert states(run) == [("serve", 0, 240)]
    assert run.deliveries.height > 2


def test_who_carries_nothing_lacks_it_until_the_first_load_is_there(play: Any) -> None:
    stories = data(area(days=5))
    stories["supply"]["usual_days_carried"] = 0
    assert states(play(stories)) == [("short of supply", 0, 3.5), ("serve", 3.5, 240)]


def test_who_is_supplied_as_soon_as_it_lacks_something_lacked_nothing(play: Any) -> None:
    stories = data({"area": {"drawn_from": "depot", "lead_h": 0, "days": 5}})
    stories["supply"]["usual_days_carried"] = 0
    stories["elements"]["brigade"]["supplied_from"] = "area"
    run = play(stories)
    assert (run.shortages.height, run.deliveries["hour"].min()) == (0, 0)
    assert states(run) == [("serve", 0, 240)]


def test_what_is_pushed_fills_loads_of_each_kind(play: Any) -> None:
    stories = data(area(daily_t={"food": 22, "ammunition": 6}), horizon_days=5)
    stories["supply"]["uses"] = ["food", "ammunition"]
    ordered = play(stories).deliveries.select("supply", "ordered_h").rows()
    assert sorted(ordered) == [
        ("ammunition", 48.0),
        ("ammunition", 96.0),
        ("food", 24.0),
        ("food", 48.0),
        ("food", 72.0),
        ("food", 96.0),
    ]


def test_who_is_withdrawn_draws_no_more_and_lacks_nothing(play: Any) -> None:
    """Short from hour 72 on, it is called away at 96; what it would have used lies in the stock when the road opens."""
    guard = {"priority": 1, "commitments": {"post": {"capability": "infantry", "from_day": 4}}}
    tasks = {"regional_plans": {"priority": 2}, "guard": guard}
    run = play(data(area(), disruptions={"storm": SHUT}, tasks=tasks))
    assert states(run)[:2] == [("serve", 0, 72), ("short of supply", 72, 96)]
    assert run.shortages.rows() == [(0, "brigade", "food", 72.0, 96.0, True)]
    last = run.levels.filter(pl.col("holder") == "brigade").row(-1, named=True)
    assert (last["hour"], last["falls_t_a_day"], last["needs_t_a_day"]) == (96.0, 0.0, 0.0)
    assert level(run, "area", "food", 240) == pytest.approx(run.deliveries["tonnes"].sum())


def test_loads_go_by_the_modes_in_their_shares(play: Any) -> None:
    stories = data(area(days=30, shares={"container": {"truck": 0.25, "train": 0.75}}), horizon_days=40)
    run = play(stories)
    by_mode = run.deliveries.join(run.subjects, left_on="movement", right_on="subject").group_by("mode")
    tonnes = dict(by_mode.agg(pl.col("tonnes").sum()).rows())
    assert tonnes["train"] / sum(tonnes.values()) == pytest.approx(0.75, abs=0.1)


def test_columns_that_rest_draw_on_a_support_centre_and_wait_for_what_it_lacks(play: Any) -> None:
    """Two columns of 20 take 1.5 t each at the halt; it has 2, and orders more when the second asks for it. Lorries
    are loaded from hour 12 on, three of them in an hour and a half, and drive two."""
    stocks = {
        "centre": {
            "place": "halt",
            "drawn_from": "depot",
            "destination": "halt",
            "tonnes": {"fuel": 2},
            "up_to_t": {"fuel": 4},
            "each_vehicle_kg": {"fuel": 75},
        }
    }
    stories = data(stocks, elements={}, flows={"flow": one_ship("column", 40)})
    stories["supply"] |= {"uses": ["fuel", "food"], "classes": {"fuel": {"load_t": 1}}}
    stories["destinations"]["halt"] = {"exits": {"truck": "halt"}}
    stories["places"] = {"halt": {"beds": 100}, "harbour": {"truck_ramps": {"capacity": 9, "open": ["12:00-24:00"]}}}
    stories["movement"]["column"]["rests"] = [
        {"activity": "overnight", "after_h": 2, "hours": 8, "facility": "beds", "per_vehicle": 1}
    ]
    run = play(stories)
    spans = run.spans.filter(pl.col("activity") == "overnight").sort("start_h")
    first, second, waits = spans.rows(named=True)
    assert (first["kind"], second["kind"]) == ("work", "work")
    assert (waits["kind"], waits["cause"]) == ("wait", "supply")
    assert waits["subject"] == second["subject"]
    assert waits["end_h"] == run.deliveries["hour"].min() == 15.5
    assert level(run, "centre", "fuel", 240) == 4, "what was owed is ordered too"


# against theory


def test_an_order_up_to_stock_agrees_with_theory(coast_network: Any) -> None:
    """(s, S) with Poisson demand of single units and a fixed lead time: the position is s+1 to S with equal chance, and
    a demand is met at once when that exceeds what was asked for in the lead time before."""
    per_h, lead_h, reorder, up_to, customers = 0.5, 12.0, 6, 10, 20_000
    shelf = {"drawn_from": "depot", "lead_h": lead_h, "tonnes": {"food": up_to}, "up_to_t": {"food": up_to}}
    levels = {"order_at_days": 0, "order_at_t": {"food": reorder}}
    stories = data({"shelf": {**shelf, **levels}}, elements={})
    stories["supply"]["classes"] = {"food": {"load_t": 1}}
    world = World(compile_scenario(build_scenario(stories, coast_network)), Stream.of(1))
    stock = SupplyChain(world, Movements(world)).stocks["shelf"]
    met = []

    def come() -> Any:
        for gap in np.random.default_rng(2).exponential(1 / per_h, customers):
            yield world.env.timeout(gap)
            met.append(stock.draw((0.0,), (1.0,)).triggered)

    world.env.process(come())
    world.env.run_to(1.2 * customers / per_h)
    theory = np.mean([poisson.cdf(position - 1, per_h * lead_h) for position in range(reorder + 1, up_to + 1)])
    assert np.mean(met) == pytest.approx(theory, abs=0.015)


# what cannot be


def test_a_stock_that_would_order_all_the_time_or_never_is_a_fault(coast_network: Any) -> None:
    stories = data(area())
    stories["supply"]["days_carried"] = {"food": 0}
    with pytest.raises(InputError, match="it would order all the time, or never"):
        build_scenario(stories, coast_network)


def test_more_loads_than_any_force_uses_are_a_fault(coast_network: Any) -> None:
    stories = data(area())
    stories["elements"]["brigade"]["supply_t_a_day"] = {"food": 1_000_000}
    with pytest.raises(InputError, match="454,545 loads of supply; at most 200,000"):
        build_scenario(stories, coast_network)


def test_paths_are_ordered_for_supply_too(play: Any) -> None:
    stories = data(area(days=5, shares={"container": {"train": 1.0}}))
    stories["movement"]["empties"] = True
    orders = measures.orders(play(stories)).filter(pl.col("mode") == "train")
    assert orders["loaded"].sum() > 0


@pytest.mark.parametrize(
    ("stocks", "key", "remedy"),
    [
        ({"area": {"destination": "east"}}, "supply.stocks.area", "must have a place, or a stock"),
        ({"area": {"drawn_from": "depott", "destination": "east"}}, "drawn_from", 'did you mean "depot"'),
        ({"area": {"drawn_from": "depot"}}, "supply.stocks.area", "must have either a destination or lead_h"),
        (
            {"a": {"drawn_from": "b", "lead_h": 1}, "b": {"drawn_from": "a", "lead_h": 1}},
            "drawn_from",
            "draws on this one in its turn",
        ),
        (area(tonnes={"mail": 3}), "tonnes.mail", "does not use"),
        (area(days=1, order_at_days=2), "supply.stocks.area", "no more days"),
        ({"area": {"drawn_from": "depot", "destination": "east", "review_h": 0.01}}, "review_h", "must be at least 1"),
        (area(tonnes={"foood": 3}), "tonnes", 'did you mean "food"'),
    ],
)
def test_what_does_not_fit_is_named(coast_network: Any, stocks: dict[str, Any], key: str, remedy: str) -> None:
    with pytest.raises(InputError) as error:
        build_scenario(data(stocks), coast_network)
    assert any(key in problem.key and remedy in problem.remedy for problem in error.value.problems), error.value


def two_of_one_stock(tiers: dict[str, int], **changes: Any) -> dict[str, Any]:
    """Two elements that use a tonne an hour, and carry a day of it. One load of 22 t comes at hour 20, and no more."""
    element = {"home": "barracks", "capability": "infantry", "destination": "east"}
    fed = {**element, "supplied_from": "area", "supply_t_a_day": {"food": 24}}
    stocks = {"depot": {"place": "harbour", "tonnes": {"food": 22}}}
    stocks["area"] = {"drawn_from": "depot", "lead_h": 20, "days": 1}
    made = data(stocks, elements={name: {**fed, "tier": tier} for name, tier in tiers.items()}, **changes)
    made["supply"]["usual_days_carried"] = 1
    return made


def test_what_comes_fills_the_more_urgent_first(play: Any) -> None:
    """Twenty tonnes of the second, which have been used, and two of the first."""
    run = play(two_of_one_stock({"first": 2, "second": 1}))
    assert sorted(run.shortages.select("element", "start_h").rows()) == [("first", 26), ("second", 44)]


def test_of_equals_what_comes_fills_who_has_enough_for_the_fewest_hours_first(play: Any) -> None:
    """The second, which fights, has nothing from hour 12 on; 22 t last for eleven hours."""
    fights = {"fight": {"elements": ["second"], "supply_factor": {"food": 2}}}
    run = play(two_of_one_stock({"first": 1, "second": 1}, postures=fights))
    rows = run.shortages.select("element", "start_h").rows()
    assert sorted(rows) == [("first", 24), ("second", 12), ("second", 31)]

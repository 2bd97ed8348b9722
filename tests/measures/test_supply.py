"""What supply answers, of the story with a storm: three days carried, and the road shut for five."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.record import Run
from nfm_sim.sentences.losses import supply_told
from tests.engine.test_supply_stories import area, data
from tests.measures.by_hand import reached, record, rows

STORM = {"storm": {"links": ["road1"], "start_h": 0, "duration_h": 120}}


@pytest.fixture
def hungry(play: Any) -> Any:
    """Short from hour 72 to 123, then three loads of 22 t of food until hour 240; 11.2275 t a day are used."""
    return play(data(area(), disruptions=STORM, pools={"trucks": {"capacity": 5}}))


def test_who_lacks_what_and_how_few_days_were_carried(hungry: Any) -> None:
    assert measures.supplied(hungry).rows() == [(0, "brigade", "food", pytest.approx(51 / 24), 72.0, 0.0)]


def test_the_fewest_days_are_those_before_something_comes(play: Any) -> None:
    """A load of half of what it orders up to is missing after 36 hours, and 3.5 later it is there."""
    least = measures.supplied(play(data(area())))["least_days"]
    assert least.to_list() == [pytest.approx(3 - 39.5 / 24)]


def test_days_of_supply_fall_between_two_rows(hungry: Any) -> None:
    table = measures.days_of_supply(hungry, 24).filter(pl.col("holder") == "brigade")
    assert table["days"].head(5).to_list() == pytest.approx([3, 2, 1, 0, 0])


def test_the_fewest_days_until_an_hour_stay_when_something_has_come(hungry: Any) -> None:
    least = measures.least_supply(hungry)
    assert least["supply"].unique().to_list() == ["food"]
    assert least["least_days"].to_list() == pytest.approx([3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    for days, until in ((1.0, 48), (2.0, 24), (2.5, 0), (0.0, 240)):
        had = measures.enough(hungry, days).filter(enough=1.0)
        assert had.group_by("supply").agg(pl.col("hour").max()).sort("supply").rows() == [
            ("all", until),
            ("food", until),
        ]


def test_a_class_that_is_used_later_begins_with_enough(play: Any) -> None:
    stories = data({"area": {"place": "harbour", "destination": "east", "tonnes": {"food": 1}}})
    stories["supply"]["uses"] = ["food", "fuel"]
    stories["elements"]["later"] = {"home": "barracks", "tier": 1, "destination": "east", "pieces": {"wheeled": 40}}
    stories["shares"] = {"wheeled": {"truck": 1.0}}
    stories["activation"]["decision_h"] = 100
    run = play(stories)
    least = measures.least_supply(run)
    had = measures.enough(run, 1.0).filter(hour=192.0)
    assert dict(had.select("supply", "enough").rows()) == {"all": 0.0, "food": 0.0, "fuel": 1.0}
    assert measures.enough(run, 1.0).filter(hour=24.0)["enough"].to_list() == [1.0] * 3, "nobody is there yet"
    fuel = least.filter(supply="fuel")["least_days"].to_list()
    assert fuel[:5] == [None] * 5
    assert fuel[-1] is not None


def test_what_is_missing_between_two_days_is_not_overlooked(play: Any) -> None:
    """A load comes after 39.5 hours, so that at hour 48 there is more again than before it came."""
    least = measures.least_supply(play(data(area())))["least_days"]
    assert least.to_list()[:4] == pytest.approx([3, 2, 3 - 39.5 / 24, 3 - 39.5 / 24])


def test_what_came_by_day_stands_beside_what_is_used(hungry: Any) -> None:
    table = measures.supply_by_day(hungry)
    nothing = table.filter(pl.col("hour") < 120)
    assert nothing.select("mode", "tonnes").unique().rows() == [("", 0.0)], "asked for every day, and nothing came"
    first = table.filter(pl.col("tonnes") > 0).row(0, named=True)
    assert (first["mode"], first["hour"], first["asked_t"]) == ("truck", 120.0, pytest.approx(11.2275))
    assert first["tonnes"] == pytest.approx(33.6825), "two loads, each of half of what it orders up to"


def test_effect_by_element_and_tier(hungry: Any) -> None:
    (row,) = measures.effect_by_element(hungry).rows(named=True)
    assert (row["in_place_days"], row["short_days"], row["broken_by"]) == (10.0, 51 / 24, "food")
    assert row["effective_days"] == 10 - 51 / 24
    assert measures.effect(hungry).select("tier", "effective_days").rows() == [(1, 10 - 51 / 24)]


def test_what_broke_it_is_a_class_that_stops_effect(play: Any) -> None:
    """Barrier material has an earlier name, and is lacking as long as food: nobody stops for it."""
    stories = data(area(), disruptions=STORM)
    stories["supply"]["uses"] = ["food", "barrier"]
    run = play(stories)
    assert run.shortages.select("supply", "stops_effect").sort("supply").rows() == [("barrier", False), ("food", True)]
    assert measures.effect_by_element(run)["broken_by"].to_list() == ["food"]
    table = measures.broken_by_day(run)
    assert table["supply"].unique().to_list() == ["food"]
    assert table.filter(pl.col("elements") > 0)["hour"].to_list() == [72.0, 96.0, 120.0]


def test_effective_strength_over_time(hungry: Any) -> None:
    table = measures.effective_strength(hungry, 24).select("hour", "in_place", "effective", "short")
    assert table.row(2) == (48.0, 1, 1, 0)
    assert table.row(3) == (72.0, 1, 0, 1)
    assert table.row(-1) == (240.0, 1, 1, 0)


def test_before_anybody_is_in_place_nobody_is_effective(play: Any) -> None:
    later = data(area(days=2), activation={"decision_h": 30, "integration_h": 0, "stages": {}})
    table = measures.effective_strength(play(later), 24).drop("replication")
    assert table.rows()[:3] == [(0.0, 0, 0, 0), (24.0, 0, 0, 0), (48.0, 1, 1, 0)]


def test_the_share_of_means_that_supply_took(hungry: Any) -> None:
    took = dict(measures.supply_of_means(hungry).select("pool", "supply_share").rows())
    assert took["trucks"] == 1.0


def test_the_task_sees_it(hungry: Any) -> None:
    filled = measures.commitments(hungry).filter(pl.col("task") == "regional_plans")["filled_share"]
    assert filled.to_list() == [pytest.approx(1 - 51 / 240)]


def test_it_is_said_in_sentences(hungry: Any, play: Any) -> None:
    lacks, took = supply_told(measures.summary(hungry)["supply"], 1)
    assert lacks.startswith("1 of 1 elements with supply were not effective for want of it, for 2.12 element-days")
    assert "the first on day 3.0, brigade" in lacks
    assert took == "Of all use of them, supply took most of trucks (100 %)."
    fed = supply_told(measures.summary(play(data(area(days=5))))["supply"], 1)
    assert fed[0] == "None of 1 elements with supply was ever without what it needs to be effective."
    assert supply_told(measures.summary(play(data({}, supply={})))["supply"], 1) == []


# of records written by hand


def by_hand() -> Run:
    """To hour 48: one element leaves at hour 24 with a day of what it uses, another is there from hour 12 on, half a
    tonne a day for it in the depot, and short from hour 36 on; a third is never effective, and uses nothing."""
    names = ("leaves", "stays", "alone")
    levels = rows(
        "holder supply hour tonnes falls_t_a_day needs_t_a_day",
        ("leaves", "food", 0.0, 4.0, 2.0, 2.0),
        ("leaves", "food", 24.0, 2.0, 0.0, 0.0),
        ("stays", "food", 12.0, 0.5, 0.5, 0.5),
        ("stays", "food", 36.0, 0.0, 0.0, 0.5),
        ("depot", "food", 12.0, 2.0, 0.5, 0.5),
        ("alone", "food", 0.0, 0.0, 0.0, 0.0),
    )
    duties = rows(
        "element commitment state start_h end_h",
        ("leaves", "offers", "serve", 0.0, 24.0),
        ("stays", "offers", "prepare", 0.0, 12.0),
        ("stays", "offers", "serve", 12.0, 36.0),
        ("stays", "offers", "short of supply", 36.0, 48.0),
        ("alone", "offers", "serve", 0.0, 48.0),
    )
    shortages = rows("element supply start_h end_h stops_effect", ("stays", "food", 36.0, 48.0, True))
    effective = reached("effective", (0, "leaves", 6.0), (0, "stays", 12.0))
    subjects = [
        *({"subject": name, "what": "element", "tier": 1} for name in names),
        {"subject": "load", "what": "supply"},
        {"subject": "lot", "what": "movement"},
    ]
    holdings = rows(
        "pool subject amount start_h end_h", ("trucks", "load", 2.0, 0.0, 3.0), ("trucks", "lot", 1.0, 0.0, 18.0)
    )
    return record(
        horizon_h=48, levels=levels, duties=duties, shortages=shortages, spans=effective, subjects=subjects,
        holdings=holdings,
    )  # fmt: skip


def test_who_leaves_with_some_never_lacked_it() -> None:
    told = measures.supplied(by_hand()).drop("replication").rows()
    assert told == [("leaves", "food", 0.0, None, 1.0), ("stays", "food", 0.5, 36.0, 0.0)]
    assert measures.least_supply(by_hand())["least_days"].to_list() == [2.0, 0.5, 0.0]


def test_the_fewest_days_are_those_just_before_a_delivery() -> None:
    """Of a tonne half is left after a day, which is enough for another; then 8.5 t come."""
    levels = rows(
        "holder supply hour tonnes falls_t_a_day needs_t_a_day",
        ("one", "food", 0.0, 1.0, 0.5, 0.5),
        ("one", "food", 24.0, 9.0, 0.5, 0.5),
    )
    run = record(horizon_h=48, levels=levels, subjects=rows("subject what", ("one", "element")))
    assert measures.supplied(run)["least_days"].to_list() == [1.0]
    assert measures.least_supply(run)["least_days"].to_list() == [2.0, 1.0, 1.0]


def test_days_of_supply_are_those_left_since_the_level_was_noted() -> None:
    told = measures.days_of_supply(by_hand(), 24).drop("replication", "supply").rows()
    assert told == [
        *(("alone", hour, 0.0, None) for hour in (0.0, 24.0, 48.0)),
        *[("depot", 24.0, 1.75, 3.5), ("depot", 48.0, 1.25, 2.5)],
        *[("leaves", 0.0, 4.0, 2.0), ("leaves", 24.0, 2.0, None), ("leaves", 48.0, 2.0, None)],
        *[("stays", 24.0, 0.25, 0.5), ("stays", 48.0, 0.0, 0.0)],
    ]


def test_a_day_without_a_delivery_is_told_of_stocks_that_are_drawn_on() -> None:
    """To the depot 3 t come by lorry at hour 5 and 1 t at 7, and a tonne by its own means on the third day; from hour
    12 on half a tonne a day is asked for. Of fuel nobody asks for any."""
    levels = rows(
        "holder supply hour tonnes falls_t_a_day needs_t_a_day",
        ("depot", "food", 0.0, 2.0, 0.0, 0.0),
        ("depot", "food", 12.0, 2.0, 0.5, 0.5),
        ("depot", "fuel", 0.0, 2.0, 0.0, 0.0),
    )
    deliveries = rows(
        "stock supply movement hour tonnes",
        ("depot", "food", "x", 5.0, 3.0),
        ("depot", "food", "x", 7.0, 1.0),
        ("depot", "food", "", 50.0, 1.0),
        ("depot", "fuel", "x", 5.0, 9.0),
    )
    subjects = rows("subject what mode", ("x", "supply", "truck"))
    run = record(horizon_h=72, levels=levels, deliveries=deliveries, subjects=subjects)
    assert measures.supply_by_day(run).drop("replication", "stock").rows() == [
        ("food", "truck", 0.0, 4.0, 0.0),
        ("food", "", 24.0, 0.0, 0.5),
        ("food", "", 48.0, 1.0, 0.5),
        ("food", "", 72.0, 0.0, 0.5),
        ("fuel", "truck", 0.0, 9.0, 0.0),
    ]


def test_who_has_no_enablers_is_in_place_and_not_effective() -> None:
    told = measures.effect_by_element(by_hand()).drop("replication").rows()
    assert told == [
        ("alone", 2.0, 0.0, 0.0, None, None),
        ("leaves", 1.0, 0.75, 0.0, None, None),
        ("stays", 1.5, 1.0, 0.5, 36.0, "food"),
    ]
    assert measures.effect(by_hand()).drop("replication").rows() == [(1, 4.5, 1.75, 0.5)]


def test_effective_strength_counts_who_is_there_to_the_horizon() -> None:
    told = measures.effective_strength(by_hand(), 12).drop("replication").rows()
    assert told == [(0.0, 2, 0, 0), (12.0, 3, 2, 0), (24.0, 2, 1, 0), (36.0, 2, 0, 1), (48.0, 2, 0, 1)]


def test_what_stops_one_does_so_from_its_hour_until_its_end_or_at_the_horizon() -> None:
    told = measures.broken_by_day(by_hand(), 12).drop("replication", "supply").rows()
    assert told == [(0.0, 0), (12.0, 0), (24.0, 0), (36.0, 1), (48.0, 1)]
    brief = record(
        horizon_h=48, shortages=rows("element supply start_h end_h stops_effect", ("one", "food", 12.0, 24.0, True))
    )
    assert measures.broken_by_day(brief, 12)["elements"].to_list() == [0, 1, 0, 0, 0]


def test_the_share_of_supply_is_of_amounts_times_hours() -> None:
    assert measures.supply_of_means(by_hand())["supply_share"].to_list() == [6 / 24]


def test_in_short_half_a_day_counts() -> None:
    told = measures.supply.supply_in_short(by_hand())
    assert (told["elements"], told["short_elements"], told["short_days"]) == (2, 1, 0.5)
    assert (told["first"], told["first_short_h"], told["took"]) == ("stays", 36.0, {"trucks": 0.25})


def test_a_day_is_enough_when_nothing_is_said() -> None:
    assert measures.enough(by_hand()).filter(supply="food")["enough"].to_list() == [1.0, 0.0, 0.0]
    half = measures.enough(by_hand(), 0.5 + 1e-12).filter(supply="food")["enough"].to_list()
    assert half == [1.0, 1.0, 0.0], "what rounding takes is not missing"


def test_of_two_shortages_the_first_is_told_and_of_two_classes_as_long_the_first_by_name() -> None:
    """In the first of two replications fuel is lacking for an hour from hour 10 on, and food from hour 30 on."""
    levels = rows("replication holder supply hour tonnes falls_t_a_day needs_t_a_day", *(
        (number, "one", supply, 0.0, 9.0, 1.0, 1.0) for number in (0, 1) for supply in ("food", "fuel")
    ))  # fmt: skip
    duties = rows(
        "element commitment state start_h end_h",
        ("one", "offers", "serve", 0.0, 10.0),
        ("one", "offers", "short of supply", 10.0, 11.0),
        ("one", "offers", "serve", 11.0, 30.0),
        ("one", "offers", "short of supply", 30.0, 31.0),
    )
    shortages = rows(
        "element supply start_h end_h stops_effect",
        ("one", "fuel", 10.0, 11.0, True),
        ("one", "food", 30.0, 30.5, True),
        ("one", "food", 30.5, 31.0, True),
    )
    subjects = rows("replication subject what tier", (0, "one", "element", 1), (1, "one", "element", 1))
    run = record(horizon_h=48, levels=levels, duties=duties, shortages=shortages, subjects=subjects)
    told = measures.effect_by_element(run).row(0, named=True)
    assert (told["first_short_h"], told["broken_by"]) == (10.0, "food")
    longer = rows("element supply start_h end_h stops_effect", ("one", "fuel", 40.0, 41.0, True))
    lacks = record(horizon_h=48, duties=duties, shortages=[*shortages, *longer], subjects=subjects)
    assert measures.effect_by_element(lacks)["broken_by"].to_list() == ["fuel"], "two hours, and one of food"
    lacked = measures.supplied(run).filter(replication=0).select("supply", "short_days", "first_short_h").rows()
    assert lacked == [("food", 1 / 24, 30.0), ("fuel", 1 / 24, 10.0)]
    trucks = rows(
        "replication subject pool amount start_h end_h",
        *((n, who, "trucks", 1.0, 0.0, 6.0) for n, who in ((0, "food"), (1, "lot"))),
    )
    loads = rows("replication subject what", (0, "food", "supply"), (1, "lot", "movement"))
    fell = rows(
        "replication element attrition hour fit near away lost",
        (0, "one", "wounded", 0.0, 10.0, 0.0, 0.0, 0.0),
        (0, "one", "wounded", 24.0, 8.0, 2.0, 0.0, 0.0),
    )
    once = record(horizon_h=48, subjects=subjects + loads, holdings=trucks, strengths=fell)
    told = measures.supply.supply_in_short(once)
    assert told["took"] == {"trucks": 0.5}, "all of them in one of two replications"
    assert told["fallen"] == [("wounded", 1.0, pytest.approx(0.9))], "two in one of two replications"
    short = measures.supply.supply_in_short(run)
    assert short["elements"] == 1, "in each of two replications"
    assert (short["short_elements"], short["short_days"]) == (0.5, pytest.approx(1 / 24))

"""What a change does, told of numbers alone: more or less is better, an open bound, all equal, few replications."""

from typing import Any

import pytest

from nfm_sim.measures.columns import HOUR, SHARE, Column
from nfm_sim.sentences.effects import Effect, buy_first, differences

READY = "the share ready by its deadline"
LAST = "the last piece"
BARE = Column()
COUNT, DAYS = Column(together="sum"), Column("days")
LOST_HOURS = Column("h", better="less", together="sum")


def effect(column: Column, difference: float | None, *bounds: float | None, **more: Any) -> Effect:
    low, high = bounds or (None, None)
    given = {"change": "new", "of": "tier 3", "words": READY if column is SHARE else LAST, **more}
    return Effect(column=column, difference=difference, low=low, high=high, **given)


def test_more_is_better() -> None:
    gain = effect(SHARE, 0.2, 0.1, 0.3, before=0.5, after=0.7)
    loss = effect(SHARE, -0.2055, -0.213, -0.161, before=0.911, after=0.7055, of="tier 2")
    assert differences([gain, loss], "old", 48) == [
        "new, tier 2: the share ready by its deadline is 20.5 points less than in old (16.1 to 21.3): 70.5 "
        "% in place of 91.1 %, which is worse.",
        "new, tier 3: the share ready by its deadline is 20 points more than in old (10 to 30): 70 % in "
        "place of 50 %, which is better.",
    ]


def test_less_is_better_and_hours_come_earlier_or_later() -> None:
    sooner = effect(HOUR, -5.625, -5.8, -5.4, before=55.5, after=49.9)
    later = effect(HOUR, 60.0, 12.0, 96.0, before=48.0, after=108.0, change="one escort")
    assert differences([sooner, later], "old", 48) == [
        "one escort, tier 3: the last piece is 2.5 days later than in old (0.5 to 4): day 4.5 in place of day 2.0, "
        "which is worse.",
        "new, tier 3: the last piece is 5.62 h earlier than in old (5.4 to 5.8): day 2.1 in place of day 2.3, which is "
        "better.",
    ]
    [waits] = differences([effect(LOST_HOURS, -30, -40, -20, before=100, after=70, words="waits.hours")], "old", 8)
    assert "is 30 h less than in old (20 to 40): 2.92 days in place of 4.17 days, which is better." in waits


def test_neither_way_is_better_of_what_nobody_declared() -> None:
    [said] = differences([effect(BARE, 3, 1, 5, before=1, after=4, words="trains")], "old", 8)
    assert said == "new, tier 3: trains is 3 more than in old (1 to 5): 4 in place of 1."


def test_an_open_bound_is_said() -> None:
    [said] = differences([effect(HOUR, 10.0, 4.0, None)], "old", 8)
    assert said == "new, tier 3: the last piece is 10 h later than in old (4 at least), which is worse."
    [said] = differences([effect(HOUR, -10.0, None, -4.0)], "old", 8)
    assert said == "new, tier 3: the last piece is 10 h earlier than in old (4 at least), which is better."
    assert differences([effect(HOUR, 10.0, None, 14.0)], "old", 8) == [
        "Nothing is sure to differ from old.",
        "1 difference cannot be told from chance.",
    ]


def test_all_equal_is_counted_apart_from_chance() -> None:
    same = effect(HOUR, 0.0, 0.0, 0.0)
    assert differences([same] * 40, "old", 48) == [
        "Nothing differs from old.",
        "40 differences are 0 in each of 48 pairs of replications.",
    ]
    counted = effect(HOUR, 0.0, differing=0, differing_high=0.074)
    assert differences([counted], "old", 48)[1] == (
        "1 difference is 0 in each of 48 pairs of replications, which hides none that shows in more than 7 % of them."
    )
    assert differences([same] * 40 + [effect(HOUR, 1.0, -1.0, 2.0)] * 22, "old", 48) == [
        "Nothing is sure to differ from old.",
        "22 differences cannot be told from chance.",
        "40 differences are 0 in each of 48 pairs of replications.",
    ]
    cancels = effect(HOUR, 0.0, -1.0, 1.0, differing=12)
    assert differences([cancels], "old", 48)[1] == "1 difference cannot be told from chance."


def test_few_replications_give_no_bounds_and_are_told() -> None:
    assert differences([effect(HOUR, -5.0)] * 2, "old", 1) == [
        "Nothing is sure to differ from old.",
        "2 differences show in too few replications to say how sure.",
    ]
    assert differences([effect(HOUR, -0.1, differing=1)], "old", 48)[1] == (
        "1 difference shows in too few replications to say how sure."
    )
    assert differences([effect(HOUR, None)], "old", 8) == [
        "Nothing is sure to differ from old.",
        "1 difference cannot be known, as not every replication got so far.",
    ]
    twice = effect(HOUR, None, differing=0, reached=0)
    assert differences([twice], "old", 8)[1:] == ["1 difference cannot be known, as not every replication got so far."]
    assert differences([], "old", 8) == []


def test_what_no_longer_comes_within_the_horizon_is_no_unknown_difference() -> None:
    lost = effect(HOUR, None, before=100.0, reached=0.292)
    won = effect(HOUR, None, after=100.0, reached=0.9)
    assert differences([won, lost], "old", 48) == [
        "new, tier 3: the last piece comes within the horizon in 29 % of replications, with old in all, which is "
        "worse.",
        "new, tier 3: the last piece comes within the horizon in all replications, with old in 90 %, which is better.",
    ]
    assert differences([effect(SHARE, None, before=0.5, reached=0.5)], "old", 8)[1].endswith("got so far.")


def test_the_largest_of_whole_tiers_and_flows_come_first_whatever_their_unit() -> None:
    small = effect(HOUR, -0.4, -0.5, -0.3, before=514, after=513.6, of="a")
    large = effect(SHARE, -0.2, -0.3, -0.1, before=0.9, after=0.7, of="b")
    unit = effect(SHARE, -1.0, -1.0, -0.9, before=1, after=0, of="c", whole=False)
    told = differences([unit, small, large], "old", 48)
    assert [line[5] for line in told] == ["b", "a", "c"]
    many = differences([unit] * 15, "old", 48)
    assert len(many) == 11
    assert many[-1] == "5 more differences can be told from chance."


def price(capacity: str, column: Column, difference: float | None, *bounds: float | None) -> Effect:
    return effect(column, difference, *bounds, change=f"{capacity} (+1)", of="")


@pytest.mark.parametrize(("column", "sign", "way"), [(SHARE, 1, "29.4 points more"), (HOUR, -1, "0.294 h earlier")])
def test_what_gains_is_bought_first_whichever_way_is_better(column: Column, sign: int, way: str) -> None:
    helps = price("bays", column, sign * 0.294, *sorted((sign * 0.19, sign * 0.39)))
    harms = price("tracks", column, -sign * 0.1, *sorted((-sign * 0.05, -sign * 0.2)))
    told = buy_first([harms, helps])
    assert told[0].startswith("What to buy first, by what it does to the ")
    assert f": bays (+1), {way} (" in told[0]
    assert "tracks" not in told[0]
    assert told[1].startswith("Surely worse: tracks (+1), ")


def test_the_second_gain_is_named_too_and_whether_the_order_is_sure() -> None:
    first, second = price("a", HOUR, -98, -110, -85), price("b", HOUR, -2, -3, -1)
    assert buy_first([first, second]) == [
        "What to buy first, by what it does to the last piece: a (+1), 4.08 days earlier (3.54 to 4.58), b (+1), 2 h "
        "earlier (1 to 3)."
    ]
    assert buy_first([first, price("c", HOUR, -90, -100, -80)])[1] == (
        "Which of them gains most is not sure: their intervals overlap."
    )


def test_a_price_with_an_open_bound() -> None:
    assert buy_first([price("a", HOUR, -10, None, -4)]) == [
        "What to buy first, by what it does to the last piece: a (+1), 10 h earlier (4 at least)."
    ]


def test_prices_that_are_all_equal_or_of_few_replications_promise_nothing() -> None:
    nothing = "One more of any single capacity is not sure to gain anything in the last piece."
    assert buy_first([price("a", HOUR, 0, 0, 0), price("b", HOUR, 0, 0, 0)]) == [
        nothing,
        "2 of 2 that were tried changed nothing, in any replication.",
    ]
    assert buy_first([price("a", HOUR, -5)]) == [nothing]
    assert buy_first([price("a", HOUR, None)]) == [nothing]
    assert buy_first([]) == []


def test_the_first_is_held_against_fresh_replications() -> None:
    first = price("a", HOUR, -10, -12, -8)
    again = buy_first([first], price("a", HOUR, -7, -9, -5), 32)
    assert again[1] == "On 32 fresh replications, which did not choose it, a (+1) gives 7 h earlier (5 to 9)."
    again = buy_first([first], price("a", HOUR, -1, -3, 1), 32)
    assert again[1].endswith("a (+1) gives 1 h earlier (-1 to 3): that is not confirmed.")
    again = buy_first([first], price("a", HOUR, None), 32)
    assert again[1] == "On 32 fresh replications, which did not choose it, its gain is not known: not each got so far."


def test_days_are_hours_when_they_are_few() -> None:
    assert effect(DAYS, 0.25, 0.125, 0.5).told == "6 h more (3 to 12)"
    assert effect(DAYS, 3, 2, 4).told == "3 days more (2 to 4)"
    assert effect(COUNT, -1200, -1300, -1100).told == "1,200 less (1,100 to 1,300)"

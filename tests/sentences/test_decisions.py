"""What reaches a goal, told of numbers alone."""

from nfm_sim.measures import COLUMNS
from nfm_sim.sentences.answers import (
    Bounds,
    best_told,
    chance_told,
    need_told,
    next_told,
    purchase_told,
    regret_told,
    rivals_told,
)
from nfm_sim.sentences.effects import Effect

SO_MANY = "The flow closes in 90 % of 64 replications (95 % interval 80 % to 95 %)."


def test_a_chance_holds_surely_surely_not_or_cannot_be_told() -> None:
    found = Bounds(0.9, 0.8, 0.95)
    assert chance_told("The flow closes", found, 64, 64, None) == [SO_MANY]
    for least, told in (
        (0.8, "The goal holds: 80 % is asked for."),
        (0.81, "Whether the goal holds cannot be told from so few: 81 % is asked for."),
        (0.95, "Whether the goal holds cannot be told from so few: 95 % is asked for."),
        (0.96, "The goal does not hold: 96 % is asked for."),
    ):
        assert chance_told("The flow closes", found, 64, 64, least) == [SO_MANY, told]
    assert chance_told("It closes", Bounds(None, 0.2, 0.7), 10, 7, 0.75) == [
        "It closes: in 3 of 10 replications it is not known, as they end before; its chance is 20 % to 70 %.",
        "The goal does not hold: 75 % is asked for.",
    ]
    assert chance_told("It closes", Bounds(0.5), 1, 1, 0.5)[-1].startswith("Whether the goal holds cannot be told")


def test_what_more_money_gives() -> None:
    sooner = effect(-6, -7, -5)
    assert (
        next_told(10e6, "ramp", sooner) == "EUR 10 million more buy ramp: the last piece is 6 h earlier (5 to 7) again."
    )
    later = "EUR 10 million more, for ramp, are not sure to give more."
    assert next_told(10e6, "ramp", effect(-6, -13, 1)) == later
    assert next_told(10e6, "ramp", effect(6, 5, 7)) == later, "nor when it surely takes longer"
    assert next_told(10e6, "", effect(0, 0, 0)) == "EUR 10 million more buy nothing that gains more."


def effect(difference: float, low: float, high: float) -> Effect:
    column = COLUMNS["closure"]["last_h"]
    return Effect("", "", "the last piece", column, difference, low, high)


def test_sentences_say_how_sure_it_is() -> None:
    sure, less = Bounds(0.98, 0.93, 1.0), Bounds(0.5, 0.4, 0.6)
    assert need_told("6 trucks", sure, less, 100, 0.9, 5, is_sure=True) == [
        "With 6 trucks the goal holds in 98 % of 100 fresh replications (93 % to 100 %): it is the least that "
        "suffices; with one less 50 % (40 % to 60 %)."
    ]
    (open_end,) = need_told("6 trucks", sure, Bounds(0.9, 0.85, 0.95), 100, 0.9, 3, is_sure=True)
    assert open_end.endswith(
        "Whether less does cannot be told: with one less 90 % (85 % to 95 %). With 3 the goal surely does not hold."
    )
    (alike,) = need_told("6 trucks", sure, None, 100, 0.9, 3, is_sure=True)
    assert alike.endswith("Whether less does cannot be told. With 3 the goal surely does not hold.")
    (nothing_less,) = need_told("6 trucks", sure, None, 100, 0.9, None, is_sure=True)
    assert nothing_less.endswith("it suffices, and of nothing less that was tried is it sure that it does not.")
    (unsure,) = need_told("6 trucks", Bounds(0.9, 0.85, 0.95), less, 100, 0.9, 3, is_sure=False)
    assert "not sure that this suffices" in unsure
    assert need_told("", less, None, 64, 0.9, None, is_sure=False) == [
        "Not even the most suffices: 50 % of 64 replications (40 % to 60 %)."
    ]


def test_sentences_say_what_completes_what_and_what_is_not_sure() -> None:
    gain, parts = effect(-6, -7, -5), effect(-4, -5, -3)
    told = purchase_told("a + b", 7e6, gain, parts, effect(-2, -3, -1), 64)
    assert told[0].startswith("Buy a + b for EUR 7 million: the last piece is 6 h earlier (5 to 7) than with nothing")
    assert "complete each other" in told[1]
    assert "replace each other in part" in purchase_told("a + b", 7e6, gain, parts, effect(2, 1, 3), 64)[1]
    assert "cannot be told from the package" in purchase_told("a + b", 7e6, gain, parts, effect(-2, -5, 1), 64)[1]
    (unsure,) = purchase_told("a", 7e6, effect(-6, -14, 2), parts, parts, 64)
    assert unsure.startswith("Nothing that can be bought surely gains")
    assert "a; b + c" in rivals_told(["a", "b + c"], 64)
    (one,) = purchase_told("a", 7e6, gain, gain, effect(0, 0, 0), 64)
    assert one.endswith("than with nothing, on 64 fresh replications.")
    worse = purchase_told("a", 7e6, effect(6, 5, 7), parts, parts, 64)
    assert worse == [
        "Nothing that can be bought surely gains: a, which did best, changes the last piece by 6 h later (5 to 7), on "
        "64 fresh replications."
    ]
    assert rivals_told([], 64).startswith("Each other package that was tried is surely worse")


def test_sentences_say_what_is_best_and_what_cannot_be_told() -> None:
    assert best_told("the last piece", ["wait", "divert"]) == (
        "Best in the last piece: wait; cannot be told from it: divert."
    )
    assert best_told("the last piece", ["wait"]) == "Best in the last piece: wait, surely."
    assert regret_told("wait", "wait", "mined 0.3") == "Least regret at most: wait, and by weights (mined 0.3) too."
    assert regret_told("wait", "go", "mined 0.3") == "Least regret at most: wait; by weights (mined 0.3) it is go."
    assert best_told("trains", []) == "Of trains neither more nor less is better in itself."

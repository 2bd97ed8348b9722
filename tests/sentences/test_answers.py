"""What a run or study answers, told of numbers alone."""

import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.scenario import build_scenario
from nfm_sim.sentences import answers
from nfm_sim.sentences.answers import Bounds
from tests.conftest import coast, coast_data, one_ship

UNKNOWN = Bounds(None)


def test_when_the_last_piece_is_over_the_border() -> None:
    hours = [48.0] * 20 + [60.0] * 20
    assert answers.last_piece("The flow", 40, hours, (48.0, 60.0), Bounds(54.0, 48.0, 60.0)) == (
        "The flow: with nine chances in ten the last piece is over the border between day 2.0 and day 2.5; in the "
        "middle it is day 2.2 (95 % interval 2.0 to 2.5)."
    )


def test_an_open_bound_of_the_middle() -> None:
    said = answers.last_piece("The flow", 40, [48.0] * 40, (48.0, 60.0), Bounds(54.0, 48.0, None))
    assert said.endswith("it is day 2.2 (95 % interval 2.0 at least).")
    said = answers.last_piece("The flow", 40, [48.0] * 40, (48.0, 60.0), Bounds(54.0, None, 60.0))
    assert said.endswith("it is day 2.2 (95 % interval 2.5 at most).")


def test_few_replications_promise_no_chances() -> None:
    assert answers.last_piece("The flow", 3, [48.0, 60.0, 50.0], (None, None), UNKNOWN) == (
        "The flow: the last piece is over the border between day 2.0 and day 2.5 in 3 of 3 replications; 40 "
        "can tell where nine in ten lie."
    )
    assert answers.last_piece("The flow", 1, [48.0], (None, None), UNKNOWN) == (
        "The flow: the last piece is over the border on day 2.0, in the one replication."
    )
    assert answers.last_piece("The flow", 3, [], (None, None), UNKNOWN) == (
        "The flow: not all of it is over the border within the horizon, in any replication."
    )


def test_all_equal() -> None:
    said = answers.last_piece("The flow", 40, [48.0] * 40, (48.0, 48.0), Bounds(48.0, 48.0, 48.0))
    assert "between day 2.0 and day 2.0; in the middle it is day 2.0 (95 % interval 2.0 to 2.0)." in said


def test_a_chance_and_a_share_are_two_sentences() -> None:
    assert answers.chance_on_time("The flow", Bounds(0.25, 0.11, 0.4)) == (
        "The flow: all of it is there by the day that is asked for with a chance of 25 % (11 % to 40 %)."
    )
    assert answers.pieces_on_time("The flow", Bounds(0.9, 0.89, 0.91)) == (
        "The flow: 90 % (89 % to 91 %) of its pieces are there by that day."
    )
    assert "(11 % at least)" in answers.chance_on_time("The flow", Bounds(0.25, 0.11, None))
    assert "(40 % at most)" in answers.chance_on_time("The flow", Bounds(0.25, None, 0.4))


def test_what_is_never_quite_certain_is_not_told_as_certain() -> None:
    assert "over 99 % (93 % to 100 %)" in answers.chance_on_time("The flow", Bounds(0.9999, 0.926, 1.0))
    assert "under 1 % (0 % to 7 %)" in answers.chance_on_time("The flow", Bounds(0.0001, 0.0, 0.07))


def test_readiness_by_a_deadline() -> None:
    assert answers.ready(1, Bounds(0.858, 0.834, 0.879), 204) == (
        "Of tier 1, 86 % (83 % to 88 %) of the elements are ready to move within 8.5 days of the order."
    )
    assert answers.ready(3, Bounds(None, 0.4, 0.7), 4320) == (
        "Of tier 3, 40 % to 70 % of the elements are ready to move within 180 days of the order: the horizon ends "
        "before it is known."
    )
    assert answers.ready(2, Bounds(0.5), 240) == (
        "Of tier 2, 50 % of the elements are ready to move within 10 days of the order."
    )


def test_where_the_delay_comes_from() -> None:
    assert answers.delay({"rules": 0.07, "means": 0.72, "tasks": 0.11, "ships": 0.1}) == [
        "The delay (piece-hours) comes from means (72 %), tasks (11 %), ships (10 %) and others (7 %)."
    ]
    assert answers.delay({"means": 1.0}) == ["The delay (piece-hours) comes from means (100 %)."]
    assert answers.delay({}) == []
    assert answers.held_up({"ramps": 1234.5}, 1) == [
        "What held pieces and elements up most (piece-hours): ramps (1,234)."
    ]
    assert answers.held_up({}, 8) == []
    assert answers.double_booked(810.4, "ukraine", "regional plans", 8) == (
        '810 element-days (mean over replications) are asked for by two tasks at once; most by "ukraine", of '
        'what "regional plans" has.'
    )


def test_whether_a_window_holds() -> None:
    def told(number: int, held: Bounds, slip_h: float | None, binds: str | None = "trucks") -> str:
        return answers.window("the brigade", 504.0, number, held, slip_h, binds)

    assert told(1, Bounds(1.0), 0.0, None) == "The window of the brigade, to day 21.0, holds."
    assert told(1, Bounds(0.0), 60.0) == (
        "The window of the brigade, to day 21.0, slips by 2.5 days; what holds it up most: trucks."
    )
    assert told(1, Bounds(0.0), None, None) == (
        "The window of the brigade, to day 21.0, is not kept within the horizon."
    )
    assert told(9, Bounds(0.25, 0.1, 0.5), 6.0) == (
        "The window of the brigade, to day 21.0 in the median, holds with a chance of 25 % (10 % to 50 %); in the "
        "middle it slips by 6 h; what holds it up most: trucks."
    )
    assert told(9, Bounds(1.0, 0.7, None), 0.0, None) == (
        "The window of the brigade, to day 21.0 in the median, holds with a chance of 100 % (70 % at least)."
    )


@pytest.mark.parametrize(
    ("chance", "on_time", "number", "told"),
    [
        (Bounds(None), 0, 8, "Nothing is asked for by a day."),
        (Bounds(1.0), 1, 1, "All that is asked for is there by its day, in the one replication; x."),
        (Bounds(0.0), 0, 1, "All that is asked for is not there by its day, in the one replication; x."),
        (
            Bounds(1.0, 0.83, 1.0),
            20,
            20,
            "All that is asked for is there by its day in each of 20 replications: a chance of 83 % at least; x.",
        ),
        (
            Bounds(0.0, 0.0, 0.17),
            0,
            20,
            "All that is asked for is there by its day in none of 20 replications: a chance of 17 % at most; x.",
        ),
        (Bounds(0.0), 0, 2, "All that is asked for is there by its day in none of 2 replications; x."),
        (
            Bounds(None, 0.2, 0.9),
            5,
            20,
            "Whether all that is asked for is there by its day is not known: the horizon ends before; x.",
        ),
        (
            Bounds(0.25, 0.11, 0.4),
            5,
            20,
            "All that is asked for is there by its day with a chance of 25 % (11 % to 40 %); x.",
        ),
        (
            Bounds(0.25, None, 0.4),
            5,
            20,
            "All that is asked for is there by its day with a chance of 25 % (40 % at most); x.",
        ),
        (Bounds(0.5), 1, 2, "All that is asked for is there by its day with a chance of 50 %; x."),
    ],
)
def test_whether_all_is_there_by_its_day(chance: Bounds, on_time: int, number: int, told: str) -> None:
    assert answers.all_there(chance, on_time, number, "; x") == told


@pytest.mark.parametrize(
    ("likely", "agrees", "range_"),
    [
        ((8.0, 10.0), True, ", 8 to 10"),
        ((20.0, 25.0), True, ", 20 to 25"),
        ((7.0, 9.9), False, ", 7 to 9.9"),
        ((20.1, 25.0), False, ", 20.1 to 25"),
        ((None, 30.0), True, ""),
        ((None, None), True, ""),
    ],
)
def test_the_model_agrees_with_a_record_where_they_overlap(
    likely: tuple[float | None, float | None], agrees: bool, range_: str
) -> None:
    """On record are 10 to 20; where so few replications give no range, their median counts."""
    said = answers.on_record_told("trains", (10, 20), 15, likely)
    which = "which agrees" if agrees else "which does not agree"
    assert said == f"trains: the model has 15{range_}; on record 10 to 20, {which}."
    assert answers.on_record_told("trains", (10, 20), 9, (None, None)).endswith("which does not agree.")


def test_a_flow_is_told_with_its_pieces_ports_days_modes_and_exits() -> None:
    both = one_ship("truck", 1200)
    both["shares"]["wheeled"] = {"train": 0.75, "truck": 0.25}
    both["ships"]["second"] = {"calls": [{"port": "harbour", "day": 2.5, "pieces": {"wheeled": 4}}]}
    at_home = {"place": "barracks", "day": 1, "pieces": {"wheeled": 2}}
    own = {"destination": "east", "shares": {"wheeled": {"truck": 1.0}}, "origins": {"depot": at_home}}
    scenario = build_scenario(coast_data(flows={"both": both, "own": own}), coast())
    assert list(answers.flows_asked(scenario, compile_scenario(scenario), str.upper)) == [
        ("both", "1,204 pieces in 2 ships over HARBOUR, day 0.0 to 2.5; 903 by train, 301 by truck; to BORDER"),
        ("own", "2 pieces over BARRACKS; 2 by truck; to BORDER"),
    ]

"""What a search promises, told of numbers alone."""

from nfm_sim.sentences.answers import Bounds, promise, target


def told(share: float, low: float | None, number: int = 240, fresh: bool = True, met: bool = False) -> str:
    return promise(21, 0.95, Bounds(share, low, 1.0), number, fresh=fresh, met=met)


def test_what_fresh_replications_confirm_is_promised_with_its_lower_bound() -> None:
    assert told(0.992, 0.9619, met=True) == (
        "Promised: closed by day 21 in over 99 % of 240 fresh replications, in 96.1 % at least; 95 % was asked for."
    )


def test_a_bound_below_what_was_asked_for_is_rounded_down_and_promises_nothing() -> None:
    assert told(0.97, 0.9499) == (
        "Not promised: closed by day 21 in 97 % of 240 fresh replications, in 94.9 % at least, though 95 % was asked "
        "for."
    )


def test_few_replications_cannot_show_it_even_when_all_agree() -> None:
    assert told(1.0, 0.676, number=8) == (
        "Not promised: closed by day 21 in 100 % of 8 fresh replications, in 67.6 % at least; 95 % was asked for, and "
        "so few replications cannot show it."
    )


def test_what_even_the_most_bookings_do_not_reach() -> None:
    assert told(0.0, 0.0, number=40, fresh=False) == (
        "Not promised: closed by day 21 in 0 % of 40 replications, though 95 % was asked for: bookings are not what "
        "holds it up."
    )


def test_an_open_bound() -> None:
    assert told(0.97, None).endswith("with a bound that is not known, though 95 % was asked for.")


def test_how_far_a_study_is_from_what_was_asked_of_it() -> None:
    assert target("closure ±6h", "flow", 1.02, None, unit="h", met=True) == "closure ±6h: met (flow, ±1.02 h)"
    assert target("closure ±6h", "flow", 60.0, 800, unit="h", met=False) == (
        "closure ±6h: not met (flow, ±2.5 days; likely 800 replications)"
    )
    assert target("ready ±3%", "1", 0.05, 90, unit="share", met=False).endswith(
        "(1, ±5 points; likely 90 replications)"
    )
    assert target("trains ±1", "", None, None, met=False) == (
        "trains ±1: not met (how sure is not known; likely very many replications)"
    )

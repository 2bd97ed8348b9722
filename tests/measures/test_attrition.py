"""What fell out of elements and what became of it, of records written by hand."""

import pytest

from nfm_sim import measures
from nfm_sim.record import Run
from tests.measures.by_hand import record, rows


def two_elements() -> Run:
    """Of 100 in place from hour 0 on 40 fall out at hour 60, of which 10 are lost and 20 come back at hour 120, when
    as many fall anew an hour later; of 20, in place from hour 140 on, none."""
    strengths = rows(
        "element attrition hour fit near away lost",
        ("large", "wounded", 0.0, 100, 0, 0, 0),
        ("large", "wounded", 60.0, 60, 10, 20, 10),
        ("large", "wounded", 120.0, 80, 10, 0, 10),
        ("large", "wounded", 121.0, 60, 10, 20, 10),
        ("small", "wounded", 140.0, 20, 0, 0, 0),
    )
    return record(horizon_h=240, strengths=strengths)


LARGE = (60 * 1.0 + 60 * 0.6 + 1 * 0.8 + 119 * 0.6) / 240


def test_what_fell_out_counts_as_often_as_it_did_and_what_is_fit_over_the_time_in_place() -> None:
    told = measures.fallen_by_element(two_elements()).drop("replication").rows()
    assert told == [("large", "wounded", 60, 10, pytest.approx(LARGE), 0.6), ("small", "wounded", 0, 0, 1.0, 1.0)]


def test_of_all_elements_each_weighs_by_its_number_and_its_time() -> None:
    all_of_it = measures.fallen(two_elements()).drop("replication").row(0)
    fit = (LARGE * 100 * 240 + 20 * 100) / (100 * 240 + 20 * 100)
    assert all_of_it == ("wounded", 60, 10, pytest.approx(fit))


def test_who_is_fit_is_told_from_the_first_hour_in_place_on() -> None:
    told = measures.availability(two_elements(), 60).drop("replication", "attrition").rows()
    assert told[:3] == [
        ("large", 0.0, 100, 0, 0, 0, 1.0),
        ("large", 60.0, 60, 10, 20, 10, 0.6),
        ("large", 120.0, 80, 10, 0, 10, 0.8),
    ]
    assert [row[:3] for row in told if row[0] == "small"] == [("small", 180.0, 20), ("small", 240.0, 20)]

"""The twenty seconds of fuzz that every change gets, and what longer searches found."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import corpus, oracle
from tests.fuzz.cases import (
    book_case,
    bytes_case,
    changes_case,
    data_case,
    forged_study_case,
    import_case,
    network_case,
    options_case,
    page_case,
    run_case,
    study_case,
)

# how many of each come to twenty seconds on one core
NUMBER = {
    data_case: 100,
    bytes_case: 40,
    network_case: 70,
    import_case: 40,
    study_case: 10,
    forged_study_case: 7,
    page_case: 20,
    book_case: 40,
    options_case: 15,
    changes_case: 50,
}


@pytest.mark.parametrize("case", NUMBER, ids=lambda case: case.__name__)
def test_spoiled_input_is_an_input_error_or_a_sound_run(case: Callable[[Random], str]) -> None:
    @settings(max_examples=NUMBER[case], deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.randoms(use_true_random=False))
    def hold(random: Random) -> None:
        assert case(random) in ("input error", "fine")

    hold()


@pytest.mark.parametrize("name", dict.fromkeys(name for name, _, _ in corpus.whole()))
def test_what_is_not_spoiled_is_sound(name: str) -> None:
    data, network = next((data, network) for known, data, network in corpus.whole() if known == name)
    seed = oracle.DRAWN - 1 if name == "everything" else 0
    assert oracle.try_data(data, network, seed) == "fine"


@pytest.mark.parametrize("seed", [2, 1034, 102109])
def test_what_was_found_stays_mended(seed: int) -> None:
    """Seeds of `python tests/fuzz/long.py --case SEED`, as long as the mutations stay as they are."""
    assert run_case(Random(seed))[1] in ("input error", "fine")

"""What two scenarios differ by: intervals of paired means, shares and quantiles, against known truths and by hand."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.intervals import (
    Sample,
    mean_difference,
    mean_interval,
    p_of_mean,
    quantile_difference,
    quantile_interval,
    rare_mean,
    wilson,
)


def sample(values, size: int = 1) -> Sample:  # type: ignore[no-untyped-def]
    return Sample(np.array(values, dtype=float), size)


def test_the_difference_of_quantiles_is_one_of_quantiles() -> None:
    """A closed berth holds ships that come from hour 60 to 120 until 120: nine in ten are in by 120 with it and by 90
    without it, though eight ships in twenty wait, and most not at all."""
    free = np.linspace(0, 100, 101)
    closed = np.where(free > 60, 120.0, free)
    for q, difference in ((0.1, 0), (0.5, 0), (0.9, -30)):
        found = quantile_difference(sample(closed), sample(free), q)
        assert found.estimate == pytest.approx(difference)
        assert found.low <= difference <= found.high
    assert quantile_difference(sample(closed), sample(free), 0.9).high < 0, "this is surely sooner"
    back = quantile_difference(sample(free), sample(closed), 0.9)
    ahead = quantile_difference(sample(closed), sample(free), 0.9)
    assert (back.low, back.high) == pytest.approx((-ahead.high, -ahead.low))


def test_a_quantile_that_jumps_has_the_jump_in_its_interval() -> None:
    """A gale in 5 of 48 replications, or in 4: whether nine in ten close before it, so few cannot tell."""
    before = np.where(np.arange(48) < 5, 120.0, 90.0)
    after = np.where(np.arange(48) < 4, 120.0, 90.0)
    found = quantile_difference(sample(before), sample(after), 0.9)
    assert found.low == -30
    assert found.high >= 0
    same = quantile_difference(sample(before), sample(before), 0.9)
    assert same.estimate == 0
    assert same.low < 0 < same.high, "no pair differs, and yet a gale less would"
    assert quantile_difference(sample(before), sample(after), 0.5).low == 0, "the median is far from both"


def test_a_quantile_of_too_few_has_no_bounds() -> None:
    x = np.arange(16.0)
    found = quantile_difference(sample(x), sample(x + 1), 0.9)
    assert found.estimate == 1
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_what_is_never_reached_is_later_than_all() -> None:
    """In one of three replications the flow never closes, before and after: its median is known, its p90 is not."""
    never = np.where(np.arange(90) % 3 == 0, np.inf, np.arange(90.0))
    found = quantile_difference(sample(never), sample(never - 5), 0.5)
    assert found.estimate == -5
    assert np.isfinite([found.low, found.high]).all()
    late = quantile_difference(sample(never), sample(never - 5), 0.9)
    assert np.isnan(late.estimate)
    assert (late.low, late.high) == (-np.inf, np.inf)


def test_paired_shares_have_tangos_interval() -> None:
    """Its bounds are what a score test just does not reject: with 9 pairs of 44 for the one and 3 for the other."""
    change = sample([1] * 9 + [-1] * 3 + [0] * 32)
    found = mean_difference(change, share=True)
    for bound, z in ((found.low, 1.959964), (found.high, -1.959964)):
        middle = 2 * 44 * bound - 12 - 6 * bound
        alone = (np.sqrt(middle**2 + 8 * 44 * 3 * bound * (1 - bound)) - middle) / (4 * 44)
        assert (6 - 44 * bound) / np.sqrt(44 * (2 * alone + bound * (1 - bound))) == pytest.approx(z, rel=1e-5)


@pytest.mark.parametrize("change", [[1.0] * 16, [-1.0] * 16, [0.0] * 16, [0.5] * 16, [0.0] * 15 + [0.5], [0.0, -1] * 8])
def test_differences_of_shares_are_possible_and_never_certain(change: list[float]) -> None:
    found = mean_difference(sample(change), share=True)
    assert -1 <= found.low < found.high <= 1
    assert found.low <= found.estimate <= found.high
    assert p_of_mean(sample(change)) >= 2**-15, "sixteen pairs can be no surer than sixteen coins"


def test_no_effect_in_any_pair_is_not_a_certain_zero() -> None:
    """A gain in 3 % of replications shows in none of 48 in one study of four."""
    none = mean_interval(sample([0.0] * 48))
    assert (none.estimate, none.low, none.high) == (0, -np.inf, np.inf)
    assert wilson(0, 48).high == pytest.approx(0.0741, abs=1e-4), "Wilson's upper bound of 0 of 48"
    one = mean_interval(sample([0.0] * 47 + [-8]))
    assert (one.low, one.high) == (-np.inf, np.inf), "how much it may be, one does not say"
    two = mean_interval(sample([0.0] * 46 + [-8, -4]))
    assert -2 < two.low < two.estimate < 0 < two.high < 1, "two say how much, and not yet that it is a gain"
    ten = mean_interval(sample([0.0] * 39 + [-8.0] * 9))
    assert ten.high < 0


def test_the_bounds_of_rare_events_of_one_size_are_those_of_a_count() -> None:
    """Of 9 events of weight 1 Fay and Feuer's bounds are Garwood's (1936): 4.115 and 17.085; of none, 0 and 3.689."""
    low, high = rare_mean(np.array([0.0] * 91 + [1] * 9), 0.0, 0.95)
    assert 100 * low == pytest.approx(9 - np.hypot(9 - 4.1154, 3.6889), abs=1e-3)
    assert 100 * high == pytest.approx(17.0848, abs=1e-3)


def test_what_all_pairs_agree_on_has_an_interval() -> None:
    """55 minutes less in all of 50: one in which nothing is gained, or twice as much, may come in up to 7 %."""
    found = mean_interval(sample([-5.5] * 50))
    reach = 5.5 * wilson(0, 50).high
    assert (found.estimate, found.low, found.high) == pytest.approx((-5.5, -5.5 - reach, -5.5 + reach))
    assert p_of_mean(sample([-5.5] * 50)) == pytest.approx(2**-49)
    assert p_of_mean(sample([0.0] * 50)) == 1


def test_blocks_that_agree_on_a_cause_of_two_values_do_not_hide_it() -> None:
    """A bridge is lost with a chance of 0.56, for 240 h: in each block of 16 nine times, and in some eight times."""
    lost = np.tile(np.arange(BLOCK) < 9, 6) * 240.0
    noise = np.random.default_rng(3).random(96)
    found = mean_interval(sample(lost + noise, BLOCK))
    assert found.low < 0.56 * 240 + 0.5 < found.high
    assert 0.3 < found.half_width / (240 / BLOCK) < 0.8, "about half of what one more in a block makes"


@pytest.mark.parametrize(("differing", "holds"), [(4, True), (5, True), (6, False)])
@pytest.mark.parametrize("share", [False, True])
def test_few_pairs_that_differ_are_not_told_from_none(differing: int, holds: bool, share: bool) -> None:
    """Five of twelve pairs that gain, and none that loses, come by chance in one case of 16; six in one of 32."""
    change = sample([0.0] * (12 - differing) + [1.0] * differing)
    bounds = mean_difference(change, share=share)
    assert bounds.estimate == pytest.approx(differing / 12)
    assert (bounds.low <= 0) == holds == (p_of_mean(change) >= 0.05)
    assert mean_difference(change, 0.8, share=share).low > 0, "with less confidence they are"


@given(st.lists(st.floats(0, 1), min_size=12, max_size=40), st.floats(0, 30))
@example([0.0] * 8 + [1.0] * 4, 0.0)
def test_a_p_value_says_what_the_interval_says(shares: list[float], less: float) -> None:
    """Below 0.05 where the interval of 95 % does not hold 0, and only there: of differences with a long tail too."""
    change = sample([-10 * math.log(1 - 0.99 * share) - less for share in shares])
    bounds = mean_difference(change)
    p = p_of_mean(change)
    assert (p < 0.05) == (bounds.low > 0 or bounds.high < 0) or p == pytest.approx(0.05, rel=0.02)


def test_a_median_differs_from_a_constant_as_surely_as_it_is_known() -> None:
    """What both move together and what they move apart make up what the one that moves is off."""
    still, moves = sample([0.0] * 51), sample([float(place) for place in range(51)])
    apart, alone = quantile_difference(still, moves, 0.5), quantile_interval(moves, 0.5)
    assert (apart.low, apart.high) == pytest.approx((alone.low, alone.high), abs=0.01)


def test_the_difference_of_a_low_quantile_is_that_of_a_high_one_mirrored() -> None:
    one = np.random.default_rng(1).gamma(2, 10, 200)
    other = one + 5
    low = quantile_difference(sample(one), sample(other), 0.1)
    high = quantile_difference(sample(-one), sample(-other), 0.9)
    assert (low.low, low.high) == pytest.approx((-high.high, -high.low))


@pytest.mark.parametrize(("pairs", "is_sure"), [(1, False), (2, False), (3, False), (5, False), (6, True)])
@pytest.mark.parametrize("share", [False, True])
def test_few_pairs_are_not_surely_to_one_side_though_all_are(pairs: int, is_sure: bool, share: bool) -> None:
    """Five that all gain come by chance in one case of 16, as five heads or five tails do; six in one of 32."""
    for change in (sample([1.0] * pairs), sample(np.linspace(0.98, 1, pairs))):
        assert (mean_difference(change, share=share).low > 0) == is_sure == (p_of_mean(change) < 0.05)

"""Intervals against known truths."""

import numpy as np
import pytest
from scipy import stats

from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.intervals import (
    FEWEST_BLOCKS,
    Sample,
    hidden_spread,
    mean_interval,
    quantile_interval,
    share_interval,
)
from tests.study.coverage import LAWS, MODELS, held, of_mean, students_t
from tests.study.last_step import KINDS, independent
from tests.study.last_step import coverage as coverage_of

REPEATS = 2_000
GAMMA = stats.gamma(4, scale=10)


def coverage(draw, interval, truth: float) -> float:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(20261124)
    return held((interval(Sample(draw(rng))) for _ in range(REPEATS)), truth)


@pytest.mark.parametrize(
    ("name", "draw", "interval", "truth"),
    [
        ("mean of normals", lambda rng: rng.normal(100, 15, 20), mean_interval, 100.0),
        ("mean of gammas", lambda rng: rng.gamma(4, 10, 100), mean_interval, 40.0),
        ("share", lambda rng: (rng.random(100) < 0.3).astype(float), share_interval, 0.3),
        ("small share", lambda rng: (rng.random(150) < 0.1).astype(float), share_interval, 0.1),
        ("share of shares", lambda rng: rng.binomial(12, 0.8, 60) / 12, share_interval, 0.8),
        ("median", lambda rng: rng.gamma(4, 10, 51), lambda x: quantile_interval(x, 0.5), GAMMA.median()),
        ("p90", lambda rng: rng.gamma(4, 10, 120), lambda x: quantile_interval(x, 0.9), GAMMA.ppf(0.9)),
        (
            "median of which a third is censored",
            lambda rng: np.where((x := rng.gamma(4, 10, 80)) > GAMMA.ppf(2 / 3), np.inf, x),
            lambda x: quantile_interval(x, 0.5),
            GAMMA.median(),
        ),
    ],
)
def test_a_95_percent_interval_holds_the_truth_in_95_percent(name, draw, interval, truth) -> None:  # type: ignore[no-untyped-def]
    assert 0.93 <= coverage(draw, interval, truth) <= 0.97, name


def test_the_coverage_test_can_fail() -> None:
    narrow = coverage(lambda rng: rng.normal(0, 1, 20), lambda x: mean_interval(x, 0.9), 0.0)
    assert narrow < 0.93


@pytest.mark.parametrize(
    ("law", "number", "least"),
    [
        ("lateness of ships", 5, 0.82),
        ("lateness of ships", 20, 0.93),
        ("lateness of ships", 50, 0.93),
        ("exponential", 20, 0.92),
        ("lognormal, sigma 1", 20, 0.89),
        ("lognormal, sigma 1", 100, 0.92),
        ("normal", 20, 0.935),
    ],
)
def test_a_skewed_mean_is_held_better_than_by_students_t(law: str, number: int, least: float) -> None:
    model, rng = LAWS[law], np.random.default_rng(1)
    truth = model.truth(lambda values: float(values.mean()))
    samples = [model.independent(rng, number) for _ in range(REPEATS)]
    ours, usual = (held(map(interval, samples), truth) for interval in (mean_interval, students_t))
    assert ours >= least
    assert ours >= usual - 0.01


@pytest.mark.parametrize("chance", [0.01, 0.05])
@pytest.mark.parametrize("number", [20, 50, 100])
def test_a_rare_event_is_held(chance: float, number: int) -> None:
    rng = np.random.default_rng(2)
    shares = (share_interval(Sample((rng.random(number) < chance).astype(float))) for _ in range(REPEATS))
    assert held(shares, chance) >= 0.9


@pytest.mark.parametrize("number", [48, 96])
@pytest.mark.parametrize("name", MODELS)
def test_intervals_of_stratified_replications_hold(name: str, number: int) -> None:
    model, rng = MODELS[name], np.random.default_rng(3)
    samples = model.stratified(rng, number, 200)
    mean = model.truth(lambda values: float(values.mean()))
    least = {"one ship": 0.84, "product of 4 lognormals": 0.87}.get(name, 0.9)  # of one heavy tail, blocks tell less
    assert held(map(of_mean(model), samples), mean) >= least
    for q in (0.5, 0.9):
        truth = model.truth(lambda values, q=q: float(np.quantile(values, q)))  # type: ignore[misc]
        assert held((quantile_interval(sample, q) for sample in samples), truth) >= 0.9


def test_stratified_replications_are_surer_of_what_owners_add() -> None:
    model, rng = MODELS["sum of the lateness of 6 ships"], np.random.default_rng(3)
    blocks = [mean_interval(sample) for sample in model.stratified(rng, 96, 100)]
    single = [mean_interval(model.independent(rng, 96)) for _ in range(100)]
    assert np.median([one.half_width for one in blocks]) < 0.5 * np.median([one.half_width for one in single])
    assert np.median([one.gain for one in blocks]) > 5
    assert np.isnan([one.gain for one in single]).all()


def test_an_event_on_which_blocks_agree_is_not_certain() -> None:
    """Of an event of 5 in 16 each block has 5; an event that is a little likelier would often show as much."""
    sample = Sample(np.tile(np.arange(BLOCK) < 5, 10).astype(float), BLOCK)
    found = share_interval(sample)
    assert found.estimate == 5 / 16
    assert 0.005 < found.half_width < 0.05


def test_rare_events_fall_back_on_single_replications() -> None:
    rare = np.zeros(BLOCK * 10)
    rare[3] = 1
    assert share_interval(Sample(rare, BLOCK)) == share_interval(Sample(rare))
    late = np.arange(BLOCK * 10.0)
    assert quantile_interval(Sample(late, BLOCK), 0.99) == quantile_interval(Sample(late), 0.99)


def test_only_whole_blocks_count_when_there_are_enough() -> None:
    values = np.arange(200.0)
    enough = FEWEST_BLOCKS * BLOCK
    whole = Sample.of(values[: enough + 5], range(enough + 5), "stratified")
    assert (len(whole.values), whole.size) == (enough, BLOCK)
    for few in (
        Sample.of(values[: enough - 1], range(enough - 1), "stratified"),
        Sample.of(values[:150], range(150), "independent"),
        Sample.of(values[:150], [*range(149), 180], "stratified"),
    ):
        assert few.size == 1
    later = Sample.of(values[:150], range(5, 155), "stratified")
    assert later.values[0] == BLOCK - 5, "the first whole block begins with replication 16"
    assert len(later.values) % BLOCK == 0


def test_the_exact_numbers_of_small_cases() -> None:
    mean = mean_interval(Sample(np.array([1.0, 2.0, 3.0])))
    assert mean.estimate == 2
    assert mean.half_width == pytest.approx(4.302652729911275 / np.sqrt(3))
    wilson = share_interval(Sample(np.array([1.0] * 8 + [0.0] * 2)))  # Wilson (1927): 8 of 10
    assert (wilson.low, wilson.high) == pytest.approx((0.4901624715, 0.9433178485))
    certain = share_interval(Sample(np.ones(20)))
    assert (certain.estimate, certain.high) == (1.0, 1.0)
    assert certain.low == pytest.approx(0.8388750644)
    agreed = share_interval(Sample(np.full(20, 0.75)))
    assert (agreed.low, agreed.high) == pytest.approx((0.75 * 0.8388750644, 0.75 + 0.25 * (1 - 0.8388750644)))
    six = quantile_interval(Sample(np.arange(1.0, 7.0)), 0.5)  # P(X(1) < median < X(6)) is 0.96875
    assert six.estimate == 3.5
    assert 1 < six.low < 2
    assert quantile_interval(Sample(np.arange(5.0)), 0.5).low == -np.inf, "five values bound no median at 95 %"


def test_the_interval_of_a_mean_leans_to_the_side_of_the_tail() -> None:
    """Willink (2005), by its own equation: G(r) solves r = G + a (1 + 2 G²) + 4 a² G³ / 3, with a the skewness over 6
    times the root of n; the bound on the side of the tail is the mean less G(-t) standard errors. The other is that of
    Student's t, which is further from the mean than Willink's."""
    values = np.array([0.0, 0, 0, 1, 1, 2, 2, 3, 5, 9])
    found = mean_interval(Sample(values))
    error = values.std(ddof=1) / np.sqrt(10)
    lean = stats.skew(values, bias=False) / (6 * np.sqrt(10))
    leaning = (values.mean() - found.high) / error
    assert leaning + lean * (1 + 2 * leaning**2) + 4 * lean**2 * leaning**3 / 3 == pytest.approx(-2.2621571628)
    assert found.low == pytest.approx(values.mean() - 2.2621571628 * error)


def test_tails_to_both_sides_that_show_on_one_do_not_narrow_the_other() -> None:
    """Differences of when the last ship is in, of two of which either may be late: 88 % held with Willink alone."""
    case = next(one for one in KINDS["difference"] if one.name == "another ship")
    held, told = coverage_of(case, independent, 48, 400)
    assert told == 1
    assert 0.92 <= held <= 0.99


def test_what_blocks_hide_is_a_step_of_a_cause_of_two_values() -> None:
    """Each of six blocks has one event in 16: a block may have one more, which is a sixteenth of it."""
    events = Sample((np.arange(96) % BLOCK == 0).astype(float), BLOCK)
    assert events.spread == pytest.approx(hidden_spread(6, 1 / BLOCK), rel=0.02)

"""What replications drew of ships whose mean lateness is known is taken off what they say."""

from dataclasses import replace

import numpy as np
import pytest

import nfm_sim as nfm
from nfm_sim.kinds import Distribution
from nfm_sim.kinds.families import Floats
from nfm_sim.plan.draws import BLOCK, Owners, Stream
from nfm_sim.scenario import build_scenario
from nfm_sim.study.controls import Controls, Predictors, left_to_chance, predictors
from nfm_sim.study.intervals import Sample, mean_difference, mean_interval, p_of_mean
from tests.conftest import coast, coast_data, one_ship
from tests.study.coverage import held

LATENESS = Distribution("gamma", (35.0, 35.0), 0.55)
SHIPS, MEAN_H = 6, 0.45 * 35


def drawn(seed: int, number: int) -> tuple[Floats, Floats, Predictors]:
    """The hours that six ships are late in so many replications, other numbers, and what is known of both."""
    owners = Owners(np.arange(SHIPS + 1, dtype=np.uint64))
    u, whether = (
        np.array(numbers) for numbers in zip(*(owners.uniforms(Stream(seed, n)) for n in range(number)), strict=True)
    )
    late = np.where(whether < 0.55, 0, -35 * np.log1p(-u))[:, :SHIPS]
    known = predictors([("flow", LATENESS, 1)] * SHIPS, u[:, :SHIPS], whether[:, :SHIPS])
    return late, np.random.default_rng(seed).normal(size=number), known


def test_a_block_has_nothing_of_what_strata_balance() -> None:
    late, _, known = drawn(3, 2 * BLOCK)
    ships = slice(1, 1 + SHIPS)
    assert known.between.reshape(2, BLOCK, -1).mean(axis=1) == pytest.approx(0, abs=1e-12)
    assert (known.within + known.between)[:, ships] == pytest.approx(late - MEAN_H, abs=0.01)
    no_more = np.minimum(late, 35 * np.log(4)) - 0.75 * MEAN_H  # the upper quartile, and the mean of what lies below
    assert (known.within + known.between)[:, -SHIPS:] == pytest.approx(no_more, abs=0.01)
    assert known.within[:, 0] == pytest.approx(known.within[:, ships].mean(axis=1)), "the flow: its ships by pieces"


def test_all_that_ships_say_and_nothing_else_is_taken_off() -> None:
    """Of the sum of what six ships are late and a noise of 20 h, the noise alone is left."""
    late, noise, known = drawn(1, 20 * BLOCK)
    left = Sample(late.sum(axis=1) + 20 * noise, BLOCK, known).means
    assert left - SHIPS * MEAN_H == pytest.approx(20 * noise.reshape(-1, BLOCK).mean(axis=1), abs=3)
    exact = Sample(late.sum(axis=1), BLOCK, known).means
    assert exact == pytest.approx(SHIPS * MEAN_H, abs=0.1), "known exactly"
    less = Sample(np.minimum(late, 35 * np.log(4)).sum(axis=1), BLOCK, known).means
    assert less == pytest.approx(SHIPS * 0.75 * MEAN_H, abs=0.1), "and where more of it costs nothing"


@pytest.mark.long
def test_the_gain_is_what_theory_says_and_the_interval_holds() -> None:
    samples = []
    for seed in range(300):
        late, noise, known = drawn(seed, 10 * BLOCK)
        samples.append(Sample(late.sum(axis=1) + 40 * noise, BLOCK, known))
    with_them = [mean_interval(sample) for sample in samples]
    error = np.std([one.estimate for one in with_them])
    assert error == pytest.approx(40 / np.sqrt(160), rel=0.15), "the noise alone, and a tenth for the slopes"
    assert abs(np.mean([one.estimate for one in with_them]) - SHIPS * MEAN_H) < 0.2 * error
    assert held(iter(with_them), SHIPS * MEAN_H) > 0.92
    variance = SHIPS * 35**2 * (0.45 * 2 - 0.45**2) + 40**2
    assert np.median([one.gain for one in with_them]) == pytest.approx(variance / 40**2, rel=0.25)


def test_what_explains_nothing_is_not_used() -> None:
    _, noise, known = drawn(5, 6 * BLOCK)
    sample = Sample(noise, BLOCK, known)
    assert sample.decided.predictors is None
    assert mean_interval(sample) == mean_interval(replace(sample, predictors=None))
    rare = np.zeros(6 * BLOCK)
    rare[7] = 1
    assert Sample(rare, BLOCK, known).decided.predictors is None, "few values tell no slope"


def test_a_difference_of_what_ships_say_is_theirs_too() -> None:
    late, noise, known = drawn(2, 10 * BLOCK)
    change = Sample(late.sum(axis=1) / 2 + noise, BLOCK, known)
    found = mean_difference(change)
    assert found.low < SHIPS * MEAN_H / 2 < found.high
    assert found.half_width < mean_difference(replace(change, predictors=None)).half_width / 2
    assert p_of_mean(change) < 1e-6


def test_owners_with_a_long_tail_are_found_in_the_scenario() -> None:
    data = coast_data(flows={"flow": one_ship("truck", 40, lateness_h={"gamma": {"mean": 35, "sd": 35}})})
    found = Controls(lambda: build_scenario(data, coast()), 0).of(range(BLOCK))
    assert found is not None
    assert found.within.shape == (BLOCK, 4), "the flow, and its ship, whole and without the tail"
    even = coast_data(flows={"flow": one_ship("truck", 40, lateness_h={"uniform": [0, 10]})})
    assert Controls(lambda: build_scenario(even, coast()), 0).of(range(BLOCK)) is None


def test_strata_leave_little_of_what_is_even_and_more_of_long_tails_and_of_two_draws_together() -> None:
    """Of a uniform number a part of 1/256. With half of them zeros it has a variance of 1/6 - 1/16, of which strata
    balance a quarter of 1/12 less 1/256 of it, and a sixteenth, of which draws are zeros."""
    assert left_to_chance(Distribution("uniform", (0.0, 1.0))) == pytest.approx(1 / 256, rel=1e-3)
    assert left_to_chance(Distribution("exponential", (10.0,))) == pytest.approx(0.067, abs=5e-4)
    half = 1 - (255 / 256 / 12 / 4 + 1 / 16) / (1 / 6 - 1 / 16)
    assert left_to_chance(Distribution("uniform", (0.0, 1.0), 0.5)) == pytest.approx(half, rel=1e-3)
    assert left_to_chance(Distribution("fixed", (3.0,))) == 0


def test_what_is_known_of_ships_is_what_they_were_late() -> None:
    late = {"gamma": {"mean": 35, "sd": 35}, "zero_share": 0.55}
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 1, lateness_h=late)}), coast())
    found = Controls(lambda: scenario, 3).of(range(4))
    assert found is not None
    for number, above in enumerate((found.within + found.between)[:, 1]):
        run = nfm.simulate(scenario, 3, replication=number)
        waited = run.spans.filter(subject="flow/ship", activity="arrive", cause="lateness")
        assert above == pytest.approx((waited["end_h"] - waited["start_h"]).sum() - MEAN_H, abs=0.01)


def test_the_numbers_of_a_study_agree_with_each_other() -> None:
    """All leave so long after the ship is in as the ramp takes for them; the ship is 24 h late on the mean."""
    data = coast_data(horizon_days=60, flows={"flow": one_ship("truck", 4, lateness_h={"exponential": {"mean": 24}})})
    data["places"] = {"harbour": {"truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    base = build_scenario(data, coast())
    both = nfm.compare(
        {"base": base, "slower": base.with_changes({"places.harbour.truck_ramps.rate_per_h": 1})}, 96, seed=3, jobs=1
    )
    row = both.difference("closure").row(0, named=True)
    found = nfm.estimate(both["base"], "closure").row(0, named=True)
    assert row["after"] - row["before"] == pytest.approx(row["difference"], abs=1e-9)
    assert found["gain"] > 100
    on_time = build_scenario(data | {"flows": {"flow": one_ship("truck", 4)}}, coast())
    assert found["estimate"] == pytest.approx(nfm.closure(nfm.simulate(on_time))["last_h"][0] + 24, abs=0.5)

"""Draws that have an owner."""

import numpy as np
import pytest
from scipy import stats

from nfm_sim.plan.draws import DrawSheet, philox4x32, quantiles, uniforms
from nfm_sim.scenario.values import Distribution


def words(*values: int) -> tuple:
    return tuple(np.array([value], dtype=np.uint64) for value in values)


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # known answers of the authors' Random123 library, philox4x32 with 10 rounds
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_answers(counter: tuple, key: tuple, expected: tuple) -> None:
    assert tuple(int(word[0]) for word in philox4x32(words(*counter), key)) == expected


def test_a_draw_depends_on_its_owner_only() -> None:
    spec = Distribution(pert=(1, 2, 9))
    few, many = DrawSheet(), DrawSheet()
    number = few.ask("recall", "11_infbat", spec)
    for other in range(50):
        many.ask("recall", f"other {other}", spec)
    later = many.ask("recall", "11_infbat", spec)
    assert few.freeze()(7, 3)[number] == many.freeze()(7, 3)[later]


def test_seed_replication_purpose_and_subject_each_make_another_draw() -> None:
    spec = Distribution(uniform=(0, 1000))
    sheet = DrawSheet()
    for owner in (("recall", "a"), ("recall", "b"), ("issue", "a"), ("recal", "la")):
        sheet.ask(*owner, spec)
    draw = sheet.freeze()
    values = [*draw(1, 0), *draw(1, 1), *draw(2, 0), *draw(2**40 + 1, 0)]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    ("spec", "law"),
    [
        (Distribution(uniform=(7, 45)), stats.uniform(7, 38)),
        (Distribution(triangular=(1, 2, 9)), stats.triang(1 / 8, 1, 8)),
        (Distribution(pert=(12, 24, 72)), stats.beta(1 + 4 * 12 / 60, 1 + 4 * 48 / 60, 12, 60)),
        (
            Distribution.model_validate({"gamma": {"mean": 35, "sd": 30}}),
            stats.gamma((35 / 30) ** 2, scale=900 / 35),
        ),
        (
            Distribution.model_validate({"lognormal": {"median": 96, "p95": 360}}),
            stats.lognorm(np.log(360 / 96) / stats.norm.ppf(0.95), scale=96),
        ),
        (Distribution.model_validate({"exponential": {"mean": 5}}), stats.expon(scale=5)),
    ],
)
def test_draws_follow_their_distribution(spec: Distribution, law) -> None:
    sheet = DrawSheet()
    for subject in range(20_000):
        sheet.ask("test", str(subject), spec)
    sample = sheet.freeze()(11, 0)
    assert stats.kstest(sample, law.cdf).pvalue > 0.001


def test_the_zero_share_is_zero_and_the_rest_follows_the_family() -> None:
    spec = Distribution.model_validate({"exponential": {"mean": 5}, "zero_share": 0.55})
    sheet = DrawSheet()
    for subject in range(20_000):
        sheet.ask("lateness", str(subject), spec)
    sample = np.array(sheet.freeze()(3, 0))
    assert abs((sample == 0).mean() - 0.55) < 4 * np.sqrt(0.55 * 0.45 / 20_000)
    assert stats.kstest(sample[sample > 0], stats.expon(scale=5).cdf).pvalue > 0.001


def test_neighbouring_owners_and_replications_are_uncorrelated() -> None:
    addresses = np.arange(50_000, dtype=np.uint64)
    first, second = uniforms(addresses, 5, 0)
    other, _ = uniforms(addresses, 5, 1)
    limit = 4 / np.sqrt(50_000)
    for x, y in ((first, second), (first, other), (first[:-1], first[1:])):
        assert abs(np.corrcoef(x, y)[0, 1]) < limit


@pytest.mark.parametrize("mode", [0.0, 0.02, 0.2, 0.5, 0.9, 1.0])
def test_the_tabulated_pert_is_the_exact_one(mode: float) -> None:
    u = np.random.default_rng(4).random(20_000)
    many = quantiles(Distribution(pert=(0, mode, 1)), u)
    alone = np.concatenate([quantiles(Distribution(pert=(0, mode, 1)), part) for part in np.split(u, 400)])
    assert np.abs(many - alone).max() < 2e-11
    assert not np.array_equal(many, alone), "few draws are not worth a table"

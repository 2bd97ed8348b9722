"""Draws that have an owner."""

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from nfm_sim.compile.kit import DrawSheet
from nfm_sim.engine import simulate
from nfm_sim.kinds import Distribution
from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.plan.draws import BLOCK, Owners, Sampling, Stream, philox4x32, read_sampling
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario, read_distribution
from tests.conftest import coast, coast_data


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


@pytest.mark.parametrize(("seed", "key"), [(0, (0, 0)), (7, (7, 0)), (2**40 + 3, (3, 256))])
def test_the_uniforms_of_an_owner_are_52_bits_of_its_words(seed: int, key: tuple[int, int]) -> None:
    """An address of 64 bits and the replication are the counter, and the seed is the key."""
    first, second, third, fourth = (int(word[0]) for word in philox4x32(words(5, 2, 9, 0), key))
    owner = Owners(np.array([2 * 2**32 + 5], dtype=np.uint64))
    ((value,), (whether,)) = owner.uniforms(Stream(seed, 9, Sampling.INDEPENDENT))
    assert value == ((first << 20 | second >> 12) + 0.5) / 2**52
    assert whether == ((third << 20 | fourth >> 12) + 0.5) / 2**52


def test_a_draw_depends_on_its_owner_only() -> None:
    spec = Distribution("pert", (1, 2, 9))
    few, many = DrawSheet(), DrawSheet()
    number = few.ask("recall", "11_infbat", spec)
    for other in range(50):
        many.ask("recall", f"other {other}", spec)
    later = many.ask("recall", "11_infbat", spec)
    assert few.freeze()(Stream(7, 3))[number] == many.freeze()(Stream(7, 3))[later]


def test_seed_replication_purpose_and_subject_each_make_another_draw() -> None:
    spec = Distribution("uniform", (0, 1000))
    sheet = DrawSheet()
    for owner in (("recall", "a"), ("recall", "b"), ("issue", "a"), ("recal", "la")):
        sheet.ask(*owner, spec)
    draw = sheet.freeze()
    streams = (Stream(1, 0), Stream(1, 1), Stream(2, 0), Stream(2**40 + 1, 0))
    values = [value for stream in streams for value in draw(stream)]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    ("spec", "law"),
    [
        (Distribution("uniform", (7, 45)), stats.uniform(7, 38)),
        (Distribution("triangular", (1, 2, 9)), stats.triang(1 / 8, 1, 8)),
        (Distribution("pert", (12, 24, 72)), stats.beta(1 + 4 * 12 / 60, 1 + 4 * 48 / 60, 12, 60)),
        (read_distribution({"gamma": {"mean": 35, "sd": 30}}), stats.gamma((35 / 30) ** 2, scale=900 / 35)),
        (
            read_distribution({"lognormal": {"median": 96, "p95": 360}}),
            stats.lognorm(np.log(360 / 96) / stats.norm.ppf(0.95), scale=96),
        ),
        (read_distribution({"exponential": {"mean": 5}}), stats.expon(scale=5)),
    ],
)
def test_draws_follow_their_distribution(spec: Distribution, law) -> None:
    sheet = DrawSheet()
    for subject in range(20_000):
        sheet.ask("test", str(subject), spec)
    sample = sheet.freeze()(Stream(11, 0))
    assert stats.kstest(sample, law.cdf).pvalue > 0.001


def test_the_zero_share_is_zero_and_the_rest_follows_the_family() -> None:
    spec = read_distribution({"exponential": {"mean": 5}, "zero_share": 0.55})
    sheet = DrawSheet()
    for subject in range(20_000):
        sheet.ask("lateness", str(subject), spec)
    sample = np.array(sheet.freeze()(Stream(3, 0)))
    assert abs((sample == 0).mean() - 0.55) < 4 * np.sqrt(0.55 * 0.45 / 20_000)
    assert stats.kstest(sample[sample > 0], stats.expon(scale=5).cdf).pvalue > 0.001


@pytest.mark.parametrize("sampling", Sampling)
def test_neighbouring_owners_and_blocks_are_uncorrelated(sampling: Sampling) -> None:
    addresses = np.arange(50_000, dtype=np.uint64)
    owners = Owners(addresses)
    first, second = owners.uniforms(Stream(5, 0, sampling))
    other, _ = owners.uniforms(Stream(5, BLOCK, sampling))
    limit = 4 / np.sqrt(50_000)
    for x, y in ((first, second), (first, other), (first[:-1], first[1:])):
        assert abs(np.corrcoef(x, y)[0, 1]) < limit


@pytest.mark.parametrize("mode", [0.0, 0.02, 0.2, 0.5, 0.9, 1.0])
def test_the_tabulated_pert_is_the_exact_one(mode: float) -> None:
    u = np.random.default_rng(4).random(20_000)
    many = Distribution("pert", (0, mode, 1)).quantiles(u)
    alpha = 1 + 4 * mode
    assert np.abs(many - special.betaincinv(alpha, 6 - alpha, u)).max() < 4e-10


def test_a_draw_does_not_change_with_how_many_there_are_of_its_shape() -> None:
    u = np.random.default_rng(4).random(20_000)
    many = Distribution("pert", (0, 0.3, 1)).quantiles(u)
    alone = np.concatenate([Distribution("pert", (0, 0.3, 1)).quantiles(part) for part in np.split(u, 400)])
    assert np.array_equal(many, alone)


def of_block(block: int, owners: int = 500, seed: int = 5) -> tuple:
    """The two uniforms of owners in the replications of a block."""
    drawn = [
        Owners(np.arange(owners, dtype=np.uint64)).uniforms(Stream(seed, block * BLOCK + place))
        for place in range(BLOCK)
    ]
    return tuple(np.array(of_all) for of_all in zip(*drawn, strict=True))


def test_an_owner_draws_once_from_each_part_of_its_distribution_in_a_block() -> None:
    for drawn in of_block(3):
        assert (np.sort(np.floor(drawn * BLOCK), axis=0) == np.arange(BLOCK)[:, None]).all()


def test_owners_draw_from_the_parts_in_orders_of_their_own() -> None:
    """Of two owners and two replications of a block, all pairs of different parts are as likely."""
    first, second = (np.floor(drawn * BLOCK).astype(int) for drawn in of_block(0, owners=20_000))
    for one, other in ((first[:, :-1], first[:, 1:]), (first, second)):
        table = np.zeros((BLOCK, BLOCK))
        np.add.at(table, (one[0].ravel(), other[0].ravel()), 1)
        assert stats.chisquare(table.ravel()).pvalue > 0.001
    pairs = np.zeros((BLOCK, BLOCK))
    np.add.at(pairs, (first[2], first[9]), 1)
    assert (np.diag(pairs) == 0).all()
    assert stats.chisquare(pairs[~np.eye(BLOCK, dtype=bool)]).pvalue > 0.001


def test_the_blocks_of_an_owner_have_other_orders() -> None:
    orders = {tuple(np.floor(of_block(block, owners=1)[0] * BLOCK).astype(int).ravel()) for block in range(50)}
    assert len(orders) == 50


def test_where_in_its_part_a_number_lies_is_uniform() -> None:
    within = np.concatenate([(of_block(block)[0] * BLOCK % 1).ravel() for block in range(4)])
    assert stats.kstest(within, stats.uniform.cdf).pvalue > 0.001


def test_a_replication_can_be_drawn_alone() -> None:
    sheet = DrawSheet()
    for subject in range(50):
        sheet.ask("test", str(subject), Distribution("uniform", (0, 1000)))
    draw = sheet.freeze()
    in_turn = [draw(Stream(5, replication)) for replication in range(40)]
    assert sheet.freeze()(Stream(5, 17)) == in_turn[17]


@pytest.mark.parametrize("sampling", Sampling)
def test_no_uniform_is_0_or_1(sampling: Sampling, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exponential of 1 would be infinite."""
    for word in (0, 0xFFFFFFFF):
        monkeypatch.setattr(
            "nfm_sim.plan.draws.philox4x32",
            lambda counter, key, word=word: tuple(np.full_like(counter[0], word) for _ in range(4)),
        )
        for drawn in Owners(np.arange(3, dtype=np.uint64)).uniforms(Stream(1, BLOCK - 1 if word else 0, sampling)):
            assert (drawn > 0).all()
            assert (drawn < 1).all()


def test_what_is_no_sampling_is_refused() -> None:
    with pytest.raises(InputError, match='sampling "stratifed" must be one of stratified, independent'):
        read_sampling("stratifed")


@pytest.mark.parametrize("seed", [2**64, -1, 1.5, True, "7", None])
def test_a_seed_that_is_none_is_refused_and_not_taken_for_another(seed: Any) -> None:
    with pytest.raises(InputError, match=r"seed .* must be a whole number from 0 to 18446744073709551615"):
        simulate(build_scenario(coast_data(), coast()), seed=seed)
    with pytest.raises(InputError, match="seed"):
        Stream.of(seed)


@pytest.mark.parametrize("replication", [2**31, -1, 0.5, MOST_REPLICATIONS])
def test_a_replication_that_no_study_has_is_refused(replication: Any) -> None:
    with pytest.raises(InputError, match=r"replication .* must be a whole number from 0 to 999999"):
        simulate(build_scenario(coast_data(), coast()), 7, replication)


def test_the_last_seed_and_whole_numbers_of_arrays_are_seeds() -> None:
    assert Stream.of(2**64 - 1, np.int32(3)) == Stream(2**64 - 1, 3)
    assert Stream.of(7) == Stream(7, 0)


def test_independent_replications_are_not_one_from_each_part() -> None:
    """Of an owner's sixteen draws in a block, some lie in the same sixteenth; stratified, none do."""
    owners = Owners(np.arange(40, dtype=np.uint64))

    def parts(sampling: Sampling) -> list[int]:
        drawn = np.array([owners.uniforms(Stream(9, place, sampling))[0] for place in range(BLOCK)])
        return [len({*np.floor(column * BLOCK)}) for column in drawn.T]

    assert parts(Sampling.STRATIFIED) == [BLOCK] * 40
    assert max(parts(Sampling.INDEPENDENT)) < BLOCK


def test_two_replications_of_a_block_draw_from_parts_that_need_not_be_neighbours() -> None:
    owners = Owners(np.arange(40, dtype=np.uint64))
    for number in (0, 1):
        drawn = [np.floor(owners.uniforms(Stream(9, place))[number] * BLOCK) for place in range(BLOCK)]
        apart = [abs(one - other) for n, one in enumerate(drawn) for other in drawn[:n]]
        assert min(steps.max() for steps in apart) > BLOCK / 2, "of forty owners"

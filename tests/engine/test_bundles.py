"""Pools that close and open, requests that are taken back, and bundles that take from several pools at once."""

import math
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from simpy import Event

from nfm_sim.engine.clock import Clock
from nfm_sim.engine.log import Log, Who
from nfm_sim.engine.movement.mover import Batch
from nfm_sim.engine.queues.pools import WITHDRAWN, Bundle, Form, Holding, SharedPool, Want

WAGONS, TRACKS, ENGINES = (("pool", name) for name in ("wagons", "tracks", "locomotives"))


class Yard:
    """Pools on a clock, and who asks for them."""

    def __init__(self) -> None:
        self.clock = Clock(0)
        self.pools: list[SharedPool] = []

    def pool(self, cause: tuple[str, str], capacity: float, limit: float = math.inf) -> SharedPool:
        self.pools.append(SharedPool(self.clock, len(self.pools), cause, capacity, limit))
        return self.pools[-1]

    def who(self, name: str, rank: float = 1) -> Who:
        return Who(name, Log(0, "load", "wait", "p"), (rank,))

    def bundle(self, name: str, *wants: Want, rank: float = 1, form: Form | None = None) -> Bundle:
        """Ask for a bundle, as a movement does."""
        asked = Bundle(self.who(name, rank), list(wants), form)
        if not asked.take():
            asked.who.log.to(self.clock.now, "load", "wait", "p", asked.cause)
        return asked

    def soon(self) -> None:
        """Let happen what happens at this moment."""
        self.clock.run_to(self.clock.now, through=True)


@pytest.fixture
def yard() -> Yard:
    return Yard()


def got(*bundles: Bundle) -> list[Sequence[float] | None]:
    return [bundle.served for bundle in bundles]


def one(pool: SharedPool, amount: float, *, later: bool = False, least: float | None = None) -> Want:
    return Want(pool, amount, amount if least is None else least, later)


# requests


def test_a_request_that_is_taken_back_keeps_nobody_waiting(yard: Yard) -> None:
    pool = yard.pool(WAGONS, 5)
    assert pool.take_now(3, (1,))
    long, short = pool.take(4, (1,), yard.who("long")), pool.take(2, (1,), yard.who("short"))
    assert list(pool.waiting()) == [("long", 4), ("short", 2)]
    pool.withdraw(long)
    assert long.value == WITHDRAWN
    assert short.triggered
    assert (pool.free, list(pool.waiting())) == (0, [])
    pool.withdraw(short)
    assert pool.free == 0, "what has been served cannot be taken back"
    first, last, second = (pool.take(1, (rank,), yard.who("x")) for rank in (1, 3, 2))
    pool.withdraw(first)
    pool.release(1)
    assert [one.triggered for one in (second, last)] == [True, False], "those behind it keep their order"


def test_who_waits_for_more_than_there_can_be_may_take_its_request_back(yard: Yard) -> None:
    pool = yard.pool(WAGONS, 5, limit=5)
    never = pool.take(6, (1,), yard.who("never"))
    assert list(pool.waiting()) == [("never", 6)]
    pool.withdraw(never)
    assert list(pool.waiting()) == []


def test_a_pool_gives_at_once_what_nobody_of_its_rank_waits_for(yard: Yard) -> None:
    pool = yard.pool(WAGONS, 5)
    assert pool.take_now(5, (1,))
    assert not pool.take_now(1, (0,)), "none is free"
    pool.release(2)
    assert pool.take_now(2, (9,)), "all that is free"
    pool.take(1, (2,))
    pool.free += 1  # as if one had come back unnoticed
    assert not pool.take_now(1, (2,)), "one of the same rank waits"
    assert not pool.take_now(1, (3,))
    assert pool.take_now(1, (1,))


def test_what_is_closed_is_given_out_again_when_it_opens(yard: Yard) -> None:
    pool = yard.pool(WAGONS, 4, limit=4)
    assert pool.take_now(3, (1,))
    pool.close(2, ("disruption", "strike"))
    assert (pool.free, pool.limit) == (-1, 4)
    waits = pool.take(1, (1,), yard.who("x"))
    assert pool.cause_of(1) == ("disruption", "strike")
    assert pool.cause_of(5) == ("never", "strike")
    pool.release(1)
    assert not waits.triggered, "what comes back is closed too"
    pool.close(1, ("disruption", "flood"))
    assert pool.cause == ("disruption", "flood"), "the last"
    pool.reopen(1, ("disruption", "flood"))
    assert pool.cause == ("disruption", "strike")
    pool.reopen(2, ("disruption", "strike"))
    assert waits.triggered
    assert (pool.free, pool.cause) == (1, WAGONS)
    assert pool.changes == [(0, -2), (0, -1), (0, 1), (0, 2)]
    assert (pool.capacity, pool.most, pool.present) == (4, 4, 4)


def test_what_is_closed_for_good_can_never_be_had(yard: Yard) -> None:
    pool = yard.pool(WAGONS, 4, limit=4)
    assert pool.take_now(4, (1,))
    long, short = (yard.who(name) for name in ("long", "short"))
    for who in (long, short):
        who.log.to(0, "load", "wait", "p", WAGONS)
    first, second = pool.take(3, (1,), long), pool.take(2, (1,), short)
    yard.clock.run_to(5)
    pool.close(2, ("disruption", "strike"), for_good=True)
    assert pool.limit == 2
    assert long.log.state == ("load", "wait", "p", ("never", "strike"))
    assert short.log.state == ("load", "wait", "p", WAGONS)
    pool.release(4)
    assert (first.triggered, second.triggered) == (False, True)
    pool.resize(2)
    assert long.log.state == ("load", "wait", "p", ("disruption", "strike")), "it waits in vain no longer"
    pool.release(2)
    assert first.triggered


def test_who_waited_behind_what_can_never_be_had_any_more_is_served(yard: Yard) -> None:
    """Eight of ten were to come first; with three closed for good there never are, and two are free."""
    pool = yard.pool(WAGONS, 10, limit=10)
    assert pool.take_now(5, (1,))
    long, short = (pool.take(amount, (1,), yard.who("x")) for amount in (8, 2))
    pool.close(3, ("disruption", "strike"), for_good=True)
    assert (long.triggered, short.triggered, pool.free) == (False, True, 0)


def test_what_grows_and_shrinks_is_on_record(yard: Yard) -> None:
    pool = yard.pool(WAGONS, 2)
    assert pool.take_now(2, (1,))
    waits = pool.take(1, (1,))
    yard.clock.run_to(3)
    pool.grow(2)
    assert waits.triggered
    assert (pool.capacity, pool.most, pool.free) == (4, 4, 1)
    assert pool.take_now(1, (1,))
    yard.clock.run_to(4)
    pool.shrink(1)
    assert (pool.capacity, pool.most, pool.free) == (3, 4, 0)
    assert pool.changes == [(3, 2), (4, -1)]


# bundles


def test_a_bundle_takes_all_or_nothing(yard: Yard) -> None:
    wagons, tracks = yard.pool(WAGONS, 5), yard.pool(TRACKS, 1)
    first = yard.bundle("first", one(wagons, 3), one(tracks, 1))
    second = yard.bundle("second", one(wagons, 2), one(tracks, 1))
    assert got(first, second) == [[3, 1], None]
    assert (wagons.free, tracks.free) == (2, 0), "it holds no wagons before its track"
    assert second.cause == TRACKS
    tracks.release(1)
    yard.soon()
    assert got(second) == [[2, 1]]
    assert second.event.triggered
    assert (wagons.free, tracks.free) == (0, 0)


def test_others_take_what_a_bundle_cannot_use_yet(yard: Yard) -> None:
    """The train waits for a track; the next needs none, and may have the wagons that are free."""
    wagons, tracks = yard.pool(WAGONS, 5), yard.pool(TRACKS, 0)
    train = yard.bundle("train", one(wagons, 5), one(tracks, 1))
    assert wagons.take_now(5, (1,))
    tracks.release(1)
    yard.soon()
    assert got(train) == [None]
    assert train.cause == WAGONS, "now they are what it waits for"
    wagons.release(4)
    yard.soon()
    later = yard.bundle("later", one(wagons, 1))
    assert got(train, later) == [None, None], "it stands in their queue, and none behind it is served"
    wagons.release(1)
    yard.soon()
    assert got(train, later) == [[5, 1], None]
    wagons.release(5)
    yard.soon()
    assert got(later) == [[1]]


def test_who_comes_first_of_the_lower_rank_is_served_first(yard: Yard) -> None:
    wagons = yard.pool(WAGONS, 0)
    late, early, urgent = (
        yard.bundle(name, one(wagons, 1), rank=rank) for name, rank in (("late", 2), ("early", 1), ("u", 0))
    )
    for served in ([None, None, [1]], [None, [1], [1]], [[1], [1], [1]]):
        wagons.release(1)
        yard.soon()
        assert got(late, early, urgent) == served


def test_a_request_behind_a_bundle_that_waits_elsewhere_is_served(yard: Yard) -> None:
    wagons, tracks = yard.pool(WAGONS, 0), yard.pool(TRACKS, 1)
    train = yard.bundle("train", one(wagons, 2), one(tracks, 1))
    assert tracks.take_now(1, (1,)), "it waits for wagons, so the track is free for others"
    wagons.release(2)
    yard.soon()
    assert got(train) == [None]
    assert wagons.take_now(1, (1,)), "it waits for its track now, and no more for wagons"
    tracks.release(1)
    yard.soon()
    assert got(train) == [None], "of its two wagons one has gone"
    wagons.release(1)
    yard.soon()
    assert got(train) == [[2, 1]]


def half(free: Sequence[float]) -> list[float] | None:
    """As much as there is, if it is two at least."""
    return [min(free[0], 4.0)] if free[0] >= 2 else None


def test_a_bundle_may_be_served_with_less(yard: Yard) -> None:
    wagons = yard.pool(WAGONS, 1)
    train = yard.bundle("train", one(wagons, 4, least=1), form=half)
    assert got(train) == [None]
    wagons.release(2)
    yard.soon()
    assert got(train) == [[3]]
    assert wagons.free == 0


def test_what_is_earmarked_is_taken_later_and_by_nobody_else(yard: Yard) -> None:
    engines, wagons = yard.pool(ENGINES, 1), yard.pool(WAGONS, 9)
    first = yard.bundle("first", one(wagons, 3), one(engines, 1, later=True))
    assert got(first) == [[3, 1]]
    assert (engines.free, engines.earmarked, engines.free_later) == (1, 1, 0)
    second = yard.bundle("second", one(wagons, 3), one(engines, 1, later=True))
    assert got(second) == [None]
    assert second.cause == ENGINES
    assert wagons.free == 6
    assert engines.take(1, (1,)).triggered, "the first is loaded, and takes its own: the second waits for another"
    engines.unmark(1)
    assert engines.free_later == 0
    engines.expect(Holding(engines, "first", 1, 0))  # it will be back in time
    yard.soon()
    assert got(second) == [[3, 1]]
    assert (engines.free, engines.due_back, engines.earmarked, engines.free_later) == (0, 1, 1, 0)


def test_who_takes_it_later_lets_others_have_it_until_then(yard: Yard) -> None:
    engines, wagons = yard.pool(ENGINES, 0), yard.pool(WAGONS, 9)
    train = yard.bundle("train", one(wagons, 3), one(engines, 1, later=True))
    waits = engines.take(1, (2,))
    engines.release(1)
    yard.soon()
    assert got(train) == [[3, 1]], "it is free, and so may be earmarked"
    assert waits.triggered, "and taken by who can use it now"


def test_a_bundle_that_is_held_back_asks_for_nothing_until_it_asks_again(yard: Yard) -> None:
    wagons = yard.pool(WAGONS, 0)
    part, whole = yard.bundle("part", one(wagons, 1)), yard.bundle("whole", one(wagons, 2))
    part.hold_back()
    wagons.release(2)
    yard.soon()
    assert got(part, whole) == [None, [2]]
    wagons.release(1)
    yard.soon()
    assert (got(part), wagons.free) == ([None], 1)
    part.ask()
    assert got(part) == [[1]]
    assert part.event.triggered


def test_a_bundle_that_is_held_back_is_in_nobodys_way_where_it_stood(yard: Yard) -> None:
    wagons, barges = yard.pool(WAGONS, 2), yard.pool(TRACKS, 0)
    first = barges.take(3, (1,), yard.who("first"))
    for pool in (wagons, barges):
        yard.bundle("part", one(pool, 3)).hold_back()
    assert [list(pool.waiting()) for pool in (wagons, barges)] == [[], [("first", 3)]]
    assert got(yard.bundle("whole", one(wagons, 2), rank=2)) == [[2]], "two are free, and nobody waits for them"
    assert not first.triggered


def test_a_bundle_that_is_held_back_before_it_asks_takes_nothing(yard: Yard) -> None:
    wagons = yard.pool(WAGONS, 5)
    part = Bundle(yard.who("part"), [one(wagons, 1)])
    part.hold_back()
    assert not part.take()
    assert (got(part), wagons.free) == ([None], 5)


def test_what_is_yet_to_come_back_cannot_be_taken_now(yard: Yard) -> None:
    engines = yard.pool(ENGINES, 0)
    engines.expect(Holding(engines, "first", 1, 0))
    now, later = yard.bundle("now", one(engines, 1)), yard.bundle("later", one(engines, 1, later=True))
    assert got(now, later) == [None, None], "and who takes it later stands behind"
    engines.due_back -= 1
    engines.release(1)
    assert got(now, later) == [[1], None]


def test_a_bundle_that_wants_no_more_of_a_pool_keeps_nobody_from_it(yard: Yard) -> None:
    """It has asked anew, for a track alone."""
    wagons, tracks = yard.pool(WAGONS, 3), yard.pool(TRACKS, 0)
    train = yard.bundle("train", one(wagons, 5), one(tracks, 1))
    behind = wagons.take(2, (1,))
    assert not behind.triggered
    train.wants = [one(tracks, 1)]
    train.ask()
    yard.soon()
    assert behind.triggered
    assert got(train) == [None]


def test_a_part_that_has_just_been_served_asks_for_nothing_more(yard: Yard) -> None:
    """It is served, and before it goes on, a whole lot comes and is served too."""
    wagons = yard.pool(WAGONS, 9)
    part, whole = SimpleNamespace(bundle=None), SimpleNamespace(bundle=None)
    batch = Batch(open_part=part)  # type: ignore[arg-type]
    for lot in (part, whole):
        bundle = Bundle(yard.who("lot"), [one(wagons, 2)])
        batch.come(lot, bundle)  # type: ignore[arg-type]
        assert bundle.take()
    batch.go(whole, whole.bundle)  # type: ignore[arg-type]
    assert wagons.free == 5
    batch.go(part, part.bundle)  # type: ignore[arg-type]
    assert (batch.open_part, batch.waiting) == (None, set())


def test_the_wait_of_a_bundle_is_due_to_the_first_pool_that_it_is_short_of(yard: Yard) -> None:
    wagons, tracks = yard.pool(WAGONS, 0), yard.pool(TRACKS, 0)
    train = yard.bundle("train", one(wagons, 2), one(tracks, 1))
    assert train.cause == WAGONS
    yard.clock.run_to(4)
    wagons.release(2)
    yard.soon()
    assert train.cause == TRACKS
    log = train.who.log
    assert isinstance(log, Log)
    assert (log.states, log.begun, log.ends) == ([("load", "wait", "p", WAGONS)], 0, [4])
    assert log.state == ("load", "wait", "p", TRACKS)
    assert [list(pool.waiting()) for pool in (wagons, tracks)] == [[], [("train", 1)]]


def test_events_of_requests_are_their_own(yard: Yard) -> None:
    wagons = yard.pool(WAGONS, 1)
    assert wagons.take_now(1, (1,))
    events: list[Event] = [wagons.take(1, (1,)) for _ in range(2)]
    wagons.release(1)
    assert [event.triggered for event in events] == [True, False]

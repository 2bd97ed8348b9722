import simpy
from hypothesis import given
from hypothesis import strategies as st

from nfm_sim.engine.queues.pools import SharedPool


def served(pool: SharedPool, env: simpy.Environment, requests: list) -> list[str]:
    """Queue the requests and give the whole pool back one by one; return who was served in order."""
    order: list[str] = []
    for name, amount, rank in requests:
        event = pool.take(amount, rank)
        event.callbacks.append(lambda _, name=name: order.append(name))
    return order


def test_who_waits_is_served_by_rank_then_first_come() -> None:
    env = simpy.Environment()
    pool = SharedPool(env, 0, ("pool", "berths"), 1)
    assert pool.take_now(1, (5,))
    order = served(pool, env, [("late", 1, (2,)), ("early", 1, (1,)), ("early too", 1, (1,))])
    for _ in range(3):
        pool.release(1)
    env.run()
    assert order == ["early", "early too", "late"]


def test_a_large_request_is_not_overtaken_by_a_small_one_behind_it() -> None:
    env = simpy.Environment()
    pool = SharedPool(env, 0, ("pool", "wagons"), 10)
    assert pool.take_now(8, (1,))
    order = served(pool, env, [("train", 6, (1,))])
    assert not pool.take_now(1, (1,)), "two are free, but the train waits in front"
    pool.release(8)
    env.run()
    assert order == ["train"]
    assert pool.free == 4


def test_a_lower_rank_goes_first_when_there_is_enough() -> None:
    env = simpy.Environment()
    pool = SharedPool(env, 0, ("pool", "wagons"), 10)
    assert pool.take_now(8, (2,))
    served(pool, env, [("train", 6, (2,))])
    assert pool.take_now(2, (1,))


def test_a_request_for_more_than_there_can_be_steps_aside_until_there_can_be_again() -> None:
    env = simpy.Environment()
    pool = SharedPool(env, 0, ("pool", "wagons"), 10, 10)
    assert pool.take_now(10, (1,))
    order = served(pool, env, [("long", 8, (1,)), ("short", 2, (1,))])
    pool.resize(-5)
    pool.release(10)
    env.run()
    assert order == ["short"]
    assert [pool.cause_of(amount)[0] for amount in (5, 5.5)] == ["pool", "never"]
    pool.resize(5)
    env.run()
    assert order == ["short", "long"]


def test_who_steps_aside_comes_back_in_its_turn() -> None:
    env = simpy.Environment()
    pool = SharedPool(env, 0, ("pool", "wagons"), 5, 5)
    assert pool.take_now(5, (1,))
    order = served(pool, env, [("short", 2, (2,)), ("urgent", 8, (1,))])
    pool.resize(5)
    env.run()
    assert order == [], "five are free, and eight go first"
    pool.release(5)
    env.run()
    assert order == ["urgent", "short"]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3), st.integers(0, 20), st.integers(1, 9)), max_size=40))
def test_a_pool_never_gives_more_than_it_has(visits: list) -> None:
    env = simpy.Environment()
    pool = SharedPool(env, 0, ("pool", "bays"), 5)
    done = []

    def visit(amount: int, rank: int, start: int, hours: int):
        yield env.timeout(start)
        if not pool.take_now(amount, (rank,)):
            yield pool.take(amount, (rank,))
        assert 0 <= pool.free <= 5
        yield env.timeout(hours)
        pool.release(amount)
        done.append(amount)

    for one in visits:
        env.process(visit(*one))
    env.run()
    assert len(done) == len(visits)
    assert pool.free == 5

"""The clock does what SimPy's environment does, in the same order."""

import inspect
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from simpy import AllOf, AnyOf, Environment, Event, Interrupt, Process, Timeout

from nfm_sim.engine import simulate
from nfm_sim.engine.clock import Clock
from nfm_sim.network import Network
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data

Trace = list[tuple[float, str]]


def play(env: Environment, hours: list[int]) -> Trace:
    """Processes that wait, end unheeded, are waited for before and after their end, and interrupt each other."""
    trace: Trace = []

    def walk(name: str, hour: int) -> Iterator[Event]:
        try:
            yield env.timeout(hour)
            trace.append((env.now, f"{name} there"))
            yield env.timeout(0)
        except Interrupt as interrupt:
            trace.append((env.now, f"{name} stopped by {interrupt.cause}"))

    def lead(name: str, hour: int) -> Iterator[Event]:
        walks: list[Any] = [env.process(walk(f"{name}.{i}", hour + i)) for i in range(3)]
        yield AnyOf(env, walks)
        trace.append((env.now, f"{name} first"))
        if walks[2].is_alive:
            walks[2].interrupt(name)
        yield AllOf(env, walks)
        trace.append((env.now, f"{name} all"))
        yield walks[0]
        trace.append((env.now, f"{name} again"))

    for number, hour in enumerate(hours):
        env.process(lead(f"{number}", hour))
    if isinstance(env, Clock):
        env.run_to(50)
    else:
        env.run(until=50)
    return trace


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_same_events_in_the_same_order(hours: list[int]) -> None:
    assert play(Clock(0), hours) == play(Environment(0), hours)


def test_process_that_fails_is_heard_though_nobody_waits_for_it() -> None:
    clock = Clock(0)

    def fail() -> Iterator[Event]:
        yield clock.timeout(1)
        raise RuntimeError("a bug")

    clock.process(fail())
    with pytest.raises(RuntimeError, match="a bug"):
        clock.run_to(2)


def test_a_timeout_that_simpy_makes_itself_comes_at_its_hour() -> None:
    clock, hours = Clock(0), []
    Timeout(clock, 3).callbacks.append(lambda _: hours.append(clock.now))
    clock.run_to(9)
    assert hours == [3]


@pytest.mark.parametrize(("horizon_days", "told"), [(2, [1, 2]), (2.5, [1, 2, 3])])
def test_progress_is_told_each_day_to_the_last(coast_network: Network, horizon_days: float, told: list[float]) -> None:
    days: list[float] = []
    run = simulate(build_scenario(coast_data(horizon_days=horizon_days), coast_network), progress=days.append)
    assert (days, run.about["seed"]) == (told, 0)


def test_delay_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        Clock(0).timeout(-1)


@pytest.mark.parametrize(
    ("of_simpy", "words"),
    [
        (Environment.__init__, "8bd66e09"),
        (Environment.schedule, "47a91f3b"),
        (Environment.step, "4e65d602"),
        (Environment.run, "5252be80"),
        (Timeout.__init__, "bc50febd"),
        (Event.__init__, "fa7cbb59"),
        (Event.succeed, "2d798a06"),
        (Process._resume, "ffd5b436"),
    ],
)
def test_simpy_does_what_the_clock_was_written_beside(of_simpy: Callable[..., Any], words: str) -> None:
    """When this fails, SimPy has changed: read what it does now, mend `engine/clock.py`, and note the new digest."""
    assert blake2b(inspect.getsource(of_simpy).encode(), digest_size=4).hexdigest() == words, simpy.__version__

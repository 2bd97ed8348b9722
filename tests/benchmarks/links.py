"""Whole-leg booking beside the usual way: one SimPy `Resource` a link and one request a hop.

Run: python tests/benchmarks/links.py [MOVEMENTS]

Both ways send the same movements over the same paths of 25 links in one run, and the ratio of their link
bookings a second is what counts. Each way is timed nine times in turn; the medians are printed.
"""

import random
import statistics
import sys
import time

import simpy

from nfm_sim.engine.links.credits import Calendar, book_leg, find_start
from nfm_sim.record.words import whole_ticks

LINKS, PATH, ROUNDS = 300, 25, 9
RUN_H = whole_ticks(0.2)
"""Running time of a link, for which both ways hold it."""

Journey = tuple[float, list[int]]


def journeys(movements: int) -> list[Journey]:
    """Movements that start at random over ten days, on corridors that share links."""
    rng = random.Random(1)
    made = []
    for _ in range(movements):
        first = rng.randrange(LINKS - PATH)
        made.append((whole_ticks(rng.uniform(0, 240)), list(range(first, first + PATH))))
    return sorted(made)


def by_leg(movements: list[Journey]) -> float:
    """Book each path whole, in a SimPy process that waits for its credit and then for its arrival."""
    calendars = [Calendar() for _ in range(LINKS)]
    legs = {path[0]: [(link, i * RUN_H, RUN_H, 0.0) for i, link in enumerate(path)] for _, path in movements}
    env = simpy.Environment()

    def move(start: float, path: list[int]):
        yield env.timeout(start)
        credit, _ = find_start(calendars, legs[path[0]], env.now)
        book_leg(calendars, legs[path[0]], credit)
        if credit > env.now:
            yield env.timeout(credit - env.now)
        yield env.timeout(PATH * RUN_H)

    begin = time.perf_counter()
    for start, path in movements:
        env.process(move(start, path))
    env.run()
    return time.perf_counter() - begin


def by_hop(movements: list[Journey]) -> float:
    """Request each link in turn and hold it while driving over it."""
    env = simpy.Environment()
    links = [simpy.Resource(env) for _ in range(LINKS)]

    def move(start: float, path: list[int]):
        yield env.timeout(start)
        for number in path:
            with links[number].request() as request:
                yield request
                yield env.timeout(RUN_H)

    begin = time.perf_counter()
    for start, path in movements:
        env.process(move(start, path))
    env.run()
    return time.perf_counter() - begin


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    movements = journeys(count)
    seconds = [(by_leg(movements), by_hop(movements)) for _ in range(ROUNDS)]
    leg, hop = (statistics.median(column) for column in zip(*seconds, strict=True))
    ratio = statistics.median(b / a for a, b in seconds)
    bookings = count * PATH
    print(f"{count} movements over {PATH} links")
    print(f"whole legs   {bookings / leg / 1e6:.2f} million link bookings a second")
    print(f"hop by hop   {bookings / hop / 1e6:.2f} million link bookings a second")
    print(f"ratio        {ratio:.1f}")


if __name__ == "__main__":
    main()

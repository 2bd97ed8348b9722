"""Packages: what of some options may be bought together, and what it costs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nfm_sim.scenario import Scenario
from nfm_sim.scenario.options import Options
from nfm_sim.study.tried import Forks

Package = tuple[str, ...]
"""Names of options, in the order of their file; of which there are several, as often."""
NOTHING: Package = ()


def called(package: Package) -> str:
    """What a table calls a package: "2 wagons + ramp".

    >>> called(("ramp", "heavy_wagons", "heavy_wagons"))
    'ramp + 2 heavy wagons'
    """
    parts = (f"{number} {name}" if number > 1 else name for name, number in Counter(package).items())
    return " + ".join(parts).replace("_", " ") or "nothing"


@dataclass(frozen=True)
class Shop:
    """What may be bought for a scenario."""

    scenario: Scenario
    options: Options

    def eur(self, package: Package) -> float:
        """What a package costs."""
        return sum(self.options[name].eur for name in package)

    def made(self, package: Package) -> Scenario:
        """The scenario with what of a package is there from the beginning."""
        return self.scenario.with_changes(self.options.changes(Counter(package), self.scenario).get(0.0, {}))

    def forks(self, package: Package) -> Forks:
        """What changes when the rest of a package comes, as far as that is before the horizon."""
        by_hour = sorted(self.options.changes(Counter(package), self.scenario).items())
        return tuple({"at_h": at_h, "changes": of} for at_h, of in by_hour if 0 < at_h < self.scenario.horizon_h)

    def ordered(self, names: Iterable[str]) -> Package:
        """Names as a package."""
        often = Counter(names)
        return tuple(name for name in self.options.options for _ in range(often[name]))

    def alone(self, name: str) -> Package:
        """An option with what it requires."""
        needed, todo = {name}, [name]
        while todo:
            more = set(self.options[todo.pop()].requires) - needed
            needed |= more
            todo += more
        return self.ordered(needed)

    def can_be(self, package: Package) -> bool:
        """Whether nothing in a package excludes another, all that it requires is there, and nothing is too often."""
        often = Counter(package)
        return all(
            number <= self.options[name].at_most
            and often.keys() >= {*self.options[name].requires}
            and not often.keys() & {*self.options[name].excludes}
            for name, number in often.items()
        )

    def affordable(self, names: Iterable[str], budget: float) -> Iterator[Package]:
        """Yield every package of some options that a budget pays, nothing at all the first."""
        last = [name for name in self.options.options if name in {*names}]

        def grown(package: Package, place: int, left: float) -> Iterator[Package]:
            if self.can_be(package):
                yield package
            for at in range(place, len(last)):
                option = self.options[last[at]]
                if option.eur <= left and package.count(last[at]) < option.at_most:
                    yield from grown((*package, last[at]), at, left - option.eur)

        yield from grown(NOTHING, 0, budget)

    def larger(self, package: Package, names: Iterable[str], budget: float) -> Iterator[Package]:
        """Yield what a package becomes by one more option, with what that requires, as far as the budget goes."""
        for name in names:
            more = self.ordered([*package, name, *(each for each in self.alone(name) if each not in (*package, name))])
            if self.can_be(more) and self.eur(more) <= budget:
                yield more

    def exchanged(self, package: Package, names: Iterable[str], budget: float) -> Iterator[Package]:
        """Yield what a package becomes by one option in the place of another."""
        names = list(names)
        for place in range(len(package)):
            less = package[:place] + package[place + 1 :]
            yield from (more for more in self.larger(less, names, budget) if more != package)

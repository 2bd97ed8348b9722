"""What a search tries: scenarios by what they are called, each replicated when it is asked for, and no further."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar
from zlib import crc32

from nfm_sim.scenario import Scenario
from nfm_sim.study.compare import write_comparison
from nfm_sim.study.how import How, sampling_of
from nfm_sim.study.replicate import begin, complete
from nfm_sim.study.study import Study
from nfm_sim.writing import file_names

Key = TypeVar("Key", bound=Hashable)
Forks = tuple[Mapping[str, Any], ...]
"""What changes under way, as studies record it: at_h, and changes."""


class Tried(Generic[Key]):
    """Studies on the same draws. With a folder in `out`, each has one of its own there, so that a search that was
    stopped goes on: it makes the same choices again, of replications that it finds."""

    def __init__(
        self,
        make: Callable[[Key], tuple[Scenario, Forks]],
        seed: int,
        how: How,
        out: str | Path | None = None,
        called: Callable[[Key], str] = str,
    ) -> None:
        self._make, self._seed, self._how, self._called = make, seed, how, called
        self._out = None if out is None else Path(out)
        self._studies: dict[Key, Study] = {}

    def __call__(self, keys: Iterable[Key], numbers: range) -> dict[Key, Study]:
        """The replications with these numbers of each."""
        wanted = list(dict.fromkeys(keys))
        for key in wanted:
            if key not in self._studies:
                scenario, forks = self._make(key)
                folder = None if self._out is None else self._out / _folder_name(self._called(key))
                self._studies[key] = begin(scenario, self._seed, sampling_of(self._how), folder, self._how, forks)
        complete([self._studies[key] for key in wanted], numbers.stop, self._how, begin=numbers.start)
        return {key: self._studies[key].part(numbers.start, numbers.stop) for key in wanted}

    def compared(self, keys: Iterable[Key]) -> None:
        """With a folder, make a comparison of it: of these, the base first, as `nfm-sim report` takes it."""
        if self._out is not None:
            names = [self._called(key) for key in dict.fromkeys(keys)]
            write_comparison(self._out, {name: _folder_name(name) for name in names}, {})


LONG = 60
"""Characters of the name of a folder; of a longer one the end says, as a digest, what the rest was."""


def _folder_name(called: str) -> str:
    if len(called) > LONG:
        called = f"{called[:LONG]}-{crc32(called.encode()):08x}"
    return file_names([called])[called]

"""How replications are made: what a caller may say of it, and what is told while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Literal, TypedDict
from weakref import finalize

from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.measures import KEPT, Measure
from nfm_sim.plan.draws import Sampling, read_sampling
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.study.workers import BACKENDS


@dataclass(frozen=True)
class TargetState:
    """A target as a study stands: its row with the widest interval, whether it is met, and how many replications
    that likely needs (None: it is not known, as while too many values are censored); `gain` is how many times more
    independent replications would need (None: there are no whole blocks enough); `unit` is that of the estimate."""

    target: str
    row: str
    estimate: float | None
    half_width: float | None
    met: bool
    needed: int | None
    gain: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Progress:
    """How far studies are: replications done and asked for so far, over all of `folders`, and how far these are
    from the targets of precision. `nfm.open_study` tells what a folder holds by now."""

    done: int
    asked: int
    folders: Sequence[Path]
    targets: Sequence[TargetState] = ()


class Temporary:
    """A folder that goes when nothing that reads it is left."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="nfm_sim-"))
        finalize(self, rmtree, self.folder, ignore_errors=True)


def folder_for(out: str | Path | None) -> tuple[Path, Temporary | None]:
    """Return the folder that is asked for; without one, a temporary one, and what keeps it in being."""
    if out is not None:
        return Path(out), None
    temporary = Temporary()
    return temporary.folder, temporary


class How(TypedDict, total=False):
    """How replications are made; nothing of it but `sampling` changes a number in the tables.

    - `sampling`: "stratified" (without it): in each block of 16 replications every owner of draws has one from each
      sixteenth of its distribution; or "independent".
    - `jobs`: worker processes; without it as many as there are cores, or none for a few replications.
    - `batch`: replications that are done, written and lost together; without it up to 16.
    - `backend`, `address`: "loky" (processes of this machine) or "dask", and the address of the cluster. Workers write
      to `out`, which all machines must see.
    - `keep`: the replications whose tables (spans, holdings, ...) are kept whole, or "all". Without it the first.
    - `measures`: measures of your own, functions from a run to a table with a column `replication`, whose answers
      are kept too, under their names.
    - `progress`: called with a `Progress` after each batch.
    """

    sampling: str
    jobs: int | None
    batch: int | None
    backend: str
    address: str | None
    keep: Iterable[int] | Literal["all"]
    measures: Iterable[Measure]
    progress: Callable[[Progress], None] | None


def check_how(replications: int, how: How) -> None:
    """Raise ValueError for what cannot be asked."""
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise ValueError(f"replications must be at least 1 and at most {MOST_REPLICATIONS}, not {replications}")
    for name in ("jobs", "batch"):
        number = how.get(name)
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ValueError(f"{name} must be at least 1, not {number}")
    sampling_of(how)
    backend = how.get("backend", "loky")
    if backend not in BACKENDS:
        remedy = f"must be one of {', '.join(BACKENDS)}{did_you_mean(backend, BACKENDS)}"
        raise InputError.of("study", "backend", backend, remedy)


def sampling_of(how: How) -> Sampling:
    """How the draws of replications go together. Raises `InputError` for what cannot be asked."""
    return read_sampling(how.get("sampling", Sampling.STRATIFIED))


def own_measures(how: How) -> dict[str, Measure]:
    """The user's own measures by name."""
    own: dict[str, Measure] = {}
    for measure in how.get("measures", ()):
        name = getattr(measure, "__name__", "")
        if not name.isidentifier() or name in own or name in KEPT:
            remedy = "must be functions with names of their own, which no measure of a study has"
            raise InputError.of("measures", "name", name, remedy)
        own[name] = measure
    return own

"""What to protect first: the losses that together delay allies most, and what protection of each buys back.

The question is that of Muckensturm and Longhorn (2019), with time in it: not only which links, places and pools, but
from which hour on. Losses are sought greedily, with exchanges afterwards, on common random draws; what is found is
confirmed on fresh replications, which did not choose it.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack

import numpy as np
import polars as pl

from nfm_sim.limits import MOST_HOURS
from nfm_sim.measures import bottlenecks, closure, closure_curve, link_load, ways_taken
from nfm_sim.measures.closure import STEP_H
from nfm_sim.problems import InputError, Problem, one_of, refuse
from nfm_sim.record.words import CauseKind
from nfm_sim.scenario import Scenario, join_path
from nfm_sim.study import How, Study
from nfm_sim.study.intervals import Sample, mean_difference
from nfm_sim.study.replicate import sampling_of
from nfm_sim.study.tried import Tried, fresh_numbers

PILOT = 4
"""Replications that show what is used most."""
HALF = 0.5
"""What is left of a pool that is hit, and of a link or place with a spare."""
TARGETS = {"link": "links", "place": "nodes", "pool": "pools"}
"""By kind of loss: the key of a disruption that names it."""
PROTECTIONS: dict[str, dict[str, Any] | None]
PROTECTIONS = {"guard": None, "spare": {"left_share": HALF}, "repair": {"duration_h": 24.0}}
"""A guard keeps the loss away; with a spare half is left, of a pool three quarters; a team on call mends it within a
day. All three are assumed."""


@dataclass(frozen=True, order=True)
class Loss:
    """Something that is lost from an hour on."""

    kind: str
    """ "link", "place" or "pool"."""
    name: str
    hour: float

    def disruption(self, lasts_h: float, protection: str = "") -> dict[str, Any]:
        """Return it as a disruption of a scenario, of a pool half of it: with a protection less, or none at all."""
        weaker = PROTECTIONS[protection] if protection else {}
        if weaker is None:
            return {}
        lost = {TARGETS[self.kind]: [self.name], "start_h": self.hour, "duration_h": lasts_h, **weaker}
        if self.kind == "pool":
            lost["left_share"] = (1 + HALF) / 2 if "left_share" in weaker else HALF  # a spare for half of what is lost
        return lost

    def __str__(self) -> str:
        return f"{self.kind} {self.name} from hour {self.hour:g} on"

    @property
    def key(self) -> str:
        """The path of its disruption."""
        return join_path(("disruptions", f"lost {self.name} at {self.hour:g}"))


@dataclass(frozen=True)
class Protection:
    """Losses that together delay most, and what protection of each buys back."""

    losses: tuple[Loss, ...]
    """Those that together delay most, in the order in which they were found."""
    worth: pl.DataFrame
    """For each of them and each protection: kind, name, hour, protection, and hours that a piece of the mean is sooner
    with it, with _low and _high, on fresh replications; what buys back most comes first."""
    delay: tuple[float | None, float | None, float | None]
    """By how many hours they delay the mean piece together, on fresh replications, with its interval; None for a bound
    that is open."""
    tried: int
    """Sets of losses that were simulated."""


T = TypeVar("T", bound=Hashable)


def worst_together(
    options: Callable[[frozenset[T]], Iterable[T]],
    size: int,
    *,
    harm: Callable[[Sequence[frozenset[T]]], Sequence[float]],
) -> tuple[T, ...]:
    """Return the options that together do most harm: one after the other the one that adds most, and then, as long as
    that does more, another in the place of one.

    `options` says what can be added to those that are chosen, because what is used then may be another thing; `harm`
    says of several sets at once how much each does.

    >>> def harm(sets):
    ...     return [len(one & {"b"}) + 3 * (one == {"a", "c"}) for one in sets]
    >>> nfm.decide.worst_together(lambda chosen: "abc", 2, harm=harm)
    ('c', 'a')
    """
    chosen: tuple[T, ...] = ()
    known: dict[T, None] = {}
    best = -np.inf
    while True:
        grows = len(chosen) < size
        if grows:
            known |= dict.fromkeys(options(frozenset(chosen)))
        places = [len(chosen)] if grows else range(size)
        rest = [option for option in known if option not in chosen]
        others = [(*chosen[:place], option, *chosen[place + 1 :]) for place in places for option in rest]
        harms = harm([frozenset(other) for other in others])
        if not others or (max(harms) <= best and not grows):
            return chosen
        best, chosen = max(harms), others[int(np.argmax(harms))]


def protect(
    scenario: Scenario,
    replications: int = 16,
    *,
    losses: int = 2,
    hours: Iterable[float] = (),
    lasts_h: float = 240.0,
    kinds: Iterable[str] = tuple(TARGETS),
    most: int = 9,
    **how: Unpack[How],
) -> Protection:
    """Find the losses that together delay allied flows most, and what a guard, a spare and a team on call buy back.

    Of each kind what is used most is tried (`most` in all), from each of `hours` on; without them from hour 0, and from
    a third and two thirds of the time to closure. Each loss lasts `lasts_h`. The harm of losses is by how much they
    delay the mean piece; what has not closed counts to the horizon. With a folder in `out` a search that was stopped
    goes on. Raises `InputError` for a scenario without flows.

    >>> nfm.decide.protect(scenario, 1, losses=1, hours=[0], kinds=["link"], jobs=1).losses
    (Loss(kind='link', name='road1', hour=0),)
    """
    if not scenario.flows:
        raise InputError.of(scenario.file, "flows", "", "is empty, so that no loss delays anything")
    tried = [one_of(TARGETS, kind, "protect", "kind") for kind in kinds]
    hours = list(dict.fromkeys(hours))
    remedy = f"must lie from hour 0 to before the horizon, hour {scenario.horizon_h:g}"
    refuse(Problem("protect", "at", f"{hour:g}", remedy) for hour in hours if not 0 <= hour < scenario.horizon_h)
    if not 0 < lasts_h <= MOST_HOURS:
        raise InputError.of("protect", "lasts", f"{lasts_h:g}", f"must be above 0, and at most {MOST_HOURS:,.0f} hours")
    search = _Search(scenario, replications, how, lasts_h)
    when = hours or _thirds(search.pilot(frozenset()))

    def options(chosen: frozenset[Loss]) -> Iterable[Loss]:
        used = _used(search.pilot(chosen), scenario, tried, most)
        return [Loss(kind, name, hour) for kind, name in used for hour in when]

    chosen = worst_together(options, losses, harm=search.harms)
    if not chosen:
        remedy = "leaves nothing to lose, as allies use nothing of it"
        raise InputError.of("protect", "kind", ", ".join(tried), remedy)
    return search.confirmed(chosen)


Losses = frozenset[tuple[Loss, str]]
"""Losses, each with its protection, or none ("")."""


def _called(losses: Losses) -> str:
    return " and ".join(f"{loss}{how and f' with a {how}'}" for loss, how in sorted(losses)) or "nothing"


class _Search:
    """Sets of losses, and by how much each delays the mean piece."""

    def __init__(self, scenario: Scenario, replications: int, how: How, lasts_h: float) -> None:
        def make(losses: Losses) -> Scenario:
            lost = {loss.key: disruption for loss, by in sorted(losses) if (disruption := loss.disruption(lasts_h, by))}
            return scenario.with_changes(lost)

        self._seen, self._sampling = range(replications), sampling_of(how)
        self._tried: Tried[Losses] = Tried(make, how, _called)
        self._sets = {frozenset[Loss]()}

    def pilot(self, losses: frozenset[Loss]) -> Study:
        """A few replications with a set of losses."""
        key = _alone(losses)
        return self._tried([key], self._seen[:PILOT])[key]

    def harms(self, sets: Sequence[frozenset[Loss]]) -> list[float]:
        """The delay of the mean piece by each set."""
        self._sets |= {*sets}
        base, *lost = self._closed([frozenset(), *map(_alone, sets)], self._seen)
        return [float((hit - base).mean()) for hit in lost]

    def confirmed(self, chosen: tuple[Loss, ...]) -> Protection:
        """What was chosen, and what protects from it, on fresh replications."""
        numbers, together = fresh_numbers(len(self._seen), len(self._seen)), _alone(chosen)
        each = [(loss, by) for loss in chosen for by in PROTECTIONS]
        protected = [together - {(loss, "")} | {(loss, by)} for loss, by in each]
        base, hit, *left = self._closed([frozenset(), together, *protected], numbers)
        sooner = [self._interval(hit - hours, numbers) for hours in left]
        rows = [(one.kind, one.name, one.hour, by, *hours) for (one, by), hours in zip(each, sooner, strict=True)]
        names = ["kind", "name", "hour", "protection", "hours", "hours_low", "hours_high"]
        worth = pl.DataFrame(rows, schema=names, orient="row").sort("hours", descending=True, maintain_order=True)
        return Protection(chosen, worth, self._interval(hit - base, numbers), len(self._sets))

    def _closed(self, sets: Sequence[Losses], numbers: range) -> list[np.ndarray]:
        """By set and replication, when the mean piece closes, in hours; what has not closed counts to the horizon."""
        studies = self._tried(sets, numbers)
        return [_mean_piece(studies[one]) for one in sets]

    def _interval(self, values: np.ndarray, numbers: range) -> tuple[float | None, float | None, float | None]:
        return mean_difference(Sample.of(values, numbers, self._sampling)).known


def _alone(losses: Iterable[Loss]) -> Losses:
    return frozenset((loss, "") for loss in losses)


def _mean_piece(study: Study) -> np.ndarray:
    flows = study.scenario.flows.values()
    planned = sum(sum(cargo.pieces.values()) for flow in flows for _, _, cargo in flow.cargoes())
    whole = closure(study).select("replication", "flow", all_of="pieces")
    curves = closure_curve(study).join(whole, on=["replication", "flow"]).group_by("replication")
    closed = curves.agg((pl.col("all_of") - pl.col("pieces")).sum() * STEP_H / planned)
    return closed.sort("replication")[:, 1].to_numpy()


def _thirds(pilot: Study) -> list[float]:
    """Hour 0, and whole days at a third and two thirds of the time in which allies close."""
    curve = closure_curve(pilot)
    last = curve.filter(pl.col("pieces") < pl.col("pieces").max().over("replication", "flow"))["hour"].max() or 0.0
    return [24.0 * round(float(last) * part / 72) for part in range(3)]  # type: ignore[arg-type]


def _used(pilot: Study, scenario: Scenario, kinds: list[str], most: int) -> list[tuple[str, str]]:
    """What is used most, of each kind as many: of each line the link that most pieces pass, places where most pieces
    set out, pools that most is waited for."""
    each = math.ceil(most / max(1, len(kinds)))
    lines = {link.name: link.line or link.name for link in scenario.loaded_network.links.values()}
    links = _most(link_load(pilot), "link", "pieces").with_columns(line=pl.col("link").replace_strict(lines))
    waits = bottlenecks(pilot).filter((pl.col("kind") == CauseKind.POOL) & pl.col("name").is_in(list(scenario.pools)))
    used = {
        "link": links.unique("line", keep="first", maintain_order=True)["link"],
        "place": _most(ways_taken(pilot), "origin", "pieces")["origin"],
        "pool": _most(waits, "name", "piece_hours")["name"],
    }
    return [(kind, name) for kind in kinds for name in used[kind].head(each)]


def _most(rows: pl.DataFrame, key: str, amount: str) -> pl.DataFrame:
    return rows.group_by(key).agg(pl.col(amount).sum()).sort(amount, key, descending=[True, False])

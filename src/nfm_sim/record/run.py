"""The record that simulations leave: tidy tables, with a column `replication` in each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import polars as pl

from nfm_sim.cards import card
from nfm_sim.extras import to_pandas
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.record.tables import TABLES


class Record(ABC):
    """Tables of one replication or of many, to which measures and plots put the same questions.

    - `subjects`: what the spans are about: elements, formations, ships, airlifts, and movements (a train, a column, a
      truck, a barge, a flight).
    - `spans`: subject, activity, kind, place, cause, cause_kind, start_h, end_h. The spans of a subject tile its time
      from its order to its close, or to the horizon. Milestones (ready to move, in place, effective, closed) are
      spans without length. `cause_kind` says what the cause is: a link, facility, pool, rule, disruption, task,
      element, partner or movement.
    - `departures`: movement, the number of the leg that it drove, and when it set off on it.
    - `legs`: the links of each leg that was driven, with their direction; when the head enters and the tail
      leaves, in hours after its start; and the hours of the link's calendar that it takes (0 for traffic that
      needs no credit). Both together are the `passages`.
    - `holdings`: what a subject held of a pool or yard, from when to when.
    - `pools`: the pools and yards with their capacity, at its largest, and the people to man a unit.
    - `capacities`: the capacity that there is of each, without what is closed: at the start, and from each hour on at
      which it changes.
    - `duties`: what each element did: on a task (prepare, serve, redeploy), at rest or free. The rows of an
      element tile its time to the horizon.
    - `commitments`: what the tasks asked for, of a capability (alternatives with "|" between) or of a pool.
    - `demands`: what the regional plans ask for, by capability, region and hour.
    - `stuck`: who waits at the horizon for nothing that can come: since when, where, for what, and why (never: there
      can never be so much, or such an hour; deadlock: in a ring, as number `in_ring`, of subjects that wait for what
      the next one holds; behind: for what one of those holds; held: for what is held for good, or used up).
    - `inputs`: the uncertain numbers of the scenario as they were drawn, by path.
    - `programmes`: the movement programme of each flow that has one: when its onward movement could begin, and when
      its window ends (null: it has none, or no ship has come).
    - `rates`: what each programme books a working day, by place (empty: for all ports together) and mode, and what its
      window needs (null without one).
    - `slots`: the slots of movement programmes from when their onward movement began until the last piece of their
      flows had left, and the movement that took each (null: nobody).
    - `outages`: what each disruption took from when to when: a row for each link, facility, pool or ship, each time.
    - `levels`: what a stock holds of a class of supply, or an element carries, from an hour on, how fast it falls until
      the next row, and how fast those who draw on it use it when there is enough. What is not limited has no rows.
    - `shortages`: which element in place had none of a class of supply, or too few fit that an attrition tells of, from
      when to when, and whether that stops its effect.
    - `deliveries`: what came to a stock, by class of supply and movement: ordered, sent, and there.
    - `strengths`: by element and attrition, how many people or pieces are fit from an hour on, and where others are.
    - `detours`: where a movement left the way that a disruption had closed for another, and how much longer that is.
    """

    def __init__(self) -> None:
        self.memo: dict[str, pl.DataFrame] = {}
        """Tables that measures have made of these, and need again."""

    @property
    def network(self) -> Any:
        """The network that it was simulated on (`nfm.Network`), where it is at hand; else None."""
        return None

    @property
    def titles(self) -> Mapping[str, Mapping[str, str]]:
        """What things are called in words, by table of the scenario (flows, elements, nodes, disruptions) and name."""
        return {}

    def called(self, table: str, name: str) -> str:
        """Return what something is called: its title, or else its name in words.

        >>> run.called("flows", "third_brigade")
        'third brigade'
        """
        return self.titles.get(table, {}).get(name) or name.replace("_", " ")

    @property
    @abstractmethod
    def about(self) -> Mapping[str, Any]:
        """The description of what was simulated: title, notional, file, network, g_day, horizon_h, seed, sampling,
        replications."""

    @abstractmethod
    def table(self, name: str) -> pl.DataFrame:
        """Return a table of all replications. Raises `InputError` where it was not kept of all."""

    def answer(self, name: str) -> pl.DataFrame | None:
        """Return the answer of a measure where it is kept beside the tables; None: make it of them."""
        return None

    @property
    def replications(self) -> list[int]:
        """The numbers of its replications, in order."""
        return self.table("subjects")["replication"].unique().sort().to_list()

    @property
    def whole(self) -> Record:
        """The replications of which all tables are at hand."""
        return self

    def one(self, replication: int) -> Record:
        """The tables of one replication, if need be with those of others."""
        return self

    def to_pandas(self, name: str) -> Any:
        """Return a table, or an answer that is kept beside them, as a pandas DataFrame; nulls are NaN or None. Needs
        the extra `pandas`. Raises `InputError` when there is none of this name."""
        answer = self.answer(name)
        if answer is None and name not in TABLES:
            remedy = f"is no table of a run{did_you_mean(name, TABLES)}; it has {', '.join(TABLES)}"
            raise InputError.of(self.about["title"], "table", name, remedy)
        return to_pandas(self.table(name) if answer is None else answer)

    @property
    def horizon_h(self) -> float:
        """The hour at which the simulation ended."""
        return float(self.about["horizon_h"])

    def __getattr__(self, name: str) -> pl.DataFrame:
        """A table, as the attribute of its name."""
        if name not in TABLES:
            raise AttributeError(f"{type(self).__name__} has no attribute {name}{did_you_mean(name, TABLES)}")
        return self.table(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES]

    @property
    def passages(self) -> pl.DataFrame:
        """The movements that passed each link, in which direction, and when: a row for each link of each leg that was
        driven.

        Columns: replication, movement, link, forward, enter_h (its head), leave_h (its tail), slot_h.
        """
        if "passages" not in self.memo:
            rows = self.departures.join(self.legs, on=["replication", "leg"], maintain_order="left_right")
            hours = (pl.col(name) + pl.col("start_h") for name in ("enter_h", "leave_h"))
            self.memo["passages"] = rows.select("replication", "movement", "link", "forward", *hours, "slot_h")
        return self.memo["passages"]


class Run(Record):
    """Replications in memory, with all their tables (see `Record`).

    `about` says what was simulated, `tables` holds a table for each name in `TABLES`.
    """

    def __init__(
        self,
        about: Mapping[str, Any],
        tables: Mapping[str, pl.DataFrame],
        network: Any = None,
        titles: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        super().__init__()
        self._about = dict(about)
        self._network = network
        self._titles = titles or {}
        self.tables = {name: tables[name] for name in TABLES}

    def __repr__(self) -> str:
        number, seed = self.about["replications"], self.about["seed"]
        return f'<Run "{self.about["title"]}": {number} replications, seed {seed}>'

    def _repr_html_(self) -> str:
        rows = {name: f"{len(table):,}" for name, table in self.tables.items() if not table.is_empty()}
        facts = {
            "replications": self.about["replications"],
            "seed": self.about["seed"],
            "hour 0": self.about["g_day"],
            "horizon": f"{self.horizon_h / 24:g} days",
            "rows": ", ".join(f"{name} {number}" for name, number in rows.items()),
        }
        return card("Run", str(self.about["title"]), facts)

    @property
    def network(self) -> Any:
        return self._network

    @property
    def titles(self) -> Mapping[str, Mapping[str, str]]:
        return self._titles

    @property
    def about(self) -> Mapping[str, Any]:
        return self._about

    def table(self, name: str) -> pl.DataFrame:
        return self.tables[name]

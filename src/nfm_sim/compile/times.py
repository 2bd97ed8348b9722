"""The times of a scenario: from when it is simulated, its regimes, and opening hours made into windows, each once."""

from __future__ import annotations

import math
from functools import cached_property

from nfm_sim.plan.draws import DrawSheet
from nfm_sim.plan.timeline import Timeline
from nfm_sim.plan.windows import Windows, opening_windows
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.activation import Regime, RegimeStart

Openings = tuple[str, ...]


class Times:
    """The times of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.start_h = -24 * max(map(scenario.pre_alert_days, scenario.elements.values()), default=0.0)
        """0, or earlier when an element is pre-alerted."""
        starts = sorted(scenario.timeline, key=lambda start: start.day)
        self.regimes: list[tuple[RegimeStart, Regime]] = [(start, scenario.regimes[start.regime]) for start in starts]
        """In the order in which they come."""
        self._made: dict[Openings, Windows | None] = {}

    def windows(self, openings: Openings) -> Windows | None:
        """Return the windows of daily openings; None for always open."""
        if openings not in self._made:
            scenario = self.scenario
            self._made[openings] = opening_windows(openings, scenario.g_day, scenario.horizon_h, self.start_h)
        return self._made[openings]

    @cached_property
    def driving(self) -> Windows | None:
        """The hours in which columns may drive, as the regimes have it."""
        return self._by_regime(self.scenario.movement.column.driving, [regime.driving for _, regime in self.regimes])

    @cached_property
    def running(self) -> Windows | None:
        """The hours in which military trains may run, as the regimes have it."""
        return self._by_regime(self.scenario.movement.train.running, [regime.running for _, regime in self.regimes])

    def _by_regime(self, usual: Openings, own_hours: list[Openings | None]) -> Windows | None:
        """Make windows that each regime may change; a regime that gives none has the usual ones."""
        if all(own is None for own in own_hours):
            return self.windows(usual)
        changes = [
            (start.day * 24, usual if own is None else own)
            for (start, _), own in zip(self.regimes, own_hours, strict=True)
        ]
        periods = [(self.start_h, usual), *changes]
        ends = [hour for hour, _ in changes] + [math.inf]
        always = Windows([(-math.inf, math.inf)])
        return Windows(
            interval
            for (hour, openings), end in zip(periods, ends, strict=True)
            for interval in (self.windows(openings) or always).within(hour, end)
        )

    def permit_lead(self, sheet: DrawSheet, name: str, nation: str = "") -> Timeline[int | None]:
        """Ask for the hours that a border permit takes, by the hour at which it is asked for."""
        leads = []
        for start, regime in self.regimes:
            hours = regime.permit_h_by_nation.get(nation, regime.permit_h)
            draw = None if hours is None else sheet.ask(f"permit {start.regime}", name, hours)
            leads.append((whole_ticks(start.day * 24), draw))
        return Timeline.of(leads, None)

"""The stages of activation, each compiled for an element by the kind that the scenario gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nfm_sim.compile.draws import DrawSheet
from nfm_sim.compile.kit import Kit
from nfm_sim.kinds import UNIFORM
from nfm_sim.plan.forces import FillUpPlan, HoursPlan, IssuePlan, Job, RecallPlan, RepairPlan, StagePlan, StageStep
from nfm_sim.plan.movement import Need
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.ticks import in_hours, whole_ticks
from nfm_sim.scenario.activation import (
    FillUpStage,
    HoursStage,
    IssueStage,
    RecallStage,
    RepairStage,
    StageBase,
    TimedStage,
)
from nfm_sim.scenario.model import Element

NIGHT, WEEKEND = "22:00-06:00", "sat-sun 00:00-24:00"


def stage_steps(kit: Kit, name: str, element: Element) -> list[StageStep]:
    """Compile the chain of stages of an element."""
    early = kit.scenario.activation.pre_alert_stages
    return [
        StageStep(
            stage=STAGES[type(stage)](kit, stage_name, stage, name, element),
            whether=kit.sheet.ask(f"{stage_name} needed", name, UNIFORM),
            share=stage.share if element.tier is None else stage.share_by_tier.get(element.tier, stage.share),
            early=stage_name in early,
        )
        for stage_name, stage in kit.scenario.activation.stages.items()
    ]


def _stage_hours(sheet: DrawSheet, name: str, stage: TimedStage, subject: str, element: Element) -> int:
    """Ask for the hours of a stage: the element's own, its tier's, or the stage's."""
    by_tier = stage.hours if element.tier is None else stage.hours_by_tier.get(element.tier, stage.hours)
    return sheet.ask(name, subject, element.hours.get(name) or by_tier)


def _hours(kit: Kit, name: str, stage: HoursStage, subject: str, element: Element) -> HoursPlan:
    need = None if stage.pool is None else Need(("", stage.pool), stage.amount)
    draw = _stage_hours(kit.sheet, name, stage, subject, element)
    return HoursPlan(name, element.home, draw, need, stage.breaks_off)


def _recall(kit: Kit, name: str, stage: RecallStage, subject: str, element: Element) -> RecallPlan:
    nights, weekends = kit.times.windows((NIGHT,)), kit.times.windows((WEEKEND,))
    assert nights is not None, "these are hours of the clock"
    assert weekends is not None, "these are hours of the clock"
    return RecallPlan(
        name,
        element.home,
        _stage_hours(kit.sheet, name, stage, subject, element),
        (nights, stage.night_adds_h),
        (weekends, stage.weekend_adds_h),
        Timeline.of([(in_hours(start.day), regime.recall_factor) for start, regime in kit.times.regimes], 1.0),
    )


def _fill_up(kit: Kit, name: str, stage: FillUpStage, subject: str, element: Element) -> FillUpPlan:
    joining = _stage_hours(kit.sheet, name, stage, subject, element)
    return FillUpPlan(name, element.home, joining, stage.full_share, stage.donor_share)


def _repair(kit: Kit, name: str, stage: RepairStage, subject: str, element: Element) -> RepairPlan:
    jobs = [
        Job(Need(("", bays), 1.0), Need(("", stage.spares[class_name]), 1.0) if class_name in stage.spares else None)
        for class_name, bays in stage.bays.items()
        for _ in range(round(element.pieces.get(class_name, 0) * (1 - element.mission_capable_share)))
    ]
    one_piece = kit.sheet.ask(name, subject, element.hours.get(name) or stage.repair_h)
    return RepairPlan(name, element.home, one_piece, tuple(jobs), stage.at_once)


def _issue(kit: Kit, name: str, stage: IssueStage, subject: str, element: Element) -> IssuePlan:
    """An element without pieces draws nothing either."""
    if element.depot is None:
        return IssuePlan(name, element.home, None, 0.0, None)
    hours = sum(element.pieces.values()) / kit.places.rate_per_h(element.depot, stage.docks)
    dock = Need((element.depot, stage.docks), 1.0)
    return IssuePlan(name, element.depot, dock, whole_ticks(hours), kit.places.opening(*dock.pool))


STAGES: Mapping[type[StageBase], Callable[..., StagePlan]] = {
    HoursStage: _hours,
    RecallStage: _recall,
    FillUpStage: _fill_up,
    RepairStage: _repair,
    IssueStage: _issue,
}
"""What compiles a stage of each kind for an element: (kit, stage name, stage, element name, element)."""

"""The stages of activation, each compiled for an element by the kind that the scenario gives it.

A new kind is a function here with a line in `STAGES`, its plan in `plan/forces.py`, and how it runs in
`engine/forces/stages.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nfm_sim.compile.compiler import Compiler
from nfm_sim.kinds import UNIFORM
from nfm_sim.plan.forces import FillUpPlan, HoursPlan, IssuePlan, Job, RecallPlan, RepairPlan, StagePlan, StageStep
from nfm_sim.plan.movement import Need
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario.activation import FillUpStage, HoursStage, IssueStage, RecallStage, RepairStage, StageBase
from nfm_sim.scenario.model import Element

NIGHT, WEEKEND = "22:00-06:00", "sat-sun 00:00-24:00"


def stage_steps(compiler: Compiler, name: str, element: Element) -> list[StageStep]:
    """Compile the chain of stages of an element."""
    early = compiler.scenario.activation.pre_alert_stages
    return [
        StageStep(
            stage=STAGES[type(stage)](compiler, stage_name, stage, name, element),
            whether=compiler.sheet.ask(f"{stage_name} needed", name, UNIFORM),
            share=stage.share if element.tier is None else stage.share_by_tier.get(element.tier, stage.share),
            early=stage_name in early,
        )
        for stage_name, stage in compiler.scenario.activation.stages.items()
    ]


def _hours(compiler: Compiler, name: str, stage: HoursStage, subject: str, element: Element) -> HoursPlan:
    need = None if stage.pool is None else Need(("", stage.pool), stage.amount)
    draw = compiler.stage_hours(name, stage, subject, element)
    return HoursPlan(name, element.home, draw, need, stage.breaks_off)


def _recall(compiler: Compiler, name: str, stage: RecallStage, subject: str, element: Element) -> RecallPlan:
    nights, weekends = compiler.windows((NIGHT,)), compiler.windows((WEEKEND,))
    return RecallPlan(
        name,
        element.home,
        compiler.stage_hours(name, stage, subject, element),
        None if nights is None else (nights, stage.night_adds_h),
        None if weekends is None else (weekends, stage.weekend_adds_h),
        Timeline.of([(start.day * 24, regime.recall_factor) for start, regime in compiler.regimes], 1.0),
    )


def _fill_up(compiler: Compiler, name: str, stage: FillUpStage, subject: str, element: Element) -> FillUpPlan:
    joining = compiler.stage_hours(name, stage, subject, element)
    return FillUpPlan(name, element.home, joining, stage.full_share, stage.donor_share)


def _repair(compiler: Compiler, name: str, stage: RepairStage, subject: str, element: Element) -> RepairPlan:
    jobs = [
        Job(Need(("", bays), 1.0), Need(("", stage.spares[class_name]), 1.0) if class_name in stage.spares else None)
        for class_name, bays in stage.bays.items()
        for _ in range(round(element.pieces.get(class_name, 0) * (1 - element.mission_capable_share)))
    ]
    one_piece = compiler.sheet.ask(name, subject, element.hours.get(name) or stage.repair_h)
    return RepairPlan(name, element.home, one_piece, tuple(jobs), stage.at_once)


def _issue(compiler: Compiler, name: str, stage: IssueStage, subject: str, element: Element) -> IssuePlan:
    """An element without pieces draws nothing either."""
    if element.depot is None:
        return IssuePlan(name, element.home, None, 0.0, None)
    hours = sum(element.pieces.values()) / compiler.rate_per_h(element.depot, stage.docks)
    dock = Need((element.depot, stage.docks), 1.0)
    return IssuePlan(name, element.depot, dock, whole_ticks(hours), compiler.opening(*dock.pool, ()))


STAGES: Mapping[type[StageBase], Callable[..., StagePlan]] = {
    HoursStage: _hours,
    RecallStage: _recall,
    FillUpStage: _fill_up,
    RepairStage: _repair,
    IssueStage: _issue,
}
"""What compiles a stage of each kind for an element: (compiler, stage name, stage, element name, element)."""

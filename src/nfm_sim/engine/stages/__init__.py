"""The stages of activation, one file a kind. A new kind is one new file and one line here."""

from collections.abc import Callable, Mapping

from nfm_sim.engine.plan import StagePlan
from nfm_sim.engine.stages.fill_up import plan_fill_up
from nfm_sim.engine.stages.hours import plan_hours
from nfm_sim.engine.stages.issue import plan_issue
from nfm_sim.engine.stages.recall import plan_recall
from nfm_sim.engine.stages.repair import plan_repair

PLANNERS: Mapping[str, Callable[..., StagePlan]] = {
    "hours": plan_hours,
    "recall": plan_recall,
    "fill_up": plan_fill_up,
    "repair": plan_repair,
    "issue": plan_issue,
}
"""By kind: what compiles a stage for an element: (compiler, stage name, stage, element name, element)."""

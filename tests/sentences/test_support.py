"""What Host Nation Support buys and costs, in two sentences."""

from typing import Any

from nfm_sim.sentences.losses import support_told
from tests.engine.test_staff_stories import gated, serving


def test_two_sentences_say_what_was_waited_for_and_what_the_task_had(play: Any) -> None:
    """Controllers come at hour 12, when one lorry has stood since 0.6 and one behind it, and serve half a day."""
    run = play(gated(0, 2, **serving(controllers=2)))
    buys, costs = support_told(run, ["controllers", "guards"], "a.toml")
    assert buys == (
        "With the Host Nation Support that there is, movements waited 11 piece-hours for controllers; "
        "nobody waited for guards."
    )
    assert costs.startswith("It costs 0 element-days (control 0), for which nobody else asked")
    assert costs.endswith("`nfm-sim exchange a.toml`.")
    assert support_told(run, [], "a.toml") == []

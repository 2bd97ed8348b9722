"""Logs: spans that tile the time of a subject, whatever it does."""

from nfm_sim.engine.log import Log, Together
from nfm_sim.record.words import NO_CAUSE

TRUCKS, RAMP = ("pool", "trucks"), ("facility", "truck_ramps")


def state(activity: str, kind: str = "work", cause: tuple[str, str] = NO_CAUSE) -> tuple[object, ...]:
    return (activity, kind, "p", cause)


def spans(log: Log) -> list[tuple[object, float, float]]:
    return [*zip(log.states, [log.begun, *log.ends], log.ends, strict=False)]


def begun() -> Log:
    """It loads from hour 1 on."""
    return Log(1.0, *state("load"))


def test_going_to_another_state_ends_the_span_before() -> None:
    log = begun()
    log.to(3.0, *state("march", "move"))
    log.to(4.0, *state("march", "move"))  # as before
    log.to(6.0, *state("unload"))
    log.to(6.0, *state("close"))  # at once: what takes no time has no span
    log.close(7.0)
    assert spans(log) == [(state("load"), 1, 3), (state("march", "move"), 3, 6), (state("close"), 6, 7)]
    assert log.state is None


def test_what_begins_and_changes_at_one_hour_is_what_it_changed_to() -> None:
    log = begun()
    log.to(1.0, *state("march", "move"))
    log.close(2.0)
    assert spans(log) == [(state("march", "move"), 1, 2)]


def test_a_milestone_is_a_span_without_length_and_the_state_goes_on() -> None:
    log = begun()
    log.mark(2.0, "ready", "p")
    log.mark(2.0, "in place", "q")
    log.close(5.0)
    milestones = [((name, "milestone", place, NO_CAUSE), 2, 2) for name, place in (("ready", "p"), ("in place", "q"))]
    assert spans(log) == [(state("load"), 1, 2), *milestones, (state("load"), 2, 5)]


def test_a_cause_is_named_from_now_on_or_for_all_of_the_state() -> None:
    log = Log(0.0, *state("load", "wait", TRUCKS))
    log.change_cause(2.0, RAMP)
    log.close(3.0)
    assert spans(log) == [(state("load", "wait", TRUCKS), 0, 2), (state("load", "wait", RAMP), 2, 3)]
    log = Log(0.0, *state("load", "wait", TRUCKS))
    log.name_cause(RAMP)
    log.close(3.0)
    assert spans(log) == [(state("load", "wait", RAMP), 0, 3)]


def test_what_is_closed_stays_closed() -> None:
    log = begun()
    log.close(2.0)
    log.change_cause(3.0, RAMP)
    log.name_cause(RAMP)
    log.to(3.0, *state("march", "move"))
    log.close(4.0)
    assert (spans(log), log.state) == ([(state("load"), 1, 2)], None)


def test_a_copy_has_the_same_past_and_a_time_of_its_own() -> None:
    log = begun()
    log.to(2.0, *state("march", "move"))
    other = log.copy()
    other.to(4.0, *state("rest"))
    log.close(9.0)
    other.close(5.0)
    assert spans(log) == [(state("load"), 1, 2), (state("march", "move"), 2, 9)]
    assert spans(other) == [(state("load"), 1, 2), (state("march", "move"), 2, 4), (state("rest"), 4, 5)]


def test_who_follows_parts_has_the_time_of_the_last_of_them() -> None:
    """Of two parts one ends at 5 and one at 8, where it closes."""
    log, parts = begun(), [Log(3.0, *state("load", "wait")), Log(3.0, *state("load", "wait"))]
    log.to(3.0, *state("deploy", "move"))
    log.parts = parts
    parts[0].close(5.0)
    parts[1].to(4.0, *state("march", "move"))
    parts[1].mark(8.0, "closed", "b")
    parts[1].close(8.0)
    log.adopt_last()
    log.to(8.0, *state("integration"))
    log.close(10.0)
    assert spans(log) == [
        (state("load"), 1, 3),
        (state("load", "wait"), 3, 4),
        (state("march", "move"), 4, 8),
        (state("integration"), 8, 10),
    ]


def test_at_the_horizon_who_follows_parts_has_what_they_had() -> None:
    log, parts = begun(), [Log(1.0, *state("load", "wait")), Log(6.0, *state("load", "wait"))]
    log.parts = parts
    for part in parts:
        part.close(7.0)
    log.close(7.0)
    assert spans(log) == [(state("load", "wait"), 1, 7)]
    none = begun()
    none.parts = [Log(1.0, *state("load"))]
    none.close(1.0)
    assert spans(none) == []


def test_logs_that_go_together_have_the_same_states() -> None:
    logs = [begun(), begun()]
    together = Together(logs)
    together.to(2.0, *state("arrive", "wait", TRUCKS))
    together.change_cause(3.0, RAMP)
    for log in logs:
        log.close(4.0)
        assert spans(log) == [
            (state("load"), 1, 2),
            (state("arrive", "wait", TRUCKS), 2, 3),
            (state("arrive", "wait", RAMP), 3, 4),
        ]

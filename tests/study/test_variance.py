"""What of a spread is due to inputs that nobody knows, and what to chance."""

import re
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import spread_in_words, variance_split
from nfm_sim.study.overview import glance
from tests.conftest import coast, coast_data, one_ship
from tests.measures.by_hand import reached, record, rows


def study_of(replications: int, lateness: Any = 0, **uncertain: Any) -> nfm.Study:
    """Lorries on one ramp: the last leaves so long after the ship as the ramp takes for all."""
    data = coast_data(horizon_days=40, flows={"flow": one_ship("truck", 40, lateness_h=lateness)})
    data["places"] = {"harbour": {"truck_ramps": {"capacity": 1, "rate_per_h": 2}}}
    data["uncertainty"] = uncertain
    return nfm.replicate(build_scenario(data, coast()), replications, seed=4, jobs=1)


RAMP = {"value": {"uniform": [0.8, 1.2]}, "paths": ["places.harbour.truck_ramps.rate_per_h"]}
SPEED = {"value": {"uniform": [0.99, 1.01]}, "paths": ["movement.truck.speed_kmh.*"]}


def test_without_chance_all_of_it_is_the_input() -> None:
    split = dict(variance_split(study_of(40, ramp=RAMP)).select("source", "share").iter_rows())
    assert split["uncertainty.ramp.value"] == pytest.approx(1, abs=0.01)
    assert split["chance"] == pytest.approx(0, abs=0.01)


@pytest.mark.long
def test_inputs_and_chance_have_the_shares_that_they_have() -> None:
    """20 h over a factor of 0.8 to 1.2 has a standard deviation of about 2.4 h; a lateness of up to 10 h one of 2.9."""
    split = variance_split(study_of(400, lateness={"uniform": [0, 10]}, ramp=RAMP, speed=SPEED))
    shares = dict(split.select("source", "share").iter_rows())
    assert split["source"].to_list()[-1] == "uncertainty.speed.value"
    assert shares["uncertainty.ramp.value"] == pytest.approx(0.41, abs=0.08)
    assert shares["chance"] == pytest.approx(0.59, abs=0.08)
    assert shares["uncertainty.speed.value"] < 0.02


def test_too_few_replications_tell_nothing() -> None:
    split = variance_split(study_of(10, ramp=RAMP))
    assert split["share"].null_count() == 2
    assert split["replications"].to_list() == [10, 10]


def test_a_study_without_uncertain_numbers_is_refused() -> None:
    with pytest.raises(InputError, match="has no number that is a distribution"):
        variance_split(study_of(2))


def test_what_was_drawn_is_kept_of_every_replication() -> None:
    study = study_of(3, ramp=RAMP)
    assert nfm.measures.drawn_inputs(study)["replication"].to_list() == [0, 1, 2]
    assert study.kept.inputs["replication"].to_list() == [0], "tables are kept of the first alone"
    assert nfm.measures.drawn_inputs(study).filter(pl.col("replication") == 0).rows() == study.kept.inputs.rows()


@pytest.mark.long
def test_the_spread_is_told_in_words_with_what_it_goes_with() -> None:
    """40 pieces over a ramp of 2 an hour, or of 0.8 to 1.2 times that, and a lateness of up to 10 hours."""
    [line] = spread_in_words(study_of(400, lateness={"uniform": [0, 10]}, ramp=RAMP))
    assert re.fullmatch(
        r"flow: last piece on day 1\.\d, 10-90 % day \d\.\d to day \d\.\d; this spread goes [56]\d % with chance, "
        r"[34]\d % with uncertainty\.ramp\.value",
        line,
    ), line


def test_the_words_leave_out_what_has_no_part_in_it() -> None:
    [line] = spread_in_words(study_of(60, ramp=RAMP, speed=SPEED))
    assert "uncertainty.ramp.value" in line
    assert "uncertainty.speed.value" not in line


def test_few_replications_say_how_many_would_tell() -> None:
    assert spread_in_words(study_of(10, ramp=RAMP)) == [
        "10 replications cannot tell what is not known (1 uncertain number) from chance: 40 can"
    ]
    assert "(2 uncertain numbers) from chance: 40 can" in spread_in_words(study_of(10, ramp=RAMP, speed=SPEED))[0]


def test_without_uncertain_numbers_there_is_nothing_to_tell() -> None:
    assert spread_in_words(study_of(2)) == []


def test_the_first_rows_of_many_may_be_unknown() -> None:
    """Of 60 elements the last alone is ready in each replication: later, the more is drawn."""
    subjects = rows(
        "replication subject what tier", *((n, f"{e:02}", "element", 1) for n in range(20) for e in range(60))
    )
    ready = reached("ready", *((n, "59", 10.0 + n) for n in range(20)))
    drawn = rows("replication path value", *((n, "length", float(n)) for n in range(20)))
    split = variance_split(record(subjects=subjects, spans=ready, inputs=drawn), "ready")  # type: ignore[arg-type]
    assert split["share"].null_count() == 59 * 2
    assert split.filter(pl.col("element") == "59")["share"].to_list() == pytest.approx([1, 0])


def test_a_line_of_progress_has_the_first_tiers_and_flows() -> None:
    """All lorries are over the border before six, and the battalion is recalled in half a day."""
    data = coast_data(
        flows={"flow": one_ship("truck", 2), "other": one_ship("truck", 1), "third": one_ship("truck", 1)},
        elements={"bat": {"tier": 1, "home": "barracks"}},
        activation={"stages": {"recall": {"hours": 12}}},
    )
    ready, *flows = glance(nfm.replicate(build_scenario(data, coast()), 8, jobs=1))
    assert re.fullmatch(r"tier 1 100 % on time \(\d\d % to 100 %\)", ready)
    assert flows == ["flow day 0.2 (0.2 to 0.2)", "other day 0.2 (0.2 to 0.2)"]


def test_a_percentile_has_no_spread_over_replications() -> None:
    with pytest.raises(InputError, match=r'variance: p90 "closure.last_h.p90" is no number of a replication; take'):
        variance_split(study_of(2, ramp=RAMP), "closure.p90")

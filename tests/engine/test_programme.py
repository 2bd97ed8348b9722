"""A movement programme: loads on the days and at the hours for which they are booked."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, story

LOT = "flow/ship/harbour/"


def booked(mode: str, pieces: int, programme: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Pieces that are ashore within the first hour of a Monday."""
    quick = {"ramps": {"capacity": 1, "rate_per_h": 1e3}, "truck_ramps": {"capacity": 9, "rate_per_h": 1e3}}
    flow = {**one_ship(mode, pieces), "programme": programme}
    return coast_data(horizon_days=30, flows={"flow": flow}, places={"harbour": quick}, **changes)


def leaves(run: nfm.Run) -> list[float]:
    left = run.spans.filter((pl.col("activity") == "march") & (pl.col("kind") == "move"))
    return sorted(round(hour, 2) for hour in left.group_by("subject").agg(pl.col("start_h").min())["start_h"])


def test_lorries_leave_in_the_slots_of_working_days(play: Any) -> None:
    """Four a day from six to eighteen: at 7:30, 10:30, 13:30 and 16:30. Five pieces ashore on Friday take four slots of
    that day, and the first of Monday."""
    data = booked("truck", 5, {"per_day": {"truck": 4}}, g_day="2027-01-08T00:00:00")
    assert leaves(play(data)) == [7.5, 10.5, 13.5, 16.5, 3 * 24 + 7.5]


def test_a_wait_for_a_slot_is_due_to_the_programme(play: Any) -> None:
    waits = story(play(booked("truck", 1, {"per_day": {"truck": 4}})), LOT + "truck-001")
    assert ("load", "wait", "harbour", "movement programme", pytest.approx(0.001), 7.5) in [
        (*span[:4], pytest.approx(span[4], abs=0.01), span[5]) for span in waits
    ]


def test_half_a_train_a_day_is_one_every_second_day(play: Any) -> None:
    data = booked("train", 40, {"per_day": {"train": 0.5}, "working": ["06:00-18:00"]})
    data["movement"]["train"]["max_wagons"] = 10
    data["places"]["harbour"]["tracks"] = {"capacity": 2, "rate_per_h": 1e3}
    assert [round(hour - 24) for hour in leaves(play(data))] == [6, 54]


def test_days_without_a_break_are_days_too(play: Any) -> None:
    """Two a day, by day and night: at six and eighteen, also where Monday to Friday is one opening."""
    for working in ([], ["mon-fri 00:00-24:00"]):
        data = booked("truck", 4, {"per_day": {"truck": 2}, "working": working})
        assert leaves(play(data)) == [6.0, 18.0, 30.0, 42.0], working


def test_a_flow_without_a_programme_of_its_own_follows_that_of_all(play: Any) -> None:
    data = booked("truck", 1, {"per_day": {"truck": 4}})
    data["flows"]["other"] = one_ship("truck", 1)
    data["programme"] = {"per_day": {"truck": 1}}
    assert leaves(play(data)) == [7.5, 12.0]


def test_onward_movement_begins_after_the_start_up(play: Any) -> None:
    data = booked("truck", 1, {"per_day": {"truck": 4}, "start_up_h": 30})
    assert leaves(play(data)) == [24 + 7.5]
    assert leaves(play(booked("truck", 1, {"per_day": {"truck": 4}, "first_day": 2}))) == [48 + 7.5]


def test_a_slot_that_nothing_is_ready_for_is_lost_or_made_up(play: Any) -> None:
    """Two a day, at nine and fifteen. On Monday nothing is ready; three pieces come on Tuesday at ten."""
    for missed, expected in (("lost", [39.0, 57.0, 63.0]), ("made up", [34.0, 34.0, 34.0])):
        data = booked("truck", 3, {"per_day": {"truck": 2}, "missed": missed})
        early = one_ship("column", 1)["ships"]["ship"]
        data["flows"]["flow"]["shares"]["tracked"] = {"column": 1.0}
        data["flows"]["flow"]["ships"]["early"] = {
            "calls": [{"port": "harbour", "day": 0, "pieces": {"tracked": 1}}],
            **{key: value for key, value in early.items() if key != "calls"},
        }
        data["flows"]["flow"]["ships"]["ship"]["calls"][0]["day"] = 34 / 24
        assert leaves(play(data))[1:] == pytest.approx(expected, abs=0.01), missed


def test_slots_day_by_day_come_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "slots.csv").write_text("day;port;mode;loads\n0;vlissingen_oost;truck;1\n2;vlissingen_oost;truck;2\n")
    root = Path(__file__).parents[2]
    (tmp_path / "flow.toml").write_text(
        f'''extends = "{"../" * len(tmp_path.parts[1:])}{(root / "scenarios/allied_brigade.toml").relative_to("/")}"
[flows.brigade.programme]
slots = "slots.csv"
'''
    )
    programme = nfm.read_scenario(tmp_path / "flow.toml").flows["brigade"].programme
    assert programme is not None
    assert [(slot.day, slot.loads) for slot in programme.slots] == [(0, 1), (2, 2)]


def test_faults_of_a_table_of_slots_name_their_line(tmp_path: Path) -> None:
    (tmp_path / "slots.csv").write_text("day,port,mode,loads\n0,harbour,truck,1.5\nx,harbour,truck,2\n")
    (tmp_path / "node.csv").write_text("")
    (tmp_path / "flow.toml").write_text('network = "."\n[flows.f.programme]\nslots = "slots.csv"\n')
    with pytest.raises(InputError) as error:
        nfm.read_scenario(tmp_path / "flow.toml")
    said = str(error.value)
    assert "must be a whole number" in said
    assert "must be a number" in said


def test_bookings_are_counted_until_the_last_piece_has_left(play: Any) -> None:
    run = play(booked("truck", 5, {"per_day": {"truck": 4}}))
    assert nfm.measures.bookings(run).rows() == [(0, "flow", "", "truck", 5, 5, 0.0)]
    late = booked("truck", 5, {"per_day": {"truck": 4}})
    late["flows"]["flow"]["ships"]["second"] = {"calls": [{"port": "harbour", "day": 2, "pieces": {"wheeled": 1}}]}
    ((*_, number, used, wasted),) = nfm.measures.bookings(play(late)).rows()
    assert (number, used, wasted) == (9, 6, pytest.approx(1 / 3)), "Tuesday had four and needed one"


def test_while_something_has_not_left_bookings_are_counted_to_the_horizon(play: Any) -> None:
    """Four a day on Monday and Tuesday. The one lorry leaves with the first piece, and the second waits for it; or the
    second stands ready only when all is over."""
    data = booked("truck", 2, {"per_day": {"truck": 4}}, pools={"trucks": {"capacity": 1}})
    data["destinations"]["east"]["beyond_h"] = {"truck": 500}
    data["horizon_days"] = 2
    assert nfm.measures.bookings(play(data)).rows() == [(0, "flow", "", "truck", 8, 2, 0.75)]
    late = booked("truck", 1, {"per_day": {"truck": 4}})
    late["flows"]["flow"]["origins"] = {"site": {"place": "barracks", "day": 9, "pieces": {"wheeled": 1}}}
    assert nfm.measures.bookings(play({**late, "horizon_days": 2})).rows() == [(0, "flow", "", "truck", 8, 1, 0.875)]


@pytest.mark.parametrize(("away_h", "booked_of_two_days"), [(5, 3), (500, 8)])
def test_bookings_are_counted_until_the_last_part_of_a_train_has_left(
    play: Any, away_h: float, booked_of_two_days: int
) -> None:
    """Fifteen wagons for two trains of ten: five wagon loads of the second wait for those of the first, which come back
    on the same day or never; another flow, with bookings of its own, is over on Monday."""
    data = booked("train", 40, {"per_day": {"train": 4}}, pools={"flat_wagons": {"capacity": 15}})
    data["flows"]["other"] = {**one_ship("column", 1), "programme": {"per_day": {"column": 1}}}
    data["movement"]["train"] |= {"max_wagons": 10, "least_wagons": 1}
    data["places"]["harbour"]["tracks"] = {"capacity": 9, "rate_per_h": 1e3}
    data["destinations"]["east"]["beyond_h"] = {"train": away_h}
    data["horizon_days"] = 2
    counted = nfm.measures.bookings(play(data)).select("programme", "booked", "used").rows()
    assert counted == [("flow", booked_of_two_days, 3), ("other", 1, 1)]


def test_lorries_that_their_packet_leaves_behind_go_in_the_slots_that_they_had(play: Any) -> None:
    """A packet of four has all slots of Monday, the last at 16:30. Two lorries of four are away then until 20:30."""
    data = booked("truck", 4, {"per_day": {"truck": 4}}, pools={"trucks": {"capacity": 4}})
    data["movement"]["truck"] |= {"trucks": 4, "least_trucks": 1}
    others = {"site": {"place": "harbour", "day": 14.5 / 24, "pieces": {"wheeled": 2}}}
    data["flows"]["other"] = {"destination": "east", "shares": {"wheeled": {"truck": 1.0}}, "origins": others}
    assert leaves(play(data)) == [14.5, 16.5, 20.5]


def test_a_vehicle_that_its_column_leaves_behind_needs_no_slot(play: Any) -> None:
    """The column leaves at noon, in the one slot of the day, and the vehicle six hours after it was left behind."""
    data = booked("column", 5, {"per_day": {"column": 1}})
    data["movement"]["column"] |= {"breakdown_per_vehicle_km": 99, "recovery_h": 6, "leaves_behind_h": 1}
    run = play(data)
    recovered = [step for step in story(run, LOT + "column-001.2") if step[:2] == ("recovery", "work")]
    assert [end - start for *_, start, end in recovered] == [6]
    assert run.slots["movement"].drop_nulls().to_list() == [LOT + "column-001"]


def test_what_goes_by_another_mode_uses_no_bookings(play: Any) -> None:
    run = play(booked("column", 1, {"per_day": {"truck": 24}, "working": []}))
    assert nfm.measures.bookings(run).is_empty(), "not even that of half past midnight"


def test_bookings_of_what_is_formed_anew_end_when_it_has_left(play_wide: Any) -> None:
    """Two trains of ten wagons become one, over another port: it is booked for Tuesday, and nothing is booked after."""
    data = booked("train", 40, {"per_day": {"train": 1}})
    data["flows"]["flow"]["diverts_to"] = {"haven": 12}
    data["disruptions"] = {"x": {"start_h": 0, "duration_h": 199, "facilities": ["harbour.berths"]}}
    data["movement"]["train"]["max_wagons"] = 20
    data["places"] = {"harbour": {"tracks": {"length_m": 180}}, "haven": {"tracks": {"length_m": 740}}}
    assert nfm.measures.bookings(play_wide(data)).select("booked", "used").rows() == [(2, 1)]


def test_without_any_slot_left_it_is_said(play: Any) -> None:
    slots = [{"day": 0, "port": "harbour", "mode": "truck", "loads": 2}]
    run = play(booked("truck", 3, {"slots": slots}))
    assert nfm.closure(run)["closed_pieces"].to_list() == [2]
    (row,) = nfm.measures.stuck(run).rows(named=True)
    assert (row["cause"], row["why"]) == ("movement programme", "never")


@pytest.mark.parametrize(
    ("programme", "said"),
    [
        ({}, "must give either `slots`, or `window_days`, `per_day` or `per_day_at`"),
        ({"per_day_at": {"nowhere": {"truck": 1}}}, '"nowhere" is not in coast'),
        ({"per_day": {"truck": 0}}, 'flows.flow.programme.per_day.truck "0" must be at least 0.01'),
        ({"per_day": {"lorry": 4}}, 'per_day.lorry "lorry" must be one of train, column'),
        ({"slots": [{"day": 0, "port": "nowhere", "mode": "truck", "loads": 1}]}, '"nowhere" is not in coast'),
    ],
)
def test_what_cannot_be_booked_is_refused(programme: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        build_scenario(booked("truck", 3, programme), coast())
    assert said in str(error.value)


def at_two_ports(**programme: Any) -> dict[str, Any]:
    """Two pieces at each of two ports, for lorries, on a Monday morning."""
    data = booked("truck", 2, programme)
    data["places"]["haven"] = data["places"]["harbour"]
    second = {"port": "haven", "day": 0, "pieces": {"wheeled": 2}}
    data["flows"]["flow"]["ships"]["other"] = {"calls": [second]}
    return data


def test_ports_share_what_an_operation_books(play_wide: Any) -> None:
    """Four lorries a day are four for both ports together."""
    assert leaves(play_wide(at_two_ports(per_day={"truck": 4}))) == [7.5, 10.5, 13.5, 16.5]


def test_a_port_may_have_a_booking_of_its_own(play_wide: Any) -> None:
    """One a day at noon from the haven; the four of the operation are all for the harbour."""
    run = play_wide(at_two_ports(per_day={"truck": 4}, per_day_at={"haven": {"truck": 1}}))
    assert leaves(run) == [7.5, 10.5, 12.0, 24 + 12.0]
    used = nfm.measures.bookings(run).select("programme", "origin", "mode", "used").rows()
    assert used == [("flow", "", "truck", 2), ("flow", "haven", "truck", 2)]


def test_flows_share_the_programme_of_their_operation(play: Any) -> None:
    data = booked("truck", 1, {"per_day": {"truck": 4}})
    del data["flows"]["flow"]["programme"]
    data["flows"] |= {"second": one_ship("truck", 1), "alone": one_ship("truck", 1)}
    data["programmes"] = {"both": {"flows": ["flow", "second"], "per_day": {"truck": 4}}}
    run = play({**data, "programme": {"per_day": {"truck": 1}}})
    assert leaves(run) == [7.5, 10.5, 12.0]
    assert run.programmes.drop("replication").with_columns(pl.col("begins_h").round(2)).rows() == [
        ("both", "flow", 0.0, None),  # no window ends
        ("both", "second", 0.0, None),
        ("operation", "alone", 0.0, None),
    ]
    data["flows"]["alone"]["ships"]["ship"]["calls"][0]["day"] = 99
    assert play({**data, "programme": {"per_day": {"truck": 1}}}).programmes["begins_h"].to_list() == [0.0, 0.0, None]


def test_a_flow_has_one_programme(play: Any) -> None:
    data = booked("truck", 1, {"per_day": {"truck": 4}})
    data["programmes"] = {"both": {"flows": ["flow", "floe"], "per_day": {"truck": 4}}}
    with pytest.raises(InputError) as error:
        build_scenario(data, coast())
    assert 'programmes.both.flows.1 "floe" is not in [flows] (did you mean "flow"?)' in str(error.value)
    data["programmes"]["both"]["flows"] = ["flow"]
    with pytest.raises(InputError) as error:
        build_scenario(data, coast())
    assert 'programmes.both.flows "flow" has the programme flow, and can have but one' in str(error.value)


def window(run: nfm.Run) -> tuple[Any, ...]:
    row = nfm.measures.windows(run).drop("replication").row(0)
    return tuple(round(value, 2) if isinstance(value, float) else value for value in row)


def test_rates_follow_from_the_window(play: Any) -> None:
    """Ten lorries in the five working days of a week: two a day, at nine and fifteen."""
    run = play(booked("truck", 10, {"window_days": 5}))
    assert leaves(run) == [24 * day + hour for day in range(5) for hour in (9.0, 15.0)]
    assert run.rates.select("mode", "needed_per_day", "booked_per_day").rows() == [("truck", 2.0, 2.0)]
    assert window(run) == ("flow", 120.0, 4 * 24 + 15.0, 0.0, True, None)


def test_a_window_slips_by_what_cannot_be_booked(play: Any) -> None:
    """One a day at noon, where two are needed: the tenth leaves on the Friday of the second week."""
    run = play(booked("truck", 10, {"window_days": 5, "per_day": {"truck": 1}}))
    assert run.rates.select("needed_per_day", "booked_per_day").rows() == [(2.0, 1.0)]
    assert window(run) == ("flow", 120.0, 11 * 24 + 12.0, 11 * 24 + 12.0 - 120, False, "movement programme")


def test_a_window_slips_by_what_is_scarce(play: Any) -> None:
    """One lorry that takes half a day to load each piece, and some hours on the way: it, and no booking, binds."""
    data = booked("truck", 10, {"window_days": 5}, pools={"trucks": {"capacity": 1}})
    data["movement"]["truck"]["turn_h"] = 40
    name, ends_h, left_h, slip_h, held, binds = window(play(data))
    assert (name, ends_h, held, binds) == ("flow", 120.0, False, "trucks")
    assert left_h - ends_h == slip_h > 9 * 40 - 120


def test_summaries_say_whether_windows_held(play: Any) -> None:
    run = play(booked("truck", 10, {"window_days": 5, "per_day": {"truck": 1}}))
    (row,) = nfm.summary(run)["windows"]
    assert {key: value if isinstance(value, str) else round(value, 2) for key, value in row.items()} == {
        "programme": "flow", "ends_h": 120.0, "held": 0.0, "slip_h": 156.0, "binds": "movement programme",
    }  # fmt: skip


def test_what_comes_late_in_the_window_sets_the_rate(play: Any) -> None:
    """Four on Monday and twelve on Wednesday: four a day, as three days are left for the twelve."""
    data = booked("truck", 4, {"window_days": 5})
    data["flows"]["flow"]["ships"]["second"] = {"calls": [{"port": "harbour", "day": 2, "pieces": {"wheeled": 12}}]}
    run = play(data)
    assert run.rates["needed_per_day"].to_list() == [4.0]
    assert leaves(run) == [24 * day + hour for day in (0, 2, 3, 4) for hour in (7.5, 10.5, 13.5, 16.5)]


def test_a_window_begins_with_the_first_ship(play: Any) -> None:
    """A day late, on Tuesday, it ends on Saturday: four working days for eight lorries."""
    data = booked("truck", 8, {"window_days": 5})
    data["flows"]["flow"]["ships"]["ship"]["lateness_h"] = 24
    run = play(data)
    assert run.programmes.select("begins_h", "ends_h").row(0) == (24.0, 144.0)
    assert leaves(run) == [24 * day + hour for day in range(1, 5) for hour in (9.0, 15.0)]


def test_where_no_working_day_is_left_it_leaves_with_the_rest(play: Any) -> None:
    """A ship of Saturday comes too late for a week's window, and waits for what is booked on Monday."""
    data = booked("truck", 10, {"window_days": 5})
    data["flows"]["flow"]["ships"]["late"] = {"calls": [{"port": "harbour", "day": 5, "pieces": {"wheeled": 1}}]}
    assert leaves(play(data))[-1] == 7 * 24 + 9


def test_a_window_without_a_working_day_books_all_for_the_next(play: Any) -> None:
    """A day from Saturday on: its three lorries leave on Monday."""
    data = booked("truck", 3, {"window_days": 1})
    data["flows"]["flow"]["ships"]["ship"]["calls"][0]["day"] = 5
    run = play(data)
    assert run.rates.select("needed_per_day", "booked_per_day").rows() == [(None, 3)]
    assert leaves(run) == [7 * 24 + hour for hour in (8.0, 12.0, 16.0)]


def test_a_window_that_begins_within_a_day_has_a_part_of_it(play: Any) -> None:
    """From Monday noon on, four and a half working days for nine lorries: two a day, one on Monday afternoon."""
    data = booked("truck", 9, {"window_days": 5})
    data["flows"]["flow"]["ships"]["ship"]["lateness_h"] = 12
    afternoons = [24 * day + hour for day in range(1, 5) for hour in (9.0, 15.0)]
    assert leaves(play(data)) == [15.0, *afternoons]


def test_the_rate_counts_from_when_onward_movement_may_begin(play: Any) -> None:
    """Two days to start up leave three of five working days for six lorries."""
    run = play(booked("truck", 6, {"window_days": 5, "start_up_h": 48}))
    assert run.rates["needed_per_day"].to_list() == [2.0]
    assert leaves(run) == [24 * day + hour for day in range(2, 5) for hour in (9.0, 15.0)]

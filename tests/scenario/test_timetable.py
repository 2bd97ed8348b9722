"""A public timetable says which train paths are left."""

import tomllib
from pathlib import Path

import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario.changes import toml_of
from nfm_sim.scenario.timetable import civil_paths, read_timetable
from tests.conftest import called

FEED = {
    "routes": "route_id,route_type\nIC,2\nBUS,3\n",
    "trips": "route_id,service_id,trip_id\nIC,work,there\nIC,work,back\nIC,late,night\nIC,once,extra\nBUS,work,bus\n",
    "calendar": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "work,1,1,1,1,1,0,0,20260101,20261231\nlate,0,0,0,0,0,0,1,20260101,20261231\n"
    ),
    "calendar_dates": "service_id,date,exception_type\nonce,20260303,1\nwork,20260306,2\n",
    "stops": "stop_id,stop_name,parent_station\nv1,Venlo,v\nv2,Venlo,v\ne1,Eindhoven,e\nh1,Helmond,h\n",
    "stop_times": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "there,08:00:00,08:02:00,v1,1\nthere,08:30:00,08:31:00,h1,2\nthere,08:50:00,08:50:00,e1,3\n"
        "back,08:10:00,08:10:00,e1,1\nback,09:00:00,09:00:00,v2,2\n"
        "night,24:30:00,24:35:00,v1,1\nnight,25:30:00,25:30:00,e1,2\n"
        "extra,08:40:00,08:45:00,v2,1\nextra,09:20:00,09:20:00,e1,2\n"
        "bus,08:00:00,08:00:00,v1,1\nbus,09:00:00,09:00:00,e1,2\n"
    ),
}
LINES = 'monday = 2026-03-02\n[lines.Brabantroute]\nfirst = ["Venlo"]\nlast = ["e"]\npaths_per_h = 4\n'


def feed(folder: Path, **changes: str) -> Path:
    for name, text in {**FEED, **changes}.items():
        if text:
            (folder / f"{name}.txt").write_text(text)
    (folder / "lines.toml").write_text(LINES)
    return folder


def test_trains_are_counted_by_direction_day_and_hour(tmp_path: Path) -> None:
    left = read_timetable(feed(tmp_path), tmp_path / "lines.toml")
    counted = {row[:3]: row[3] for row in left.trains["Brabantroute"].rows()}
    daily = {(way, day, 8): 1 for way in ("forward", "backward") for day in range(4)}  # not on Friday, taken out
    # the extra one goes on Tuesday; the train of Sunday night of the week before leaves on Monday at 0:35
    assert counted == {**daily, ("forward", 1, 8): 2, ("forward", 0, 0): 1}


def test_the_paths_left_are_those_of_the_busier_direction(tmp_path: Path) -> None:
    left = read_timetable(feed(tmp_path), tmp_path / "lines.toml")
    week = left.weeks["Brabantroute"]
    assert week["weekday"][8] == pytest.approx((3 + 2 + 3 + 3 + 4) / 5)
    assert week["weekday"][0] == pytest.approx((3 + 4 * 4) / 5)
    assert week["weekday"][12] == week["saturday"][8] == week["sunday"][0] == 4
    assert left.remarks[0] == "trips: 4 by rail of 5; 0 of them run on no day of the week"
    assert left.remarks[1:] == ["Brabantroute: 10 trains in the week, 2 in the busiest hour and direction"]
    assert tomllib.loads(toml_of(civil_paths(left), 4)) == {"movement": {"civil": {"paths": left.weeks}}}


def test_a_feed_without_a_calendar_of_weeks_is_read_too(tmp_path: Path) -> None:
    dates = "service_id,date,exception_type\n" + "".join(f"work,2026030{day},1\n" for day in range(2, 7))
    left = read_timetable(feed(tmp_path, calendar="", calendar_dates=dates), tmp_path / "lines.toml")
    assert left.weeks["Brabantroute"]["weekday"][8] == 3


def test_a_trip_without_a_departure_time_is_said_and_not_counted(tmp_path: Path) -> None:
    without = FEED["stop_times"].replace("there,08:00:00,08:02:00,v1,1", "there,,,v1,1")
    left = read_timetable(feed(tmp_path, stop_times=without), tmp_path / "lines.toml")
    assert "Brabantroute: 1 trip without a departure time there, not counted" in left.remarks
    assert left.weeks["Brabantroute"]["weekday"][8] == 3.2  # one train a direction from Monday to Thursday


def test_spaces_around_cells_are_left_out_of_each_table(tmp_path: Path) -> None:
    spaced = FEED["stop_times"].replace("there,08:00:00,08:02:00,v1,1", " there , 8:00:00, 8:02:00, v1 , 1")
    left = read_timetable(feed(tmp_path, stop_times=spaced), tmp_path / "lines.toml")
    assert left.weeks == read_timetable(feed(tmp_path), tmp_path / "lines.toml").weeks


def test_a_week_without_a_train_is_an_error_that_says_why(tmp_path: Path) -> None:
    feed(tmp_path)
    (tmp_path / "lines.toml").write_text(LINES.replace("2026-03-02", "2027-03-01"))
    with pytest.raises(
        InputError, match=r'monday "2027-03-01" no train runs .* trips: 4 by rail of 5; 4 of them run on no'
    ):
        read_timetable(tmp_path, tmp_path / "lines.toml")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calendar": "", "calendar_dates": ""}, "calendar.txt is missing, and so is calendar_dates.txt"),
        (
            {"stop_times": FEED["stop_times"].replace("v1,1", "v1,first")},
            r'stop_sequence "first" must be a whole number \(trip (there|night|bus)\)',
        ),
    ],
)
def test_a_feed_that_lacks_something_says_what(changes: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_timetable(feed(tmp_path, **changes), tmp_path / "lines.toml")
    with pytest.raises(InputError, match="is no folder; unpack the GTFS feed into one"):
        read_timetable(tmp_path / "feed.zip", tmp_path / "lines.toml")


def test_trips_that_are_repeated_count_once_and_it_is_said(tmp_path: Path) -> None:
    frequencies = "trip_id,start_time,end_time,headway_secs\nthere,08:00:00,10:00:00,600\n"
    left = read_timetable(feed(tmp_path, frequencies=frequencies), tmp_path / "lines.toml")
    assert left.remarks[-1] == "frequencies.txt is not read: trips that it repeats count once"


def test_a_stop_that_is_not_there_is_said(tmp_path: Path) -> None:
    feed(tmp_path)
    (tmp_path / "lines.toml").write_text(LINES.replace("Venlo", "Venloo").replace("2026-03-02", "2026-03-02"))
    done = called("import", "timetable", tmp_path, tmp_path / "out.toml", "--map", tmp_path / "lines.toml")
    assert done.returncode == 2
    assert 'lines.Brabantroute.first "Venloo" is no stop of' in done.stderr
    assert 'did you mean "Venlo"?' in done.stderr


def test_a_week_that_begins_on_another_day_is_said(tmp_path: Path) -> None:
    feed(tmp_path)
    (tmp_path / "lines.toml").write_text(LINES.replace("2026-03-02", "2026-03-03"))
    done = called("import", "timetable", tmp_path, tmp_path / "out.toml", "--map", tmp_path / "lines.toml")
    assert done.returncode == 2
    assert "2026-03-03 is a tuesday" in done.stderr


def test_the_part_that_is_written_is_laid_under_a_scenario(tmp_path: Path) -> None:
    feed(tmp_path)
    assert called("new", tmp_path / "mine", "--from", "empty").returncode == 0
    out = tmp_path / "mine/timetable.toml"
    done = called("import", "timetable", tmp_path, out, "--map", tmp_path / "lines.toml")
    assert done.returncode == 0, done.stderr
    scenario = tmp_path / "mine/scenario.toml"
    text = scenario.read_text().replace(
        '"scenarios/crisis_means.toml"', '["scenarios/crisis_means.toml", "timetable.toml"]'
    )
    scenario.write_text(text)
    assert called("validate", scenario).returncode == 0

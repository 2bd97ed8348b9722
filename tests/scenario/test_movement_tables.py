"""Movement tables of others become force elements and flows, or say what is wrong with them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario.movement_tables import Forces, read_movements
from nfm_sim.shipped import start
from tests.conftest import ROOT, called

PUBLIC = ROOT.parent / "shared/files/movement_tables"
LINES = """Line;Group;By;To;Short tons;Seats;There;Wanted
a;ONE;SEA;Flushing;100,5;0;01/04/27 12:00;01/20/27 00:00
b;ONE;SEA;Flushing;10;0;01/05/27 00:00;01/22/27 00:00
c;ONE;AIR;Eindhoven;2;80;01/06/27 00:00;
d;TWO;TRAIN;Venlo;50;0;01/06/27 00:00;
"""
FLOWS = """
makes = "flows"
g_day = 2027-01-04T00:00:00
date_format = "%m/%d/%y %H:%M"
weight_unit = "STON"
columns.name = "Group"
columns.ship = "Line"
columns.mode = "By"
columns.port = "To"
columns.arrives = "There"
columns.required = "Wanted"
columns.weight = "Short tons"
columns.people = "Seats"
modes = { SEA = "ship", AIR = "airlift", TRAIN = "none" }
ports = { Flushing = "vlissingen_oost", Eindhoven = "a_eindhoven" }
pieces = { tracked = { share = 0.6, weight_t = 40 }, wheeled = { share = 0.4, weight_t = 10 } }
same = { destination = "east" }
"""
UNITS = "unit,item,number\nA,tank,3\nA,lorry,5\nB,lorry,2\nB,stove,9\nB,lorry,1\n"
ITEMS = "item,words,pounds\ntank,TANK F/TRAC,137000\nlorry,TRUCK 8X8,30000\nstove,HEATER,100\n"
ELEMENTS = """
makes = "elements"
columns = { name = "unit", item = "item", number = "number" }
items = { table = "items.csv", item = "item", title = "words", sizes = { weight_t = "pounds" }, weight_unit = "lb" }
left_out.most = { weight_t = 0.5 }
classes.outsized.least = { weight_t = 60 }
classes.wheeled.words = ["truck"]
same = { tier = 1, home = "g_oirschot" }
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_a_unit_has_the_pieces_of_its_items(tmp_path: Path) -> None:
    twice = ITEMS + "lorry,TANK F/TRAC,137000\n"  # of which the first row counts
    written(tmp_path, units__csv=UNITS, items__csv=twice, map__toml=ELEMENTS)
    made = read_movements(tmp_path / "units.csv", tmp_path / "map.toml")
    assert made.elements == {
        "A": {"tier": 1, "home": "g_oirschot", "pieces": {"outsized": 3, "wheeled": 5}},
        "B": {"tier": 1, "home": "g_oirschot", "pieces": {"wheeled": 3}},
    }
    assert made.remarks == ["11 pieces: 3 outsized, 8 wheeled", "left out: 9 x item that is no piece of its own"]


def test_lines_with_ports_and_dates_become_ships_and_airlifts_of_flows(tmp_path: Path) -> None:
    written(tmp_path, lines__csv=LINES, map__toml=FLOWS)
    made = read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    # 100.5 short tons are 91.2 t: 54.7 t of it in tracked pieces of 40 t, 36.5 t in wheeled ones of 10 t
    one, two = (
        {"port": "vlissingen_oost", "day": day, "pieces": pieces}
        for day, pieces in ((0.5, {"tracked": 2, "wheeled": 4}), (1.0, {"tracked": 1, "wheeled": 1}))
    )
    assert made.flows == {
        "ONE": {
            "destination": "east",
            "required_day": 18.0,
            "ships": {"a": {"calls": [one]}, "b": {"calls": [two]}},
            "airlifts": {"c": {"airport": "a_eindhoven", "day": 2.0, "people": 80}},
        }
    }
    aside = "weight that no ship brings: 1.8 t by AIR, 45.4 t by TRAIN"  # 2 and 50 short tons
    assert {"left out: 1 x line by TRAIN", aside} <= {*made.remarks}


def test_weight_that_no_ship_brings_is_that_of_all_of_a_row(tmp_path: Path) -> None:
    head, *lines = LINES.splitlines()
    lines = [f"{head};Times", *(f"{line};3" for line in lines)]
    written(tmp_path, lines__csv="\n".join(lines), map__toml='columns.number = "Times"\n' + FLOWS)
    made = read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    aside = "weight that no ship brings: 5.4 t by AIR, 136.1 t by TRAIN"  # three times 2 and 50 short tons
    assert aside in made.remarks


def test_what_lines_of_a_flow_say_otherwise_than_its_first_is_counted(tmp_path: Path) -> None:
    rules = 'columns.priority = "Seats"\n' + FLOWS
    written(tmp_path, lines__csv=LINES.replace(";10;0;", ";10;4;"), map__toml=rules)
    made = read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    assert made.flows["ONE"]["priority"] == 0
    assert "left out: 2 x priority other than the first of its flow" in made.remarks


def test_a_line_without_a_weight_is_counted_as_left_out(tmp_path: Path) -> None:
    written(tmp_path, lines__csv=LINES.replace("Flushing;10;0", "Flushing;;0"), map__toml=FLOWS)
    made = read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    assert {"left out: 1 x line without a weight", "left out: 1 x ship without a piece: b"} <= {*made.remarks}


def test_no_airlift_takes_the_place_of_another(tmp_path: Path) -> None:
    twice = LINES + "c;ONE;AIR;Eindhoven;2;90;01/07/27 00:00;\n"
    written(tmp_path, lines__csv=twice, map__toml=FLOWS)
    with pytest.raises(InputError, match='Line "c" names an airlift that an earlier row of ONE has; give each its own'):
        read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")


def test_a_table_that_gives_nothing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    written(tmp_path, lines__csv="\n".join([LINES.splitlines()[0], LINES.splitlines()[-1]]), map__toml=FLOWS)
    done = called("import", "forces", tmp_path / "lines.csv", tmp_path / "out.toml", "--map", tmp_path / "map.toml")
    assert done.returncode == 2
    assert "gives no flows; left out: 1 x line by TRAIN" in " ".join(done.stderr.split())
    assert not (tmp_path / "out.toml").exists()


def test_days_are_counted_over_the_change_of_the_clock(tmp_path: Path) -> None:
    assert dated(tmp_path, "2027-03-29 00:00", g_day="2027-03-28").days("ONE") == pytest.approx((23 / 24, 2), abs=1e-6)


@dataclass
class Dated:
    """What a table of one line with a day of arrival, and another by which it is required, became."""

    forces: Forces

    def days(self, name: str) -> tuple[float, float]:
        """When it arrives, and when it is required."""
        (ship,) = self.forces.flows[name]["ships"].values()
        return ship["calls"][0]["day"], self.forces.flows[name]["required_day"]


def dated(
    folder: Path,
    there: str,
    wanted: str = "2027-03-30 01:00",
    g_day: str = "2027-03-15",
    number: str = "5",
    **rules: str,
) -> Dated:
    """Read a line with these dates by a mapping with these rules."""
    mapping = (
        f'makes = "flows"\ng_day = {g_day}T00:00:00\nports.Flushing = "vlissingen_oost"\ncounts.wheeled = "Lorries"\n'
    )
    mapping += 'columns = { name = "Group", port = "To", arrives = "There", required = "Wanted" }\n'
    mapping += "".join(f"{key} = {value}\n" for key, value in rules.items())
    written(folder, d__csv=f"Group;To;There;Wanted;Lorries\nONE;Flushing;{there};{wanted};{number}\n", d__toml=mapping)
    return Dated(read_movements(folder / "d.csv", folder / "d.toml"))


def test_a_day_without_an_hour_is_required_until_its_end(tmp_path: Path) -> None:
    made = dated(tmp_path, "2027-03-17", "2027-03-20")
    assert made.days("ONE") == (2, 6)
    assert "days without an hour: 1 x required, at 24:00" in made.forces.remarks
    assert dated(tmp_path, "2027-03-17", "2027-03-20", hours="{ arrives = 6.5, required = 12 }").days("ONE") == (
        2.270833,
        5.5,
    )
    explicit = dated(tmp_path, "2027-03-17 00:00", "2027-03-20 00:00")
    assert explicit.days("ONE") == (2, 5)
    assert (
        "days at 00:00: 1 x required, their first minute; hours.required = 24 is their end" in explicit.forces.remarks
    )
    assert dated(tmp_path, "2027-03-17 00:00", "2027-03-20 00:00", hours="{ required = 24 }").days("ONE") == (2, 6)
    assert dated(tmp_path, "17/03/27", "20/03/27", date_format='"%d/%m/%y"').days("ONE") == (2, 6)


def test_days_of_a_workbook_have_no_hour(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    dated(tmp_path, "2027-03-17")
    with xlsxwriter.Workbook(str(tmp_path / "d.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Group", "To", "There", "Wanted", "Lorries"])
        sheet.write_row(1, 0, ["ONE", "Flushing"])
        style = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_datetime(1, 2, datetime(2027, 3, 17, 6), style)
        sheet.write_datetime(1, 3, datetime(2027, 3, 20), style)
        sheet.write_number(1, 4, 5)
    assert Dated(read_movements(tmp_path / "d.xlsx", tmp_path / "d.toml")).days("ONE") == (2.25, 6)


@pytest.mark.parametrize(("there", "wanted"), [("C012", "C026"), ("12", "26"), ("C+12", "C+26"), ("c 12", "c 26")])
def test_days_counted_from_one_of_the_tables_own_ask_which_that_is(there: str, wanted: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"say with day_zero which that is \(g_day is 2027-03-15\)"):
        dated(tmp_path, there, wanted)
    assert dated(tmp_path, there, wanted, day_zero="2027-03-15").days("ONE") == pytest.approx(
        (12, 27 - 1 / 24), abs=1e-6
    )
    assert dated(tmp_path, there, wanted, day_zero="2027-03-10T00:00:00").days("ONE")[0] == 7
    with pytest.raises(InputError, match="counts from another day than the cells before it"):
        dated(tmp_path, there, "M026", day_zero="2027-03-15")


@pytest.mark.parametrize("form", ["%d%H%MZ%b%y", "%d%H%M %Z %b%y"])
def test_a_form_of_dates_that_would_lose_the_zone_is_refused(form: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'date_format "%d.*" reads a zone and loses it; write %z'):
        dated(tmp_path, "170600ZMAR27", date_format=f'"{form}"')
    kept = dated(tmp_path, "170600ZMAR27", "200600ZMAR27", date_format='"%d%H%M%z%b%y"')
    assert kept.days("ONE")[0] == pytest.approx(2 + 7 / 24, abs=1e-6)  # 06:00 UTC is 07:00 in winter


@pytest.mark.parametrize("ship", ["ship", "none"])
def test_weights_are_added_up_before_they_are_rounded(ship: str, tmp_path: Path) -> None:
    lines = "".join(f"ONE;{'s' if ship == 'ship' else ''};Flushing;2027-01-05 06:00;2\n" for _ in range(200))
    rules = """makes = "flows"
g_day = 2027-01-04T00:00:00
columns = { name = "G", ship = "S", port = "To", arrives = "There", weight = "t" }
ports.Flushing = "vlissingen_oost"
pieces = { tracked = { share = 0.5, weight_t = 40 }, wheeled = { share = 0.5, weight_t = 15 } }
"""
    written(tmp_path, lines__csv=f"G;S;To;There;t\n{lines}TWO;;Flushing;2027-01-06 06:00;3\n", map__toml=rules)
    made = read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    ((_, ship_of_one),) = made.flows["ONE"]["ships"].items()
    assert ship_of_one["calls"][0]["pieces"] == {"tracked": 5, "wheeled": 14}
    assert "weight: 403.0 t by ship, 465.0 t of pieces (1.15 times)" in made.remarks


def test_three_times_a_third_of_a_piece_is_one(tmp_path: Path) -> None:
    """1.1 + 1.1 + 1.1 is 3.3000000000000003."""
    rules = """makes = "flows"
g_day = 2027-01-04T00:00:00
columns = { name = "G", port = "To", arrives = "There", weight = "t" }
ports.Flushing = "vlissingen_oost"
pieces = { tracked = { weight_t = 3.3 } }
"""
    written(tmp_path, lines__csv="G;To;There;t\n" + 3 * "ONE;Flushing;2027-01-05 06:00;1.1\n", map__toml=rules)
    made = read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    assert made.flows["ONE"]["ships"]["line_1"]["calls"][0]["pieces"] == {"tracked": 1}


def test_a_day_may_be_as_late_as_a_scenario_takes(tmp_path: Path) -> None:
    assert dated(tmp_path, "2029-09-30 01:00", "2029-09-30 01:00", g_day="2027-01-04").days("ONE") == (1000, 1000)


def test_what_comes_at_hour_0_comes_on_day_0(tmp_path: Path) -> None:
    assert dated(tmp_path, "2027-03-15 00:00", "2027-03-16 00:00").days("ONE") == (0, 1)
    with pytest.raises(nfm.InputError, match="lies before g_day of the mapping"):
        dated(tmp_path, "2027-03-14 23:59")


def test_a_wide_sheet_has_a_column_for_each_class(tmp_path: Path) -> None:
    rules = """makes = "elements"
columns.name = "unit"
columns.home = "garrison"
columns.requires = "needs"
columns.notice_to_move_days = "notice"
columns.mission_capable_share = "fit"
counts = { wheeled = ["lorries", "cars"], tracked = "tanks" }
places = { Oirschot = "g_oirschot" }
"""
    text = (
        "unit;garrison;needs;notice;fit;lorries;cars;tanks\nA;Oirschot;B;20 d;85 %;12;3;\nB;Oirschot;;48 h;90%;4;;6\n"
    )
    written(tmp_path, wide__csv=text, map__toml=rules)
    made = read_movements(tmp_path / "wide.csv", tmp_path / "map.toml")
    assert made.elements == {
        "A": {"home": "g_oirschot", "requires": "B", "notice_to_move_days": "20", "mission_capable_share": "0.85",
              "pieces": {"wheeled": 15}},
        "B": {"home": "g_oirschot", "notice_to_move_days": "2", "mission_capable_share": "0.9",
              "pieces": {"wheeled": 4, "tracked": 6}},
    }  # fmt: skip
    written(tmp_path, wide__csv=text.replace("A;Oirschot", "A;Ede").replace("20 d", "soon").replace(";12;", ";12.5;"))
    with pytest.raises(InputError) as error:
        read_movements(tmp_path / "wide.csv", tmp_path / "map.toml")
    assert {problem.key: problem.remedy for problem in error.value.problems} == {
        "line 2, garrison": "has no name in [places] of the mapping",
        "line 2, notice": "must be a number",
        "line 2, lorries": "must be a whole number from 0 to 100,000",
    }
    (tmp_path / "map.toml").write_text(rules + 'ports = { Ede = "g_oirschot" }\n')
    with pytest.raises(InputError, match="has ports, which elements do not read; leave it out"):
        read_movements(tmp_path / "wide.csv", tmp_path / "map.toml")


def test_ships_without_a_piece_give_no_flow(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gives no flows; .*left out: 1 x ship without a piece: line_1"):
        dated(tmp_path, "2027-03-17", number="0")


def test_goods_in_one_container_are_one_piece(tmp_path: Path) -> None:
    text = (
        "Unit,Box,Goods,Ship,To,At\nU,b1,shells,S,P,2027-01-05\nU,b1,fuzes,S,P,2027-01-05\nU,b2,shells,S,P,2027-01-05\n"
    )
    rules = 'makes = "flows"\ng_day = 2027-01-04T00:00:00\nports.P = "vlissingen_oost"\nclasses.container = {}\n'
    rules += 'columns = { name = "Unit", piece = "Box", item = "Goods", ship = "Ship", port = "To", arrives = "At" }\n'
    written(tmp_path, cargo__csv=text, map__toml=rules)
    made = read_movements(tmp_path / "cargo.csv", tmp_path / "map.toml")
    assert made.flows["U"]["ships"]["S"]["calls"][0]["pieces"] == {"container": 2}


FAULTS = {
    "an item that no rule knows": (
        "elements",
        'words = ["truck"]',
        'words = ["lorry"]',
        'classes "lorry" fits no class (TRUCK 8X8), in 3 rows',
    ),
    "a column that is not there": (
        "elements",
        'item = "item", number',
        'item = "itme", number',
        'columns "itme" is no column of',
    ),
    "a key that elements have not": (
        "elements",
        'name = "unit"',
        'name = "unit", port = "unit"',
        "which elements have not",
    ),
    "a number that is none": ("units", "tank,3", "tank,three", 'line 2, number "three" must be a number'),
    "half a vehicle": ("units", "tank,3", "tank,2.5", 'line 2, number "2.5" must be a whole number'),
    "no number": ("units", "tank,3", "tank,", "line 2, number must be a whole number"),
    "an item of no table": ("units", "tank,3", "boat,3", 'classes "boat" is not in the tables of items, in 1 row'),
    "a port without a node": (
        "lines",
        "Flushing;10;",
        "Terneuzen;10;",
        'line 3, To "Terneuzen" has no node in [ports]',
    ),
    "a word that is no mode": ("lines", "b;ONE;SEA", "b;ONE;BOAT", 'line 3, By "BOAT" is no mode that [modes]'),
    "a day before hour 0": ("lines", "01/05/27", "01/03/27", "lies before g_day of the mapping (2027-01-04 00:00)"),
    "a date of another form": (
        "lines",
        "01/05/27 00:00",
        "2027-01-05",
        'line 3, There "2027-01-05" is no date like %m/%d/%y',
    ),
    "an airlift without people": ("lines", "2;80;", "2;0;", 'line 4, Seats "0" must be a whole number of people'),
    "people without number": ("lines", "2;80;", f"2;{'9' * 5000};", "must be a whole number of people, above 0"),
    "more people than there are": ("lines", "2;80;", "2;99999999;", 'line 4, Seats "99999999" must be a whole number'),
    "an hour that is none": ("lines", "01/05/27 00", "03/28/27 02", 'There "03/28/27 02:00" is an hour that the clock'),
    "a year of another world": ("lines", "01/22/27", "12/31/68", "or more than 1,000 days after it"),
    "a title that no scenario takes": ("flows", "same = { d", f'same = {{ title = "{"x" * 2001}", d', "at most 2,000"),
    "a day that no scenario takes": ("flows", "same = { d", "same = { permit_applied_day = -999, d", "at least -365"),
    "what each row says": (
        "flows",
        "same = { d",
        "same = { ships = {}, d",
        'has "ships" in [same], which flows have not',
    ),
    "flows without hour 0": ("flows", "g_day = 2027-01-04T00:00:00", "", "has no g_day, from which days count"),
    "a flow by a name that no scenario takes": ("lines", "a;ONE;", "a;1/64 AR;", 'line 2, Group "1/64 AR" has a "/"'),
    "a ship by such a name": ("lines", "b;ONE", "b/2;ONE", 'line 3, Line "b/2" has a "/", as no name here may'),
    "a unit by such a name": ("units", "B,lorry,2", "B/1,lorry,2", 'line 4, unit "B/1" has a "/"'),
    "a form that is none": ("flows", "%y %H:%M", "%y %H:%M %y", "has each part once"),
    "a form without a day": ("flows", "%m/%d/%y", "%m/%y", "loses the year, the month, the day"),
    "a form without a year": ("flows", "%m/%d/%y", "%m/%d", "loses the year, the month, the day"),
    "an afternoon that is lost": ("flows", "%H:%M", "%I:%M", "or whether it is afternoon (%p beside %I)"),
    "a key that no flow has": (
        "flows",
        "same = { destination",
        "same = { dstination",
        'has "dstination" in [same], which flows have not (did you mean "destination"?)',
    ),
    "a key that no element has": ("elements", "home =", "hom =", 'has "hom" in [same], which elements have not'),
    "more than all of a weight": ("flows", "share = 0.4", "share = 0.5", "that make 1.1 times the weight; 1 at most"),
    "a row of no unit": ("units", "B,stove,9", ",stove,9", "line 5, unit is empty; name the unit"),
    "a unit of which two rows say otherwise": (
        "elements",
        'number = "number" }',
        'number = "number", capability = "item" }',
        'line 3, item "lorry" stands beside "tank" in an earlier row of the same unit; make them one',
    ),
    "no port": ("flows", 'columns.port = "To"\n', "", "has no column for port"),
    "pieces told twice": (
        "elements",
        "same = {",
        'counts = { wheeled = "number" }\nsame = {',
        "has [counts] and a column for item, number; one of them says what there is",
    ),
    "items of no class": (
        "elements",
        'classes.outsized.least = { weight_t = 60 }\nclasses.wheeled.words = ["truck"]\n',
        "",
        "has items and no [classes] that say what they are",
    ),
    "a weight of no pieces": (
        "flows",
        "pieces = { tracked = { share = 0.6, weight_t = 40 }, wheeled = { share = 0.4, weight_t = 10 } }\n",
        "",
        "has a weight and no [pieces] that say what it is",
    ),
    "a ship without a day": ("lines", "01/05/27 00:00", "", "line 3, There is empty; give the day"),
    "a ship with two calls": (
        "lines",
        "b;ONE;SEA",
        "a;ONE;SEA",
        'line 3, There "01/05/27 00:00" differs from an earlier row of the ship a; a ship of a table has one call',
    ),
    "a unit that is a volume": ("flows", '"STON"', '"MTON"', 'weight_unit "MTON" must be one of t, kg, lb, STON, LTON'),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_said_with_its_place(name: str, tmp_path: Path) -> None:
    where, old, new, said = FAULTS[name]
    texts = {"units": UNITS, "elements": ELEMENTS, "lines": LINES, "flows": FLOWS}
    assert old in texts[where]
    texts[where] = texts[where].replace(old, new, 1)
    kind = "elements" if where in ("units", "elements") else "flows"
    table = texts["units" if kind == "elements" else "lines"]
    written(tmp_path, table__csv=table, items__csv=ITEMS, map__toml=texts[kind])
    done = called("import", "forces", tmp_path / "table.csv", tmp_path / "out", "--map", tmp_path / "map.toml")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_elements_extend_no_scenario(tmp_path: Path) -> None:
    written(tmp_path, units__csv=UNITS, items__csv=ITEMS, map__toml=ELEMENTS)
    words = (tmp_path / "units.csv", tmp_path / "out.csv", "--map", tmp_path / "map.toml")
    done = called("import", "forces", *words, "--extends", tmp_path / "map.toml")
    assert done.returncode == 2
    assert "is for flows; elements are a table, which extends none" in done.stderr


def test_what_all_get_may_be_a_dotted_path(tmp_path: Path) -> None:
    """It had been a key of its own, which no scenario takes."""
    same = FLOWS.replace("same = {", 'same = { "shares.tracked" = { train = 1 },')
    written(tmp_path, lines__csv=LINES, map__toml=same)
    assert read_movements(tmp_path / "lines.csv", tmp_path / "map.toml").flows["ONE"]["shares"] == {
        "tracked": {"train": 1}
    }


def test_what_is_written_is_what_its_name_says(tmp_path: Path) -> None:
    """A table in a .xlsx or .toml is read by nothing afterwards."""
    written(tmp_path, units__csv=UNITS, items__csv=ITEMS, elements__toml=ELEMENTS, lines__csv=LINES, flows__toml=FLOWS)
    for table, mapping, wrong, right in (
        ("units.csv", "elements.toml", ("made.xlsx", "made.toml", "made"), "csv"),
        ("lines.csv", "flows.toml", ("made.csv",), "toml"),
    ):
        for name in wrong:
            done = called("import", "forces", tmp_path / table, tmp_path / name, "--map", tmp_path / mapping)
            assert done.returncode == 2
            assert f"must end in .{right}, as what" in done.stderr
            assert not (tmp_path / name).exists()


def test_times_and_percents_may_have_a_decimal_comma(tmp_path: Path) -> None:
    rules = ELEMENTS.replace(
        'number = "number"', 'number = "number", notice_to_move_days = "notice", filled_share = "full"'
    )
    units = "unit;item;number;notice;full\nA;lorry;5;1,5 d;87,5 %\nB;lorry;1;36,5 h;87.5 %\n"
    written(tmp_path, units__csv=units, items__csv=ITEMS, map__toml=rules)
    made = read_movements(tmp_path / "units.csv", tmp_path / "map.toml").elements
    assert [(made[name]["notice_to_move_days"], made[name]["filled_share"]) for name in "AB"] == [
        ("1.5", "0.875"),
        ("1.520833333", "0.875"),
    ]
    written(tmp_path, units__csv=units.replace("1,5 d", "1,500 d"))
    with pytest.raises(InputError, match=r'notice "1,500 d" must be a number'):
        read_movements(tmp_path / "units.csv", tmp_path / "map.toml")


def test_all_faults_of_a_table_are_said_at_once(tmp_path: Path) -> None:
    lines = LINES.replace("Flushing;10", "Terneuzen;ten").replace("b;ONE", "b;").replace("2;80", "2;none")
    written(tmp_path, lines__csv=lines, map__toml=FLOWS)
    with pytest.raises(InputError) as error:
        read_movements(tmp_path / "lines.csv", tmp_path / "map.toml")
    assert len(error.value.problems) == 3


@pytest.mark.parametrize(("kind", "table", "file"), [
    ("tpfdd", "movements.csv", "flows.toml"), ("unit_equipment", "equipment.csv", "elements.csv")
])  # fmt: skip
def test_a_start_has_what_its_mapping_makes_and_overwrites_nothing(
    kind: str, table: str, file: str, tmp_path: Path
) -> None:
    mine = start(tmp_path / "mine", kind)[0].parent
    done = called("import", "forces", mine / table, mine / f"again_{file}", "--map", mine / "mapping.toml")
    assert done.returncode == 0, done.stderr
    assert (mine / f"again_{file}").read_text() == (mine / file).read_text()
    again = called("import", "forces", mine / table, mine / file, "--map", mine / "mapping.toml")
    assert again.returncode == 2
    assert "is there already" in again.stderr


needs_public_files = pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public files are not there")


@needs_public_files
def test_a_public_list_of_units_and_equipment_is_activated(tmp_path: Path) -> None:
    rules = (start(tmp_path / "mine", "unit_equipment")[0].parent / "mapping.toml").read_text()
    public = f'''
makes = "elements"
columns = {{ name = "ORG_ID", item = "TI_ID", number = "UNIT_EQUIPMENT_QTY" }}
left_out.most = {{ weight_t = 1 }}
classes.outsized.least = {{ weight_t = 55 }}
classes.tracked.words = ["ftrac", "trkd", "carrier", "howitzer", "fighting veh"]
classes.trailer.words = ["tlr", "trl", "trailer"]
classes.wheeled = {{}}
[[items]]
table = "{PUBLIC}/FDM_TRANSPORTABLE_ITEM_SUBSET.csv"
item = "TI_ID"
title = "TI_NM"
[[items]]
table = "{PUBLIC}/FDM_TRANSPORTABLE_ITEM_DETAIL_SUBSET.csv"
item = "TI_ID"
sizes = {{ weight_t = "TID_WT" }}
weight_unit = "lb"
'''
    same = rules[rules.index("[same]") :]
    (tmp_path / "mine/public.toml").write_text(public + same)
    made = read_movements(PUBLIC / "FDM_UNIT_EQUIPMENT_SUBSET.csv", tmp_path / "mine/public.toml")
    assert len(made.elements) == 112
    assert made.remarks[0].startswith("14,123 pieces")
    few = dict(list(made.elements.items())[:3])
    scenario = nfm.read_scenario(tmp_path / "mine/scenario.toml").with_changes({"elements": few})
    run = nfm.simulate(scenario, seed=1)
    assert nfm.readiness(run)["ready_h"].is_not_null().all()


@needs_public_files
def test_a_public_table_of_movements_is_simulated(tmp_path: Path) -> None:
    mine = start(tmp_path / "mine", "tpfdd")[0].parent
    rules = (mine / "mapping.toml").read_text().replace("2027-03-15", "2027-01-04")
    (mine / "mapping.toml").write_text(rules)
    (mine / "flows.toml").unlink()
    done = called("import", "forces", PUBLIC / "tpfdd.csv", mine / "flows.toml", "--map", mine / "mapping.toml")
    assert done.returncode == 0, done.stderr
    run = nfm.simulate(nfm.read_scenario(mine / "scenario.toml"), seed=1)
    assert nfm.closure(run)["pieces"].to_list() == [6 + 12 + 3]


@needs_public_files
def test_public_sea_legs_are_containers_on_a_ship(tmp_path: Path) -> None:
    rules = """
makes = "flows"
g_day = 2005-09-13T00:00:00
date_format = "%m/%d/%y %H:%M"
columns.name = "Unit"
columns.ship = "Name"
columns.port = "To Name"
columns.arrives = "End Time"
columns.item = "Nomenclature"
columns.number = "Quantity"
columns.piece = "Container"
classes.container = {}
ports = { "Massawa Port, Eritrea" = "vlissingen_oost" }
"""
    written(tmp_path, map__toml=rules)
    made = read_movements(PUBLIC / "sea_legs_sample.csv", tmp_path / "map.toml")
    call = made.flows["IOC"]["ships"]["Shasta-19"]["calls"][0]
    assert call == {"port": "vlissingen_oost", "day": 0.929167, "pieces": {"container": 5}}
    mine = start(tmp_path / "mine", "tpfdd")[0]
    asked = nfm.read_scenario(mine).with_changes(
        {"flows": {"IOC": {**made.flows["IOC"], "destination": "east"}}, "g_day": "2005-09-13T00:00:00"}
    )
    assert nfm.closure(nfm.simulate(asked, seed=1))["closed_pieces"].to_list() == [5]

"""Files as strangers, spreadsheets and accidents leave them: read, or refused with the line and the remedy."""

import os
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from nfm_sim.files import read_bytes, read_table, read_text
from nfm_sim.problems import InputError, Problem, did_you_mean, plain


def rows(path: Path) -> list[dict[str, str]]:
    return [dict(row.cells) for row in read_table(path).rows]


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_table(path)
    return str(error.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    "text",
    [
        "name,km\na,1.5\nb,2\n",
        "name;km\na;1,5\nb;2\n",
        "name\tkm\na\t1,5\nb\t2\n",
        "sep=;\nname;km\na;1,5\nb;2\n",
        "\ufeffname,km\r\na,1.5\r\nb,2\r\n",
        "\nname,km,,\n\na,1.5,,\nb,2\n\n",
        'name,km\n"a", 1.5 \n"b",2',
    ],
)
def test_a_table_is_read_however_it_was_saved(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    assert rows(path) == [{"name": "a", "km": "1.5"}, {"name": "b", "km": "2"}]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("name;t\na;9.200\nb;910,5\n", ["9200", "910.5"]),  # a comma is the decimal mark, so a point is none
        ("name;t\na;9,200\nb;910.5\n", ["9200", "910.5"]),
        ("name\tt\na\t9,200\nb\t12,345,678\n", ["9200", "12345678"]),
        ("name;t;m\na;9.200;0,5\nb;8.400;2\n", ["9200", "8400"]),  # another column of the table tells
        ("name;t;m\na;9.200;0,5\nb;8.25;2\n", ["9.200", "8.25"]),  # its own numbers go before those
        ("name;t\na;1.234,5\nb;0.200\n", ["1234.5", "0.200"]),
        ("name,t\na,9.200\nb,1\n", ["9.200", "1"]),  # commas separate cells: a point is the decimal mark
        ('name,t\na,"9,200"\nb,0.5\n', ["9200", "0.5"]),
        ('name,t\na,"9,2"\nb,"1.000,5"\n', ["9.2", "1000.5"]),
        ("name;t\na;1.2.3\nb;x\n", ["1.2.3", "x"]),  # a text
    ],
)
def test_the_numbers_of_a_table_tell_which_mark_is_which(text: str, numbers: list[str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert [row["t"] for row in rows(tmp_path / "t.csv")] == numbers


@pytest.mark.parametrize(
    "text", ["name;t\na;9.200\n", "name\tt\na\t9,200\n", 'name,t\na,"9,200"\n', "name;t;m\na;9,200;0.5\nb;1;0,5\n"]
)
def test_a_number_that_may_be_two_is_a_fault_unless_the_mark_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    (fault,) = read_table(tmp_path / "t.csv").faults
    assert fault.line == 2
    assert "may be of thousands or of decimals" in fault.remedy
    sign = fault.value[1]
    assert read_table(tmp_path / "t.csv", sign).rows[0].cells["t"] == "9.200"
    assert read_table(tmp_path / "t.csv", {",": ".", ".": ","}[sign]).rows[0].cells["t"] == "9200"


@pytest.mark.parametrize("text", ["SECRET\nname;km\na;1\n", "The plan of 15 March, draft\nname;km;t;m;x\na;1;2;3;4\n"])
def test_a_title_above_the_headings_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert refusal(tmp_path / "t.csv") == f'line 1 "{text.splitlines()[0]}" stands above the headings; leave it out'


def test_lines_are_counted_through_cells_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('name,note\na,"two\nlines"\nb,x\n')
    assert [row.line for row in read_table(path).rows] == [2, 4]


def test_a_line_that_was_cut_off_is_a_fault_and_one_that_others_match_is_not(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n7,8\n")
    (fault,) = read_table(path).faults
    assert (fault.line, fault.remedy) == (4, "has 2 cells where the headings are 3")
    path.write_text("a,b,c\n1,2\n4,5\n7,8,9\n")
    assert rows(path)[0] == {"a": "1", "b": "2", "c": ""}


def test_a_cell_may_be_long_and_the_limit_of_others_is_left_alone(tmp_path: Path) -> None:
    import csv

    path = tmp_path / "t.csv"
    path.write_text(f'name,geometry\na,"{"4.1 52.0," * 40_000}"\n')
    before = csv.field_size_limit()
    assert len(rows(path)[0]["geometry"]) == 360_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "is empty; its first line must hold the column headings"),
        (b"name,name\na,b\n", 'line 1 "name" stands twice among the headings'),
        (b"name,,km\na,b,c\n", "line 1 a heading is empty"),
        (b'name,km\n"a,1\nb,2\n', "line 2 is not written as CSV"),
        (b"name,km\na\0,1\n", "line 2 holds a character that no text has (NUL)"),
        (b"name,km\ncaf\xe9,1\n", "line 2 is not in UTF-8; save it as UTF-8"),
        (b"PK\x03\x04rest of a workbook", "is a workbook, not text; name it .xlsx, or save the sheet as CSV UTF-8"),
        ("name,km\na,1\n".encode("utf-16"), "is text in UTF-16; save it as CSV UTF-8"),
    ],
)
def test_what_is_no_table_says_why(tmp_path: Path, content: bytes, remedy: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert remedy in refusal(path)


def test_only_plain_files_of_a_sane_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(InputError, match="is no plain file; name one"):
            read_bytes(tmp_path / name)
    (tmp_path / "large").write_bytes(b"x" * 1_001)
    with pytest.raises(InputError, match=r"has 1,001 bytes; at most 1,000 are read"):
        read_bytes(tmp_path / "large", most=1_000)
    with pytest.raises(InputError, match="cannot be read"):
        read_bytes(Path("no\0file"))


def test_one_name_is_one_text_however_it_was_typed(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("cafe\u0301")
    assert read_text(path) == "caf\u00e9"


def test_equal_faults_are_told_once_with_their_number(tmp_path: Path) -> None:
    from nfm_sim.files import Fault, problems_of

    faults = [Fault(line, "directed", "yes", "must be true or false") for line in range(2, 402)]
    (problem,) = problems_of(tmp_path, faults)
    assert problem.key == "line 2, directed"
    assert problem.remedy == "must be true or false (and so in 399 more lines, up to line 401)"


def test_a_message_shows_what_stands_there_and_steers_no_terminal() -> None:
    problem = Problem("a\x1b[2Jb.toml", "pools.\u202ex", "\x9b31m" + "y" * 5_000, "is\nwrong")
    text = str(problem)
    assert text == plain(text)
    assert "\\x1b[2J" in text
    assert "\\u202e" in text
    assert "\\n" in text
    assert len(text) < 400


def test_did_you_mean_never_offers_the_word_that_stands_there() -> None:
    assert did_you_mean("yard", ["yard"]) == ""
    assert did_you_mean("yard", ["yard", "yards"]) == ' (did you mean "yards"?)'
    assert did_you_mean("zzz", ["yard"]) == ""


def workbook(path: Path, rows: list[list[object]], sheets: int = 1) -> Path:
    """A workbook with a table on its first sheet."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook(path) as book:
        for number in range(sheets):
            sheet = book.add_worksheet(f"sheet {number}")
            for line, row in enumerate(rows if not number else []):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(line, column, cell)
    return path


TABLE = [["element", "tier", "filled_share", "title"], ["a", 1, 0.85, "Cafe\u0301"], [None] * 4, ["b", 2, 1.0, None]]


def test_a_workbook_is_read_as_the_same_table_in_csv(tmp_path: Path) -> None:
    pytest.importorskip("fastexcel")
    from_book = read_table(workbook(tmp_path / "table.xlsx", TABLE))
    text = "element,tier,filled_share,title\na,1,0.85,Caf\u00e9\n,,,\nb,2,1,\n"
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    from_text = read_table(tmp_path / "table.csv")
    assert from_book.columns == from_text.columns
    assert [(row.line, row.cells) for row in from_book.rows] == [(row.line, row.cells) for row in from_text.rows]


def test_a_workbook_that_is_none_has_many_sheets_or_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("fastexcel")
    several = workbook(tmp_path / "several.xlsx", TABLE, sheets=3)
    with pytest.raises(InputError, match="has 3 sheets; keep the one that is the table"):
        read_table(several)
    (tmp_path / "none.xlsx").write_text("element,tier\n")
    with pytest.raises(InputError, match=r"none\.xlsx: is no workbook"):
        read_table(tmp_path / "none.xlsx")
    with ZipFile(tmp_path / "other.xlsx", "w") as book:
        book.writestr("readme.txt", "no sheets here")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        read_table(tmp_path / "other.xlsx")
    with ZipFile(tmp_path / "bomb.xlsx", "w", compression=ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 250_000_000)
    assert (tmp_path / "bomb.xlsx").stat().st_size < 1_000_000
    with pytest.raises(InputError, match=r"is not read: its \S+ bytes hold more than \S+, unpacked"):
        read_table(tmp_path / "bomb.xlsx")


def test_a_workbook_costs_no_more_than_its_table(tmp_path: Path) -> None:
    """One stray cell far away, a size that lies, and a long text in many cells."""
    pytest.importorskip("fastexcel")
    far = workbook(tmp_path / "far.xlsx", TABLE)
    rewrite(far, b'r="A2"', b'r="XFD1048576"')
    with pytest.raises(InputError, match="cells reach to row 1,048,576 and column 16,384, more than 5,000,000 cells"):
        read_table(far)
    for beyond in (b'r="AAAA2"', b'r="A99999999999"', b"r='A99999999'"):
        rewrite(other := workbook(tmp_path / "other.xlsx", TABLE), b'r="A2"', beyond)
        with pytest.raises(InputError, match="has a cell that lies beyond the last of any sheet"):
            read_table(other)
    lies = workbook(tmp_path / "lies.xlsx", [[f"column {n}" for n in range(900)] for _ in range(300)])
    content = lies.read_bytes()
    size = next(entry.file_size for entry in ZipFile(lies).infolist() if entry.filename.endswith("sheet1.xml"))
    lies.write_bytes(content.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    with pytest.raises(InputError, match="is no workbook that can be read"):
        read_table(lies)
    many = workbook(tmp_path / "many.xlsx", [["x" * 30_000] * 200] * 200)
    assert many.stat().st_size < 200_000
    with pytest.raises(InputError, match="has cells of more than 1,000,000,000 characters together"):
        read_table(many)


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Change what the parts of a workbook hold."""
    with ZipFile(path) as book:
        parts = {entry.filename: book.read(entry) for entry in book.infolist()}
    with ZipFile(path, "w", compression=ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part.replace(old, new))

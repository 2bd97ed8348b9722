"""Text and tables from spreadsheets, strangers and accidents; and files written whole."""

from __future__ import annotations

import csv
import os
import re
import socket
import stat
import threading
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from io import BytesIO, StringIO
from itertools import chain, count
from pathlib import Path
from shutil import rmtree
from statistics import median_low
from zipfile import BadZipFile, ZipFile

from nfm_sim.limits import MOST_BYTES, MOST_CELL, MOST_CELLS, MOST_CHARACTERS, most_unpacked
from nfm_sim.problems import InputError, Problem, counted, refuse

WORKBOOK, UTF16 = b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")
NEWLINE = "\n"
MARKS = ",;\t"
"""What separates cells."""
MOST_HEADING = 100_000
"""Characters in which the headings begin. Assumed."""
DATE, MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"), " 00:00:00"
EITHER = "has a mark that may be of thousands or of decimals; write the number without marks of thousands"
_CSV = threading.Lock()


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a plain file. Raises `InputError` when it is none, is too large, or cannot be read."""
    plain_file(path, most)
    with _reading(path), path.open("rb") as file:
        return file.read(most)


def plain_file(path: Path, most: int | None = None) -> None:
    """Raise `InputError` when a path is no plain file that can be read, or is larger than `most` bytes."""
    with _reading(path):
        there = path.stat()
    if not stat.S_ISREG(there.st_mode):
        raise _fault(path, "is no plain file; name one")
    if most is not None and there.st_size > most:
        raise _fault(path, f"has {there.st_size:,} bytes; at most {most:,} are read")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # a ValueError is a path that no file can have
        reason = error.strerror if isinstance(error, OSError) else error
        raise _fault(path, f"cannot be read ({reason})") from None


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, with or without a byte-order mark, its letters composed (Unicode NFC) so that
    one name is one text however it was typed."""
    content = read_bytes(path)
    if content.startswith(WORKBOOK):
        raise _fault(path, "is a workbook, not text; name it .xlsx, or save the sheet as CSV UTF-8")
    if content.startswith(UTF16):
        raise _fault(path, "is text in UTF-16; save it as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _fault(path, "is not in UTF-8; save it as UTF-8", f"line {line}") from None
    before, nul, _ = text.partition("\0")
    if nul:
        raise _fault(path, "holds a character that no text has (NUL)", f"line {before.count(NEWLINE) + 1}")
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the line that it begins on, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read: its columns, in order, its rows, and the lines that are none."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = ()

    def fault(self, row: Row, column: str, remedy: str) -> Fault:
        """Return a fault of a cell."""
        return Fault(row.line, column, row.cells.get(column, ""), remedy)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a cell; `problems_of` puts equal ones together."""

    line: int
    column: str
    value: str
    remedy: str


def problems_of(path: Path, faults: Iterable[Fault]) -> list[Problem]:
    """Return the faults of a table as problems, in the order of its lines: equal ones once, with their number."""
    together: dict[tuple[str, str, str], list[int]] = {}
    for fault in faults:
        together.setdefault((fault.column, fault.value, fault.remedy), []).append(fault.line)
    problems = []
    for (column, value, remedy), lines in sorted(together.items(), key=lambda item: item[1][0]):
        more = f" (and so in {counted(len(lines) - 1, 'more line')}, up to line {lines[-1]})" if len(lines) > 1 else ""
        problems.append(Problem(str(path), ", ".join(filter(None, (f"line {lines[0]}", column))), value, remedy + more))
    return problems


def read_table(path: Path, decimal_mark: str = "", needs: Sequence[str] = ()) -> Table:
    """Read a table with its headings in the first line. Raises `InputError` when it cannot be read as one, or lacks
    columns that it needs.

    Cells are separated by commas; or, as spreadsheets save tables where the comma is the decimal mark, by semicolons
    or tabs (the headings tell, or a first line `sep=;`). Numbers may have a decimal comma, and marks of thousands: the
    numbers of the table tell which is which, or `decimal_mark`; one that may be two numbers is a fault. Spaces around
    cells, empty lines and empty columns at the end are left out; empty cells at the end may be missing where most rows
    leave them out, so that a line that was cut off is a fault. Of a workbook (.xlsx; needs the extra `excel`) the only
    sheet is the table.
    """
    is_workbook = path.suffix.lower() == ".xlsx"
    lines, usual = (_lines_of_workbook(path), ".") if is_workbook else _lines_of_text(path)
    table = _table_of(path, lines, decimal_mark, usual)
    if missing := [column for column in needs if column not in table.columns]:
        raise _fault(path, f"lacks the columns {', '.join(missing)}", "header")
    return table


def _lines_of_text(path: Path) -> tuple[Iterator[tuple[int, list[str]]], str]:
    """The lines of a table with their numbers, each as its cells, and the decimal mark where no number tells."""
    text = read_text(path)
    first, _, rest = text.partition("\n")
    skipped, mark = 0, ""
    if first.strip().strip('"').lower().startswith("sep=") and len(first.strip().strip('"')) == 5:
        mark, text, skipped = first.strip().strip('"')[4], rest, 1
    mark = mark or _mark_of(text)
    lines = ((number + skipped, cells) for number, cells in _lines(path, text, mark))
    return lines, "." if mark == "," else ""


def _table_of(path: Path, all_lines: Iterable[tuple[int, list[str]]], decimal_mark: str, usual: str) -> Table:
    """The table of numbered lines of cells, of which the first that is not empty has the headings. `usual` is the
    decimal mark where no number tells."""
    lines = [(number, cells) for number, cells in all_lines if any(cells)]
    if not lines:
        raise _fault(path, "is empty; its first line must hold the column headings")
    (at, header), *body = lines
    if body and _is_banner(header, body[0][1]):
        banner = " ".join(filter(None, header))
        raise _fault(path, f'"{banner}" stands above the headings; leave it out', f"line {at}")
    columns = tuple(header[: max(place for place, name in enumerate(header, start=1) if name)])
    faults = [
        Fault(at, "", name, "stands twice among the headings; leave one out" if name else "a heading is empty")
        for place, name in enumerate(columns)
        if not name or name in columns[:place]
    ]
    refuse(problems_of(path, faults))
    least = median_low([len(cells) for _, cells in body]) if body else 0
    sound = []
    for line, cells in body:
        if len(cells) < min(least, len(columns)) or any(cells[len(columns) :]):
            faults.append(Fault(line, "", cells[0], f"has {len(cells)} cells where the headings are {len(columns)}"))
        else:
            sound.append((line, [*cells[: len(columns)], *[""] * (len(columns) - len(cells))]))
    by_column = list(zip(*(cells for _, cells in sound), strict=True))
    rows = []
    plain = zip(*plain_numbers(by_column, decimal_mark, usual), strict=True)
    for (line, cells), numbers in zip(sound, plain, strict=True):
        named = {name: number for name, number in zip(columns, numbers, strict=True) if number is not None}
        if len(named) == len(columns):
            rows.append(Row(line, named))
        else:
            either = ((name, cell) for name, cell in zip(columns, cells, strict=True) if name not in named)
            faults += [Fault(line, name, cell, EITHER) for name, cell in either]
    return Table(path, columns, tuple(rows), tuple(faults))


def _is_banner(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a line is a title above the headings: it has half as many cells as the next, in which no number is."""
    cells = [cell for cell in second if cell]
    return 2 * sum(map(bool, first)) <= len(cells) and not any(cell[0].isdecimal() for cell in cells)


def _lines_of_workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the only sheet of a workbook with their numbers, each as its cells, as they would be in CSV."""
    from nfm_sim.extras import import_extra  # which knows polars, as most who write a file need not

    content = _bounded_workbook(path)
    fastexcel = import_extra("fastexcel", "excel")
    try:
        book = fastexcel.read_excel(content)
        if len(book.sheet_names) > 1:
            raise _fault(path, f"has {len(book.sheet_names)} sheets; keep the one that is the table")
        rows = book.load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()
    except fastexcel.FastExcelError as error:
        raise _fault(path, f"cannot be read as a workbook ({str(error).splitlines()[0]})") from None
    columns = [
        _days([unicodedata.normalize("NFC", cell or "").strip() for cell in column])
        for column in zip(*rows, strict=True)
    ]
    yield from enumerate(map(list, zip(*columns, strict=True)), start=1)


def _days(column: Sequence[str]) -> Sequence[str]:
    """The cells of a column, its dates without an hour where all are at midnight: a workbook has no others."""
    dates = {cell for cell in column if DATE.match(cell)}
    whole = all(cell.endswith(MIDNIGHT) for cell in dates)
    return [cell.removesuffix(MIDNIGHT) if whole and cell in dates else cell for cell in column]


SHEET, CELL = re.compile(rb"<(?:\w+:)?sheetData\b"), re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
TEXT, USED = re.compile(rb"<(?:\w+:)?si\b"), re.compile(rb"<(?:\w+:)?v>([0-9]{1,9})<")


def _bounded_workbook(path: Path) -> bytes:
    """The content of a workbook, packed again of what its parts hold and not of what they say that they do. Its parts
    are bounded, the rows and columns that its cells reach, and the characters of its cells together."""
    parts = _parts_of(path)
    sheets = [part for part in parts.values() if SHEET.search(part)]
    rows = columns = 0
    for letters, digits in (found.groups() for sheet in sheets for found in CELL.finditer(sheet)):
        if len(letters) > 3 or len(digits) > 7:
            raise _fault(path, "has a cell that lies beyond the last of any sheet")
        column = reduce(lambda number, letter: 26 * number + letter - 64, letters.upper(), 0)  # 1 of A, 27 of AA
        rows, columns = max(rows, int(digits)), max(columns, column)
    if rows * columns > MOST_CELLS:
        reach = f"cells reach to row {rows:,} and column {columns:,}"
        raise _fault(path, f"{reach}, more than {MOST_CELLS:,} cells; delete what stands far away from the table")
    uses = Counter(int(found[1]) for sheet in sheets for found in USED.finditer(sheet))
    for part in parts.values():
        if sum(len(text) * uses[number] for number, text in enumerate(TEXT.split(part)[1:])) > MOST_CHARACTERS:
            raise _fault(path, f"has cells of more than {MOST_CHARACTERS:,} characters together")
    with ZipFile(again := BytesIO(), "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return again.getvalue()


def _parts_of(path: Path) -> dict[str, bytes]:
    """The parts of a workbook, unpacked."""
    parts: dict[str, bytes] = {}
    content = read_bytes(path)
    most = left = most_unpacked(len(content))
    try:
        with ZipFile(BytesIO(content)) as book:
            for entry in book.infolist():
                with book.open(entry) as file:
                    parts[entry.filename] = file.read(left + 1)
                left -= len(parts[entry.filename])
                if left < 0:
                    raise _fault(path, f"is not read: its {len(content):,} bytes hold more than {most:,}, unpacked")
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise _fault(path, "is no workbook that can be read; save it as .xlsx, or as CSV UTF-8") from None
    return parts


def _mark_of(text: str) -> str:
    """The mark that separates cells: of comma, semicolon and tab, the one that the headings have most of."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:MOST_HEADING].splitlines() if line.strip()][:2]
    best = [max(MARKS, key=line.count) for line in lines] or [","]
    if len(lines) > 1:
        first, again, second = lines[0].count(best[0]), lines[1].count(best[0]), lines[1].count(best[1])
        if second > first and (first == 0 or again < first):
            return best[1]  # the first line is a title above the headings
    return best[0]


def _lines(path: Path, text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a table with their numbers, each as its cells."""
    with _CSV:  # the csv module has one limit for all
        before, begins, found = csv.field_size_limit(MOST_CELL), 1, []
        try:
            reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
            for cells in reader:
                found.append((begins, [cell.strip() for cell in cells]))
                begins = reader.line_num + 1
        except csv.Error as error:
            remedy = f"is not written as CSV ({error}); is a quotation mark left open?"
            raise _fault(path, remedy, f"line {begins}") from None
        finally:
            csv.field_size_limit(before)
    yield from found


def _fault(path: Path, remedy: str, key: str = "") -> InputError:
    return InputError.of(path, key, "", remedy)


# Which mark of numbers is the decimal one, their own numbers tell, or who reads them is asked: "9.200" and "9,200" may
# be nine and a fifth or nine thousand two hundred; "9.20", "0.200" and "1.234,5" are one thing.
NUMBER = re.compile(r"[+-]?\d*(?:[.,]\d+)*(?:[eE][+-]?\d+)?")
GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")
OTHER = {".": ",", ",": "."}
Column = Sequence[str]


def plain_numbers(columns: Sequence[Column], mark: str, usual: str) -> list[Sequence[str | None]]:
    """Return the columns of a table with their numbers as Python writes them, and None for a cell that may be two
    numbers; texts are left alone.

    `mark` is the decimal mark of the table, where it is known. Else the numbers of a column tell, or those of all; and
    a point that nothing tells of is the `usual` mark, if that is a point.
    """
    numeric = [
        any("," in cell or (not usual and "." in cell) for cell in column) and _has_numbers(column)
        for column in columns
    ]
    if not any(numeric):
        return list(columns)
    shown = [{_mark_in(cell) for cell in column} - {""} for column in columns]
    found: list[Sequence[str | None]] = []
    for column, is_numeric, own in zip(columns, numeric, shown, strict=True):
        told = {mark} if mark else own or set().union(*shown)
        found.append([_plain(cell, told, usual) for cell in column] if is_numeric else column)
    return found


def _has_numbers(column: Column) -> bool:
    """Whether half of the cells that are given are numbers; those with a distribution are left aside."""
    given = [cell for cell in column if cell and not cell.startswith("{")]
    return 2 * sum(NUMBER.fullmatch(cell) is not None for cell in given) >= len(given)


def _mark_in(cell: str) -> str:
    """The decimal mark that a number itself shows; empty where it has no mark, may have either, or is none."""
    marks = [sign for sign in cell if sign in OTHER]
    if not marks or NUMBER.fullmatch(cell) is None:
        return ""
    if marks.count(marks[-1]) > 1:  # "1.234.567"
        return OTHER[marks[0]] if len({*marks}) == 1 and GROUPS.fullmatch(cell) else ""
    return "" if len(marks) == 1 and GROUPS.fullmatch(cell) else marks[-1]


def _plain(cell: str, told: set[str], usual: str) -> str | None:
    """A cell as Python writes numbers; None where it may be two."""
    own = _mark_in(cell)
    if not own and GROUPS.fullmatch(cell):
        point = usual == "." and "," not in cell and "," not in told
        own = "." if point else next(iter(told)) if len(told) == 1 else ""
        if not own:
            return None
    return cell.replace(OTHER[own], "").replace(own, ".") if own and own in (told or {own}) else cell


# Write files whole, and say what a disk refuses as errors of input are said.


ELSEWHERE = "choose another place"
MARK = '"'
MOST_FILE_NAME = 100
"""Bytes of the name of a file that is made of another name; file systems take 255, and paths have an end too."""
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names of devices, which Windows takes for them with any ending."""
QUOTED = re.compile('[",\r\n]')


@contextmanager
def writing(place: Path, remedy: str = ELSEWHERE) -> Iterator[None]:
    """Raise `InputError` for what the disk of a file or folder refuses."""
    try:
        yield
    except OSError as error:
        raise InputError.of(place, "", "", f"cannot be written ({error.strerror}); {remedy}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, to the disk, and rename, so that no reader ever sees half a file."""
    draft = draft_of(path)
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_all(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Write files into a folder, by their paths in it, and make the folders that are missing; return the files. A new
    folder is there with all of them, or not at all. Raises `InputError` for what the disk refuses."""
    with writing(folder / next(iter(files)) if len(files) == 1 else folder):
        new = not folder.exists()
        draft = draft_of(folder) if new else folder
        try:
            for name, content in files.items():
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                write_whole(draft / name, content)
            if new:
                draft.rename(folder)
        finally:
            if new:
                rmtree(draft, ignore_errors=True)
    return [folder / name for name in files]


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each name that of a file or folder which every file system takes beside the others: of plain letters,
    short, reserved nowhere, and not equal but for case."""
    files: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^\w.-]+", "_", name).encode()[:MOST_FILE_NAME].decode(errors="ignore").strip("._-")
        stem = plain if plain and not RESERVED.fullmatch(plain) else f"_{plain}"
        taken = {file.casefold() for file in files.values()}
        numbered = chain([stem], (f"{stem}_{number}" for number in count(2)))
        files[name] = next(file for file in numbered if file.casefold() not in taken)
    return files


def draft_of(path: Path) -> Path:
    """Where a file or folder is written before it gets its name: beside it, hidden, with what writes it in its name."""
    return path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")


def csv_of(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows of cells as CSV in UTF-8, the headings first. (The csv module leaves a lone carriage return bare, and
    its reader then takes it for the end of a line.)"""
    cells = ([f'"{cell.replace(MARK, 2 * MARK)}"' if QUOTED.search(cell) else cell for cell in row] for row in rows)
    return "".join(f"{','.join(row)}\n" for row in cells).encode()

"""Write files whole, and say what a disk refuses as errors of input are said."""

import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from shutil import rmtree

from nfm_sim.problems import InputError

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

"""Write files whole, and say what a disk refuses as errors of input are said."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nfm_sim.problems import InputError, Problem

ELSEWHERE = "choose another place"
MARK = '"'
QUOTED = re.compile('[",\r\n]')


@contextmanager
def writing(place: Path, remedy: str = ELSEWHERE) -> Iterator[None]:
    """Raise `InputError` for what the disk of a file or folder refuses."""
    try:
        yield
    except OSError as error:
        raise InputError([Problem(str(place), "", "", f"cannot be written ({error.strerror}); {remedy}")]) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, to the disk, and rename, so that no reader ever sees half a file."""
    draft = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def write_all(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Write files into a folder, by their paths in it, and make the folders that are missing; return the files. Raises
    `InputError` for what the disk refuses."""
    with writing(folder):
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folder / name, content)
    return [folder / name for name in files]


def csv_of(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows of cells as CSV in UTF-8, the headings first. (The csv module leaves a lone carriage return bare, and
    its reader then takes it for the end of a line.)"""
    lines = (
        ",".join(f'"{cell.replace(MARK, 2 * MARK)}"' if QUOTED.search(cell) else cell for cell in row) for row in rows
    )
    return "".join(f"{line}\n" for line in lines).encode()

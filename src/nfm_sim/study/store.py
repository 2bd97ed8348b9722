"""A run on disk: `manifest.json`, and a folder of Parquet parts for each table."""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from nfm_sim.engine import TABLES, Run
from nfm_sim.problems import InputError, Problem

MANIFEST = "manifest.json"
PACKAGES = ("nfm_sim", "simpy", "numpy", "scipy", "polars")


def write_run(run: Run, folder: str | Path) -> Path:
    """Write the tables of a run, and last its manifest; each file is written whole and renamed into place."""
    folder = Path(folder)
    for name, table in run.tables.items():
        part = folder / name / "part-00000.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        _replace(part, table)
    manifest = {
        **run.about,
        "versions": {name: version(name) for name in PACKAGES},
        "python": sys.version.split()[0],
        "machine": platform.machine(),
    }
    _replace(folder / MANIFEST, manifest)
    return folder


def open_run(folder: str | Path) -> Run:
    """Read a run that `write_run` wrote. Raises `InputError` when the folder holds none."""
    folder = Path(folder)
    try:
        about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        mend = "cannot be read; name a folder that `nfm-sim run --out` wrote"
        raise InputError([Problem(str(folder), MANIFEST, "", mend)]) from None
    return Run(about=about, **{name: pl.read_parquet(folder / name / "part-*.parquet") for name in TABLES})


def _replace(path: Path, content: pl.DataFrame | dict[str, Any]) -> None:
    """Write beside the file and rename, so that a reader never sees half a file."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if isinstance(content, pl.DataFrame):
        content.write_parquet(draft)
    else:
        draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(draft, path)

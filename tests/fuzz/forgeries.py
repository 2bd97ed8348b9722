"""Forgeries that are consistent, with digests that fit: studies, pages and workbooks that are another in part."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import zlib
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import polars as pl
import xlsxwriter

import nfm_sim as nfm
from nfm_sim.reports.evidence import EVIDENCE, opened, sealed
from nfm_sim.scenario import build_scenario
from nfm_sim.study.records import digest, write_record
from tests.conftest import coast_data, one_ship
from tests.fuzz import corpus
from tests.fuzz.mutations import TEXTS, nasty, spoil_bytes, spoil_data

MOST_GROUPS = 1_000
"""Rows of a table that is written a few at a time."""


def fit(folder: Path) -> None:
    """Have all digests of a study folder fit what lies in it."""
    for record in folder.glob("batches/*.json"):
        data = json.loads(record.read_text())
        data.pop("digest", None)
        for name in data["files"]:
            if (folder / name).is_file():
                content = (folder / name).read_bytes()
                data["files"][name] = [len(content), digest(content)]
        record.write_bytes(write_record(data))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.pop("digest", None)
    manifest["scenario"] = digest((folder / "scenario.json").read_bytes())
    (folder / "manifest.json").write_bytes(write_record(manifest))


def forge_study(random: Random, folder: Path) -> None:
    """Forge a study whose digests fit: a table, a table of another, a name everywhere, or the payload of a part."""
    parts = sorted(folder.rglob("*.parquet"))
    part = random.choice(parts)
    kind = random.randrange(5)
    if kind == 0:
        part.write_bytes(random.choice(parts).read_bytes())
    elif kind == 1:
        rename_everywhere(random, folder)
    elif kind == 2:
        part.write_bytes(spoil_bytes(random, part.read_bytes()))
    else:
        table = pl.read_parquet(part)
        packing: Any = random.choice(("zstd", "gzip", "snappy", "lz4", "uncompressed"))
        table = spoil_table(random, table) if kind == 3 else table
        few = random.choice((None, 1, 7)) if table.height < MOST_GROUPS else None  # writing many takes long
        table.write_parquet(part, compression=packing, row_group_size=few)
    fit(folder)


def spoil_table(random: Random, table: pl.DataFrame) -> pl.DataFrame:
    """Change rows or columns of a table."""
    kind = random.randrange(7)
    if kind == 0:
        return pl.concat([table] * random.choice((2, 50, 5_000)))
    if kind == 1:
        return table.head(random.randrange(3))
    if kind == 2 or not table.columns:
        return table.rename({name: f"{name}{random.choice(('', 's', '_h'))}" for name in table.columns})
    column = random.choice(table.columns)
    if kind == 3:
        return table.drop(column)
    if kind == 4:
        to: Any = random.choice((pl.String, pl.Float32, pl.Int64, pl.Date))
        return table.with_columns(pl.col(column).cast(to, strict=False))
    if kind == 5:
        other = random.choice(table.columns)
        return table.rename({column: other, other: column} if other != column else {})
    value = random.choice((None, float("nan"), float("inf"), -1, 2**31 - 1, "x"))
    return table.with_columns(pl.lit(value).cast(table.schema[column], strict=False).alias(column))


def rename_everywhere(random: Random, folder: Path) -> None:
    """Call a flow something else, in the scenario and in all tables."""
    new = random.choice([text for text in TEXTS if 0 < len(text) < 100])
    plain = (folder / "scenario.json").read_text()
    (folder / "scenario.json").write_text(plain.replace('"flow"', json.dumps(new)))
    for part in folder.rglob("*.parquet"):
        table = pl.read_parquet(part)
        texts = [name for name, kind in table.schema.items() if kind == pl.String]
        table.with_columns(pl.col(texts).str.replace_all("flow", new, literal=True)).write_parquet(part)


@cache
def page_text() -> str:
    """A page of a small study."""
    folder = Path(mkdtemp(prefix="fuzz-page-"))
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 6)}), corpus.coast())
    study = nfm.replicate(scenario, 2, out=folder / "study", jobs=1)
    return nfm.report(study, folder / "page.html").read_text("utf-8")


def forge_page(random: Random) -> bytes:
    """A page whose evidence, scenario, structure or text is another, often with a digest that fits."""
    text = page_text()
    kind = random.randrange(5)
    if kind == 0:
        text = _other_evidence(random, text)
    elif kind == 1:
        text = _other_scenario(random, text)
    elif kind == 2:
        text = _other_structure(random, text)
    elif kind == 3:
        old, new = random.choice(("flow", "harbour", "a story", "evidence", "scenario-")), random.choice(TEXTS)
        text = text.replace(old, new)
    else:
        return spoil_bytes(random, text.encode())
    text = sealed(opened(text)[0]) if random.random() < 0.7 else text
    return text.encode("utf-8", "replace")


def _other_evidence(random: Random, text: str) -> str:
    begin = text.index(EVIDENCE) + len(EVIDENCE)
    end = text.index("</script>", begin)
    data = json.loads(text[begin:end])
    return text[:begin] + json.dumps(spoil_data(random, data, [data])) + text[end:]


def _other_scenario(random: Random, text: str) -> str:
    """A scenario that was unpacked, spoiled, and packed in another way, with a digest that fits or not."""
    mark, content = re.findall(r'id="scenario-([0-9a-f]{64})">([^<]*)<', text)[0]
    data = json.loads(gzip.decompress(base64.b64decode(content)))
    plain = json.dumps(spoil_data(random, data, [data]), default=str).encode()
    if random.random() < 0.2:
        plain = random.choice((b"[" * 100_000, b" " * 5_000_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"", b"null"))
    packed = random.choice((gzip.compress(plain), gzip.compress(plain)[:-9], zlib.compress(plain), plain))
    new = hashlib.sha256(plain).hexdigest() if random.random() < 0.8 else mark
    return text.replace(content, base64.b64encode(packed).decode()).replace(mark, new)


def _other_structure(random: Random, text: str) -> str:
    """Parts of the page left out, doubled, or in another order."""
    parts = re.split(r"^(?=<(?:header|section|script|main|body)\b)", text, flags=re.MULTILINE)
    for _ in range(random.randint(1, 3)):
        place, other = random.randrange(len(parts)), random.randrange(len(parts))
        change = random.randrange(4)
        if change == 0 and len(parts) > 1:
            del parts[place]
        elif change == 1:
            parts.insert(other, parts[place])
        elif change == 2:
            parts[place], parts[other] = parts[other], parts[place]
        else:
            parts[place] = random.choice((f"<!-- {parts[place]} -->", parts[place].upper(), str(nasty(random))))
    return "".join(parts)


@cache
def book_parts() -> dict[str, bytes]:
    """The parts of a workbook with force elements."""
    with xlsxwriter.Workbook(content := io.BytesIO()) as book:
        sheet = book.add_worksheet()
        rows = [["element", "tier", "home", "pieces.wheeled"], *([f"e{n}", n % 3 + 1, "barracks", n] for n in range(6))]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    with ZipFile(io.BytesIO(content.getvalue())) as parts:
        return {entry.filename: parts.read(entry) for entry in parts.infolist()}


REFERENCES = (b"XFD1048576", b"A0", b"AAAAAAAA1", b"A99999999999999999999", b"1A", b"", b"B3", b"ZZ70000")


def forge_book(random: Random) -> bytes:
    """A workbook whose sheet, sizes or packing are others."""
    parts = dict(book_parts())
    name = random.choice(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", *parts])
    kind = random.randrange(5)
    if kind == 0:
        parts[name] = spoil_bytes(random, parts[name])
    elif kind == 1:
        cells = re.findall(rb'r="([A-Z]+[0-9]+)"', parts["xl/worksheets/sheet1.xml"])
        changed = parts["xl/worksheets/sheet1.xml"].replace(random.choice(cells), random.choice(REFERENCES))
        parts["xl/worksheets/sheet1.xml"] = changed
    elif kind == 2:
        parts[random.choice(("xl/other.xml", "../../x", "/etc/x", "xl\\x", name))] = parts.pop(name)
    elif kind == 3:
        parts[name] = parts[name].replace(b"<v>0<", f"<v>{nasty(random, 1)}<".encode("utf-8", "replace"))
    packing = random.choice((ZIP_DEFLATED, ZIP_STORED, ZIP_BZIP2, ZIP_LZMA))
    with ZipFile(content := io.BytesIO(), "w", compression=packing) as book:
        for part, data in parts.items():
            book.writestr(part, data)
    if kind == 4:
        size = random.choice([len(part) for part in parts.values()])
        lie = random.choice((0, 1_000, 2**31)).to_bytes(4, "little")
        return content.getvalue().replace(size.to_bytes(4, "little"), lie)
    return content.getvalue()

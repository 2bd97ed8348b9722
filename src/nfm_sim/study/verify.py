"""What was handed on: is what lies in a folder what the scenario gives, and who signed it?

Signatures are made with the keys and the program of OpenSSH (`ssh-keygen -Y`, man ssh-keygen).
Of a folder the list of its files with their SHA-256 is signed, as `sha256sum` writes and checks it; of a page the page
itself. So both can be checked where nfm_sim is not.

Digests show what was damaged. Who changes a file on purpose can change its digest too, so what the scenario gives is
made again and compared; who made a study, only a signature says.
"""

import hashlib
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Literal

import polars as pl

from nfm_sim.files import read_bytes, read_text, write_all
from nfm_sim.problems import InputError, Problem, some_of
from nfm_sim.record import TABLES
from nfm_sim.study.code import current_key
from nfm_sim.study.compare import COMPARISON, read_comparison
from nfm_sim.study.records import SUMS, files_in, inside
from nfm_sim.study.store import KEY, MANIFEST, SCENARIO, Store
from nfm_sim.study.study import Study
from nfm_sim.study.workers import kept_measures, make_answers

NAMESPACE = "nfm-sim"
"""What is signed for: a signature for anything else, such as an e-mail, is none of these."""
SIGNATURE = b"-----BEGIN SSH SIGNATURE-----"
PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-\S+ \S+")
"""A public key, as `ssh-keygen` writes it."""


def sign(path: str | Path, key: str | Path) -> list[Path]:
    """Sign a folder or a page with the private key in a file; return what was written: a page's signature lies beside
    it (`page.html.sig`), a folder's in it, with the list of its files (`SHA256SUMS`, `SHA256SUMS.sig`).

    `ssh-keygen` asks for the passphrase if the key has one. Raises `InputError` when it is not there, or refuses.

    >>> nfm.study.sign(folder / "page.html", "id_ed25519")
    Traceback (most recent call last):
    ...
    nfm_sim.problems.InputError: ...page.html: cannot be read (No such file or directory)
    """
    path = Path(path)
    content, file = _signed_content(path)
    if file.exists() and not read_bytes(file).startswith(SIGNATURE):
        raise InputError.of(file, "", "", "is there already, and is no signature; take it away")
    signature = _ssh_keygen(["sign", "-f", str(key)], content, Problem(str(key), "", "", "signs nothing"))
    files = {SUMS: content} if path.is_dir() else {}
    return write_all(file.parent, files | {file.name: signature})


def signer(path: str | Path, key: str | Path) -> str:
    """Return the fingerprint of the public key, of those in a file, that signed a folder or page as it is now.

    Raises `InputError` when none did, when it was changed since, or when it is not signed.

    >>> nfm.study.signer(folder / "page.html", "id_ed25519.pub")
    Traceback (most recent call last):
    ...
    nfm_sim.problems.InputError: ...page.html: cannot be read (No such file or directory)
    """
    path = Path(path)
    content, file = _signed_content(path)
    if not file.exists():
        raise InputError.of(path, "", "", f"is not signed: there is no {file.name}")
    if path.is_dir() and (signed := read_bytes(inside(path, SUMS))) != content:
        changed = sorted({line[66:] for line in {*signed.split(b"\n")} ^ {*content.split(b"\n")}})
        names = (name.decode(errors="replace") for name in changed)
        raise InputError(Problem(str(path), "", name, "is not what was signed") for name in names)
    keys = [line for line in read_text(Path(key)).splitlines() if PUBLIC_KEY.match(line)]
    if not keys:
        raise InputError.of(key, "", "", "holds no public key of OpenSSH (name the file that ends in .pub)")
    with TemporaryDirectory() as folder:
        allowed = Path(folder) / "allowed_signers"
        allowed.write_text("".join(f"signer {line}\n" for line in keys))
        words = ["verify", "-f", str(allowed), "-I", "signer", "-s", str(file)]
        said = _ssh_keygen(words, content, Problem(str(file), "", "", f"is no signature of this by a key of {key}"))
    return said.decode().split()[-1]


def _signed_content(path: Path) -> tuple[bytes, Path]:
    """What is signed of a folder or page, and the file of its signature."""
    if not path.is_dir():
        return read_bytes(path), path.with_name(f"{path.name}.sig")
    names = [name for name in files_in(path) if name not in (SUMS, f"{SUMS}.sig")]
    if not all(map(str.isprintable, names)):
        raise InputError.of(path, "", "", "holds a file whose name has no letters only; take it away")
    lines = (f"{hashlib.sha256(read_bytes(inside(path, name))).hexdigest()}  {name}\n" for name in names)
    return "".join(lines).encode(), inside(path, f"{SUMS}.sig")


def _ssh_keygen(words: Sequence[str], content: bytes, fault: Problem) -> bytes:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise InputError.of("ssh-keygen", "", "", "is not there; install OpenSSH, which signatures need")
    command = [program, "-Y", *words, "-n", NAMESPACE]
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    if done.returncode:
        why = " ".join(done.stderr.decode(errors="replace").split()) or "ssh-keygen says nothing"
        raise InputError.of(fault.file, "", "", f"{fault.remedy} ({why})")
    return done.stdout


# Verify: is what lies in a folder what the scenario gives?


USUAL = 5
"""Replications that are made again when none are named."""


@dataclass(frozen=True)
class Verification:
    """What `verify` found: the replications that were made again, and the seed by which they were drawn if they were;
    how many files there are; what differs or is damaged; and what cannot be known of a sound study: what it was made
    with is not at hand now, an answer of the user's own is not made again, replications are left out."""

    replications: tuple[int, ...]
    seed: int | None
    files: int
    faults: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(
    folder: str | Path, replications: Iterable[int] | Literal["all"] | None = None, *, seed: int | None = None
) -> Verification:
    """Check every file of a study or run against its digest, hold what the manifest says against the scenario, simulate
    replications again, and compare them bit for bit: the answers, and the tables of those that are kept. In a folder of
    a comparison it must be of the scenario of its base with the changes that are on record there, on the same draws.

    Without `replications`, five are drawn by `seed`, or by chance. Answers of measures of your own are not made again:
    a study does not hold their code. Raises `InputError` when the folder holds no study, or not such a replication.

    >>> done = nfm.replicate(scenario, 3, out=folder / "base", jobs=1)
    >>> nfm.verify(folder / "base").sound
    True
    """
    store = Store(folder)
    study = Study(store)
    faults = [str(problem) for problem in [*store.damaged(), *store.unreadable(), *store.added()]]
    done = study.replications
    if replications is None:
        seed = secrets.randbits(32) if seed is None else seed
        chosen = sorted(Random(seed).sample(done, min(USUAL, len(done))))
    else:
        seed, chosen = None, done if replications == "all" else sorted({*map(int, replications)})
    missing = [number for number in chosen if number not in done]
    if missing or not done:
        remedy = f"is not done in this study of {len(done)} replications"
        lost = [Problem(str(folder), "replication", str(number), remedy) for number in missing or [0]]
        if not faults:
            raise InputError(lost)
        faults += map(str, lost)
    again = [number for number in chosen if number in done]
    try:
        faults += [*_untrue(study), *_out_of_place(study)]
        for number in again:
            faults += _differences(study, number)
    except InputError as error:  # the scenario, or a fork, is none
        faults += map(str, error.problems)
    files = sum(len(batch.files) for batch in store.batches())
    return Verification(tuple(again), seed, files, tuple(dict.fromkeys(faults)), tuple(_remarks(study)))


def _untrue(study: Study) -> Iterator[str]:
    """What the manifest says of the scenario, and the scenario does not."""
    for key, value in study.scenario.about.items():
        if study.about[key] != value:
            remedy = f"is not what the scenario says ({value}); it was changed since it was written"
            yield str(Problem(str(study.folder / MANIFEST), key, str(study.about[key]), remedy))


def _out_of_place(study: Study) -> Iterator[str]:
    """What the record of the comparison in whose folder a study lies says of it, and it is not: of the base, what that
    says of all. Of the points of a sweep the scenario that they are laid over is not there, and the first stands for
    it, as far as the changes of another can be made in it."""
    folder = study.folder.absolute().parent
    if not (folder / COMPARISON).exists():
        return
    record = read_comparison(folder)
    first, base = next(((name, Study(Store(inside(folder, part)))) for name, part in record.studies.items()))
    for name, part in record.studies.items():
        if study.folder.name not in (part, base.folder.name):
            continue
        there = Study(Store(inside(folder, part)))
        if (there.seed, there.sampling) != (base.seed, base.sampling):
            yield f"{there.folder}: is not on the draws of {first}, with which it is compared"
        if name in record.changes:
            try:
                expected = base.scenario.with_changes(record.changes[name])
            except InputError:
                if first in record.changes:
                    continue
                raise
            if there.scenario.to_data() != expected.to_data():
                what = f"is not that of {first} with the changes of {name} that are on record"
                yield f"{there.folder / SCENARIO}: {what}; another study lies in its place"


def _remarks(study: Study) -> Iterator[str]:
    for key, now in current_key().items():
        if study.manifest[key] != now:
            yield f"made with other {KEY[key]}: {study.manifest[key]}, now {now}"
    for name in study.manifest["measures"]:
        yield f"not made again: {name}, a measure whose code is not in the folder"
    left_out = sorted({*range(max(study.replications, default=0))} - {*study.replications})
    if left_out:
        yield f"not there: replications {some_of(map(str, left_out))}, and later ones are"


def _differences(study: Study, number: int) -> Iterator[str]:
    """What is not stored as the scenario gives it, or cannot be read."""
    run = study.rerun(number)
    scans: dict[str, Callable[[str], pl.LazyFrame]] = {"answer": study.scan, "table": study.scan_table}
    made = [("answer", name, table) for name, table in make_answers(run, kept_measures(Store(study.folder))).items()]
    if number in study.kept_replications:
        made += [("table", name, run.table(name)) for name in TABLES]
    for kind, name, table in made:
        try:
            same = table.equals(scans[kind](name).filter(pl.col("replication") == number).collect())
        except InputError as error:
            yield from map(str, error.problems)
        else:
            if not same:
                yield f"{study.folder}: {kind} {name} of replication {number} is not what the scenario gives"

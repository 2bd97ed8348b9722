"""Signatures: who made a study or a page. By the keys and the program of OpenSSH (`ssh-keygen -Y`, man ssh-keygen).

Of a folder the list of its files with their SHA-256 is signed, as `sha256sum` writes and checks it; of a page the page
itself. So both can be checked where nfm_sim is not.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nfm_sim.files import read_bytes, read_text
from nfm_sim.problems import InputError, Problem
from nfm_sim.study.records import SUMS, files_in, inside
from nfm_sim.writing import write_all

NAMESPACE = "nfm-sim"
"""What is signed for: a signature for anything else, such as an e-mail, is none of these."""
SIGNATURE = b"-----BEGIN SSH SIGNATURE-----"
KEY = re.compile(r"(ssh|ecdsa|sk)-\S+ \S+")
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
        raise InputError(
            Problem(str(path), "", name.decode(errors="replace"), "is not what was signed") for name in changed
        )
    keys = [line for line in read_text(Path(key)).splitlines() if KEY.match(line)]
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

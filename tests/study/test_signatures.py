"""A signature says whose a study or page is, and that it is the one that was signed."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import replicate, sign, signer
from tests.conftest import called, coast, coast_data, one_ship

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not there")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("mine", "another"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 3)}), coast())
    folder = replicate(scenario, 2, out=tmp_path_factory.mktemp("made") / "s", jobs=1).folder
    assert [file.name for file in sign(folder, keys / "mine")] == ["SHA256SUMS", "SHA256SUMS.sig"]
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "s"))


def test_a_signature_says_whose_a_study_is(folder: Path, keys: Path) -> None:
    done = called("verify", folder, "--key", keys / "mine.pub")
    fingerprint = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(keys / "mine.pub")], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    assert done.returncode == 0, done.stderr
    assert f"signed with the key {fingerprint}" in done.stdout
    several = keys / "several"
    several.write_text("# who may send\n" + "".join((keys / f"{name}.pub").read_text() for name in ("another", "mine")))
    assert signer(folder, several) == fingerprint


def test_it_is_checked_where_nfm_sim_is_not(folder: Path, keys: Path) -> None:
    (keys / "senders").write_text(f"sender {(keys / 'mine.pub').read_text()}")
    check = "ssh-keygen -Y verify -f {} -I sender -n nfm-sim -s SHA256SUMS.sig < SHA256SUMS && sha256sum -c SHA256SUMS"
    done = subprocess.run(check.format(keys / "senders"), shell=True, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def change(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + b" ")


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (change("manifest.json"), '"manifest.json" is not what was signed'),
        (change("scenario.json"), '"scenario.json" is not what was signed'),
        (lambda folder: (folder / "more").write_text("x"), '"more" is not what was signed'),
        (lambda folder: next(folder.glob("answers/closure/*")).unlink(), "is not what was signed"),
        (lambda folder: shutil.move(folder / "SHA256SUMS.sig", folder / "x.sig"), "is not signed"),
        (lambda folder: (folder / "SHA256SUMS.sig").write_text("none"), "is no signature of this by a key of"),
    ],
    ids=["manifest", "scenario", "more", "less", "unsigned", "no signature"],
)
def test_what_was_changed_since_is_noticed(
    folder: Path, keys: Path, tamper: Callable[[Path], object], said: str
) -> None:
    tamper(folder)
    with pytest.raises(InputError, match=said):
        signer(folder, keys / "mine.pub")


def test_another_key_and_another_purpose_are_no_signature(folder: Path, keys: Path) -> None:
    with pytest.raises(InputError, match="is no signature of this by a key of"):
        signer(folder, keys / "another.pub")
    for_mail = ["ssh-keygen", "-Y", "sign", "-f", str(keys / "mine"), "-n", "email"]
    signed = subprocess.run(for_mail, input=(folder / "SHA256SUMS").read_bytes(), capture_output=True, check=True)
    (folder / "SHA256SUMS.sig").write_bytes(signed.stdout)
    with pytest.raises(InputError, match="is no signature of this by a key of"):
        signer(folder, keys / "mine.pub")
    with pytest.raises(InputError, match="holds no public key"):
        signer(folder, folder / "manifest.json")


def test_a_page_is_signed_beside_it(tmp_path: Path, keys: Path) -> None:
    (page := tmp_path / "page.html").write_text("a page")
    assert sign(page, keys / "mine") == [tmp_path / "page.html.sig"]
    assert sign(page, keys / "mine") == [tmp_path / "page.html.sig"], "again, over its own"
    assert signer(page, keys / "mine.pub").startswith("SHA256:")
    page.write_text("another page")
    done = called("verify", page, "--key", keys / "mine.pub")
    assert done.returncode == 2
    assert "is no signature of this by a key of" in done.stderr
    (tmp_path / "page.html.sig").write_text("of another")
    with pytest.raises(InputError, match="is there already, and is no signature"):
        sign(page, keys / "mine")


def test_what_cannot_sign_is_said(folder: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="signs nothing"):
        sign(folder, keys / "none")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(InputError, match="install OpenSSH"):
        sign(folder, keys / "mine")


def test_no_link_is_signed(folder: Path, keys: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="is a link"):
        sign(folder, keys / "mine")

"""
Signing with a certificate of our own making, and what a program without a signature calls itself.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent import __version__
from agent.release import full_version, is_signed

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a word with blanks"

needs_signing_tools = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("osslsigncode", "openssl")),
    reason="needs osslsigncode and openssl (Debian: osslsigncode, openssl)",
)


@pytest.fixture
def program() -> Path:
    """
    A Windows program that nobody has signed: the launcher that pip brings along.
    """
    spec = importlib.util.find_spec("pip")
    if spec is None or spec.origin is None:
        pytest.skip("there is no pip here, whose launcher is a Windows program")
    return Path(spec.origin).parent / "_vendor" / "distlib" / "t64.exe"


def certificate(folder: Path, name: str) -> Path:
    """
    Make a certificate for signing code, with its key in a file that Windows' tools know; the certificate alone is beside it.
    """
    key, public, made = folder / f"{name}.key", folder / f"{name}.pem", folder / f"{name}.pfx"
    subject = ["-subj", f"/CN={name}", "-addext", "extendedKeyUsage=codeSigning"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", public, "-days", "2", *subject],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-inkey", key, "-in", public, "-out", made, "-passout", f"pass:{PASSWORD}"],
        check=True,
        capture_output=True,
    )
    return made


def sign(given: Path, *paths: Path) -> str:
    options = ["--certificate", str(given), *map(str, paths)]
    done = subprocess.run(
        [sys.executable, str(ROOT / "installer" / "sign.py"), *options],
        env=os.environ | {"SIGNING_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def is_verified(file: Path, given: Path) -> bool:
    command: list[str | Path] = ["osslsigncode", "verify", "-CAfile", given.with_suffix(".pem"), "-in", file]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@needs_signing_tools
def test_programs_and_libraries_are_signed_but_not_those_that_are_already(program: Path, tmp_path: Path) -> None:
    """
    Who made a library answers for it; everything else bears the certificate that was given.
    """
    ours, theirs = certificate(tmp_path, "ours"), certificate(tmp_path, "theirs")
    folder = tmp_path / "frozen"
    (folder / "_internal").mkdir(parents=True)
    made, library, foreign = folder / "frontdesk.exe", folder / "_internal" / "x.pyd", folder / "_internal" / "y.DLL"
    for file in (made, library, foreign, folder / "data.zip"):
        shutil.copyfile(program, file)
    sign(theirs, foreign)
    before = foreign.read_bytes()

    assert not is_signed(made)
    assert "2 files signed" == sign(ours, folder)
    assert [True, True] == [is_signed(file) and is_verified(file, ours) for file in (made, library)]
    assert before == foreign.read_bytes()
    assert program.read_bytes() == (folder / "data.zip").read_bytes()
    assert "0 files signed" == sign(ours, folder)


@needs_signing_tools
@pytest.mark.skipif(shutil.which("wixl") is None, reason="needs wixl (Debian: wixl)")
def test_an_installer_is_signed(tmp_path: Path) -> None:
    """
    Nothing of what it installs is changed by that.
    """
    given = certificate(tmp_path, "ours")
    for name in ("frontdesk.exe", "frontdesk-tray.exe"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    made = tmp_path / "made" / "frontdesk.msi"
    pack = [sys.executable, str(ROOT / "installer" / "msi.py"), "--folder", str(tmp_path), "--output", str(made)]
    subprocess.run(pack, check=True, capture_output=True)
    tables = subprocess.run(["msiinfo", "export", made, "File"], check=True, capture_output=True).stdout

    assert not is_verified(made, given)
    assert "1 files signed" == sign(given, made)
    assert is_verified(made, given)
    assert tables == subprocess.run(["msiinfo", "export", made, "File"], check=True, capture_output=True).stdout


@pytest.mark.parametrize("contents", [b"", b"MZ", b"text" * 100], ids=["empty", "cut", "other"])
def test_what_is_no_program_is_not_signed(tmp_path: Path, contents: bytes) -> None:
    """
    And nothing is raised.
    """
    file = tmp_path / "x.exe"
    file.write_bytes(contents)

    assert not is_signed(file)
    assert not is_signed(tmp_path / "missing.exe")


@pytest.mark.parametrize(("frozen", "said"), [(True, f"{__version__} (unsigned build)"), (False, __version__)])
def test_a_frozen_program_without_a_signature_says_so(
    program: Path, monkeypatch: pytest.MonkeyPatch, *, frozen: bool, said: str
) -> None:
    """
    From source there is nothing to sign.
    """
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    full_version.cache_clear()
    try:
        assert said == full_version()
    finally:
        full_version.cache_clear()

# ruff: noqa: INP001, T201 - a script, and it prints what it has signed
"""
Signs Windows programs, libraries and installers: with `signtool` on Windows, elsewhere with `osslsigncode` (a Debian package).

    SIGNING_PASSWORD=... python installer/sign.py --certificate FILE.pfx [--timestamp URL] PATH ...

A path is a file or a folder, in which every .exe, .dll and .pyd is signed that its maker has not signed already.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from agent.release import is_signed  # noqa: E402 - found by the line above

PASSWORD = "SIGNING_PASSWORD"  # noqa: S105 - the name of a variable
PROGRAMS = {".exe", ".dll", ".pyd"}
PRODUCT = "Frontdesk"


def main(argv: Sequence[str] | None = None) -> int:
    """
    Sign, and return 0.
    """
    parser = argparse.ArgumentParser(description="Sign what is shipped for Windows.")
    parser.add_argument("--certificate", type=Path, required=True, help="a .pfx file; its password is in SIGNING_PASSWORD")
    parser.add_argument(
        "--timestamp", metavar="URL", default="", help="a time stamp server: signatures then outlive the certificate"
    )
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    options = parser.parse_args(argv)
    signed = [file for path in options.paths for file in unsigned(path)]
    for file in signed:
        sign(file, options.certificate, os.environ.get(PASSWORD, ""), options.timestamp)
    print(f"{len(signed)} files signed")
    return 0


def unsigned(path: Path) -> Iterator[Path]:
    """
    Yield the files at *path* that are to be signed.
    """
    if path.is_file():
        yield path
        return
    files = (file for file in sorted(path.rglob("*")) if file.suffix.lower() in PROGRAMS)
    yield from (file for file in files if not is_signed(file))


def sign(file: Path, certificate: Path, password: str, timestamp: str) -> None:
    """
    Sign one file in its place.

    Raises:
        subprocess.CalledProcessError: if the tool refuses.
    """
    if sys.platform == "win32":
        stamp = ["/tr", timestamp, "/td", "SHA256"] if timestamp else []
        command = [
            _signtool(),
            "sign",
            "/q",
            "/f",
            str(certificate),
            "/p",
            password,
            "/fd",
            "SHA256",
            "/d",
            PRODUCT,
            *stamp,
            str(file),
        ]
        subprocess.run(command, check=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        word, made = Path(folder) / "word", Path(folder) / file.name
        word.write_text(password, encoding="utf-8")  # not among the arguments, which everybody can list
        stamp = ["-ts", timestamp] if timestamp else []
        given = ["-pkcs12", str(certificate), "-readpass", str(word), "-h", "sha256", "-n", PRODUCT, *stamp]
        command = ["osslsigncode", "sign", *given, "-in", str(file), "-out", str(made)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.copyfile(made, file)


def _signtool() -> str:
    """
    Return the newest of the Windows kits.
    """
    kits = Path(os.environ.get("PROGRAMFILES(X86)", "")) / "Windows Kits" / "10" / "bin"
    found = sorted(kits.glob("*/x64/signtool.exe"))
    if not found:
        raise FileNotFoundError(f"there is no signtool.exe below {kits}")
    return str(found[-1])


if __name__ == "__main__":
    sys.exit(main())

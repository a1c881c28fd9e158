"""
Check what the project depends on: known vulnerabilities of the pinned versions, and licences.

Vulnerabilities are asked of the package index by pip-audit. On a machine that cannot reach it nothing is found, which is no
finding: it is said, and `make lint` does not fail for it. Licences are read from the installed packages, and always checked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
LIMIT_S = 180
PIN = re.compile(r"([A-Za-z0-9_.-]+)==([^;\s]+)")

PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|CC0|Unlicense")
ALLOWED = {
    "certifi": "MPL-2.0: a list of certificates, used as it is",
    "hypothesis": "MPL-2.0: tests only",
    "pathspec": "MPL-2.0: a part of mypy, checks only",
    "PySide6_Essentials": "LGPL-3.0: in the frozen program Qt lies beside it and can be replaced",
    "shiboken6": "LGPL-3.0: a part of PySide6",
    "pyinstaller": "GPL-2.0 with an exception for what it builds",
}
"""Licences that are not permissive, and why they will do; docs/dependencies.md says more."""


def pins() -> Iterator[tuple[str, str]]:
    """
    Yield name and version of everything that is pinned.
    """
    for file in ("run.txt", "dev.txt"):
        for line in FOLDER.joinpath(file).read_text(encoding="utf-8").splitlines():
            if found := PIN.match(line):
                yield found[1], found[2]


def licence_of(name: str) -> str:
    """
    Return what the installed package says of its licence.
    """
    told = metadata.metadata(name)
    classifiers = [text.rpartition(" :: ")[2] for text in told.get_all("Classifier") or () if text.startswith("License")]
    return told["License-Expression"] or "; ".join(classifiers) or (told["License"] or "nothing")[:60]


def wrong_licences() -> Iterator[str]:
    """
    Yield a line for each package whose licence is neither permissive nor allowed by name.
    """
    for name, _ in pins():
        try:
            licence = licence_of(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform
        if name not in ALLOWED and not PERMISSIVE.search(licence):
            yield f"{name}: its licence is {licence}. Do without it, or allow it in tools/audit.py with a reason."


def vulnerabilities(pinned: Sequence[tuple[str, str]]) -> tuple[list[str], int]:
    """
    Return a line for each known vulnerability of *pinned*, and of how many packages the index could tell nothing.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "pinned.txt")
        file.write_text("".join(f"{name}=={version}\n" for name, version in pinned), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), "--no-deps", "--disable-pip"]
        command += ["--format", "json", "--progress-spinner", "off", "--timeout", "5"]
        try:
            said = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False).stdout
            found = json.loads(said)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError):  # it ends without an answer where the index is out of reach
            return [], len(pinned)
    lines = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in found
        for flaw in package.get("vulns", ())
    ]
    return lines, sum("skip_reason" in package for package in found)


def main() -> int:
    """
    Check both; return 1 if there is something to do.
    """
    pinned = list(pins())
    wrong = list(wrong_licences())
    _, unreachable = vulnerabilities(pinned[:1])
    flaws, untold = ([], len(pinned)) if unreachable else vulnerabilities(pinned)
    for line in (*wrong, *flaws):
        print(line)  # noqa: T201 - a script
    asked = f"{len(pinned) - untold} of {len(pinned)} packages asked for known vulnerabilities: {len(flaws)} found."
    if untold == len(pinned):
        asked = "NOT AUDITED for known vulnerabilities: the package index cannot be reached or does not tell of them here."
    print(f"Dependencies: {len(wrong)} wrong licences. {asked}")  # noqa: T201 - as above
    return 1 if wrong or flaws else 0


if __name__ == "__main__":
    sys.exit(main())

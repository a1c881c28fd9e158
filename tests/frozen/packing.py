"""
Packs the installers that `test_installer_life.py` lives through, out of one folder of frozen programs.

    python tests/frozen/packing.py [--certificate FILE.pfx] FROZEN OUTPUT

`first.msi`; `second.msi`, which knows one more layout of the state; `broken.msi`, which knows yet another, and cannot read the
practice. With a certificate they are signed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FIRST, SECOND, BROKEN = "first.msi", "second.msi", "broken.msi"


def pack_all(frozen: Path, output: Path, certificate: Path | None = None) -> None:
    """
    Make the three in the folder *output*.
    """
    changes: dict[str, tuple[str, Callable[[Path], None]]] = {
        FIRST: ("1.0.0", lambda _: None),
        SECOND: ("2.0.0", lambda agent: next_layouts(agent, 1)),
        BROKEN: ("3.0.0", unable_to_read),
    }
    for name, (version, change) in changes.items():
        with tempfile.TemporaryDirectory() as folder:
            programs = Path(folder) / "frontdesk"
            shutil.copytree(frozen, programs)
            change(programs / "_internal" / "agent")
            script("msi.py", "--folder", str(programs), "--version", version, "--output", str(output / name))
        if certificate is not None:
            script("sign.py", "--certificate", str(certificate), str(output / name))


def next_layouts(agent: Path, steps: int) -> None:
    """
    Let the program know more layouts of the state than it has.
    """
    migrations = agent / "store" / "migrations"
    newest = max(int(path.name[:4]) for path in migrations.glob("*.sql"))
    for number in range(newest + 1, newest + steps + 1):
        (migrations / f"{number:04}_later.sql").write_text(f"CREATE TABLE later_{number} (x TEXT);\n", encoding="utf-8")


def unable_to_read(agent: Path) -> None:
    """
    Let the program know two further layouts, and be unable to read the practice.
    """
    next_layouts(agent, 2)
    (agent / "pms" / "sql" / "profiles" / "sandbox" / "practitioners.sql").write_text("SELECT 1;\n", encoding="utf-8")


def script(name: str, *options: str) -> None:
    """
    Run one of the installer's scripts.
    """
    subprocess.run([sys.executable, str(ROOT / "installer" / name), *options], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Pack the installers that are tried.")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("frozen", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    pack_all(given.frozen, given.output, given.certificate)

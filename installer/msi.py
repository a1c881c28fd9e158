# ruff: noqa: INP001, T201 - a script, and it prints what it has made
"""
Packs the frozen programs into a Windows installer, with `wixl` and `msibuild` (Debian: wixl, msitools).

    python installer/msi.py [--folder FOLDER] [--version 1.2.3] [--output FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from agent import __version__  # noqa: E402 - found by the line above

PROGRAMS = {"frontdesk.exe", "frontdesk-tray.exe"}
NAMESPACE = uuid.UUID("6C0E4B8A-5B7E-4A0F-9B53-2F6D1C7E9A41")
"""The product's own; a file's component has the same id in every version."""

PUBLIC = ("PRACTICEID", "CONFIGPATH", "KEYFILE", "STARTSERVICE", "TRAYAUTOSTART", "ACCOUNT", "REMOVEDATA")
"""What may be given on the command line, and has to reach the part that runs with the system's rights."""

ORDER = {
    "RestartService": 1501,  # before anything of the old version goes, and so undone when all of it is there again
    "RemoveExistingProducts": 1502,  # within what is rolled back: if the new version fails, the old one is put back
    "BeforeUninstall": 1850,  # before StopServices at 1900
    "RemoveService": 1901,  # after it, while the program is still there
    "UndoInstallService": 4050,  # after InstallFiles at 4000, and undone before it
    "InstallService": 6590,  # before InstallFinalize at 6600: nothing that may fail comes after it
}
"""Where wixl puts actions elsewhere than frontdesk.wxs says."""

ROLLBACK = 0x12 | 0x40 | 0x100 | 0x400 | 0x800
"""A program of the installation, run only if it is taken back, with the system's rights; its own failure does not count."""

ROLLBACKS = ("RestartService", "UndoInstallService")
"""Which wixl would make actions that are run at once."""

SECURE = ("WIX_DOWNGRADE_DETECTED", "WIX_UPGRADE_DETECTED", *PUBLIC)

EDITS = (
    # what candle makes of frontdesk.wxs by itself, or has words for, and wixl does not
    "UPDATE `Component` SET `Condition` = 'TRAYAUTOSTART = \"1\"' WHERE `Component` = 'TrayAutostart'",
    *(
        f"UPDATE `InstallExecuteSequence` SET `Sequence` = {number} WHERE `Action` = '{action}'"  # noqa: S608 - constants
        for action, number in ORDER.items()
    ),
    *(
        f"UPDATE `CustomAction` SET `Type` = {ROLLBACK} WHERE `Action` = '{action}'"  # noqa: S608 - constants
        for action in ROLLBACKS
    ),
    f"UPDATE `Property` SET `Value` = '{';'.join(SECURE)}' WHERE `Property` = 'SecureCustomProperties'",  # noqa: S608 - constants
)


def main(argv: Sequence[str] | None = None) -> int:
    """
    Pack, and return 0.
    """
    parser = argparse.ArgumentParser(description="Pack the frozen Windows programs into an MSI.")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "dist" / "frontdesk", help="what installer/build.py made on Windows"
    )
    parser.add_argument("--version", default=__version__, help="three numbers, each higher than in the version before")
    parser.add_argument("--output", type=Path, help="by default dist/frontdesk-VERSION.msi")
    options = parser.parse_args(argv)
    output: Path = options.output or ROOT / "dist" / f"frontdesk-{options.version}.msi"
    pack(options.folder, options.version, output)
    print(f"{output}: {output.stat().st_size / 1e6:.0f} MB, SHA-256 {hashlib.sha256(output.read_bytes()).hexdigest()}")
    return 0


def pack(folder: Path, version: str, output: Path) -> None:
    """
    Make the installer of what is in *folder*.

    Raises:
        FileNotFoundError: if these are no Windows programs.
        subprocess.CalledProcessError: if a tool fails.
    """
    if missing := sorted(name for name in PROGRAMS if not (folder / name).is_file()):
        raise FileNotFoundError(f"{folder} has no {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        (place / "source").symlink_to(folder.resolve())  # wixl finds files below its working folder only
        (place / "frontdesk.ico").write_bytes((ROOT / "assets" / "frontdesk.ico").read_bytes())
        (place / "files.wxs").write_text(files_text(folder), encoding="utf-8")
        variables = {"SourceDir": "source", "Version": version, "IconFile": "frontdesk.ico"}
        defined = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        command = ["wixl", "--arch", "x64", *defined, "--output", "made.msi", str(HERE / "frontdesk.wxs"), "files.wxs"]
        subprocess.run(command, check=True, cwd=place)
        for edit in EDITS:
            subprocess.run(["msibuild", "made.msi", "-q", edit], check=True, cwd=place)  # noqa: S607 - Debian's own
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place / "made.msi", output)


def files_text(folder: Path) -> str:
    """
    Return the WiX source of everything beside the programs: one component for each file, as repair and upgrade want it.
    """
    lines = ['<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">', "<Fragment>", '<DirectoryRef Id="INSTALLDIR">']
    lines += _directory(folder, folder)
    lines += ["</DirectoryRef>", "</Fragment>", "<Fragment>", '<ComponentGroup Id="Internal">']
    lines += [f'<ComponentRef Id="{_id("C", path, folder)}" />' for path in _files(folder)]
    lines += ["</ComponentGroup>", "</Fragment>", "</Wix>"]
    return "\n".join(lines)


def _directory(here: Path, top: Path) -> Iterator[str]:
    for path in sorted(here.iterdir()):
        if path.is_dir():
            yield f'<Directory Id="{_id("D", path, top)}" Name={quoteattr(path.name)}>'
            yield from _directory(path, top)
            yield "</Directory>"
        elif path.relative_to(top).as_posix() not in PROGRAMS:
            source = quoteattr(f"$(var.SourceDir)/{path.relative_to(top).as_posix()}")
            yield f'<Component Id="{_id("C", path, top)}" Guid="{_guid(path, top)}" Win64="yes">'
            yield f'<File Id="{_id("F", path, top)}" Source={source} KeyPath="yes" />'
            yield "</Component>"


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path.relative_to(folder).as_posix() not in PROGRAMS)


def _guid(path: Path, top: Path) -> str:
    return str(uuid.uuid5(NAMESPACE, path.relative_to(top).as_posix())).upper()


def _id(kind: str, path: Path, top: Path) -> str:
    return f"{kind}{_guid(path, top).replace('-', '')}"


if __name__ == "__main__":
    sys.exit(main())

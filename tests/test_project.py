"""
The project keeps its own rules: layout, imports, pinned versions, nothing that belongs to one machine.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT_FILES = {".cfg", ".in", ".ini", ".md", ".py", ".spec", ".sql", ".svg", ".toml", ".txt", ".wxs", ".yaml", ".yml", ""}
TOP = {".ci", ".github", "agent", "assets", "benchmarks", "docs", "installer", "requirements", "tests", "tools"}
WINDOWS_ONLY = ("msvcrt", "ntsecuritycon", "pywintypes", "servicemanager", "win32api", "win32con", "win32security", "winreg")
MADE = {".git", ".hypothesis", ".venv", "__pycache__", "build", "dist"}
BELONGS_TO_ONE_MACHINE = re.compile(
    r"(?:^|[^.\w/<>])/(?:work|root|home|opt|tmp|Users)/|[A-Z]:\\Users\\|"  # absolute folders
    r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|proxy\.golang\.org|deb\.debian\.org)\b"  # package registries
)


def files() -> list[Path]:
    """
    Every file of the project, as far as it is not made by running it.
    """
    below = (path for folder in sorted(TOP) for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
    return [path for path in (*ROOT.iterdir(), *below) if path.is_file()]


def sources(*folders: str) -> list[Path]:
    """
    Every Python module below *folders*.
    """
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    """
    The dotted name under which *path* is imported.
    """
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.slow
def test_nothing_but_the_user_interface_loads_qt() -> None:
    """
    The engine, the workers and the command line start without Qt, whatever of them is imported.
    """
    names = [module_name(p) for p in sources("agent") if not p.is_relative_to(ROOT / "agent" / "ui") and p.name != "__main__.py"]
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    try: importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error:\n"
        f"        if sys.platform == 'win32' or error.name not in {WINDOWS_ONLY}: raise\n"
        "print(*sorted(n for n in sys.modules if n.split('.')[0] in ('PySide6', 'shiboken6', 'agent.ui')), sep='\\n')"
    )
    result = subprocess.run([sys.executable, "-c", program, *names], check=False, capture_output=True, text=True, cwd=ROOT)

    assert (0, "") == (result.returncode, result.stdout.strip()), result.stderr


@pytest.mark.parametrize("folder", ["agent", "benchmarks", "tools"])
def test_every_module_says_what_it_is_for(folder: str) -> None:
    """
    Each module has a docstring; an empty package file needs none.
    """
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(folder)
        if (text := path.read_text(encoding="utf-8")).strip() and ast.get_docstring(ast.parse(text)) is None
    ]

    assert [] == silent


def test_every_test_file_has_a_name_of_its_own() -> None:
    """
    The folders of tests are no packages: of two files with one name pytest would refuse the second.
    """
    names = Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")

    assert [] == [name for name, count in names.items() if count > 1]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """
    No text names a folder of one machine or a package registry, so that a clone works anywhere.
    """
    found = []
    for path in files():
        if path.suffix not in TEXT_FILES or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if BELONGS_TO_ONE_MACHINE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")

    assert [] == found


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_versions_are_pinned_without_addresses(name: str) -> None:
    """
    Every constraint is one exact version, and none says where to get it.
    """
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    wrong = [
        line
        for line in lines
        if not line.startswith(("#", "-c ")) and not re.fullmatch(r"[\w.-]+==[\w.]+(; sys_platform == 'win32')?", line)
    ]

    assert [] == wrong
    assert [] == [line for line in lines if "http" in line or "--hash" in line]


def test_every_dependency_is_pinned() -> None:
    """
    What pyproject.toml asks for is in the constraints.
    """
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.split("\ndependencies = [", 1)[1].split("[project.scripts]", 1)[0]
    asked = {name.lower().replace("_", "-") for name in re.findall(r'^  "([A-Za-z0-9_.-]+)', listed, re.MULTILINE)}
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for name in ("run.txt", "dev.txt")
        for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        if "==" in line
    }

    assert set() == asked - pinned


def test_the_top_level_stays_tidy() -> None:
    """
    Every folder at the top has a known job.
    """
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    made = {name for name in folders if name in MADE or name.endswith((".egg-info", "_cache"))}

    assert set() == folders - TOP - made


def test_the_security_page_names_tests_that_exist() -> None:
    """
    Each protection that it claims has its test.
    """
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+/test_[a-z_]+\.py)(?:::(test_\w+))?`", text)
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (path := ROOT / "tests" / file).is_file() or (name and f"def {name}(" not in path.read_text(encoding="utf-8"))
    ]

    assert len(named) > 30
    assert [] == missing

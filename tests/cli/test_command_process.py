"""
The command line as a real process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent import __version__
from agent.cli.main import MODULES, build_parser, main

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    ("demo",),
    ("engine",),
    ("tray",),
    ("status",),
    ("bookings",),
    ("resync",),
    ("pause",),
    ("resume",),
    ("check",),
    ("preview",),
    ("profiles",),
    ("credentials",),
    ("credentials", "set"),
)


def frontdesk(*arguments: str, home: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """
    Run `python -m agent`, with nothing of this environment that could matter.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("FRONTDESK", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        cwd=ROOT,
        env=environ | {"FRONTDESK_HOME": str(home)},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_printed(tmp_path: Path) -> None:
    """
    One line.
    """
    ran = frontdesk("--version", home=tmp_path)

    assert (0, f"frontdesk {__version__}\n", "") == (ran.returncode, ran.stdout, ran.stderr)


def test_the_help_lists_every_command_and_exit_code(tmp_path: Path) -> None:
    """
    And hides what is not for people.
    """
    ran = frontdesk("--help", home=tmp_path)

    assert 0 == ran.returncode
    assert [] == [command[0] for command in COMMANDS if f"\n    {command[0]}" not in ran.stdout]
    assert "pms-worker" not in ran.stdout
    assert "exit codes:" in ran.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_its_own_help(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    """
    With a sentence and its options.
    """
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    out = capsys.readouterr().out

    assert 0 == caught.value.code
    assert f"usage: frontdesk {' '.join(command)}" in out
    assert "." in out.partition("\n\n")[2].partition("options:")[0]


@pytest.mark.parametrize("command", MODULES)
def test_a_command_is_parsed_without_the_others(command: str) -> None:
    """
    Each is found in the module that is named for it, with or without a home before it.
    """
    alone = build_parser([command]).format_help()

    assert f"\n    {command}" in alone
    assert alone == build_parser(["--home", "tasks", command]).format_help()
    assert alone != build_parser().format_help()


def test_no_command_is_left_out() -> None:
    """
    A module's commands are all named.
    """
    assert [] == [name for name in MODULES if f"\n    {name}" not in build_parser().format_help()]


def test_no_command_is_wrong_usage(tmp_path: Path) -> None:
    """
    Exit code 2, as the help says.
    """
    ran = frontdesk(home=tmp_path)

    assert (2, "") == (ran.returncode, ran.stdout)
    assert "usage: frontdesk" in ran.stderr


def test_wrong_settings_end_with_their_places(tmp_path: Path) -> None:
    """
    What, where, remedy.
    """
    (tmp_path / "config.toml").write_text('[vendor]\nname = "X"\nemail = "x"\n', encoding="utf-8")
    ran = frontdesk("check", home=tmp_path)

    assert (2, "") == (ran.returncode, ran.stdout)
    assert "line 3, vendor.email: is not an e-mail address" in ran.stderr
    assert 'what to do: write email = "support@example.com"' in ran.stderr
    assert "pms: is missing" in ran.stderr


def test_a_home_on_the_command_line_comes_before_the_variable(tmp_path: Path) -> None:
    """
    Before or after the command.
    """
    other = tmp_path / "other"

    assert [True, True] == [
        f"no engine is running for the home {other}" in frontdesk(*arguments, home=tmp_path).stderr
        for arguments in (("--home", str(other), "status"), ("status", "--home", str(other)))
    ]


def test_the_command_line_loads_no_qt(tmp_path: Path) -> None:
    """
    A server without the tray's libraries can run everything else.
    """
    code = """
import sys
from agent.cli.main import build_parser
build_parser()
sys.exit(any(name.startswith("PySide6") for name in sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)

    assert 0 == ran.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end differently there")
def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    """
    As `frontdesk profiles | head -0` does.
    """
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        ran = subprocess.run(
            [sys.executable, "-m", "agent", "--home", str(tmp_path), "profiles"],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert (0, "") == (ran.returncode, ran.stderr)


def test_a_worker_answers_in_frames_and_ends_with_its_pipe(tmp_path: Path) -> None:
    """
    It is what the engine starts; without a request it says nothing.
    """
    ran = frontdesk("pms-worker", home=tmp_path)

    assert (0, "", "") == (ran.returncode, ran.stdout, ran.stderr)

"""
Logs: capped, and without foreign words.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured, Transient
from agent.settings import logs

log = logging.getLogger("agent.test")
MARKER = "Zzyzx"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    level = logging.getLogger().level
    yield tmp_path / "logs"
    logs.release_logging()
    logging.getLogger().setLevel(level)


def test_a_line_has_time_level_thread_and_logger(folder: Path) -> None:
    """
    Enough to follow one thread through one night.
    """
    logs.configure_logging(folder, "info", console=False)
    log.info("published %d days", 3)
    log.debug("not at this level")
    lines = (folder / "engine.log").read_text().splitlines()

    assert 1 == len(lines)
    assert lines[0].endswith("INFO    [MainThread] agent.test: published 3 days")
    assert lines[0][10] == " "


def test_a_line_stays_a_line(folder: Path) -> None:
    """
    Whatever is in a message, it neither forges another line nor steers the terminal of whoever reads it.
    """
    logs.configure_logging(folder, "info", console=False)
    log.info("client %s", "x\r\n2026-01-01 CRITICAL forged\x1b[2J\u202e\x00 {} %s")
    lines = (folder / "engine.log").read_bytes().splitlines()

    assert 1 == len(lines)
    assert lines[0].endswith(rb"client x\x0d\x0a2026-01-01 CRITICAL forged\x1b[2J\u202e\x00 {} %s")


def test_logs_are_capped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    However much is written, five files stay.
    """
    monkeypatch.setattr(logs, "FILE_BYTES", 500)
    logs.configure_logging(folder, "info", console=False)
    for number in range(200):
        log.info("line %d", number)

    assert 5 == len(list(folder.iterdir()))
    assert 5 * 500 >= sum(path.stat().st_size for path in folder.iterdir())


def _insert(name: str) -> None:
    raise ValueError(f"duplicate entry {name}")


def _publish() -> None:
    try:
        _insert(MARKER)
    except ValueError as error:
        raise Transient("pms-away", "the database is away") from error


def test_a_traceback_shows_places_and_kinds_but_not_foreign_words(folder: Path) -> None:
    """
    A library's exception may quote a patient.
    """
    logs.configure_logging(folder, "info", console=False)
    try:
        _publish()
    except Transient:
        log.exception("run failed")
    text = (folder / "engine.log").read_text()

    assert "the database is away [pms-away]" in text
    assert "in _insert" in text
    assert "ValueError" in text
    assert MARKER not in text


def test_what_another_formatter_left_behind_is_not_used() -> None:
    """
    Logging keeps a formatted traceback with the record, in whoever's words came first.
    """
    try:
        _insert(MARKER)
    except ValueError as error:
        record = log.makeRecord("agent.test", logging.ERROR, "", 0, "failed", (), (ValueError, error, error.__traceback__))
    plain = logging.Formatter().format(record)

    assert MARKER in plain
    assert MARKER not in logs.QuietFormatter().format(record)


def test_an_uncaught_exception_of_any_thread_is_logged(folder: Path) -> None:
    """
    A thread never dies unseen.
    """
    logs.configure_logging(folder, "info", console=False)
    thread = threading.Thread(target=_insert, args=(MARKER,), name="requests")
    thread.start()
    thread.join(5)
    error = RuntimeError(MARKER)
    sys.excepthook(RuntimeError, error, None)
    text = (folder / "engine.log").read_text()

    assert "uncaught exception in thread requests" in text
    assert "RuntimeError" in text
    assert MARKER not in text


def test_calling_it_twice_does_not_write_twice(folder: Path) -> None:
    """
    The second call replaces the first.
    """
    logs.configure_logging(folder, "info", console=False)
    logs.configure_logging(folder, "info", console=False, name="tray")
    log.info("once")

    assert ["", "once"] == [(folder / f"{name}.log").read_text().strip()[-4:] for name in ("engine", "tray")]


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """
    A file in the way.
    """
    (tmp_path / "logs").write_text("")

    with pytest.raises(Misconfigured) as caught:
        logs.configure_logging(tmp_path / "logs", "info", console=False)

    assert "settings-logs" == caught.value.code

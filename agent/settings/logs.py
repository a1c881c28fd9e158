"""
Logs that cannot fill the disk and that quote nobody.

Privacy is kept where lines are written: ids, counts and codes only. The one text that nobody writes on purpose is an
exception's, and a library's may quote what it was given; so a traceback shows where and what kind, and the words only of
our own errors.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import StackSummary, walk_tb
from types import TracebackType

from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.texts import visible

FILE_BYTES = 5_000_000
OLD_FILES = 4
"""Beside the one being written: 5 x 5 MB for each process at most."""

_FORMAT = "%(asctime)s %(levelname)-7s [%(threadName)s] %(name)s: %(message)s"

log = logging.getLogger(__name__)


def configure_logging(folder: Path, level: str, *, console: bool, name: str = "engine") -> None:
    """
    Send the whole process's logs to `NAME.log` in *folder*, and uncaught exceptions of every thread too.

    Calling it again replaces the earlier arrangement.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        console: Also write to standard error.
        name: One for each process, because two cannot turn over the same file.

    Raises:
        Misconfigured: if the file cannot be written (`settings-logs`).
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _RotatingFile(folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8")
    except OSError:
        raise Misconfigured(
            "settings-logs", f"logs cannot be written to {folder}", remedy="let the engine's account write there"
        ) from None
    root = logging.getLogger()
    release_logging()
    handlers: list[logging.Handler] = [file]
    if console and sys.stderr is not None:  # a windowed program has none
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(QuietFormatter(_FORMAT))
        handler.set_name(_OURS)
        root.addHandler(handler)
    root.setLevel(level.upper())
    for noisy in ("apscheduler", "urllib3", "keyring"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # at info they repeat themselves, at debug they quote requests
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_thread


def release_logging() -> None:
    """
    Close what `configure_logging` opened and give the hooks back.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.get_name() == _OURS]:
        root.removeHandler(handler)
        handler.close()
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__


class QuietFormatter(logging.Formatter):
    """
    Local time with its offset, one line for each message whatever is in it, and tracebacks without the words of foreign
    exceptions.
    """

    def format(self, record: logging.LogRecord) -> str:
        """
        Return the line; a traceback that another formatter left in *record* is made again in our way.
        """
        record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_text = None

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """
        Return the line without a traceback; what would begin another line or steer a terminal is made visible.
        """
        return visible(super().formatMessage(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - logging's name and argument
        """
        Return the record's time as ISO 8601 with milliseconds.
        """
        return datetime.fromtimestamp(record.created).astimezone().isoformat(sep=" ", timespec="milliseconds")

    def formatException(  # noqa: N802 - logging's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """
        Return where the exception came from and what kind it is, with those that caused it.
        """
        parts: list[str] = []
        error = ei[1]
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = "".join(StackSummary.extract(walk_tb(error.__traceback__)).format())
            parts.append(f"{frames}{_named(error)}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n  which came of:\n".join(parts)


def _named(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, FrontdeskError):
        return f"{kind}: {error}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{kind} (errno {error.errno})"
    if isinstance(error, ImportError):
        return f"{kind} ({error.name})"
    return kind


class _RotatingFile(RotatingFileHandler):
    """
    A log that goes on in the same file when somebody else holds it open, as Windows then forbids renaming it.
    """

    def rotate(self, source: str, dest: str) -> None:
        with suppress(PermissionError):
            super().rotate(source, dest)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("uncaught exception", exc_info=(kind, error, trace))


def _log_thread(args: threading.ExceptHookArgs) -> None:
    if issubclass(args.exc_type, SystemExit):
        return
    value = args.exc_value if args.exc_value is not None else args.exc_type()
    log.critical(
        "uncaught exception in thread %s",
        args.thread.name if args.thread else "?",
        exc_info=(args.exc_type, value, args.exc_traceback),
    )


_OURS = "frontdesk"

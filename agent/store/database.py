"""
The SQLite file: how it is opened, locked, written and told apart from a broken one.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock

from agent.domain.errors import FrontdeskError, Misconfigured, Transient

BUSY_SECONDS = 10.0
"""How long a write waits for a support tool that holds the file."""

CORRUPT = "store-corrupt"

APPLICATION_ID = 0x46447368
"""The mark in the file's header that says it is ours; set by the first migration."""

_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_OUT_OF_REACH = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY}
)


class Database:
    """
    One connection behind one lock.

    SQLite lets a single writer in at a time anyway, every statement of ours takes milliseconds, and a connection per
    thread would be left behind by each thread that ends. All methods may be called from any thread.

    Attributes:
        is_damaged: A call has found that the file cannot be trusted any more. That does not mend itself.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.is_damaged = False
        self._lock = RLock()
        self._waiting: list[_Piece] = []
        self._queue = Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """
        Give the connection for queries alone.
        """
        with self._lock, self._translated():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """
        Give the connection inside a transaction: committed and on the disk at the end, or undone if the block raises.
        """
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            try:
                self._connection.commit()
            except sqlite3.Error:
                self._connection.rollback()
                raise

    def together(self, work: Callable[[sqlite3.Connection], None], settled: Callable[[bool], None]) -> None:
        """
        Do *work* in a transaction that those who come at the same moment share: the disk is waited for once for all of them.

        It is committed and on the disk when this returns.

        Args:
            work: Writes; or raises `ValueError` before it has written anything, and then only its caller is told.
            settled: Called in the end, with whether the transaction was committed, before anybody else reads or writes.
        """
        piece = _Piece(work, settled)
        with self._queue:
            self._waiting.append(piece)
        with self._lock:
            if not piece.is_done:  # else somebody who held the lock before us has done it
                with self._queue:
                    pieces, self._waiting = self._waiting, []
                self._do(pieces)
        if piece.error is not None:
            raise piece.error

    def _do(self, pieces: list[_Piece]) -> None:
        is_committed = False
        try:
            with self.writing() as connection:
                for piece in pieces:
                    piece.do(connection)
            is_committed = True
        except BaseException as error:
            for piece in pieces:
                piece.error = piece.error or error
            raise
        finally:
            for piece in pieces:
                piece.settled(is_committed)
                piece.is_done = True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated():
                yield
        except Misconfigured as error:
            self.is_damaged = self.is_damaged or error.code == CORRUPT
            raise

    def close(self) -> None:
        """
        Let go of the file; further calls raise `Misconfigured`.
        """
        with self._lock:
            self._connection.close()


class _Piece:
    # One caller's part of a shared transaction.

    def __init__(self, work: Callable[[sqlite3.Connection], None], settled: Callable[[bool], None]) -> None:
        self._work = work
        self.settled = settled
        self.is_done = False
        self.error: BaseException | None = None

    def do(self, connection: sqlite3.Connection) -> None:
        try:
            self._work(connection)
        except ValueError as error:  # refused by a rule of ours, with nothing written: the others' parts stand
            self.error = error


def connect(path: Path) -> sqlite3.Connection:
    """
    Open *path*, a new file if there is none, ready for use from any thread that holds the lock.

    Every commit is flushed to the disk (`synchronous=FULL`): the ledger's intent must outlive a power cut that the PMS
    database survives.

    Raises:
        Misconfigured: `store-corrupt` or `store-foreign`; the file is left as it is.
        Transient: `store-unwritable` or `store-busy`.
    """
    with translated():
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            _refuse_foreign(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
    if sys.platform != "win32":
        path.chmod(0o600)  # on Windows the home folder's own permissions count
    return connection


@contextmanager
def translated() -> Iterator[None]:
    """
    Turn SQLite's errors into ours; its text is dropped, for it may quote a value.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _ours(error) from None


def corrupt() -> Misconfigured:
    """
    Return the error for a file that cannot be trusted any more.
    """
    return Misconfigured(
        CORRUPT,
        "The agent's state file is damaged.",
        remedy="Start the agent again: it sets the file aside and makes a new one from the PMS and Healthengine.",
    )


def _ours(error: sqlite3.Error) -> FrontdeskError:
    # the low byte is the kind of error, what lies above it the detail
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _CORRUPT:
        return corrupt()
    if code in _BUSY:
        return Transient("store-busy", "Another program is holding the agent's state file.")
    if code in _OUT_OF_REACH:
        return Transient(
            "store-unwritable",
            "The agent's state file cannot be read or written.",
            remedy="Check that the disk is not full and that the agent's account may write to its home folder.",
        )
    return Misconfigured("store-broken", f"The agent's state file gave an unexpected error ({type(error).__name__} {code}).")


def _refuse_foreign(connection: sqlite3.Connection) -> None:
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if mark != APPLICATION_ID and (mark or tables):
        raise Misconfigured(
            "store-foreign",
            "The file in the place of the agent's state is another program's.",
            remedy="Move that file away, or give the agent another home folder.",
        )

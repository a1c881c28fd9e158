"""
Length-framed bytes over a connection: four bytes of length, big-endian, then that many bytes.
"""

from __future__ import annotations

import time
from typing import Protocol

LENGTH_BYTES = 4
CHUNK = 64 * 1024


class FrameTooLarge(ValueError):
    """
    The other side announced more than is allowed.
    """


class Connection(Protocol):
    """
    A two-way stream between two processes. One thread may receive while another sends.
    """

    def receive(self, limit: int, timeout: float | None) -> bytes:
        """
        Return up to *limit* bytes, at least one, or none at the end of the stream.

        Raises:
            TimeoutError: if nothing came within *timeout* seconds (None: wait for ever).
            OSError: if the stream is broken.
        """

    def send(self, data: bytes, timeout: float) -> None:
        """
        Send all of *data*.

        Raises:
            TimeoutError: if the other side did not take it within *timeout* seconds; part may have gone.
            OSError: if the stream is broken.
        """

    def close(self) -> None:
        """
        End the stream: whoever waits in `receive` or `send` comes back. May be called twice and from any thread.

        The other side can still read what was sent, and may notice only after `release`.
        """

    def abort(self) -> None:
        """
        End the stream for the other side too, at once; what it has not read may be lost.
        """

    def release(self) -> None:
        """
        Free what the operating system lent, once no thread uses the stream any more.
        """


class FrameReader:
    """
    Puts frames together from bytes as they come. For one thread.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    @property
    def partial(self) -> bool:
        """
        Whether a frame has begun and is not complete.
        """
        return bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """
        Take in bytes.
        """
        self._buffer += data

    def next(self) -> bytes | None:
        """
        Return the next complete frame, or None.

        Raises:
            FrameTooLarge: as soon as the length says so.
        """
        if len(self._buffer) < LENGTH_BYTES:
            return None
        end = LENGTH_BYTES + int.from_bytes(self._buffer[:LENGTH_BYTES], "big")
        if end - LENGTH_BYTES > self._max_bytes:
            raise FrameTooLarge
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[LENGTH_BYTES:end])
        del self._buffer[:end]
        return frame

    def read(self, connection: Connection, *, idle: float | None, whole: float) -> bytes:
        """
        Wait for the next frame.

        Args:
            connection: Where it comes from.
            idle: Seconds to wait for its first byte; None: for ever.
            whole: Seconds from its first byte to its last.

        Raises:
            EOFError: at the end of the stream.
            TimeoutError: if the frame, or the rest of it, did not come in time.
            FrameTooLarge: if it is too large.
            OSError: if the stream is broken.
        """
        began = time.monotonic() if self.partial else None
        while (frame := self.next()) is None:
            timeout = idle if began is None else began + whole - time.monotonic()
            if timeout is not None and timeout <= 0:
                raise TimeoutError
            data = connection.receive(CHUNK, timeout)
            if not data:
                raise EOFError
            self.feed(data)
            began = time.monotonic() if began is None else began
        return frame


def framed(data: bytes) -> bytes:
    """
    Return *data* with its length before it.
    """
    return len(data).to_bytes(LENGTH_BYTES, "big") + data

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.ipc.frames import FrameReader, FrameTooLarge, framed
from agent.ipc.outbox import Outbox

WAIT = 10.0


class Scripted:
    """
    A connection that gives out prepared pieces, then the end of the stream.
    """

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def receive(self, limit: int, timeout: float | None) -> bytes:
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if not piece:
            raise TimeoutError
        return piece

    def send(self, data: bytes, timeout: float) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError

    def abort(self) -> None:
        raise AssertionError

    def release(self) -> None:
        raise AssertionError


@given(st.lists(st.binary(max_size=50)), st.data())
def test_frames_come_out_as_they_went_in(frames: list[bytes], data: st.DataObject) -> None:
    """
    However the stream is cut into pieces, the same frames come out, and nothing remains.
    """
    stream = b"".join(framed(frame) for frame in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    reader = FrameReader(50)
    found = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        reader.feed(stream[begin:end])
        while (frame := reader.next()) is not None:
            found.append(frame)

    assert frames == found
    assert not reader.partial


def test_a_frame_is_refused_by_its_length_alone() -> None:
    """
    Too much is refused before it is taken in; the limit itself is allowed.
    """
    reader = FrameReader(10)
    reader.feed(framed(b"x" * 10))

    assert reader.next() == b"x" * 10
    reader.feed((11).to_bytes(4, "big"))
    with pytest.raises(FrameTooLarge):
        reader.next()


def test_reading_ends_with_the_stream_or_the_time() -> None:
    """
    The end of the stream, a silence and a frame that never ends are told apart from a frame.
    """
    assert FrameReader(9).read(Scripted([framed(b"ab")[:3], framed(b"ab")[3:]]), idle=1, whole=1) == b"ab"
    with pytest.raises(EOFError):
        FrameReader(9).read(Scripted([framed(b"ab")[:3]]), idle=1, whole=1)
    with pytest.raises(TimeoutError):
        FrameReader(9).read(Scripted([b""]), idle=1, whole=1)
    with pytest.raises(TimeoutError):
        FrameReader(9).read(Scripted([b"\0"]), idle=1, whole=0)


def test_an_outbox_that_overflows_keeps_the_newest_status() -> None:
    """
    On overflow the waiting statuses give way to the newest; answers are kept, in order.
    """
    outbox = Outbox(3)
    outbox.put_reply(b"r1")
    for frame in (b"s1", b"s2", b"s3", b"s4"):
        outbox.put_status(frame)
    outbox.put_reply(b"r2")
    outbox.end()

    assert [b"r1", b"s4", b"r2", None] == [outbox.next() for _ in range(4)]


def test_an_outbox_full_of_answers_refuses_more() -> None:
    """
    Unread answers are bounded too, statuses among them give way first, and dropping wakes who waits.
    """
    outbox = Outbox(2)

    assert [True, True] == [outbox.put_reply(b"a"), outbox.put_reply(b"b")]
    outbox.put_status(b"s")
    assert not outbox.put_reply(b"c")
    outbox.drop()
    assert outbox.next() is None
    assert not outbox.put_reply(b"d")


def test_dropping_wakes_the_sender() -> None:
    """
    Whoever waits for the next frame comes back when there will be none.
    """
    outbox = Outbox(2)
    came: list[bytes | None] = []
    thread = threading.Thread(target=lambda: came.append(outbox.next()))
    thread.start()
    outbox.drop()
    thread.join(WAIT)

    assert [None] == came

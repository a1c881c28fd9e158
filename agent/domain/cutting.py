"""
Cutting stretches of free time, by what is taken out of them and by the first minute that may be published.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from agent.domain.days import MINUTES_PER_DAY, Span


def without(pieces: Iterable[Span], taken: Span, shortest: int) -> tuple[list[Span], list[Span]]:
    """
    Cut *taken* out of *pieces*; what is then shorter than *shortest* goes with it.
    """
    kept: list[Span] = []
    lost: list[Span] = []
    for piece in pieces:
        if taken.end <= piece.start or piece.end <= taken.start:
            kept.append(piece)
            continue
        cuts = (
            Span(piece.start, max(piece.start, taken.start)),
            Span(min(piece.end, taken.end), piece.end),
        )
        good = [cut for cut in cuts if cut.end - cut.start >= shortest]
        kept += good
        edge = piece.start
        for cut in [*good, Span(piece.end, piece.end)]:
            if cut.start > edge:
                lost.append(Span(edge, cut.start))
            edge = cut.end
    return kept, lost


def first_minute(day: date, earliest: datetime) -> int:
    """
    Return the first minute of *day* that may be published if nothing before *earliest* (naive) may.
    """
    if day != earliest.date():
        return 0 if day > earliest.date() else MINUTES_PER_DAY
    return earliest.hour * 60 + earliest.minute + (1 if earliest.second or earliest.microsecond else 0)


def next_slot(piece: Span, limit: int, step: int) -> int:
    """
    Return where *piece* begins after *limit*, on its own next slot; its end if no slot is left.
    """
    if piece.start >= limit:
        return piece.start
    start = piece.start + -(-(limit - piece.start) // step) * step
    return start if start + step <= piece.end else piece.end

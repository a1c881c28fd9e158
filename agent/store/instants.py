"""
Dates and times as text that sorts in their own order.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

KEPT = 1024
"""How many texts are kept: a row is written again with each step, and most of its times stay."""


@lru_cache(KEPT)
def instant_text(at: datetime) -> str:
    """
    Return an aware instant as UTC text, 32 characters, always with microseconds.

    Raises:
        ValueError: if *at* is naive: it would be stored hours off.
    """
    if at.tzinfo is None:
        raise ValueError("an instant must carry its zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(KEPT)
def local_text(at: datetime) -> str:
    """
    Return a local wall time as text, 26 characters.

    Raises:
        ValueError: if *at* carries a zone.
    """
    if at.tzinfo is not None:
        raise ValueError("a local wall time carries no zone")
    return at.isoformat(timespec="microseconds")

"""
How many of something, in words.
"""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """
    Return *number* with what is counted: `1 booking`, `2 bookings`.

    Args:
        one: What one of them is called.
        many: What several or none are called; empty: with an s at the end.
    """
    return f"{number} {one if number == 1 else many or f'{one}s'}"

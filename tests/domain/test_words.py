"""
How many of something, in words.
"""

from __future__ import annotations

import pytest

from agent.domain.words import counted


@pytest.mark.parametrize(
    ("number", "many", "text"),
    [(0, "", "0 days"), (1, "", "1 day"), (2, "", "2 days"), (1, "weeks", "1 day"), (3, "weeks", "3 weeks")],
)
def test_one_is_not_many(number: int, many: str, text: str) -> None:
    """
    One thing has no s; what has a plural of its own gets that.
    """
    assert text == counted(number, "day", many)

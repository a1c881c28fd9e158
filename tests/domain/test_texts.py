"""
Texts that others wrote.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.texts import tidy_line, tidy_lines, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann Lee", "Ann Lee"),
        ("  Ann\t\r\n Lee ", "Ann Lee"),
        ("Ann\x00Lee", "AnnLee"),
        ("\x1b[31mAnn\x1b]0;title\x07", "[31mAnn]0;title"),
        ("Ann\u202eeeL", "AnneeL"),
        ("\u2066Ann\u2069\u200e", "Ann"),
        ("Ann\u2028Lee\u0085Wu", "Ann Lee Wu"),
        ("Ann\ud800", "Ann"),
        ("\ufeffZoë O’Brien-Smith", "Zoë O’Brien-Smith"),
        ("Z\u0301\u0302\u0303oe", "Z\u0301\u0302\u0303oe"),
        ("👩\u200d⚕️ محمد 李", "👩\u200d⚕️ محمد 李"),
        ("'; DROP TABLE patients; -- {0} %s", "'; DROP TABLE patients; -- {0} %s"),
        ("x" * 10_000, "x" * 100),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    """
    What steers a screen is gone, what is written stays.
    """
    assert expected == tidy_line(text, 100)


def test_several_lines() -> None:
    """
    Lines stay lines, however they end.
    """
    assert "a\n\nb c\nd\ne" == tidy_lines(" \r\na\r\n\r\nb c \x00\vd\u2028e\n", 100)
    assert "ab\nc" == tidy_lines("ab\ncdef", 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a line, Zoë 李", "a line, Zoë 李"),
        ("a\nb\x1b[2J", "a\\x0ab\\x1b[2J"),
        ("\u202eabc\u2028", "\\u202eabc\\u2028"),
        ("\U000e0041\ud800", "\\U000e0041\\ud800"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    """
    What would steer a terminal is shown instead of obeyed.
    """
    assert expected == visible(text)


@given(st.text(st.characters(), max_size=30))
def test_nothing_that_steers_is_left(text: str) -> None:
    """
    Whatever comes in; and what comes out could be written to any file.
    """
    for found in (tidy_line(text, 20), "".join(tidy_lines(text, 20).split()), visible(text)):
        assert not {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, found))
        assert set("\u200c\u200d") >= {char for char in found if unicodedata.category(char) == "Cf"}
        found.encode()
    assert len(tidy_line(text, 20)) <= 20

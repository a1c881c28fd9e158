"""
Texts that others wrote: patients, the desk, a server. They are data wherever they go, and never steer what shows them.
"""

from __future__ import annotations

import unicodedata

_JOINERS = frozenset("\u200c\u200d")
"""Invisible, and part of how some scripts and emoji are written."""

_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is no letter: controls, directions and other formats, halves of pairs, line and paragraph ends."""


def tidy_line(text: str, limit: int) -> str:
    """
    Return *text* in one line of at most *limit* characters, without control characters, changes of direction and their like.

    Every stretch of space is one space. Letters, accents and emoji are left as they are.
    """
    return _without_steering(" ".join(text.split())).strip()[:limit]


def tidy_lines(text: str, limit: int) -> str:
    """
    Return *text* as `tidy_line` does, with its lines kept; they end with a line feed.
    """
    return "\n".join(_without_steering(line).rstrip() for line in text.splitlines()).strip()[:limit]


def visible(text: str) -> str:
    r"""
    Return *text* for a line of a log or a terminal: what would steer it, an end of line too, is written as `\x1b` or `\u202e`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if _steers(char) else char for char in text)


def _without_steering(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in text if char == "\t" or not _steers(char))


def _steers(char: str) -> bool:
    return unicodedata.category(char) in _STEERING and char not in _JOINERS


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

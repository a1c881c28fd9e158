"""
Which line of a TOML file a setting stands on, so that a message can point at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]
"""The way to a setting, for example `("practices", 0, "timezone")`."""

_BARE = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_BARE}(?:\s*\.\s*{_BARE})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_NAME = re.compile(_BARE)


@dataclass(slots=True)
class Places:
    """
    The lines of one file's tables and keys. Built from a text that TOML has already accepted.
    """

    _lines: dict[KeyPath, int] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Places:
        """
        Find every table and key in *text*.
        """
        places = cls()
        table: KeyPath = ()
        counts: dict[KeyPath, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table = _resolve(_names(header[2]), counts, is_array=header[1] == "[[")
                places._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                for end in range(1, len(names := _names(key[1])) + 1):
                    places._lines.setdefault((*table, *names[:end]), number)
        return places

    def line(self, path: KeyPath) -> int:
        """
        Return the line of *path*, or of the nearest table around it; 1 for the file itself.
        """
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in _NAME.findall(dotted)]


def _resolve(names: list[str], counts: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """
    Return the path of a header, with the present index behind every name that is an array of tables.
    """
    path: KeyPath = ()
    for position, name in enumerate(names):
        path = (*path, name)
        if is_array and position == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def path_text(path: KeyPath) -> str:
    """
    Return *path* as people read it, counting from one: `practices[1].timezone`.
    """
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text

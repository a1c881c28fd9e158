"""
Text that must never be printed by accident.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """
    A key or password. Its text is reachable only through `reveal`.
    """

    _text: str

    def reveal(self) -> str:
        """
        Return the text, for the one place that sends it.
        """
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

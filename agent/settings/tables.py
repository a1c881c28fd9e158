"""
From one TOML table to one dataclass, key by key, so that every mistake in a file is found at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from agent.settings.places import KeyPath, Places, path_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One thing that is wrong in a settings file. *message* and *remedy* quote no value that could be a secret.
    """

    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.key}: {self.message}"


@dataclass(slots=True)
class TableReader:
    """
    Gathers problems and warnings while tables are read.
    """

    places: Places
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, path: KeyPath, message: str, remedy: str) -> None:
        """
        Record that the setting at *path* is wrong.
        """
        self.problems.append(Problem(line=self.places.line(path), key=path_text(path), message=message, remedy=remedy))

    def unknown(self, raw: Iterable[str], known: Iterable[str], path: KeyPath) -> None:
        """
        Warn about every key of *raw* that is not *known*, and say which was probably meant.
        """
        known = tuple(known)
        for key in raw:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                place = (*path, key)
                self.warnings.append(
                    Problem(
                        line=self.places.line(place),
                        key=path_text(place),
                        message="is not a setting that this version knows",
                        remedy=f"did you mean {near[0]}?" if near else "take it out, or see docs/configuration.md",
                    )
                )

    def values(self, kind: type[object], raw: object, path: KeyPath) -> dict[str, Any]:
        """
        Return the settings of the table *raw* that are right for the dataclass *kind*; without new problems that is all of them.
        """
        if not isinstance(raw, dict):
            self.problem(path, "is missing" if raw is None else "is not a table", f"begin it with a line [{path_text(path)}]")
            return {}
        hints = get_type_hints(kind, include_extras=True)
        self.unknown(raw, hints, path)
        values: dict[str, Any] = {}
        for entry in fields(kind):  # type: ignore[arg-type]  # every caller gives a dataclass
            name, hint = entry.name, hints[entry.name]
            if name not in raw:
                if entry.default is MISSING:
                    self.problem((*path, name), "is missing", _remedy(name, hint))
                continue
            try:
                values[name] = msgspec.convert(raw[name], hint)
            except msgspec.ValidationError:
                self.problem((*path, name), f"is not {_meta(hint).description}", _remedy(name, hint))
        return values


def _remedy(name: str, hint: Any) -> str:
    meta = _meta(hint)
    return f"write {name} = {meta.examples[0]}" if meta.examples else f"{name} is {meta.description}"


def _meta(hint: Any) -> msgspec.Meta:
    """
    Return the annotation that describes the setting to people; every setting has one.
    """
    if get_origin(hint) is not Annotated:
        hint = next(option for option in get_args(hint) if get_origin(option) is Annotated)
    found: msgspec.Meta = next(meta for meta in reversed(get_args(hint)[1:]) if meta.description)
    return found

"""
The SQL text of a profile: named parameters and steps.

A `.sql` file holds one statement, or several under `-- step: NAME expects=KIND` lines. Parameters are written `:name` and never
inside literals or comments; comments are left out of what is sent, because some drivers count question marks in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from agent.domain.errors import Misconfigured

Value = str | int | date | datetime | None
"""What may be bound to a parameter."""

Parameters = Mapping[str, Value | tuple[Value, ...]]
"""Values by parameter name; a tuple is written as a list for `IN (...)`."""


class Expects(StrEnum):
    """
    What a statement gives back.
    """

    NONE = "none"
    ONE = "one"  # exactly one row; its columns are parameters of the steps that follow
    ROWS = "rows"
    COUNT = "count"  # how many rows it changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """
    One statement, ready for its parameters.

    Attributes:
        name: The step's name, or the operation's where the file has no steps.
        place: File and line, for messages.
        parts: The text around the parameters: one more than *names*.
    """

    name: str
    place: str
    expects: Expects
    parts: tuple[str, ...]
    names: tuple[str, ...]

    def bind(self, parameters: Parameters) -> tuple[str, list[Value]]:
        """
        Return the text with question marks, and the values in their order.
        """
        text = [self.parts[0]]
        values: list[Value] = []
        for name, part in zip(self.names, self.parts[1:], strict=True):
            value = parameters[name]
            if isinstance(value, tuple):
                text.append(", ".join("?" * len(value)) or "NULL")
                values.extend(value)
            else:
                text.append("?")
                values.append(value)
            text.append(part)
        return "".join(text), values

    def of_one(self, column: str) -> Statement | None:
        """
        Return the same question for the rows in which *column* has one value, bound under its name, or None if the text
        is no plain SELECT that can be wrapped.
        """
        text = _without_comments(" ? ".join(self.parts)).strip()
        if not _PLAIN_SELECT.match(text) or _ORDERED.search(text):
            return None
        *parts, last = self.parts
        parts = [*parts, f"{last}\n) of_one WHERE of_one.{column} = ", ""]
        parts[0] = f"SELECT * FROM (\n{parts[0]}"  # noqa: S608 - the profile's own text; the value is bound
        return Statement(name=self.name, place=self.place, expects=self.expects, parts=tuple(parts), names=(*self.names, column))


_PLAIN_SELECT = re.compile(r"SELECT\b", re.IGNORECASE)
_ORDERED = re.compile(r"\b(ORDER\s+BY|LIMIT|FETCH)\b|;", re.IGNORECASE)
_STEP = re.compile(r"^[ \t]*--[ \t]*step[ \t]*:[ \t]*(?P<rest>[^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_STEP_REST = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)\s+expects=(?P<expects>none|one|rows|count)\s*")
_TOKEN = re.compile(
    r"""
      (?P<literal>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])
    | (?P<comment>--[^\r\n]*|/\*.*?\*/)
    | (?P<cast>::)
    | (?P<name>:[A-Za-z_]\w*)
    | (?P<mark>\?)
    | (?P<open>['"`]|/\*)
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME_INSIDE = re.compile(r":([A-Za-z_]\w*)")


def parse(text: str, *, file: str, operation: str, expects: Expects, known: Iterable[str]) -> tuple[Statement, ...]:
    """
    Return the statements of one file.

    Args:
        file: Its name, for messages.
        operation: The name of the only statement where the file has no steps.
        expects: What that statement gives back.
        known: The parameters that may be used; the columns of a step that expects one row may be used after it,
            and are checked when it has run.

    Raises:
        Misconfigured: `pms-profile`, naming file, line and column.
    """
    names = frozenset(known)
    heads = list(_STEP.finditer(text))
    if not heads:
        return (_statement(text, 0, file=file, whole=text, name=operation, expects=expects, known=names, free=False),)
    if _without_comments(text[: heads[0].start()]).strip():
        raise _wrong(file, text, 0, "there is SQL before the first step", "put it under a '-- step:' line")
    steps: list[Statement] = []
    free = False
    for head, end in zip(heads, [*(h.start() for h in heads[1:]), len(text)], strict=True):
        rest = _STEP_REST.fullmatch(head["rest"])
        if rest is None:
            raise _wrong(
                file, text, head.start(), "the step line cannot be read", "write: -- step: NAME expects=none|one|rows|count"
            )
        kind = Expects(rest["expects"])
        steps.append(
            _statement(
                text[head.end() : end], head.end(), file=file, whole=text, name=rest["name"], expects=kind, known=names, free=free
            )
        )
        free = free or kind is Expects.ONE
    return tuple(steps)


def _statement(
    text: str, offset: int, *, file: str, whole: str, name: str, expects: Expects, known: frozenset[str], free: bool
) -> Statement:
    parts: list[str] = [""]
    names: list[str] = []
    last = 0
    for token in _TOKEN.finditer(text):
        parts[-1] += text[last : token.start()]
        last = token.end()
        at = offset + token.start()
        found = token[0]
        if token["name"]:
            if found[1:] not in known and not free:
                raise _wrong(file, whole, at, f"{found} is no parameter of this operation", f"use one of: {_listed(known)}")
            names.append(found[1:])
            parts.append("")
        elif token["mark"]:
            raise _wrong(file, whole, at, "a question mark stands outside a literal", "use a :named parameter")
        elif token["open"]:
            raise _wrong(file, whole, at, "a literal, name or comment is not closed", f"close the {found}")
        elif token["cast"]:
            parts[-1] += found
        else:
            hidden = next((n for n in _NAME_INSIDE.findall(found) if n in known), None)
            if hidden is not None:
                raise _wrong(
                    file, whole, at, f":{hidden} stands inside a literal or comment", "take it out of the quotes or comment"
                )
            parts[-1] += found if token["literal"] else " "
    parts[-1] += text[last:]
    parts[0] = parts[0].lstrip()
    parts[-1] = parts[-1].rstrip().rstrip(";").rstrip()
    if not any(part.strip() for part in parts):
        raise _wrong(file, whole, offset, "there is no SQL here", "write the statement or delete the file")
    line = whole.count("\n", 0, offset + len(text) - len(text.lstrip())) + 1
    return Statement(name=name, place=f"{file}, line {line}", expects=expects, parts=tuple(parts), names=tuple(names))


def _without_comments(text: str) -> str:
    return _TOKEN.sub(lambda token: " " if token["comment"] else token[0], text)


def _wrong(file: str, text: str, at: int, message: str, remedy: str) -> Misconfigured:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return Misconfigured(
        "pms-profile", f"{file}, line {line}, column {column}: {message}.", remedy=remedy[0].upper() + remedy[1:] + "."
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f":{n}" for n in sorted(names)) or "none (it takes no parameters)"

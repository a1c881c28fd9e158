"""
What a profile makes of its system, in words: for whoever writes, reviews or takes over one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.domain.errors import Misconfigured
from agent.pms.sql import meanings
from agent.pms.sql.operations import OPERATIONS
from agent.pms.sql.profile import SETTINGS, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedOperation:
    """
    One operation of a profile.

    Attributes:
        file: Where it stands; empty: the profile does without.
        columns: What its rows must have.
    """

    name: str
    about: str
    file: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedProfile:
    """
    A profile in words.

    Attributes:
        settings: What it can do and what its numbers count.
        codes: Table, the system's code, what it means to us.
        missing: File, what is wrong with it or that it is not there, what to do; empty: it is complete.
    """

    operations: tuple[ExplainedOperation, ...]
    settings: Mapping[str, str]
    codes: tuple[tuple[str, str, str], ...]
    missing: tuple[tuple[str, str, str], ...]


def explain(profile: Profile | None, mistakes: Mapping[str, Misconfigured]) -> ExplainedProfile:
    """
    Return a profile in words, as far as it has been written: both as `agent.pms.sql.profile.unfinished` gives them.
    """
    return ExplainedProfile(
        operations=tuple(
            ExplainedOperation(
                name=name,
                about=meanings.ABOUT[name],
                file=profile.statements[name][0].place.rpartition(", line")[0] if profile and profile.has(name) else "",
                columns=(*operation.columns, *(f"({column})" for column in operation.more_columns)),
            )
            for name, operation in OPERATIONS.items()
        ),
        settings=_settings(profile) if profile else {},
        codes=_codes(profile) if profile else (),
        missing=tuple(
            (name if name == SETTINGS else f"{name}.sql", error.message, error.remedy) for name, error in mistakes.items()
        ),
    )


def _settings(profile: Profile) -> Mapping[str, str]:
    able = profile.capabilities
    return {
        "database": profile.dialect.name,
        "carriers": ", ".join(profile.carriers),
        "bookings": able.booking.value if able.booking.value != "none" else "none: reception enters them",
        "new patients": "created" if able.create_patients else "entered by reception",
        "cancellations": "made" if able.cancel else "made by reception",
        "telehealth links": "read" if able.links else "none",
        "second engine": "kept out" if able.engine_lock else "not kept out",
        "free time": profile.free_time.value,
        "lengths count": profile.length_unit.value,
        "times of day count": profile.time_unit.value,
        "note": f"{profile.note_limit} characters, {'several lines' if profile.note_lines else 'one line'}",
        "type of a booking without one": profile.type_fallback or "none",
        **{f"{item} goes to": rule.goal.value for item, rule in profile.carries.items()},
    }


def _codes(profile: Profile) -> tuple[tuple[str, str, str], ...]:
    codes = [("status", code, state.value) for code, state in profile.status.items()]
    codes += [("sex", code, word) for word, code in profile.sex.items()]
    codes += [("parameters", name, kind.value) for name, kind in profile.kinds.items()]
    codes += [("lengths", name, f"{limit} characters") for name, limit in profile.lengths.items()]
    return tuple(codes)

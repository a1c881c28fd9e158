"""
What a place's rules say of one resource and appointment type: every rule asked in turn, as a person would read them.

Nothing of the agent's own way to apply rules is used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

from agent.domain.rule import Closure, Holidays, NewPatients, Patients, Rule


class Subject(NamedTuple):
    """
    A resource.
    """

    resource_id: str
    practitioner: int
    location: int


class Cap(NamedTuple):
    """
    A most number of online bookings; *type_id* empty: all of them count.
    """

    most: int
    type_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """
    What comes out. A negative horizon or notice: the place's own.
    """

    is_published: bool
    horizon_days: int
    notice: timedelta
    is_on_the_day: bool
    opens_on_holidays: bool
    daily_caps: tuple[Cap, ...]
    session_caps: tuple[Cap, ...]
    closures: tuple[Closure, ...]
    patients: Patients
    new_patients: NewPatients

    def with_defaults(self, horizon_days: int, notice: timedelta) -> Says:
        """
        Return the same with the place's own horizon and notice where no rule speaks.
        """
        return replace(
            self,
            horizon_days=self.horizon_days if self.horizon_days >= 0 else horizon_days,
            notice=self.notice if self.notice >= timedelta() else notice,
        )

    def turns_away(self, *, is_new: bool) -> bool:
        """
        Return whether somebody who is new to the practice, or is not, cannot simply have it.
        """
        if is_new:
            return self.patients is Patients.EXISTING or self.new_patients is not NewPatients.ACCEPT
        return self.patients is Patients.NEW


def says(rules: Sequence[Rule], subject: Subject, type_id: str) -> Says:
    """
    Return what *rules* say of *subject* and a type; *type_id* empty: of a booking without one.
    """
    mine = [rule for rule in rules if _is_meant(rule, subject, type_id)]
    horizon, notice = _last_word(mine, "horizon_days"), _last_word(mine, "minimum_notice")
    return Says(
        is_published=_last_word(mine, "publish") is not False,
        horizon_days=-1 if horizon is None else horizon,
        notice=timedelta(days=-1) if notice is None else notice,
        is_on_the_day=_last_word(mine, "on_the_day") is True,
        opens_on_holidays=_last_word(mine, "public_holidays") is Holidays.OPEN,
        daily_caps=_caps(mine, "daily_cap", type_id),
        session_caps=_caps(mine, "session_cap", type_id),
        closures=tuple(closure for rule in mine for closure in rule.closures),
        patients=_last_word(mine, "patients") or Patients.ALL,
        new_patients=_last_word(mine, "new_patients") or NewPatients.ACCEPT,
    )


def _is_meant(rule: Rule, subject: Subject, type_id: str) -> bool:
    if rule.location and rule.location != str(subject.location):
        return False
    if rule.resource and rule.resource not in (subject.resource_id, str(subject.practitioner)):
        return False
    return not rule.type or rule.type == type_id


def _last_word(rules: Sequence[Rule], matter: str) -> Any:  # whatever the rules have there
    """
    Return what the most exact rule says: a type counts more than a doctor, a doctor more than a place; then the later one.
    """
    best, word = -1, None
    for rule in rules:
        value = getattr(rule, matter)
        exactness = (4 if rule.type else 0) + (2 if rule.resource else 0) + (1 if rule.location else 0)
        if value is not None and exactness >= best:
            best, word = exactness, value
    return word


def _caps(rules: Sequence[Rule], matter: str, type_id: str) -> tuple[Cap, ...]:
    """
    Return the cap on the type's own bookings and the one on all of them: both hold.
    """
    of_type = _last_word([rule for rule in rules if rule.type], matter)
    of_all = _last_word([rule for rule in rules if not rule.type], matter)
    caps = ((of_type, type_id), (of_all, ""))
    return tuple(Cap(most, counted) for most, counted in caps if most is not None)

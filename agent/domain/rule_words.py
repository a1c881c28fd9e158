"""
A publishing rule in plain words, for those who do not read the settings file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from agent.domain.rule import Closure, Holidays, Newcomers, NewPatients, Patients, Rule
from agent.domain.terms import length_text

T = TypeVar("T")

PUBLISHED = {True: "published", False: "not published"}
ON_THE_DAY = {True: "published on the day itself only", False: "published ahead"}
HOLIDAYS = {Holidays.CLOSED: "closed on public holidays", Holidays.OPEN: "open on public holidays"}
PATIENTS = {
    Patients.ALL: "for all patients",
    Patients.NEW: "for new patients only",
    Patients.EXISTING: "for existing patients only",
}
NEW_PATIENTS = {
    NewPatients.ACCEPT: "new patients are accepted",
    NewPatients.HOLD: "a person decides about new patients",
    NewPatients.REJECT: "new patients are refused",
}
NEW_DOCTORS = {
    Newcomers.AT_ONCE: "new practitioners are published at once",
    Newcomers.WAIT: "new practitioners wait until they are approved",
}
NEW_TYPES = {
    Newcomers.AT_ONCE: "new appointment types are published at once",
    Newcomers.WAIT: "new appointment types wait until they are approved",
}


def rule_text(rule: Rule) -> str:
    """
    Return what a rule is about and what it says, in one line.
    """
    chosen = ", ".join(f"{what} {value}" for what in ("type", "resource", "location") if (value := getattr(rule, what)))
    about = chosen or "the whole practice"
    return f"{rule.name} ({about}): {_says(rule)}" if rule.name else f"{about[0].upper()}{about[1:]}: {_says(rule)}"


def closure_text(closure: Closure) -> str:
    """
    Return a closure's days and reason in one line.
    """
    days = f"{closure.first:%a %d/%m/%Y}" + (f" to {closure.last:%a %d/%m/%Y}" if closure.last > closure.first else "")
    return f"{days}: {closure.reason}" if closure.reason else days


def _says(rule: Rule) -> str:
    said = (
        _by(PUBLISHED, rule.publish),
        "" if rule.minimum_notice is None else f"at least {length_text(int(rule.minimum_notice.total_seconds()) // 60)} ahead",
        "" if rule.horizon_days is None else f"published {rule.horizon_days} days ahead",
        _by(ON_THE_DAY, rule.on_the_day),
        "" if rule.daily_cap is None else f"at most {rule.daily_cap} online bookings a day",
        "" if rule.session_cap is None else f"at most {rule.session_cap} online bookings a session",
        *(f"closed {closure_text(closure)}" for closure in rule.closures),
        _by(HOLIDAYS, rule.public_holidays),
        _by(PATIENTS, rule.patients),
        _by(NEW_PATIENTS, rule.new_patients),
        _by(NEW_DOCTORS, rule.new_doctors),
        _by(NEW_TYPES, rule.new_types),
    )
    return "; ".join(filter(None, said))


def _by(words: Mapping[T, str], value: T | None) -> str:
    return "" if value is None else words[value]

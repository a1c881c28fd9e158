"""
Changes to the settings file that keep what a person wrote: comments, order and every setting that the change is not about.

The changed text is checked as a whole before it replaces the file, which happens at once or not at all.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, MutableMapping
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT

from agent.domain.changing import PracticeChange, PracticeShown
from agent.domain.errors import Misconfigured
from agent.domain.liveness import hours_text
from agent.domain.practice import Practice
from agent.domain.rule import Closure, Holidays, Rule
from agent.domain.rule_words import rule_text
from agent.settings.config import AUTO, load_settings, parse_settings

Table = MutableMapping[str, Any]

BYTE_ORDER_MARK = "\ufeff"


def shown(practice: Practice) -> PracticeShown:
    """
    Return what a person sees of a practice's settings.
    """
    return PracticeShown(
        id=practice.id,
        name=practice.name,
        timezone=practice.zone.key,
        locations=practice.locations,
        live_hours=AUTO if practice.learns_live_hours else hours_text(practice.live_hours),
        horizon_days=practice.horizon_days,
        minimum_notice_minutes=int(practice.minimum_notice.total_seconds()) // 60,
        closed_on_holidays=_is_closed_on_holidays(practice.rules),
        closures=practice.closures,
        rules=tuple(map(rule_text, practice.rules)),
    )


def change_settings(path: Path, change: PracticeChange) -> None:
    """
    Change the settings file.

    Raises:
        SettingsError: as `load_settings`, for what is there and for what it would become; the file stays as it is.
        Misconfigured: as `load_settings` and `changed_text`; `settings-home`, if the file cannot be written.
    """
    load_settings(path)  # refuses what is not to be used at all
    text = path.read_bytes().decode("utf-8")
    changed = changed_text(text, change)
    parse_settings(changed.removeprefix(BYTE_ORDER_MARK), path)
    _replace(path, changed)


def changed_text(text: str, change: PracticeChange) -> str:
    """
    Return the *text* of a settings file with the change in it. Line ends and a byte order mark stay as they are.

    Raises:
        Misconfigured: `settings-no-practice` or `settings-no-closure`.
    """
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    ends = "\r\n" if "\r\n" in text else "\n"
    document = tomlkit.parse(text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n"))
    practice = next((table for table in document["practices"] if str(table["id"]) == change.id), None)
    if practice is None:
        raise Misconfigured(
            "settings-no-practice", f"there is no practice {change.id} in the settings any more", remedy="open the settings again"
        )
    _set(practice, change)
    return mark + tomlkit.dumps(document).replace("\n", ends)


def _set(practice: Table, change: PracticeChange) -> None:
    if change.live_hours is not None:
        if isinstance(practice.get("live_hours"), MutableMapping):
            del practice["live_hours"]  # a table's place is behind the keys
        practice["live_hours"] = change.live_hours
    if change.horizon_days is not None:
        practice["horizon_days"] = change.horizon_days
    if change.minimum_notice_minutes is not None:
        practice["minimum_notice_minutes"] = change.minimum_notice_minutes
    if change.closed_on_holidays is not None:
        _set_holidays(practice, Holidays.CLOSED if change.closed_on_holidays else Holidays.OPEN)
    if change.reopen is not None:
        _take_out(practice, change.reopen)
    if change.close is not None:
        _add(practice, "closures", _closure_table(change.close))


def _set_holidays(practice: Table, holidays: Holidays) -> None:
    """
    Change every rule for the whole practice that speaks of public holidays; add one where there is none.
    """
    stated = [
        rule
        for rule in practice.get("rules", ())
        if "public_holidays" in rule and not {"location", "resource", "type"}.intersection(rule)
    ]
    for rule in stated:
        rule["public_holidays"] = holidays.value
    if not stated:
        _add(practice, "rules", {"public_holidays": holidays.value})


def _take_out(practice: Table, closure: Closure) -> None:
    found = practice.get("closures", [])
    number = next((n for n, table in enumerate(found) if _is_same(table, closure)), None)
    if number is None:
        raise Misconfigured(
            "settings-no-closure", "that closure is not in the settings any more", remedy="open the settings again"
        )
    del found[number]
    if not found:
        del practice["closures"]


def _is_same(table: Table, closure: Closure) -> bool:
    first = _day(table["first"])
    return (closure.first, closure.last, closure.reason) == (first, _day(table.get("last", first)), table.get("reason", ""))


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _closure_table(closure: Closure) -> dict[str, object]:
    return {
        "first": closure.first,
        **({"last": closure.last} if closure.last != closure.first else {}),
        **({"reason": closure.reason} if closure.reason else {}),
    }


def _add(practice: Table, name: str, values: dict[str, object]) -> None:
    """
    Add a table to a list of tables, in the way in which that list is written; a new list is written as tables of their own.
    """
    there = practice.get(name)
    if there is not None and not isinstance(there, AoT):
        inline = tomlkit.inline_table()
        inline.update(values)
        there.append(inline)
        return
    table = tomlkit.table()
    table.update(values)
    if there is None:
        there = tomlkit.aot()
        practice[name] = there
    table.add(tomlkit.nl())  # what follows stands apart
    there.append(table)


def _is_closed_on_holidays(rules: tuple[Rule, ...]) -> bool:
    return next(_holidays_said(rules), Holidays.CLOSED) is Holidays.CLOSED


def _holidays_said(rules: tuple[Rule, ...]) -> Iterator[Holidays]:
    """
    Yield what the rules for the whole practice say of public holidays, the one that holds first: the last one.
    """
    for rule in reversed(rules):
        if rule.public_holidays is not None and not any(rule.specificity):
            yield rule.public_holidays


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, fresh)
        if sys.platform != "win32":  # there it takes the rights of the folder
            owner = path.stat()
            os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise Misconfigured(
            "settings-home", f"the settings {path} cannot be written", remedy="change them as an administrator"
        ) from None

"""
The settings file that a set-up writes, from what a person said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.domain.setting_up import Answers
from agent.settings.config import Settings, parse_settings
from agent.settings.tables import Problem

FIELDS = {
    "id": "practice_id",
    "name": "practice_name",
    "email": "vendor_email",
    "vendor.name": "vendor_name",
}
"""Settings whose answers are called otherwise."""


def settings_text(answers: Answers) -> str:
    """
    Return the text of a settings file.
    """
    tables: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("[vendor]", {"name": answers.vendor_name, "email": answers.vendor_email, "environment": answers.environment}),
        ("[healthengine]", {"base_url": answers.base_url} if answers.base_url else {}),
        (
            "[pms]",
            {
                "profile": answers.profile,
                "carrier": answers.carrier,
                "connection": answers.connection,
                **({"dialect": answers.dialect} if answers.dialect else {}),
                **({"read_only": True} if answers.read_only else {}),
            },
        ),
        (
            "[[practices]]",
            {
                "id": answers.practice_id,
                "name": answers.practice_name,
                "timezone": answers.timezone,
                "live_hours": answers.live_hours,
                **({"locations": list(answers.locations)} if answers.locations else {}),
                "horizon_days": answers.horizon_days,
                "minimum_notice_minutes": answers.minimum_notice_minutes,
            },
        ),
    )
    parts = ["# Written by Frontdesk's set-up. docs/configuration.md says what else may stand here.\n"]
    for head, values in tables:
        if values:
            parts.append("\n".join([head, *(f"{name} = {_written(value)}" for name, value in values.items()), ""]))
    if answers.closed_on_holidays:
        parts.append('[[practices.rules]]\npublic_holidays = "closed"\n')
    return "\n".join(parts)


def settings_of(answers: Answers, path: Path) -> Settings:
    """
    Return the settings that *answers* make.

    Args:
        path: Where they would be; only named in messages.

    Raises:
        SettingsError: `settings-invalid`, with every answer that cannot be.
    """
    return parse_settings(settings_text(answers), path)


def field_of(problem: Problem) -> str:
    """
    Return the name of the answer that a problem is about.
    """
    last = problem.key.rpartition(".")[2]
    return FIELDS.get(problem.key) or FIELDS.get(last) or last


def write_settings(answers: Answers, path: Path) -> None:
    """
    Write a settings file where there is none: whole, or not at all.

    Raises:
        SettingsError: as `settings_of`.
        Misconfigured: `settings-exist`, if there is one; `settings-home`, if it cannot be written.
    """
    settings_of(answers, path)
    if path.exists():
        raise exist_already(path)
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(settings_text(answers), encoding="utf-8")
        fresh.replace(path)
    except OSError:
        raise Misconfigured(
            "settings-home", f"the settings {path} cannot be written", remedy="run the set-up as an administrator"
        ) from None


def exist_already(path: Path) -> Misconfigured:
    """
    Return the refusal to write over settings.
    """
    return Misconfigured("settings-exist", f"there are settings already: {path}", remedy="change them there, or take them away")


def _written(value: object) -> str:
    """
    Return a value as TOML has it. JSON writes texts, whole numbers, truths and lists the same way, but for one character.
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

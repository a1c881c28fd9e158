"""
What the window says of `frontdesk check`: its lines in plain words, and the text for the clipboard. Plain Python: no Qt.
"""

from __future__ import annotations

from datetime import datetime

from agent.domain.carrying import one_line
from agent.domain.reports import CheckItem, CheckReport
from agent.ui.presenters import Translate, untranslated
from agent.ui.rows import Row, Tone

CHECK_COLUMNS = ("Tried", "Result", "Found", "What to do")

AREAS = {
    "settings": "Settings",
    "credentials": "Keys and passwords",
    "drivers": "Database drivers",
    "pms": "Appointment program",
    "healthengine": "Healthengine",
}

UNREADABLE = "[settings-unreadable]"
ASK_AN_ADMINISTRATOR = "The settings are for administrators of this computer: ask one to look here."
"""What this user does about `UNREADABLE`; the check itself speaks to whoever runs the engine."""


def check_rows(report: CheckReport, tr: Translate = untranslated) -> list[Row]:
    """
    Return a row for each thing that was tried.
    """
    return [
        Row(
            key=f"{place} {line.area} {line.name}",
            cells=(_tried(line, tr), _result(line, tr), one_line(line.detail), _to_do(line, tr)),
            tone=Tone.GOOD if line.ok else Tone.BAD,
        )
        for place, line in enumerate(report.lines)
    ]


def check_sentence(report: CheckReport, tr: Translate = untranslated) -> str:
    """
    Say in one sentence how it went.
    """
    wrong = sum(not line.ok for line in report.lines)
    words = tr("Not OK: {wrong} of {count}.") if wrong else tr("All is well ({count} tried).")
    return words.format(wrong=wrong, count=len(report.lines))


def copied_check(report: CheckReport, *, version: str, at: datetime, tr: Translate = untranslated) -> str:
    """
    Return the report as text for an e-mail: names of settings and queries, ids and counts, and no patient.

    Args:
        version: The program's.
        at: When it was tried; aware, shown in its own zone.
    """
    head = tr("Frontdesk {version}, checked {time}").format(version=version, time=f"{at:%Y-%m-%d %H:%M %z}")
    lines = ["\t".join(row.cells).rstrip() for row in check_rows(report, tr)]
    return "\n".join([head, check_sentence(report, tr), *lines])


def _tried(line: CheckItem, tr: Translate) -> str:
    return f"{tr(AREAS.get(line.area, line.area))}: {line.name}"


def _result(line: CheckItem, tr: Translate) -> str:
    return tr("OK") if line.ok else tr("Not OK")


def _to_do(line: CheckItem, tr: Translate) -> str:
    return tr(ASK_AN_ADMINISTRATOR) if line.detail.endswith(UNREADABLE) else one_line(line.remedy)

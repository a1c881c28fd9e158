"""
How the preview shows what is withheld, and which rule is behind it.
"""

from __future__ import annotations

from agent.cli.output import print_table, say
from agent.domain.availability import OpenRange
from agent.domain.days import MINUTES_PER_DAY
from agent.domain.reports import PracticePreview
from agent.domain.terms import Cause


def print_withheld(practice: PracticePreview) -> None:
    """
    Print what *practice* withholds, what it leaves out, and what somebody should look at.
    """
    rows = (
        (f"{line.date:%a %Y-%m-%d}", line.resource_id, range_text(line.opening), line.cause.detail, line.cause.source)
        for line in sorted(practice.withheld, key=lambda line: (line.date, line.resource_id, line.opening))
    )
    print_table("Withheld", ("day", "resource", "time", "rule", "written in"), rows, one_of_several=True)
    print_table(
        "Left out",
        ("what", "id", "name", "rule", "written in"),
        ((item.kind, item.id, name, cause.detail, cause.source) for item, name, cause in practice.left_out),
        one_of_several=True,
    )
    for warning in practice.warnings:
        say(f"warning: {warning}")


def withheld_data(practice: PracticePreview) -> dict[str, object]:
    """
    Return the same for programs.
    """
    return {
        "withheld": [
            {
                "resource": line.resource_id,
                "date": line.date,
                "start": clock(line.opening.start),
                "end": clock(line.opening.end),
                "slot_minutes": line.opening.slot_minutes,
                "types": line.opening.type_ids,
                "rule": _cause_data(line.cause),
            }
            for line in practice.withheld
        ],
        "left_out": [
            {"kind": item.kind, "id": item.id, "name": name, "rule": _cause_data(cause)}
            for item, name, cause in practice.left_out
        ],
        "warnings": practice.warnings,
    }


def range_text(opening: OpenRange) -> str:
    """
    Return a stretch in words, such as `09:00-12:00 (15 min)`.
    """
    notes = [f"{opening.slot_minutes} min"] if opening.slot_minutes else []
    if opening.type_ids:
        notes.append(f"types {' '.join(opening.type_ids)}")
    return f"{clock(opening.start)}-{clock(opening.end)}" + (f" ({'; '.join(notes)})" if notes else "")


def clock(minute: int) -> str:
    """
    Return a minute of the day as people write it.
    """
    return "24:00" if minute == MINUTES_PER_DAY else f"{minute // 60:02d}:{minute % 60:02d}"


def _cause_data(cause: Cause) -> dict[str, str]:
    return {"kind": cause.kind.value, "detail": cause.detail, "source": cause.source}

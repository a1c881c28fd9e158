"""
Commands that try things without an engine: `check`, `preview`.
"""

from __future__ import annotations

import argparse

from agent.cli.arguments import Commands, add_command, calendar_date, home_of
from agent.cli.output import Exit, print_json, print_table, say
from agent.cli.withheld import clock, print_withheld, range_text, withheld_data
from agent.domain.availability import DayAvailability
from agent.domain.reports import PracticePreview, Preview
from agent.settings.config import load_settings


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    add_command(
        commands,
        "check",
        _check,
        summary="try the settings, the database and Healthengine",
        description="""
            Try everything the engine needs: the settings file, the credentials, the ODBC drivers, every query of the PMS
            profile, and whether Healthengine can be reached. Nothing is changed and nothing is published. The report
            holds names, counts and places only, so that it can be sent to support.

            exit codes: 0 all is well, 1 something is not, 2 the settings cannot be read.
            """,
        json=True,
    )
    preview = add_command(
        commands,
        "preview",
        _preview,
        summary="what would be published; sends nothing",
        description="""
            Read the PMS and show which free times would be published now, and which are withheld, each with the rule
            behind it. Nothing is sent.

            examples:
              frontdesk preview
              frontdesk preview --date 2026-03-31
            """,
        json=True,
    )
    preview.add_argument("--date", type=calendar_date, metavar="DATE", help="one day only (default: the next seven days)")


def _check(args: argparse.Namespace) -> int:
    home = home_of(args)
    if not args.as_json:
        load_settings(home.config)  # a wrong file is shown mistake by mistake, and nothing more can be tried
    from agent.app.checking import check  # noqa: PLC0415 - what builds the engine's parts is loaded only here

    report = check(home)
    if args.as_json:
        print_json({"ok": report.ok, "lines": report.lines})
    else:
        rows = ((line.area, line.name, "ok" if line.ok else "WRONG", line.detail, line.remedy) for line in report.lines)
        print_table("Check", ("area", "what", "result", "detail", "what to do"), rows)
        wrong = sum(not line.ok for line in report.lines)
        say("All is well." if report.ok else f"{wrong} of {len(report.lines)} checks went wrong.")
    return Exit.OK if report.ok else Exit.ATTENTION


def _preview(args: argparse.Namespace) -> int:
    from agent.app.previewing import preview  # noqa: PLC0415 - what builds the engine's parts is loaded only here

    found = preview(home_of(args), args.date)
    if args.as_json:
        print_json(_preview_data(found))
        return Exit.OK
    for practice in found.practices:
        names = {resource.id: resource.name for resource in practice.resources}
        rows = (
            (f"{day.date:%a %Y-%m-%d}", day.resource_id, names.get(day.resource_id, ""), day_text(day))
            for day in sorted(practice.days, key=lambda day: (day.date, day.resource_id))
        )
        title = f"{practice.name} ({practice.practice_id}), times in {practice.timezone}"
        columns = ("day", "resource", "name", "free")
        print_table(title, columns, rows, empty=f"{title}: nothing is bookable.", one_of_several=len(found.practices) > 1)
        print_withheld(practice)
    return Exit.OK


def day_text(day: DayAvailability) -> str:
    """
    Return a day's free time in words, such as `09:00-12:00 (15 min), 13:00-17:00`; a dash where there is none.
    """
    return ", ".join(map(range_text, day.ranges)) or "-"


def _preview_data(preview: Preview) -> dict[str, object]:
    return {"practices": [_practice_data(practice) for practice in preview.practices]}


def _practice_data(practice: PracticePreview) -> dict[str, object]:
    return {
        "id": practice.practice_id,
        "name": practice.name,
        "timezone": practice.timezone,
        "resources": [{"id": resource.id, "name": resource.name} for resource in practice.resources],
        "types": [{"id": kind.id, "name": kind.name, "minutes": kind.minutes} for kind in practice.types],
        "days": [
            {
                "resource": day.resource_id,
                "date": day.date,
                "free": [
                    {
                        "start": clock(opening.start),
                        "end": clock(opening.end),
                        "slot_minutes": opening.slot_minutes,
                        "types": opening.type_ids,
                    }
                    for opening in day.ranges
                ],
            }
            for day in practice.days
        ],
        **withheld_data(practice),
    }

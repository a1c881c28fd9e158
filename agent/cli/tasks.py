"""
The command `tasks`: what a person must do, who is at it, and ending it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import connect
from agent.cli.output import Exit, moment, print_json, print_table, say
from agent.domain.carrying import one_line
from agent.domain.status import TaskLine
from agent.domain.tasks import TaskAction, TaskReport
from agent.ipc.messages import ActOnTask, ListTasks, ShowTask

TASK_SECONDS = 60.0
"""How long is waited for what the engine asks of the PMS and of Healthengine first."""

COMMANDS = {
    TaskAction.CLAIM: "claim {id}",
    TaskAction.RELEASE: "release {id}",
    TaskAction.DONE: "done {id}",
    TaskAction.ENTERED: "done {id} --entered",
    TaskAction.CANCEL_BOOKING: "cancel-booking {id}",
    TaskAction.UNDO: "undo {id}",
}
"""What to type for each action, after `frontdesk tasks`."""

_SIMPLE = {
    "claim": (TaskAction.CLAIM, "say that you are at it", "Say that you are at it; a colleague's claim is taken over."),
    "release": (TaskAction.RELEASE, "leave it to somebody else", "Say that nobody is at it any more."),
    "undo": (TaskAction.UNDO, "take up again what is not done", "Take up a task again that was said to be done, within a day."),
    "cancel-booking": (
        TaskAction.CANCEL_BOOKING,
        "tell Healthengine that the practice cancelled",
        """
        Tell Healthengine that the practice cancelled the task's booking, which is not in the appointment book. The patient is
        told that it is cancelled, but does not see the reason: phone the patient. It cannot be undone.
        """,
    ),
}


def add_commands(commands: Commands) -> None:
    """
    Add this module's command.
    """
    parser = add_command(
        commands,
        "tasks",
        _list,
        summary="what a person must do",
        description="""
            Show what a person must do, and take it, end it, or take it up again. Who did what and when is kept. Numbers and
            times alone are kept; a patient's name is asked of the PMS when a task is shown. Times are this computer's, a
            booking's time is the practice's own.

            examples:
              frontdesk tasks
              frontdesk tasks list --location 2
              frontdesk tasks show 9
              frontdesk tasks done 9 --entered      it was entered by hand: found, and confirmed to the patient

            exit codes: 0 nothing waits, or done; 1 something waits for a person; 2 it cannot be done; 3 no engine is running.
            """,
        json=True,
    )
    _add_list_options(parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    listing = add_command(actions, "list", _list, summary="what waits", description="Show what waits for a person.")
    _add_json(listing)
    _add_list_options(listing, inherit=True)
    show = add_command(
        actions, "show", _show, summary="one of them, with whom to phone", description="Show a task, and whom to phone."
    )
    _add_json(show)
    show.add_argument("id", type=_number, metavar="N")
    for name, (action, summary, description) in _SIMPLE.items():
        simple = add_command(actions, name, _act, summary=summary, description=description)
        simple.add_argument("id", type=_number, metavar="N")
        simple.set_defaults(action=action, entered=False, appointment="")
    done = add_command(actions, "done", _act, summary="say that it is done", description="Say that it is done.")
    done.add_argument("id", type=_number, metavar="N")
    done.add_argument(
        "--entered", action="store_true", help="the booking was entered by hand: look for its appointment, and confirm it"
    )
    done.add_argument("--appointment", metavar="ID", default="", help="it is this appointment of the PMS; means --entered")
    done.set_defaults(action=TaskAction.DONE)


def _add_list_options(parser: argparse.ArgumentParser, *, inherit: bool = False) -> None:
    # after the action too, without a default of its own that would overwrite what stands before it
    parser.add_argument(
        "--location", metavar="ID", default=argparse.SUPPRESS if inherit else "", help="only those of one of the PMS's locations"
    )
    parser.add_argument(
        "--ended",
        action="store_true",
        default=argparse.SUPPRESS if inherit else False,
        help="those that ended within a day, instead",
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", dest="as_json", default=argparse.SUPPRESS, help="print JSON for programs")


def _number(text: str) -> int:
    """
    Parse a task's number.
    """
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise argparse.ArgumentTypeError(f"{text!r} is not a task's number")
    return int(text)


def _list(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        tasks = engine.ask(ListTasks(location_id=args.location, done=args.ended), "tasks", tuple[TaskLine, ...])
    if args.as_json:
        print_json({"tasks": tasks})
    else:
        columns = ("task", "practice", "location", "booking", "for", "kind", "since", "state", "why")
        empty = "Nothing ended within a day." if args.ended else "Nothing waits for a person."
        print_table("Tasks", columns, _rows(tasks), empty=empty)
    return Exit.ATTENTION if tasks and not args.ended else Exit.OK


def _rows(tasks: Iterable[TaskLine]) -> Iterable[tuple[str, ...]]:
    for task in tasks:
        start = f"{task.start:%Y-%m-%d %H:%M}" if task.start else "-"
        where = (task.practice_id, task.location_id or "-", str(task.booking_id or "-"), start)
        yield (str(task.id), *where, task.kind, moment(task.since), _state(task), task.why)


def _state(task: TaskLine) -> str:
    match task.state:
        case "claimed":
            return f"claimed by {task.claimed_by}, {moment(task.claimed_at)}"
        case "done" if task.done_by:
            return f"{task.ending.replace('_', ' ')} by {task.done_by}, {moment(task.done_at)}"
        case "done":
            return f"{task.ending.replace('_', ' ')}, {moment(task.done_at)}"
        case _:
            return task.state


def _show(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        report = engine.ask(ShowTask(task_id=args.id), "task", TaskReport, timeout=TASK_SECONDS)
    if args.as_json:
        print_json(report)
    else:
        _print(report)
    return Exit.OK if report.task.state == "done" else Exit.ATTENTION


def _print(report: TaskReport) -> None:
    task = report.task
    say(f"task {task.id}, practice {task.practice_id}: {task.kind} [{_state(task)}], since {moment(task.since)}")
    say(f"  {task.why}")
    if task.state != "done":
        say(f"  what to do: {report.advice}")
    say(f"  patient: {' '.join(filter(None, (report.patient_name, report.patient_phone))) or report.patient_note}")
    for detail in report.details:
        say(f"  {detail.label}: {one_line(detail.text)}")
    for candidate in report.candidates:
        told = ", ".join(f"{detail.label} {one_line(detail.text)}" for detail in candidate.details)
        say(f"  may be patient {candidate.patient_id}: {candidate.name}, {told}")
    for action in report.offered:
        say(f"  frontdesk tasks {COMMANDS[action].format(id=task.id)}")


def _act(args: argparse.Namespace) -> int:
    action = TaskAction.ENTERED if args.entered or args.appointment else args.action
    with connect(home_of(args)) as engine:
        command = ActOnTask(task_id=args.id, action=action, appointment_id=args.appointment)
        say(engine.do(command, timeout=TASK_SECONDS))
    return Exit.OK

"""
What the tray and the window say, worked out from the engine's status. Plain Python: no Qt, no clock, no I/O.

Every text passes through a translate function. Instants are shown in the zone of *now*, which the caller gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.domain.status import ChannelState, Condition, EngineState, EngineStatus, PracticeStatus, ResyncStatus, Severity

Translate = Callable[[str], str]
"""From an English text to the user's language; placeholders in braces stay as they are."""


def untranslated(text: str) -> str:
    """
    Return *text* as it is.
    """
    return text


NOT_SET_UP = "ipc-not-set-up"
"""The error code where no engine runs and there are no settings for one."""

TO_SET_UP = "Set Frontdesk up, or ask your IT support to."


class IconKey(StrEnum):
    """
    The pictures, most urgent first: the first that applies is shown.
    """

    ATTENTION = "attention"  # a person has to do something
    UNREACHABLE = "unreachable"  # the engine does not answer
    OFFLINE = "offline"  # the PMS or Healthengine is out of reach
    WORKING = "working"  # something is under way, or the engine is starting
    PAUSED = "paused"  # or a practice's online bookings are stopped
    NOT_SET_UP = "not_set_up"
    ONLINE = "online"  # a recent proven success in every channel


ICONS: dict[EngineState, IconKey] = {
    EngineState.ATTENTION: IconKey.ATTENTION,
    EngineState.OFFLINE: IconKey.OFFLINE,
    EngineState.STARTING: IconKey.WORKING,
    EngineState.WORKING: IconKey.WORKING,
    EngineState.PAUSED: IconKey.PAUSED,
    EngineState.NOT_SET_UP: IconKey.NOT_SET_UP,
    EngineState.ONLINE: IconKey.ONLINE,
}

RESYNCING = {
    "all": "Sending everything to Healthengine again, since {time}",
    "configuration": "Sending practitioners and appointment types to Healthengine again, since {time}",
    "availability": "Sending free times to Healthengine again, since {time}",
}
"""What is said of a resync under way, by its scope."""

BOOKINGS_CHANNEL = "requests"
"""The channel whose success a receptionist cares about first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """
    One glance: everything that depends on the engine's state as a whole.

    Attributes:
        line: One sentence under the headline.
        tooltip: At most 127 characters, which is what Windows shows.
        menu_line: First, disabled entry of the tray's menu.
        last_success: When bookings were last looked for with success; always a full sentence.
        to_do: How many tasks and conditions wait for a person.
    """

    icon: IconKey
    headline: str
    line: str
    tooltip: str
    menu_line: str
    last_success: str
    to_do: int = 0
    can_resync: bool = False
    can_pause: bool = False
    can_resume: bool = False

    @classmethod
    def from_status(
        cls, status: EngineStatus | None, now: datetime, *, unreachable: str = "", code: str = "", tr: Translate = untranslated
    ) -> StatusView:
        """
        Say how things are.

        Args:
            status: The last one received; None: none yet.
            now: Aware; its zone is the one that times are shown in.
            unreachable: Why the engine does not answer; empty: it does (or was not asked yet).
            code: Of what keeps it from answering; empty: not known.
            tr: Translates every fixed text.
        """
        reachable = status is not None and not unreachable
        icon, headline, line = _glance(status, now, unreachable, code, tr)
        detail = proof_text(status, now, tr) if status is not None and icon is IconKey.ONLINE else line
        success = last_success_text(status, now, tr)
        set_up = status is not None and status.state is not EngineState.NOT_SET_UP
        paused = status is not None and is_paused(status)
        running = status is not None and status.resync is not None and status.resync.finished_at is None
        return cls(
            icon=icon,
            headline=headline,
            line=line,
            tooltip=_shortened(f"Frontdesk: {headline}\n{detail}"),
            menu_line=headline,
            last_success=success,
            to_do=to_do_count(status) if status is not None else 0,
            can_resync=reachable and set_up and not paused and not running,
            can_pause=reachable and set_up and not paused,
            can_resume=reachable and paused,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResyncView:
    """
    How the last resync is going, or went. *text* is empty if there was none.

    Attributes:
        parts, done: How far it has come; *parts* 0: nobody knows.
    """

    running: bool = False
    failed: bool = False
    text: str = ""
    parts: int = 0
    done: int = 0


def resync_view(resync: ResyncStatus | None, now: datetime, tr: Translate = untranslated) -> ResyncView:
    """
    Say how a resync is going, or went.
    """
    if resync is None:
        return ResyncView()
    if resync.finished_at is None:
        started = moment_text(resync.requested_at, now)
        words = tr(RESYNCING.get(resync.scope, RESYNCING["all"])).format(time=started)
        return ResyncView(running=True, text=words, parts=resync.parts, done=resync.done)
    finished = moment_text(resync.finished_at, now)
    words = tr("Resync finished at {time}") if resync.ok else tr("Resync did not work, {time}")
    return ResyncView(failed=not resync.ok, text=": ".join(filter(None, (words.format(time=finished), resync.result))))


def moment_text(moment: datetime, now: datetime) -> str:
    """
    Return the clock time of *moment* (aware) in the zone of *now*, with the day unless it is today.
    """
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%a} {local.day} {local:%b %H:%M}"


def is_paused(status: EngineStatus) -> bool:
    """
    Return whether a person paused it, also where something more urgent is shown.
    """
    return (
        status.state is EngineState.PAUSED
        or status.paused_until is not None
        or any(channel.state is ChannelState.PAUSED for channel in status.channels)
    )


def is_proven(status: EngineStatus) -> bool:
    """
    Return whether every channel has had a success, recently as the engine judges it.
    """
    return bool(status.channels) and all(
        channel.last_success is not None and channel.state in {ChannelState.OK, ChannelState.WORKING}
        for channel in status.channels
    )


def to_do_count(status: EngineStatus) -> int:
    """
    Return how many things wait for a person.
    """
    return len(status.tasks) + sum(condition.severity is Severity.ERROR for condition in status.conditions)


def last_success_text(status: EngineStatus | None, now: datetime, tr: Translate = untranslated) -> str:
    """
    Say when bookings were last looked for with success, in the practice where that is longest ago.
    """
    channels = status.channels if status is not None else ()
    asked = [channel for channel in channels if channel.name == BOOKINGS_CHANNEL] or list(channels)
    moments = [channel.last_success for channel in asked if channel.last_success is not None]
    if not moments or len(moments) < len(asked):
        return tr("No successful check for bookings yet")
    return tr("Last checked for bookings at {time}").format(time=moment_text(min(moments), now))


def proof_text(status: EngineStatus, now: datetime, tr: Translate = untranslated) -> str:
    """
    Say when bookings were last looked for with success, and since when every other channel has succeeded too.
    """
    bookings = last_success_text(status, now, tr)
    others = [c.last_success for c in status.channels if c.name != BOOKINGS_CHANNEL and c.last_success is not None]
    if not others:
        return bookings
    return tr("{bookings}, everything else since {time}").format(bookings=bookings, time=moment_text(min(others), now))


def first_condition(status: EngineStatus) -> Condition | None:
    """
    Return the condition to show first: what needs a person before what heals by itself, the oldest first.
    """
    ranked = sorted(status.conditions, key=lambda c: (c.severity is not Severity.ERROR, c.since))
    return ranked[0] if ranked else None


def counted_text(count: int, one: str, many: str, tr: Translate = untranslated) -> str:
    """
    Return the text for *count* things: *one* or *many*, each with `{count}` in it.
    """
    return tr(one if count == 1 else many).format(count=count)


def practice_line(practice: PracticeStatus, tr: Translate = untranslated) -> str:
    """
    Say what Healthengine has acknowledged of one practice.
    """
    published = practice.published
    words = tr("{name}: {resources}, {types} and {days} published").format(
        name=practice.name or practice.id,
        resources=counted_text(published.resources, "{count} practitioner", "{count} practitioners", tr),
        types=counted_text(published.types, "{count} appointment type", "{count} appointment types", tr),
        days=counted_text(published.days, "{count} day of free times", "{count} days of free times", tr),
    )
    if published.failed:
        words += tr(", {failed} refused").format(failed=published.failed)
    return words + (tr("; live {hours}").format(hours=practice.liveness) if practice.liveness else "")


def _glance(status: EngineStatus | None, now: datetime, unreachable: str, code: str, tr: Translate) -> tuple[IconKey, str, str]:
    if unreachable and code == NOT_SET_UP:
        return IconKey.NOT_SET_UP, tr("Not set up yet"), tr(TO_SET_UP)
    if unreachable and not (status is not None and status.state is EngineState.ATTENTION):
        words = tr("Online bookings may have stopped. If this lasts, tell your IT support.")
        return IconKey.UNREACHABLE, tr("Frontdesk does not answer"), f"{words} ({unreachable})"
    if status is None:
        return IconKey.UNREACHABLE, tr("Connecting"), tr("Looking for Frontdesk on this computer.")
    headline, line = _words(status, now, tr)
    if unreachable:
        line = tr("Frontdesk does not answer either. Tell your IT support.")
    icon = ICONS[status.state]
    if icon is IconKey.ONLINE and not is_proven(status):  # an engine of another version may judge otherwise
        return (IconKey.WORKING, *_words(replace(status, state=EngineState.STARTING), now, tr))
    if icon is IconKey.ONLINE and any(practice.stop is not None for practice in status.practices):
        return (IconKey.PAUSED, *_stopped_words(status, now, tr))
    return icon, headline, line


def stopped_names(status: EngineStatus, now: datetime, tr: Translate = untranslated) -> list[str]:
    """
    Name the practices whose online bookings somebody stopped, each with its end where it has one.
    """
    names: list[str] = []
    for practice in status.practices:
        if practice.stop is None:
            continue
        name = practice.name or practice.id
        if practice.stop.until is not None:
            name = tr("{name} until {time}").format(name=name, time=moment_text(practice.stop.until, now))
        names.append(name)
    return names


def _stopped_words(status: EngineStatus, now: datetime, tr: Translate) -> tuple[str, str]:
    names = stopped_names(status, now, tr)
    all_stopped = len(names) == len(status.practices)
    headline = tr("Online bookings are stopped") if all_stopped else tr("Online bookings are stopped in part")
    line = tr("Patients see no free times: {names}. Bookings made before are still answered.")
    return headline, line.format(names=", ".join(names))


def _words(status: EngineStatus, now: datetime, tr: Translate) -> tuple[str, str]:
    match status.state:
        case EngineState.ATTENTION:
            return tr("Something needs your attention"), _attention_line(status, tr)
        case EngineState.OFFLINE:
            condition = first_condition(status)
            why = f"{condition.message} " if condition is not None else ""
            return tr("No connection right now"), why + tr("Frontdesk keeps trying by itself.")
        case EngineState.STARTING:
            return tr("Starting"), tr("Checking the connections. This takes a minute or two.")
        case EngineState.WORKING:
            return tr("Working"), tr("Exchanging appointments with Healthengine.")
        case EngineState.PAUSED:
            line = tr("While it is paused, online bookings wait and Healthengine may hide your times.")
            if status.paused_until is None:
                return tr("Paused until you resume"), line
            return tr("Paused until {time}").format(time=moment_text(status.paused_until, now)), line
        case EngineState.NOT_SET_UP:
            return tr("Not set up yet"), tr(TO_SET_UP)
        case EngineState.ONLINE:
            return tr("Online bookings are working"), last_success_text(status, now, tr) + "."


def _attention_line(status: EngineStatus, tr: Translate) -> str:
    condition = first_condition(status)
    if condition is not None and condition.severity is Severity.ERROR:
        return f"{condition.message} {condition.remedy}".strip()
    one, many = "{count} booking needs a person.", "{count} bookings need a person."
    return f"{counted_text(len(status.tasks), one, many, tr)} {tr('See the list under To do.')}"


def _shortened(text: str, limit: int = 127) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

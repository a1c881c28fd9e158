"""
The composition root: builds the parts from the settings and wires them. The only place that knows all of them.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import FrameType
from typing import cast

from agent import __version__
from agent.domain.days import DateRange
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.domain.practice import Practice
from agent.domain.reports import CheckItem, CheckReport, PracticePreview, Preview
from agent.engine.answers import PersonsAnswers
from agent.engine.approving import Approving
from agent.engine.clock import SystemClock
from agent.engine.commands import Commands
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.gate import PmsGate
from agent.engine.holidays import is_public_holiday
from agent.engine.machine import machine_id
from agent.engine.practices import Practices
from agent.engine.report import Facts
from agent.engine.stopping import Stopper, Stops, was_in_maintenance
from agent.engine.tasks import TaskDesk, TaskMessenger
from agent.healthengine.client import HealthengineClient
from agent.ipc.address import address_of
from agent.ipc.lock import EngineLock
from agent.ipc.server import IpcServer
from agent.notices.mail import MailRoad
from agent.notices.webhook import WebhookRoad
from agent.pms.sql.lane import Limits
from agent.pms.sql.process import DIARY, ROWS, WorkerPms
from agent.pms.sql.profile import profile_folders
from agent.ports.clock import Clock
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms
from agent.ports.tasks import Road
from agent.settings.config import Settings, load_settings
from agent.settings.credentials import (
    API_KEY,
    API_KEY_NEXT,
    PMS_PASSWORD,
    SMTP_PASSWORD,
    WEBHOOK_SECRET,
    Credentials,
    Source,
    practice_key,
)
from agent.settings.logs import configure_logging, release_logging
from agent.settings.paths import Home
from agent.store.store import Store
from agent.sync.brake import Brake
from agent.sync.context import Context
from agent.sync.identity import AREA as IDENTITY_AREA
from agent.sync.identity import GuardedPms, IdentityGuard, missing_of_ours
from agent.sync.leaving import OtherRoads
from agent.sync.liveness import LiveHoursKeeper
from agent.sync.preview import preview as preview_practice
from agent.sync.rules import own_bookings, times_by_hand

log = logging.getLogger(__name__)

SENDERS = 16
"""How many confirmations are sent side by side, so that a burst does not queue behind the link."""

PREVIEW_DAYS = 7

CORRECT_IT = "Correct the profile's SQL or its settings."

MESSENGER_LIMIT_S = 1.0
"""How long a stop waits for a task that is just being sent; it is sent again after the next start."""

SWITCH_S = 0.0005

OVERRULED = "The engine's environment has a variable for it, which comes first."

PRACTICES_LIMIT_S = 3.0
"""How long a stop waits for a practice that is just being added or removed."""


def run_engine(home: Home, *, time_scale: float = 1.0, time_origin: float | None = None, time_start: float | None = None) -> int:
    """
    Run the engine in the foreground until SIGTERM, Ctrl-C or a client's *stop*; returns the exit code.

    Args:
        time_scale: Against a simulator on loopback time may run faster.
        time_origin: The machine's own time (epoch seconds) from which it runs faster.
        time_start: What the clock shows then; by default the same.

    Raises:
        FrontdeskError: if it cannot start.
    """
    settings = load_settings(home.config)
    if (time_scale != 1.0 or time_start is not None) and not settings.healthengine.is_loopback:
        raise Misconfigured(
            "settings-time-scale",
            "time may run faster only against a simulator on this machine",
            remedy="leave --time-scale out",
        )
    # Threads that wait for the PMS must not queue for 5 ms behind each one that is busy with an answer.
    sys.setswitchinterval(SWITCH_S)
    stop = threading.Event()
    clock = SystemClock(scale=time_scale, origin=time_origin, start=time_start)
    home.create()
    with ExitStack() as stack:
        stack.enter_context(EngineLock(home.folder))
        configure_logging(home.logs, settings.logging.level, console=False)
        stack.callback(release_logging)
        parts = Parts.build(home, settings, clock, stack, time_scale=time_scale, stop=stop)
        _stop_on_signals(stop)
        parts.run(stop)
    return 0


@dataclass(kw_only=True)
class Parts:
    """
    A running engine's parts.
    """

    engine: Engine
    desks: tuple[PracticeDesk, ...]
    practices: Practices
    server: IpcServer
    messenger: TaskMessenger
    changed: threading.Event

    @classmethod
    def build(
        cls,
        home: Home,
        settings: Settings,
        clock: Clock,
        stack: ExitStack,
        *,
        time_scale: float,
        stop: threading.Event,
    ) -> Parts:
        """
        Build everything; *stack* lets go of it again, in the opposite order.
        """
        credentials = Credentials(home)
        store = stack.enter_context(Store.open(home.state_db))
        workers = open_pms(home, settings, credentials)
        stack.callback(workers.close)
        gate = PmsGate(workers, shut=was_in_maintenance(store.published))
        guarded = GuardedPms(cast("Pms", gate), clock)
        pms = cast("Pms", guarded)
        changed = threading.Event()
        answers = ThreadPoolExecutor(SENDERS, thread_name_prefix="answer")
        engine = Engine(
            store=store,
            clock=clock,
            answers=answers,
            facts=Facts(
                version=__version__,
                pid=os.getpid(),
                profile=settings.pms.profile,
                carrier=settings.pms.carrier.value,
                time_scale=time_scale,
                workers=lambda: workers.workers,
            ),
            pms=pms,
            reload=SettingsWatch(home.config, settings).changed_practices,
            on_change=changed.set,
            is_held=lambda: guard.is_held,
            try_login=guarded.try_now,
        )
        guard = IdentityGuard(
            pms,
            machine_id=machine_id(),
            home=store.identity,
            notices=store.conditions,
            clock=clock,
            ours_missing=lambda: missing_of_ours(pms, store.ledger, [desk.practice for desk in engine.desks], clock),
            remember=lambda code, text, by: engine.remember(code, text, by=by, area=IDENTITY_AREA),
        )
        guarded.obey(guard)

        stops = Stops(store.published, clock)

        def desk(practice: Practice, client: HealthengineClient) -> PracticeDesk:
            return PracticeDesk(
                _context(practice, client, pms, store, clock, engine, guard, stops),
                answers=answers,
                on_success=engine.channel_succeeded,
                on_failure=engine.channel_failed,
            )

        maker = Desks(
            desk, lambda practice: open_marketplace(practice, settings, credentials, clock, pause=stop.wait), credentials
        )
        stack.callback(maker.close_all)
        stopper = Stopper(
            engine,
            stops,
            gate,
            notices=store.conditions,
            notes=store.published,
            clock=clock,
            on_open=guard.in_trouble,
        )
        practices = Practices(
            engine,
            maker,
            stopper=stopper,
            stops=stops,
            notices=store.conditions,
            clock=clock,
        )
        desks = tuple(map(maker.open, settings.practices))
        commands = Commands(
            engine,
            answers=PersonsAnswers(
                guard,
                guarded,
                desks=lambda: engine.desks,
                remember=lambda code, text, by: engine.remember(code, text, by=by),
            ),
            credentials=credentials,
            approving=Approving(
                store.approvals,
                clock,
                desks=lambda: engine.desks,
                remember=lambda code, text, by: engine.remember(code, text, by=by),
            ),
            names=lambda: [
                line.name
                for line in credentials.list(desk.practice.id for desk in engine.desks)
                if line.source is not Source.MISSING
            ],
            stop=stop.set,
            stopper=stopper,
            tasks=TaskDesk(
                store.tasks,
                clock,
                desks=lambda: engine.desks,
                remember=lambda code, text, by: engine.remember(code, text, by=by),
            ),
            key_changed=lambda name: OVERRULED if credentials.is_overruled(name) else practices.credential_changed(name),
        )
        server = IpcServer(address_of(home.folder), commands, program=f"frontdesk {__version__}")
        messenger = TaskMessenger(
            OtherRoads(
                store.tasks,
                open_roads(settings, credentials),
                clock=clock,
                notices=store.conditions,
                after=timedelta(minutes=settings.tasks.after_minutes),
                is_live=lambda practice_id, at: any(d.practice.id == practice_id and d.is_live(at) for d in engine.desks),
            ),
            clock,
            is_held=lambda: guard.is_held,
            on_change=changed.set,
        )
        return cls(engine=engine, desks=desks, practices=practices, server=server, messenger=messenger, changed=changed)

    def run(self, stop: threading.Event) -> None:
        """
        Start, tell clients what changes until *stop* is set, and end in good order.
        """
        self.server.start()
        try:
            self.engine.start(self.desks)
            self.practices.start()
            self.messenger.start()
            self.server.publish(self.engine.status())
            while not stop.is_set():
                # Changes come in bursts: a short rest joins them into one status.
                if self.changed.wait(1.0):
                    self.changed.clear()
                    self.server.publish(self.engine.status())
                    stop.wait(0.2)
        finally:
            self.messenger.stop(MESSENGER_LIMIT_S)
            self.engine.stop()
            self.practices.stop(PRACTICES_LIMIT_S)
            self.server.stop()


class Desks:
    """
    Makes and unmakes what each practice works with: its desk and its client (`agent.engine.practices.DeskMaker`).
    """

    def __init__(
        self,
        desk: Callable[[Practice, HealthengineClient], PracticeDesk],
        client: Callable[[Practice], HealthengineClient],
        credentials: Credentials,
    ) -> None:
        self._desk = desk
        self._client = client
        self._credentials = credentials
        self._clients: dict[str, HealthengineClient] = {}

    def open(self, practice: Practice) -> PracticeDesk:
        """
        Return the practice's desk; nothing of it runs yet.

        Raises:
            AuthRequired: if a key is missing.
        """
        client = self._clients[practice.id] = self._client(practice)
        return self._desk(practice, client)

    def close(self, practice_id: str) -> None:
        """
        Let go of a practice's connections.
        """
        self._clients.pop(practice_id).close()

    def close_all(self) -> None:
        """
        Let go of all practices' connections.
        """
        for client in list(self._clients.values()):
            client.close()

    def use_new_keys(self, practice_id: str) -> None:
        """
        Read the keys again, and use them from the next call on.

        Raises:
            AuthRequired: if a key is missing.
            Misconfigured: if it cannot be used.
        """
        client = self._clients[practice_id]
        client.replace_practice_key(self._credentials.require(practice_key(practice_id)))
        client.replace_api_keys(self._credentials.require(API_KEY), _optional(self._credentials, API_KEY_NEXT))


def _context(  # noqa: PLR0917 - one line for each part that is wired
    practice: Practice,
    marketplace: Marketplace,
    pms: Pms,
    store: Store,
    clock: Clock,
    engine: Engine,
    guard: IdentityGuard,
    stops: Stops,
) -> Context:
    return Context(
        practice=practice,
        pms=pms,
        marketplace=marketplace,
        ledger=store.ledger,
        published=store.published,
        history=store.history,
        tasks=store.tasks,
        clock=clock,
        live_hours=LiveHoursKeeper(
            memory=store.live_hours,
            uptime=store.uptime,
            conditions=store.conditions,
            clock=clock,
            is_holiday=is_public_holiday,
            activity=lambda code, text: engine.remember(code, text, area=f"practice:{practice.id}"),
        ),
        brake=Brake(
            practice.id,
            accepted=store.accepted,
            notes=store.published,
            notices=store.conditions,
            clock=clock,
            is_our_database=guard.is_ours,
        ),
        guard=guard,
        approvals=store.approvals,
        is_holiday=is_public_holiday,
        stop=lambda: stops.of(practice.id),
        availability_wanted=lambda: None,
        activity=lambda code, text: engine.remember(code, text, area=f"practice:{practice.id}"),
    )


def open_pms(home: Home, settings: Settings, credentials: Credentials) -> WorkerPms:
    """
    Return the practice's PMS; its workers start with the first call.
    """
    pms, read_timeout = settings.pms, settings.pms.read_timeout_seconds
    return WorkerPms(
        profile_folders=profile_folders(pms.profile, dialect=pms.dialect, home=home.profiles),
        carrier=pms.carrier.value,
        connection=pms.connection,
        password=_optional(credentials, PMS_PASSWORD),
        worker_command=worker_command(),
        read_only=pms.read_only,
        rows=Limits(silence_s=read_timeout, total_s=read_timeout) if read_timeout else ROWS,
        diary=Limits(silence_s=read_timeout, total_s=3 * read_timeout) if read_timeout else DIARY,
    )


def open_marketplace(
    practice: Practice,
    settings: Settings,
    credentials: Credentials,
    clock: Clock,
    *,
    pause: Callable[[float], bool] | None = None,
) -> HealthengineClient:
    """
    Return the client for one practice.

    Args:
        pause: Waits so many seconds and returns whether the engine is stopping.

    Raises:
        AuthRequired: if a key is missing.
    """
    vendor = settings.vendor
    return HealthengineClient(
        settings.healthengine.base_url,
        api_key=credentials.require(API_KEY),
        next_api_key=_optional(credentials, API_KEY_NEXT),
        practice_id=practice.id,
        practice_key=credentials.require(practice_key(practice.id)),
        user_agent=f"{vendor.name} ({vendor.email}) {vendor.environment}",
        clock=clock,
        pause=pause,
    )


def open_roads(settings: Settings, credentials: Credentials) -> list[Road]:
    """
    Return the other roads that are configured for tasks that nobody takes.
    """
    tasks = settings.tasks
    roads: list[Road] = []
    if tasks.email_to:
        roads.append(
            MailRoad(
                to=tasks.email_to,
                host=tasks.smtp_host,
                port=tasks.smtp_port,
                user=tasks.smtp_user,
                password=lambda: _optional(credentials, SMTP_PASSWORD),
                is_loopback=tasks.mail_is_loopback,
            )
        )
    if tasks.webhook_url:
        roads.append(
            WebhookRoad(
                url=tasks.webhook_url,
                secret=lambda: _optional(credentials, WEBHOOK_SECRET),
                is_loopback=tasks.webhook_is_loopback,
            )
        )
    return roads


def _optional(credentials: Credentials, name: str) -> Secret | None:
    """
    Return a credential that need not be there; a system without a credential store has none.
    """
    try:
        return credentials.get(name)
    except Misconfigured as error:
        log.info("%s: not looked for in the system's store (%s)", name, error.code)
        return None


def worker_command() -> tuple[str, ...]:
    """
    Return the command line of a PMS worker: this program again, frozen or not.
    """
    if getattr(sys, "frozen", False):
        return (str(Path(sys.executable).with_stem("frontdesk")), "pms-worker")
    return (sys.executable, "-m", "agent", "pms-worker")


class SettingsWatch:
    """
    Notices when the settings file changes.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._known = {p.id: p for p in settings.practices}
        self._stamp = self._now()

    def changed_practices(self) -> Mapping[str, Practice] | None:
        """
        Return the practices as they now are if the file was written since the last call, else None.

        Raises:
            SettingsError: if the file is wrong now; what was read before goes on.
        """
        stamp = self._now()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        self._known = {p.id: p for p in load_settings(self._path).practices}
        return self._known

    def _now(self) -> tuple[int, int]:
        try:
            info = self._path.stat()
        except OSError:
            return (0, 0)
        return (info.st_mtime_ns, info.st_size)


def preview(home: Home, day: date | None) -> Preview:
    """
    Work out what would be published on *day*, or on the next seven days; sends nothing.

    Raises:
        FrontdeskError: if the PMS cannot be read.
    """
    settings = load_settings(home.config)
    with ExitStack() as stack:
        # Before the engine's first start nothing has been booked, and nothing waits for a tick.
        store = stack.enter_context(Store.open(home.state_db)) if home.state_db.exists() else None
        pms = open_pms(home, settings, Credentials(home))
        stack.callback(pms.close)
        return Preview(practices=tuple(_preview(practice, pms, store, SystemClock(), day) for practice in settings.practices))


def _preview(practice: Practice, pms: Pms, store: Store | None, clock: Clock, day: date | None) -> PracticePreview:
    now = clock.now().astimezone(practice.zone).replace(tzinfo=None)
    window = DateRange.of_days(day, 1) if day else DateRange.of_days(now.date(), PREVIEW_DAYS)
    return preview_practice(
        practice,
        pms,
        window=window,
        now=now,
        is_holiday=lambda date_: is_public_holiday(date_, practice.zone),
        known=store.approvals.known(practice.id) if store else {},
        own=own_bookings(store.ledger, practice.id, window.first) if store else {},
        by_hand=lambda catalogue: times_by_hand(store.ledger, practice, catalogue, window.first) if store else {},
    )


def check(home: Home) -> CheckReport:
    """
    Try the settings, the credentials, the drivers, the PMS and Healthengine; changes nothing and never raises what it finds.
    """
    lines: list[CheckItem] = []
    try:
        settings = load_settings(home.config)
    except FrontdeskError as error:
        return CheckReport(lines=(_bad("settings", "config.toml", error),))
    lines.append(_good("settings", "config.toml", f"{len(settings.practices)} practices"))
    lines += [_bad_text("settings", "config.toml", str(problem), "") for problem in settings.warnings]
    credentials = Credentials(home)
    lines += [_check_credential(credentials, API_KEY)]
    lines += [_check_credential(credentials, practice_key(p.id)) for p in settings.practices]
    lines.append(_check_drivers())
    lines += _check_pms(home, settings, credentials)
    lines += [_check_healthengine(practice, settings, credentials) for practice in settings.practices]
    return CheckReport(lines=tuple(lines))


def _check_credential(credentials: Credentials, name: str) -> CheckItem:
    try:
        credentials.require(name)
    except FrontdeskError as error:
        return _bad("credentials", name, error)
    return _good("credentials", name, "present")


def _check_drivers() -> CheckItem:
    try:
        import pyodbc  # noqa: PLC0415 - fails to load where there is no ODBC driver manager
    except ImportError:
        return _bad_text("drivers", "ODBC", "there is no ODBC driver manager here", "Install it (Debian: unixodbc).")
    return _good("drivers", "ODBC", ", ".join(pyodbc.drivers()) or "none installed")


def _check_pms(home: Home, settings: Settings, credentials: Credentials) -> list[CheckItem]:
    pms: Pms | None = None
    try:
        pms = open_pms(home, settings, credentials)
        told = [_good("pms", "read_only", "nothing is written: reception enters bookings")] if settings.pms.read_only else []
        return told + [
            _good("pms", line.operation, f"{line.rows} rows")
            if line.ok
            else _bad_text("pms", line.operation, f"{line.message} ({line.place})", line.remedy or CORRECT_IT)
            for line in pms.check()
        ]
    except FrontdeskError as error:
        return [_bad("pms", settings.pms.profile, error)]
    finally:
        if pms is not None:
            pms.close()


def _check_healthengine(practice: Practice, settings: Settings, credentials: Credentials) -> CheckItem:
    name = f"practice {practice.id}"
    try:
        client = open_marketplace(practice, settings, credentials, SystemClock())
        try:
            client.outstanding()
        finally:
            client.close()
    except FrontdeskError as error:
        return _bad("healthengine", name, error)
    return _good("healthengine", name, "answers and accepts the keys")


def _good(area: str, name: str, detail: str) -> CheckItem:
    return CheckItem(area=area, name=name, ok=True, detail=detail)


def _bad(area: str, name: str, error: FrontdeskError) -> CheckItem:
    return _bad_text(area, name, f"{error.message} [{error.code}]", error.remedy)


def _bad_text(area: str, name: str, detail: str, remedy: str) -> CheckItem:
    return CheckItem(area=area, name=name, ok=False, detail=detail, remedy=remedy)


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and threading.current_thread() is threading.main_thread():
            signal.signal(number, ask)

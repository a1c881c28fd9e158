"""
`frontdesk engine`: the engine as a process, from its start to its orderly end.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

from agent import __version__
from agent.app.adapters import open_marketplace, open_pms, open_roads, optional_credential
from agent.app.core import Core
from agent.app.desks import Desks
from agent.app.diagnostics import contents
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.status import Condition, Severity
from agent.engine.approving import Approving
from agent.engine.clock import SystemClock
from agent.engine.commands import Commands
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.machine import machine_id
from agent.engine.practices import Practices
from agent.engine.report import Facts
from agent.engine.showing import Showing
from agent.engine.tasks import TaskDesk, TaskMessenger
from agent.ipc.address import address_of
from agent.ipc.lock import EngineLock
from agent.ipc.server import IpcServer
from agent.pms.sql.process import WorkerPms
from agent.ports.clock import Clock
from agent.ports.tasks import Road
from agent.settings.config import Settings, load_settings
from agent.settings.credentials import PMS_API_KEYS, PMS_PASSWORD, Credentials, Source
from agent.settings.logs import configure_logging, release_logging
from agent.settings.paths import Home
from agent.settings.watch import SettingsWatch
from agent.store.damage import began, open_or_begin_anew
from agent.store.store import Store
from agent.sync.leaving import OtherRoads
from agent.sync.rebuilding import REBUILT

log = logging.getLogger(__name__)

SENDERS = 16
"""How many confirmations are sent side by side, so that a burst does not queue behind the link."""

MESSENGER_LIMIT_S = 1.0
"""How long a stop waits for a task that is just being sent; it is sent again after the next start."""

PRACTICES_LIMIT_S = 3.0
"""How long a stop waits for a practice that is just being added or removed."""

SWITCH_S = 0.0005
"""Threads that wait for the PMS must not queue for Python's usual 5 ms behind each one that is busy with an answer."""

OVERRULED = "The engine's environment has a variable for it, which comes first."


def run_engine(
    home: Home,
    *,
    time_scale: float = 1.0,
    time_origin: float | None = None,
    time_start: float | None = None,
    stop: threading.Event | None = None,
    on_start: Callable[[], None] = lambda: None,
) -> int:
    """
    Run the engine in the foreground until SIGTERM, Ctrl-C, a client's *stop* or *stop*; returns the exit code.

    Args:
        time_scale: Against a simulator on loopback time may run faster.
        time_origin: The machine's own time (epoch seconds) from which it runs faster.
        time_start: What the clock shows then; by default the same.
        stop: Ends it from another thread, as a service is ended.
        on_start: Called once it answers its clients.

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
    sys.setswitchinterval(SWITCH_S)
    stop = threading.Event() if stop is None else stop
    clock = SystemClock(scale=time_scale, origin=time_origin, start=time_start)
    home.create()
    with ExitStack() as stack:
        stack.enter_context(EngineLock(home.folder))
        configure_logging(home.logs, settings.logging.level, console=False)
        stack.callback(release_logging)
        _stop_on_signals(stop)
        while True:
            with ExitStack() as life:
                Parts.build(home, settings, clock, life, time_scale=time_scale, stop=stop).run(stop, on_start)
            if stop.is_set():
                return 0
            log.error("the state file broke while the engine ran: it begins anew")
            settings, on_start = load_settings(home.config), _told_already


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
    workers: WorkerPms
    store: Store

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
        store = stack.enter_context(open_or_begin_anew(home.state_db, clock.now()))
        _show_gap(store, settings)
        workers = open_pms(home, settings, credentials)
        stack.callback(workers.close)
        workers.start()
        changed = threading.Event()
        core = Core(
            store=store,
            pms=workers,
            clock=clock,
            answers=ThreadPoolExecutor(SENDERS, thread_name_prefix="answer"),
            facts=Facts(
                version=__version__,
                pid=os.getpid(),
                profile=settings.pms.profile,
                carrier=settings.pms.carrier.value,
                time_scale=time_scale,
                workers=lambda: workers.workers,
                vendor=settings.vendor.name,
            ),
            machine_id=machine_id(),
            reload=SettingsWatch(home.config, settings, lambda now: roads.use(*configured_roads(now))).changed_practices,
            on_change=changed.set,
        )
        engine = core.engine
        maker = Desks(
            core.desk, lambda practice: open_marketplace(practice, settings, credentials, clock, pause=stop.wait), credentials
        )
        stack.callback(maker.close_all)
        practices = Practices(
            engine,
            maker,
            stopper=core.stopper,
            stops=core.stops,
            notices=store.conditions,
            linked=store.practices,
            clock=clock,
        )
        desks = tuple(map(maker.open, settings.practices))

        def configured_roads(now: Settings) -> tuple[list[Road], timedelta]:
            return open_roads(now.tasks, credentials, core.pms), timedelta(minutes=now.tasks.after_minutes)

        roads = OtherRoads(
            store.tasks,
            *configured_roads(settings),
            clock=clock,
            notices=store.conditions,
            is_live=lambda practice_id, at: any(d.practice.id == practice_id and d.is_live(at) for d in engine.desks),
        )

        def stored(name: str) -> str:
            if credentials.is_overruled(name):
                return OVERRULED
            if name == PMS_PASSWORD:
                workers.use_password(optional_credential(credentials, PMS_PASSWORD))
                engine.login_changed()
                return "It is used from now on, and a login that was refused is tried again."
            if name == PMS_API_KEYS:
                workers.use_api_keys(optional_credential(credentials, PMS_API_KEYS))
                return "They are used from now on."
            return practices.credential_changed(name)

        commands = Commands(
            engine,
            answers=core.persons_answers,
            credentials=credentials,
            approving=Approving(store.approvals, clock, desks=core.desks, remember=core.remember),
            names=lambda: [
                line.name
                for line in credentials.list(desk.practice.id for desk in engine.desks)
                if line.source is not Source.MISSING
            ],
            showing=Showing(desks=core.desks, activity=store.activity.recent),
            stop=stop.set,
            stopper=core.stopper,
            tasks=TaskDesk(store.tasks, clock, desks=core.desks, remember=core.remember),
            key_changed=stored,
            diagnostics=lambda: contents(home, engine.status()),
        )
        server = IpcServer(address_of(home.folder), commands, program=f"frontdesk {__version__}")
        messenger = TaskMessenger(
            roads,
            clock,
            is_held=lambda: engine.is_held,
            on_change=changed.set,
        )
        return cls(
            engine=engine,
            desks=desks,
            practices=practices,
            server=server,
            messenger=messenger,
            changed=changed,
            workers=workers,
            store=store,
        )

    def run(self, stop: threading.Event, on_start: Callable[[], None]) -> None:
        """
        Start, tell clients what changes until *stop* is set or the state file breaks, and end in good order.
        """
        self.server.start()
        on_start()
        try:
            self.engine.start(self.desks)
            self.practices.start()
            self.messenger.start()
            self.server.publish(self.engine.status())
            shown = self._processes()
            while not (stop.is_set() or self.store.is_damaged):
                # A worker that is killed from outside tells nobody.
                if self.changed.wait(1.0) or shown != self._processes():
                    self.changed.clear()
                    shown = self._processes()
                    self.server.publish(self.engine.status())
                    stop.wait(0.2)  # changes come in bursts: a short rest joins them into one status
        except FrontdeskError:
            if not self.store.is_damaged:
                raise
        finally:
            self.messenger.stop(MESSENGER_LIMIT_S)
            self.engine.stop()
            self.practices.stop(PRACTICES_LIMIT_S)
            self.server.stop()

    def _processes(self) -> list[int]:
        return [worker.pid for worker in self.workers.workers]


def _show_gap(store: Store, settings: Settings) -> None:
    """
    Say that the state file does not know all there was, until each practice's configuration has been read and its bookings have
    been found again.
    """
    since = began(store)
    if since is None:
        return
    for practice in settings.practices:
        if store.published.note(practice.id, REBUILT) != since.isoformat():
            store.conditions.raise_condition(
                Condition(
                    area=f"configuration:{practice.id}",
                    code="store-rebuilt",
                    severity=Severity.WARNING,
                    message="The agent's memory has a gap, because its state file was damaged or an upgrade was taken back."
                    " What is missing comes from the PMS and Healthengine.",
                    remedy="Nothing has to be done. If it happens again, have this computer's disk checked.",
                    since=since,
                )
            )


def _told_already() -> None:
    """
    Whoever started the engine has been told that it answers.
    """


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    for name in names:
        number = getattr(signal, name, None)
        if number is not None and threading.current_thread() is threading.main_thread():
            signal.signal(number, ask)

"""
The support bundle: what a technician elsewhere needs to know, in one zip file, by allow-list.

What goes in is named here, value by value; whatever is added to the settings or to the state stays out until somebody names
it. No patient's value, no key, no password, no name of a person is in it.
"""

from __future__ import annotations

import platform
import struct
import sys
import zipfile
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec

from agent.domain.connection_text import drivers_of, parts_of
from agent.domain.errors import FrontdeskError
from agent.domain.status import EngineStatus
from agent.release import full_version
from agent.settings.config import CarrierName, Settings, load_settings
from agent.settings.credentials import Credentials
from agent.settings.paths import Home
from agent.store.store import Store

LOG_LINES = 2000
ACTIVITY_LINES = 200

PACKAGES = ("APScheduler", "holidays", "keyring", "msgspec", "pyodbc", "PySide6-Essentials", "requests", "truststore", "tzdata")

_TOLD_KEYS = frozenset({"dsn", "port", "timeout", "encrypt", "trustservercertificate", "nocreat"})
"""The parts of a connection text that do not say where the data is or who may read it; of the others the key alone is told."""


def write_bundle(home: Home, status: EngineStatus | None, file: Path) -> tuple[str, ...]:
    """
    Write the bundle to *file*, replacing it, and return the names of what is in it.

    Args:
        status: What the running engine says; None if none runs.

    Raises:
        OSError: if *file* cannot be written.
    """
    parts = contents(home, status)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text)
    return tuple(parts)


def contents(home: Home, status: EngineStatus | None) -> Mapping[str, str]:
    """
    Return the bundle's files by name. A part that cannot be read says so with its error's code, and keeps out no other.
    """
    settings: Settings | None = None
    found: dict[str, object] = {"versions.json": _versions()}
    try:
        settings = load_settings(home.config)
        found["settings.json"] = _settings(settings, home)
    except FrontdeskError as error:
        found["settings.json"] = {"error": error.code}
    found["engine.json"] = {"running": False} if status is None else _engine(status)
    try:
        found["state.json"] = _state(home, settings)
    except FrontdeskError as error:
        found["state.json"] = {"error": error.code}
    texts = {name: msgspec.json.format(msgspec.json.encode(value), indent=2).decode() for name, value in found.items()}
    with suppress(OSError), (home.logs / "engine.log").open(encoding="utf-8", errors="replace") as lines:
        texts["engine.log"] = "".join(deque(lines, LOG_LINES))
    return texts


def _versions() -> dict[str, object]:
    packages = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.version(name)
    return {
        "frontdesk": full_version(),
        "made_at": datetime.now(UTC),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.machine(),
        "bits": struct.calcsize("P") * 8,
        "frozen": bool(getattr(sys, "frozen", False)),
        "packages": packages,
        "odbc_drivers": _odbc_drivers(),
    }


def _odbc_drivers() -> list[str]:
    try:
        import pyodbc  # noqa: PLC0415 - fails to load where there is no ODBC driver manager
    except ImportError:
        return []
    return list(pyodbc.drivers())


def _settings(settings: Settings, home: Home) -> dict[str, object]:
    practices = settings.practices
    return {
        "environment": settings.vendor.environment,
        "base_url": settings.healthengine.base_url,
        "pms": {
            "profile": settings.pms.profile,
            "dialect": settings.pms.dialect,
            "carrier": settings.pms.carrier,
            "connection": _connection(settings),
            "read_timeout_seconds": settings.pms.read_timeout_seconds,
        },
        "logging": settings.logging.level,
        "tasks": {"email": bool(settings.tasks.email_to), "webhook": bool(settings.tasks.webhook_url)},
        "warnings": [{"line": problem.line, "key": problem.key} for problem in settings.warnings],
        "credentials": {line.name: line.source for line in Credentials(home).list(p.id for p in practices)},
        "practices": [
            {
                "id": practice.id,
                "zone": practice.zone.key,
                "locations": practice.locations,
                "learns_live_hours": practice.learns_live_hours,
                "horizon_days": practice.horizon_days,
                "minimum_notice": practice.minimum_notice,
                "closures": len(practice.closures),
                "rules": len(practice.rules),
            }
            for practice in practices
        ],
    }


def _connection(settings: Settings) -> dict[str, str]:
    if settings.pms.carrier is not CarrierName.ODBC:
        return {}
    text = settings.pms.connection
    told = {key: value if key in _TOLD_KEYS else "***" for key, value in parts_of(text)}
    return told | {"driver": drivers_of(text)[0]} if drivers_of(text) else told


def _engine(status: EngineStatus) -> dict[str, object]:
    return {
        "running": True,
        "state": status.state,
        "since": status.since,
        "version": status.version,
        "profile": status.profile,
        "carrier": status.carrier,
        "time_scale": status.time_scale,
        "paused_until": status.paused_until,
        "in_maintenance": status.in_maintenance,
        "practices": [
            {"id": p.id, "live_now": p.live_now, "liveness": p.liveness, "published": p.published, "stopped": p.stop is not None}
            for p in status.practices
        ],
        "channels": [
            {
                "practice_id": c.practice_id,
                "name": c.name,
                "state": c.state,
                "last_success": c.last_success,
                "last_attempt": c.last_attempt,
                "next_due": c.next_due,
                "failures": c.failures,
            }
            for c in status.channels
        ],
        "workers": [{"name": worker.name, "state": worker.state} for worker in status.workers],
    }


def _state(home: Home, settings: Settings | None) -> dict[str, object]:
    if not home.state_db.exists():
        return {}
    with Store.open(home.state_db) as store:
        tasks = store.tasks.open_tasks()
        return {
            "conditions": [
                {"area": c.area, "code": c.code, "severity": c.severity, "since": c.since, "count": c.count}
                for c in store.conditions.open_conditions()
            ],
            "bookings": {practice.id: store.ledger.counts(practice.id) for practice in (settings.practices if settings else ())},
            "tasks": Counter(f"{task.practice_id}:{task.kind.value}" for task in tasks),
            "activity": [{"at": line.at, "area": line.area, "code": line.code} for line in store.activity.recent(ACTIVITY_LINES)],
        }

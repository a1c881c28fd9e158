"""
`frontdesk check`: tries everything that the engine needs, without an engine.
"""

from __future__ import annotations

from agent.app.adapters import open_marketplace, open_pms
from agent.domain.errors import FrontdeskError
from agent.domain.practice import Practice
from agent.domain.reports import CheckItem, CheckReport
from agent.engine.clock import SystemClock
from agent.ports.pms import BookingWay, Capabilities, CheckLine, Pms
from agent.settings.config import Settings, load_settings
from agent.settings.credentials import API_KEY, Credentials, practice_key
from agent.settings.paths import Home

EMPTY = "Check that the connection text names the practice's own database, and that its people are set up there."

CORRECT_IT = "Correct the profile's SQL or its settings."


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
    lines += [check_credential(credentials, API_KEY)]
    lines += [check_credential(credentials, practice_key(p.id)) for p in settings.practices]
    lines.append(_check_drivers())
    lines += _check_pms(home, settings, credentials)
    lines += [check_healthengine(practice, settings, credentials) for practice in settings.practices]
    return CheckReport(lines=tuple(lines))


def check_credential(credentials: Credentials, name: str) -> CheckItem:
    """
    Look whether a key or password is there.
    """
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
        told = _left_to_reception(pms.capabilities, is_set=settings.pms.read_only)
        return told + [check_operation(line) for line in pms.check()]
    except FrontdeskError as error:
        return [_bad("pms", settings.pms.profile, error)]
    finally:
        if pms is not None:
            pms.close()


def _left_to_reception(capabilities: Capabilities, *, is_set: bool) -> list[CheckItem]:
    if is_set:
        return [_good("pms", "read_only", "nothing is written: reception enters bookings")]
    left = {
        "bookings": capabilities.booking is BookingWay.NONE,
        "bookings of new patients": not capabilities.create_patients,
        "cancellations": not capabilities.cancel,
    }
    what = ", ".join(name for name, is_left in left.items() if is_left)
    return [_good("pms", "reception", f"what the profile cannot write, reception enters: {what}")] if what else []


def check_operation(line: CheckLine) -> CheckItem:
    """
    Say how one query of the PMS went.
    """
    if not line.ok:
        return _bad_text("pms", line.operation, f"{line.message} ({line.place})", line.remedy or CORRECT_IT)
    if line.operation == "practitioners" and line.rows == 0:
        return _bad_text("pms", line.operation, "this database has nobody who can be booked", EMPTY)
    return _good("pms", line.operation, f"{line.rows} rows")


def check_healthengine(practice: Practice, settings: Settings, credentials: Credentials) -> CheckItem:
    """
    Ask Healthengine something that changes nothing, with the practice's keys.
    """
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

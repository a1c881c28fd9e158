"""
The second half of an upgrade, when the new programs are in place: back up the state, migrate, start, check, else roll back.

The first half, stopping the engine and replacing the programs, is the installer's; so is putting the old ones back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import UTC, datetime

from agent import __version__
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.upgrading import Health, Verdict
from agent.service.service import ServiceManager, State
from agent.settings.paths import Home
from agent.store.copies import Copy, back_up, is_readable_by, newest_for, put_back
from agent.store.migrations import shipped
from agent.store.store import Store

log = logging.getLogger(__name__)

Check = Callable[[Collection[str]], Health]
"""Waits until the engine is well, has failed, or has had long enough, and says which. Given what was wrong before."""


def bring_up(home: Home, manager: ServiceManager, check: Check) -> Health:
    """
    Start the service of this program on the state there is, and see that it works.

    If the state comes from an earlier run and the program does not do its work, the service is stopped, and the state is again as
    an older program can read it.

    Returns:
        *well*, or *waiting* with what has not worked yet: the PMS may be away, and would be for the old program too.

    Raises:
        Misconfigured: `upgrade-failed`, or the manager's own where there was no state before.
        FrontdeskError: `store-...`, if the state cannot be used; it is as it was.
    """
    if not home.state_db.exists():
        manager.start()
        return check(())
    _stop(manager)
    copy = _back_up(home)
    known = () if copy is None else _migrate(home)
    log.info("starting version %s", __version__)
    try:
        manager.start()
        health = check(known)
        if health.verdict is not Verdict.FAILED:
            return health
        reasons = "; ".join(health.reasons)
    except FrontdeskError as error:
        reasons = str(error)
    log.error("version %s does not do its work (%s)", __version__, reasons)
    manager.stop()
    if copy is not None:
        _put_back_if_needed(home, copy)
    raise Misconfigured(
        "upgrade-failed",
        f"version {__version__} was started and does not do its work: {reasons}. The service is stopped, and the state is as"
        " the version before can use it",
        remedy="install the version before (an installer does so by itself) and start it; logs/upgrade.log has the steps",
    )


def roll_back(home: Home, manager: ServiceManager) -> Copy:
    """
    Go on from the newest copy of the state that this program can read, and return it; the engine must be started afterwards.

    Raises:
        Misconfigured: `store-no-copy`; or `upgrade-not-needed`, if this program can use the state there is.
    """
    newest = shipped()[-1].number
    if is_readable_by(home.state_db, newest):
        raise Misconfigured(
            "upgrade-not-needed",
            "this program can use the state there is, which knows more than any copy; nothing was changed",
            remedy="see what is wrong: frontdesk status, frontdesk check",
        )
    copy = newest_for(home.state_db, newest)
    _stop(manager)
    put_back(copy, home.state_db, datetime.now(UTC))
    log.info("the state is again that of layout %d", copy.version)
    return copy


def _stop(manager: ServiceManager) -> None:
    if manager.state() is not State.NOT_INSTALLED:
        manager.stop()


def _back_up(home: Home) -> Copy | None:
    """
    Copy the state; None: it is damaged, and the engine will begin a new one.
    """
    try:
        copy = back_up(home.state_db)
    except Misconfigured as error:
        if error.code != "store-corrupt":
            raise
        log.warning("the state is damaged and is not copied")
        return None
    log.info("the state is copied to %s", copy.path.name)
    return copy


def _migrate(home: Home) -> frozenset[str]:
    """
    Bring the state up to this program's version; returns the codes of what was wrong when it was last used.
    """
    with closing(Store.open(home.state_db)) as store:
        log.info("the state is of layout %d", shipped()[-1].number)
        return frozenset(condition.code for condition in store.conditions.open_conditions())


def _put_back_if_needed(home: Home, copy: Copy) -> None:
    if is_readable_by(home.state_db, copy.version):
        return  # no layout has changed, and it knows more than the copy
    put_back(copy, home.state_db, datetime.now(UTC))
    log.info("the state is again that of layout %d", copy.version)

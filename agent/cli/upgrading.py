"""
What an upgrade does with the service: `service check`, `service roll-back`, and the start that `service install --start 1` gives.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from agent import __version__
from agent.cli.arguments import Commands, add_command, home_of, positive
from agent.cli.engine import connect
from agent.cli.output import Exit, say
from agent.domain.errors import Transient
from agent.domain.upgrading import Health, Verdict, health_of
from agent.service import service_manager
from agent.service.service import ServiceManager
from agent.settings.logs import configure_logging, release_logging
from agent.settings.paths import Home

CHECK_S = 60.0
"""How long an engine that was just started may take until everything has worked once."""

_ASKED_EVERY_S = 0.5

_EXITS = {Verdict.WELL: Exit.OK, Verdict.WAITING: Exit.ATTENTION, Verdict.FAILED: Exit.FAILED}


def add_actions(actions: Commands) -> None:
    """
    Add this module's actions to those of `service`.
    """
    check = add_command(
        actions,
        "check",
        _check,
        summary="does the engine that was just started do its work?",
        description="""
            Wait until the engine has answered, opened its state, and reached the PMS and Healthengine once; or until the time
            is up, and then say what has not worked yet. It must be of the same version as this command.

            exit codes: 0 all of it, 1 it runs and something has not worked yet, 2 a setting, the profile or the state is not
            right, 3 no engine answers.
            """,
    )
    check.add_argument(
        "--timeout", type=positive, metavar="SECONDS", default=CHECK_S, help="how long to wait (default: %(default).0f)"
    )
    add_command(
        actions,
        "roll-back",
        _roll_back,
        summary="go on from the state as it was before an upgrade",
        description="""
            For an older version that was installed again and cannot read the state of the newer one: put back the copy that was
            made before the upgrade, and start the service. Bookings that came since are found again in the PMS, and everything is
            sent to Healthengine once more. The newer state is kept beside it.
            """,
    )


def bring_up(home: Home, manager: ServiceManager) -> None:
    """
    Start the service and say how it does; if it does not work and there was a version before, undo what was done to the state.

    Raises:
        FrontdeskError: as `agent.app.upgrading.bring_up`.
    """
    from agent.app import upgrading  # noqa: PLC0415 - what opens the state is loaded only here

    with _logged(home):
        _tell(upgrading.bring_up(home, manager, lambda known: _wait_until_well(home, CHECK_S, known)))


def _check(args: argparse.Namespace) -> int:
    health = _wait_until_well(home_of(args), args.timeout, ())
    _tell(health)
    return _EXITS[health.verdict]


def _roll_back(args: argparse.Namespace) -> int:
    from agent.app import upgrading  # noqa: PLC0415 - what opens the state is loaded only here

    home, manager = home_of(args), service_manager()
    with _logged(home):
        copy = upgrading.roll_back(home, manager)
        say(f"The state is that of {copy.path.name} again.")
        manager.start()
    say("It runs.")
    return Exit.OK


def _wait_until_well(home: Home, seconds: float, known: Collection[str]) -> Health:
    """
    Ask the engine until it is well, or has failed, or the time is up.

    Raises:
        Transient: if no engine has answered when the time is up.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with connect(home) as engine:
                health = health_of(engine.status(), __version__, known)
        except Transient:  # it has only just been started
            if time.monotonic() > deadline:
                raise
        else:
            if health.verdict is not Verdict.WAITING or time.monotonic() > deadline:
                return health
        time.sleep(_ASKED_EVERY_S)  # an engine that is not there yet cannot tell us


def _tell(health: Health) -> None:
    match health.verdict:
        case Verdict.WELL:
            say("It runs, and everything has worked once.")
        case Verdict.WAITING:
            say("It runs, and goes on trying what has not worked yet:")
        case Verdict.FAILED:
            say("It runs and does not do its work:")
    for reason in health.reasons:
        say(f"  {reason}")


@contextmanager
def _logged(home: Home) -> Iterator[None]:
    """
    Write what happens to `upgrade.log`: an installer shows nobody what its commands print.
    """
    configure_logging(home.logs, "info", console=False, name="upgrade")
    try:
        yield
    finally:
        release_logging()

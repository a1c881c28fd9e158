"""
`python -m agent.sandbox.healthengine`: the simulator as a program of its own.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import control
from agent.sandbox.healthengine.config import PracticeAccount, SimulatorConfig, sandbox_config
from agent.sandbox.healthengine.patients import SimulatedPatients
from agent.sandbox.healthengine.simulator import Simulator


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run until Ctrl-C or a termination signal, then print the verdict; 0 if nothing was done wrong and nothing waits.
    """
    given = _parser().parse_args(arguments)
    simulator = Simulator(_config(given), SandboxClock(given.scale, given.origin, origin_real=given.origin_real))
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: ended.set())
    with simulator:
        addresses = {"base_url": simulator.base_url, "control_url": simulator.root_url + control.PATH}
        print(json.dumps(addresses), flush=True)
        patients = None
        if given.patients_every > 0:
            patients = SimulatedPatients(simulator, every=given.patients_every, seed=given.seed)
            patients.start()
        while not ended.wait(0.5):
            pass
        if patients is not None:
            patients.stop()
        verdict = simulator.verdict()
    print(json.dumps(verdict.to_dict(), indent=2, default=str), flush=True)
    return 0 if verdict.clean else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agent.sandbox.healthengine",
        description="A Healthengine simulator on loopback, driven over JSON below /_sandbox.",
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    parser.add_argument(
        "--practice", action="append", default=[], metavar="ID:KEY", help="a practice; may be repeated (default: a made-up one)"
    )
    parser.add_argument("--zone", type=ZoneInfo, default=ZoneInfo("Australia/Perth"), help="of the practices")
    parser.add_argument("--api-key", action="append", default=[], help="a vendor key; may be repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="simulated seconds per second")
    parser.add_argument("--origin", type=datetime.fromisoformat, help="simulated time at the start, with its offset")
    parser.add_argument("--origin-real", type=float, help="the machine's time at which it was the origin, in seconds since 1970")
    parser.add_argument("--patients-every", type=float, default=0.0, metavar="SECONDS", help="book by itself; 0: never")
    parser.add_argument("--seed", type=int, default=1, help="of the patients' choices")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, such as early_cancel=vanishes or per_page=5"
    )
    return parser


def _config(given: argparse.Namespace) -> SimulatorConfig:
    changes: dict[str, Any] = {"port": given.port}
    accounts = [PracticeAccount(practice_id=i, practice_key=key, zone=given.zone) for i, key in map(_pair, given.practice)]
    if accounts:
        changes["practices"] = tuple(accounts)
    if given.api_key:
        changes["api_keys"] = frozenset(given.api_key)
    usual = sandbox_config()
    for text in given.set:
        name, _, value = text.partition("=")
        changes[name] = _value(getattr(usual, name, None), name, value)
    return sandbox_config(**changes)


def _pair(text: str) -> tuple[str, str]:
    practice_id, colon, key = text.partition(":")
    if not (practice_id and colon and key):
        raise SystemExit("a practice is given as ID:KEY")
    return practice_id, key


def _value(usual: object, name: str, text: str) -> Enum | int:
    if isinstance(usual, Enum):
        for member in type(usual):
            if text.casefold() in {member.name.casefold(), str(member.value).casefold()}:
                return member
        raise SystemExit(f"{name} is one of {', '.join(member.name.lower() for member in type(usual))}")
    if isinstance(usual, int) and text.isdecimal():
        return int(text)
    raise SystemExit(f"{name}={text} is no setting")


if __name__ == "__main__":
    sys.exit(main())

"""
The one error tree, grouped by what should happen next.

Adapters translate what their library raises into one of these at the edge, once, and drop the original text, because
database and server texts quote data. A code is stable: the screen, the logs and the documentation share it.
"""

from __future__ import annotations

from datetime import timedelta


class FrontdeskError(Exception):
    """
    Anything that went wrong and is understood.

    Attributes:
        code: Stable and short, for example `pms-connect`.
        message: What is wrong, in plain words, without patient data.
        remedy: What a person can do; empty when only waiting helps.
    """

    def __init__(self, code: str, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message
        self.remedy = remedy


class Transient(FrontdeskError):
    """
    Try again later: the link, the database or the other side is away for now.
    """

    def __init__(self, code: str, message: str, *, remedy: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(code, message, remedy=remedy)
        self.retry_after = retry_after


class OutcomeUnknown(Transient):
    """
    A write was under way when the answer was lost: ask before doing anything again.
    """


class AuthRequired(FrontdeskError):
    """
    A login, key or consent was refused: stop this channel and ask a person; never hammer.
    """


class Misconfigured(FrontdeskError):
    """
    A setting or a profile is wrong: stop and show the place.
    """


class ContractBroken(FrontdeskError):
    """
    The other side answered something that its definition does not allow: stop and report.
    """


class RecordRejected(FrontdeskError):
    """
    One record cannot be processed: skip it, show it, go on with the others.

    Attributes:
        status: The HTTP status where the refusal came from Healthengine.
    """

    def __init__(self, code: str, message: str, *, remedy: str = "", status: int | None = None) -> None:
        super().__init__(code, message, remedy=remedy)
        self.status = status


class Cancelled(FrontdeskError):
    """
    The work was given up because the engine is stopping.
    """

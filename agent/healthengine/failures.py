"""
What went wrong between us and Healthengine, put into our own errors once.

Texts of the libraries and of the server are dropped: they quote addresses, headers and bodies.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
import urllib3

from agent.domain.errors import AuthRequired, ContractBroken, FrontdeskError, OutcomeUnknown, RecordRejected, Transient

CONSENT = (
    "The practice's administrator gives consent in the Healthengine Practice Admin portal, on the API Consumer Consent page: "
    "Grant new consent, choose this integration, and enter the practice id and key it shows. "
    "If that page is missing, ask Healthengine support to enable the PMS API."
)

LONGEST_RETRY_AFTER = timedelta(hours=1)
"""A longer wait is cut to this: a slip of the pen at the other side must not stop a practice's bookings for a day."""

_ACKNOWLEDGED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})


def link_failure(error: Exception, *, posted: bool) -> Transient:
    """
    Return what a failure of the link means.

    TLS comes first, for requests calls it a kind of connection error and a proxy that inspects would read as *no internet*.

    Args:
        error: What requests, urllib3 or the system raised.
        posted: The request changes something, so that unless it certainly never left, its outcome is unknown.
    """
    if isinstance(error, (requests.exceptions.SSLError, urllib3.exceptions.SSLError)):
        never_sent = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))
        return _lost(
            "he-tls",
            "The secure connection to Healthengine could not be made: its certificate was not accepted",
            remedy="If a proxy or virus scanner inspects encrypted traffic, its certificate must be in this computer's "
            "trust store; also check this computer's clock.",
            unknown=posted and not never_sent,
        )
    if isinstance(error, (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)):
        return Transient(
            "he-proxy",
            "The proxy of this network did not let the connection to Healthengine through",
            remedy="Check the proxy settings of this computer, and that the account the engine runs under may use the proxy.",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout) or any(
        isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in _causes(error)
    ):
        return Transient(
            "he-unreachable",
            "Healthengine cannot be reached",
            remedy="Check this computer's internet connection and firewall.",
        )
    if isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)) or any(
        isinstance(cause, urllib3.exceptions.TimeoutError) for cause in _causes(error)
    ):
        return timed_out(posted=posted)
    return _lost("he-link-lost", "The connection to Healthengine broke off", unknown=posted)


def timed_out(*, posted: bool) -> Transient:
    """
    Return the error for an answer that did not come in time.
    """
    return _lost("he-timeout", "Healthengine did not answer in time", unknown=posted)


def not_an_answer() -> Transient:
    """
    Return the error for a success whose body Healthengine cannot have written, such as the login page of a captive portal.
    """
    return Transient(
        "he-not-an-answer",
        "Something between this computer and Healthengine answered in its place",
        remedy="Check whether the network shows a login page (captive portal) or a proxy blocks healthengine.com.au.",
    )


def contract_broken(what: str) -> ContractBroken:
    """
    Return the error for an answer outside Healthengine's definition; *what* names a part of it, never a value.
    """
    return ContractBroken(
        "he-contract",
        f"Healthengine's answer is not as its definition says: {what}",
        remedy="Look for a newer version of this program, and report this with the support bundle.",
    )


def status_failure(status: int, *, posted: bool, retry_after: timedelta | None = None) -> FrontdeskError | None:
    """
    Return what an HTTP status means, or None for success.
    """
    if status in _ACKNOWLEDGED:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Transient("he-busy", "Healthengine asks for fewer calls", retry_after=retry_after)
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient("he-server", f"Healthengine cannot answer now (status {status})", retry_after=retry_after)
    return _refusal(status, posted=posted)


def _refusal(status: int, *, posted: bool) -> FrontdeskError:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return AuthRequired(
                "he-key-refused",
                "Healthengine refused the keys",
                remedy="Check the practice id and practice key; if they are right, the vendor's API key has to be replaced.",
            )
        case HTTPStatus.FORBIDDEN:
            return AuthRequired("he-no-consent", "Healthengine says that the practice has not given consent", remedy=CONSENT)
        case HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return link_failure(requests.exceptions.ProxyError(), posted=posted)
        case HTTPStatus.BAD_REQUEST if posted:
            return RecordRejected("he-rejected", "Healthengine refused what was sent", status=status)
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE if posted:
            return RecordRejected("he-not-found", "Healthengine does not have what was named, or no longer", status=status)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return ContractBroken(
            "he-redirect",
            f"Healthengine's address leads elsewhere (status {status})",
            remedy="Check the base URL in the settings, and whether the network shows a login page (captive portal).",
        )
    return contract_broken(f"status {status}")


def answered_at(date_header: str | None, fallback: datetime) -> datetime:
    """
    Return the instant in an HTTP `Date` header, aware UTC, or *fallback* if there is none or it cannot be read.
    """
    if date_header is None:
        return fallback
    try:
        at = parsedate_to_datetime(date_header)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return fallback


def retry_after(header: str | None, at: datetime) -> timedelta | None:
    """
    Return how long a `Retry-After` header asks to wait: seconds, or a date relative to *at*, the answer's own.

    None if there is none or it cannot be read; never negative, and never more than `LONGEST_RETRY_AFTER`.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
        return min(timedelta(seconds=seconds), LONGEST_RETRY_AFTER)
    until = answered_at(text, at - timedelta(seconds=1))
    if until < at:
        return None
    return min(until - at, LONGEST_RETRY_AFTER)


def _lost(code: str, message: str, *, remedy: str = "", unknown: bool) -> Transient:
    kind = OutcomeUnknown if unknown else Transient
    return kind(code, message, remedy=remedy)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """
    Walk through what the libraries have wrapped: requests around urllib3 around the socket's own error.
    """
    for _ in range(6):  # deeper than the libraries nest, and an end if they ever nest in a ring
        yield error
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = error.args[0] if error.args else None
        if not isinstance(inner, BaseException):
            return
        error = inner

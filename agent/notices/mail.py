"""
Tasks by e-mail.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid

import truststore

from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured, Transient
from agent.domain.masked import Secret
from agent.domain.tasks import Notice
from agent.notices.words import body, subject

TIMEOUT_S = 20.0
TLS_PORT = 465
"""On this port a server speaks TLS from the first byte; on others it is asked to (`STARTTLS`)."""

_REFUSED_LOGIN = (530, 534, 535, 538)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRoad:
    """
    Sends notices through a mail server. TLS is always verified against the system's trust store.

    Attributes:
        user: Empty: without a login.
        password: Asked for each message, so that a new one is used at once.
        is_loopback: The server is on this machine, where plain text is allowed.
    """

    to: Sequence[str]
    host: str
    port: int
    user: str
    password: Callable[[], Secret | None] = field(repr=False)
    is_loopback: bool = False
    name: str = "email"

    def send(self, notice: Notice) -> None:
        """
        Send one message to everybody.

        Raises:
            Transient: if the server cannot be reached or does not take it now (`mail-connect`, `mail-refused`).
            AuthRequired: if it refuses the login (`mail-login`).
            Misconfigured: if it cannot be trusted (`mail-tls`) or takes mail from or to none of them (`mail-refused`).
        """
        try:
            server = self._connect()
            try:
                if self.user and (password := self.password()) is not None:
                    server.login(self.user, password.reveal())
                server.send_message(self._message(notice))  # raises if nobody of them may receive it
            finally:
                with suppress(smtplib.SMTPException, OSError):  # whatever a server says to a farewell
                    server.quit()
        except (smtplib.SMTPException, OSError) as error:
            raise _translated(error) from None

    def _connect(self) -> smtplib.SMTP:
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.port == TLS_PORT:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        if not self.is_loopback:
            try:
                server.starttls(context=context)
            except smtplib.SMTPNotSupportedError:
                server.close()
                raise _no_tls() from None
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, notice: Notice) -> EmailMessage:
        sender = self.user if "@" in self.user else self.to[0]
        message = EmailMessage()
        message["From"] = sender
        message["To"] = ", ".join(self.to)
        message["Subject"] = subject(notice)
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body(notice))
        return message


def _translated(error: Exception) -> FrontdeskError:
    if isinstance(error, ssl.SSLError):
        return _no_tls()
    is_login = isinstance(error, (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError))
    if is_login or getattr(error, "smtp_code", 0) in _REFUSED_LOGIN:
        return AuthRequired(
            "mail-login",
            "The mail server refuses the login, so no task goes out by e-mail.",
            remedy="Check smtp_user, and store its password: frontdesk credentials set smtp-password",
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(permanent=all(code >= 500 for code, _ in error.recipients.values()))  # noqa: PLR2004 - SMTP's permanent answers
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(permanent=error.smtp_code >= 500)  # noqa: PLR2004 - SMTP's permanent answers
    return Transient("mail-connect", "The mail server cannot be reached, so no task goes out by e-mail.")


def _no_tls() -> FrontdeskError:
    return Misconfigured(
        "mail-tls",
        "The mail server offers no connection that can be trusted, so no task goes out by e-mail.",
        remedy="Use a mail server with TLS and a certificate that this machine trusts: smtp_host, smtp_port.",
    )


def _refused(*, permanent: bool) -> FrontdeskError:
    text = "The mail server does not take the message, so no task goes out by e-mail."
    if permanent:
        return Misconfigured("mail-refused", text, remedy="Check email_to and smtp_user in the settings.")
    return Transient("mail-refused", text)

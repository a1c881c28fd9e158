"""
Tasks that nobody takes leave by e-mail and webhook: real servers on loopback.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sync_support import PMS_AWAY, PRACTICE_ID, SettableClock, World
from task_roads import MailServer, Receiver, serving

from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured, Transient
from agent.domain.masked import Secret
from agent.domain.status import Condition, Severity
from agent.domain.tasks import Notice, Task, TaskAction, TaskKind, follow
from agent.notices.mail import MailRoad
from agent.notices.message import MessageRoad
from agent.notices.webhook import WebhookRoad
from agent.ports.tasks import Road
from agent.sync.leaving import OtherRoads

AT = datetime(2026, 11, 23, tzinfo=UTC)
NOTICE = Notice(task_id=9, practice_id="1001", location_id="2", kind=TaskKind.ENTER_BY_HAND, booking_id=78, since=AT)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """
    A mail server.
    """
    server = MailServer()
    with serving(server):
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """
    A receiver of webhooks.
    """
    server = Receiver()
    with serving(server):
        yield server


def by_mail(server: MailServer, **changes: object) -> MailRoad:
    made = MailRoad(
        to=("desk@example.com", "boss@example.com"),
        host="127.0.0.1",
        port=server.port,
        user="frontdesk@example.com",
        password=lambda: Secret("s3cret"),
        is_loopback=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names its own fields


def by_webhook(receiver: Receiver) -> WebhookRoad:
    return WebhookRoad(url=receiver.url, secret=lambda: Secret("s3cret"), is_loopback=True)


def failure(call: Callable[[], None]) -> FrontdeskError:
    with pytest.raises(FrontdeskError) as caught:
        call()
    return caught.value


def test_an_e_mail_has_ids_alone(mail: MailServer) -> None:
    """
    One message to everybody, from the login's own address.
    """
    by_mail(mail).send(NOTICE)
    (message,) = mail.messages

    assert "From: frontdesk@example.com" in message
    assert "To: desk@example.com, boss@example.com" in message
    assert "Task 9 waits for a person" in message
    assert "Booking: 78" in message
    assert "Kind: enter by hand" in message
    assert 2 == sum(command.startswith("rcpt") for command in mail.commands)


def test_without_a_login(mail: MailServer) -> None:
    """
    A practice's own relay may want none.
    """
    by_mail(mail, user="").send(NOTICE)

    assert (1, False) == (len(mail.messages), any(c.upper().startswith("AUTH") for c in mail.commands))


@pytest.mark.parametrize(
    ("verb", "answer", "kind", "code"),
    [
        ("AUTH", "535 wrong", AuthRequired, "mail-login"),
        ("MAIL", "530 log in first", AuthRequired, "mail-login"),
        ("MAIL", "451 later", Transient, "mail-refused"),
        ("RCPT", "550 Ann Lee is not here", Misconfigured, "mail-refused"),
        ("RCPT", "450 later", Transient, "mail-refused"),
        ("DATA", "554 no", Misconfigured, "mail-refused"),
    ],
)
def test_what_a_mail_server_refuses(mail: MailServer, verb: str, answer: str, kind: type[FrontdeskError], code: str) -> None:
    """
    Each is told apart, and the server's words are dropped.
    """
    mail.answers[verb] = answer
    error = failure(lambda: by_mail(mail).send(NOTICE))

    assert (kind, code) == (type(error), error.code)
    assert "Ann" not in f"{error}{error.__cause__}"


def test_a_farewell_that_fails_is_no_failure(mail: MailServer) -> None:
    """
    The message was taken: it must not go out again.
    """
    mail.answers["QUIT"] = "500 what"
    by_mail(mail).send(NOTICE)

    assert 1 == len(mail.messages)


def test_a_mail_server_without_tls_is_not_used(mail: MailServer) -> None:
    """
    Away from this machine nothing goes out in plain text, the password least of all.
    """
    error = failure(lambda: by_mail(mail, is_loopback=False).send(NOTICE))

    assert ("mail-tls", []) == (error.code, mail.messages)
    assert not [command for command in mail.commands if command.upper().startswith("AUTH")]


def test_a_mail_server_without_logins(mail: MailServer) -> None:
    """
    It is the login that is wrong, not the certificate.
    """
    mail.extensions = []

    assert "mail-login" == failure(lambda: by_mail(mail).send(NOTICE)).code


def test_a_mail_server_that_is_away() -> None:
    """
    Tried again later.
    """
    server = MailServer()
    server.server_close()
    error = failure(lambda: by_mail(server).send(NOTICE))

    assert (Transient, "mail-connect") == (type(error), error.code)


def test_a_webhook_has_ids_alone(receiver: Receiver) -> None:
    """
    With the shared secret, and the task's number to know one told twice by.
    """
    by_webhook(receiver).send(NOTICE)
    ((headers, body),) = receiver.posted

    assert ("s3cret", "9", "application/json") == (
        headers["X-Frontdesk-Secret"],
        headers["X-Frontdesk-Task"],
        headers["Content-Type"],
    )
    assert {
        "task_id": 9,
        "practice_id": "1001",
        "location_id": "2",
        "kind": "enter_by_hand",
        "booking_id": 78,
        "since": "2026-11-23T00:00:00Z",
    } == json.loads(body)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, AuthRequired, "webhook-secret"),
        (403, AuthRequired, "webhook-secret"),
        (404, Misconfigured, "webhook-refused"),
        (302, Misconfigured, "webhook-refused"),
        (429, Transient, "webhook-refused"),
        (503, Transient, "webhook-refused"),
    ],
)
def test_what_a_webhook_refuses(receiver: Receiver, status: int, kind: type[FrontdeskError], code: str) -> None:
    """
    Each is told apart; the secret follows no redirect.
    """
    receiver.status = status
    error = failure(lambda: by_webhook(receiver).send(NOTICE))

    assert (kind, code, 1) == (type(error), error.code, len(receiver.posted))


def test_a_webhook_that_is_away() -> None:
    """
    Tried again later.
    """
    receiver = Receiver()
    receiver.server_close()
    error = failure(lambda: by_webhook(receiver).send(NOTICE))

    assert (Transient, "webhook-connect") == (type(error), error.code)


def certificate(folder: Path) -> tuple[str, str]:
    """
    One that nobody trusts.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    paths = (str(folder / "certificate.pem"), str(folder / "key.pem"))
    subprocess.run(
        [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-out",
            paths[0],
            "-keyout",
            paths[1],
        ],
        check=True,
        capture_output=True,
    )
    return paths


def test_certificates_are_verified(tmp_path: Path) -> None:
    """
    What the system does not trust gets nothing, by neither road.
    """
    server, mail_server = Receiver(), MailServer()
    server.with_tls(*certificate(tmp_path))
    mail_server.with_tls(*certificate(tmp_path))
    with serving(server), serving(mail_server):
        road = replace(by_webhook(server), url=server.url.replace("http:", "https:"))
        mail_road = by_mail(mail_server, is_loopback=False)
        codes = [failure(lambda: road.send(NOTICE)).code, failure(lambda: mail_road.send(NOTICE)).code]

    assert ["webhook-tls", "mail-tls"] == codes
    assert ([], []) == (server.posted, mail_server.messages)
    assert not [command for command in mail_server.commands if command.upper().startswith("AUTH")]


def test_no_secret_is_printed(receiver: Receiver, mail: MailServer) -> None:
    """
    Neither road shows it, nor where the webhook is: its address may be a secret too.
    """
    assert "s3cret" not in f"{by_mail(mail)!r}{by_webhook(receiver)!r}"
    assert receiver.url not in repr(by_webhook(receiver))


class OtherRoad:
    """
    A road that fails as it is told to.
    """

    name = "email"

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.error: FrontdeskError | None = None
        self.tries = 0

    def send(self, notice: Notice) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error
        self.sent.append(notice.task_id)


class Desk:
    """
    A practice with one road, on settable time; live from eight to six in UTC.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = SettableClock(AT.replace(hour=8))
        self.road = OtherRoad()
        self.task = self.opened(7)
        self.roads = self.made([cast(Road, self.road)])

    def made(self, roads: list[Road]) -> OtherRoads:
        return OtherRoads(
            self.world.store.tasks,
            roads,
            timedelta(minutes=10),
            clock=self.clock,
            notices=self.world.store.conditions,
            is_live=lambda practice_id, at: practice_id == PRACTICE_ID and 8 <= at.hour < 18,
        )

    def opened(self, booking_id: int) -> Task:
        return self.world.store.tasks.open(PRACTICE_ID, TaskKind.CONFLICT, booking_id, "", self.clock.now())

    def minutes(self, count: int) -> None:
        for _ in range(count):
            self.clock.advance(minutes=1)
            self.roads.run()

    def conditions(self) -> list[Condition]:
        return list(self.world.store.conditions.open_conditions())


@pytest.fixture
def desk(world: World) -> Desk:
    """
    A task that was opened as the live hours began.
    """
    return Desk(world)


def test_an_unclaimed_task_leaves_once(desk: Desk) -> None:
    """
    After ten minutes, and never again, whatever restarts.
    """
    desk.minutes(9)
    before = list(desk.road.sent)
    desk.minutes(1)
    desk.roads = desk.made([cast(Road, desk.road)])
    desk.minutes(30)

    assert ([], [desk.task.id]) == (before, desk.road.sent)


def test_a_claimed_task_stays(desk: Desk) -> None:
    """
    Somebody is at it; another practice's hours do not matter.
    """
    desk.world.store.tasks.replace(desk.task, follow(desk.task, TaskAction.CLAIM, by="mel", at=desk.clock.now()))
    desk.world.store.tasks.open("1002", TaskKind.CONFLICT, 7, "", desk.clock.now())
    desk.minutes(60)

    assert [] == desk.road.sent


def test_a_road_that_fails_is_shown_and_tried_ever_less(desk: Desk) -> None:
    """
    After 1, 2, 4, 8, 16, 30 minutes; what helps is said, and it is over with the first success.
    """
    desk.road.error = AuthRequired("mail-login", "Refused.", remedy="Set the password.")
    desk.minutes(10 + 1 + 2 + 4 + 8 + 16)
    (condition,) = desk.conditions()
    tries = desk.road.tries
    desk.road.error = None
    desk.minutes(30)

    assert ("tasks:email", "mail-login", Severity.ERROR) == (condition.area, condition.code, condition.severity)
    assert (6, [desk.task.id], []) == (tries, desk.road.sent, desk.conditions())


def test_another_failure_replaces_the_first(desk: Desk) -> None:
    """
    One road is in one trouble.
    """
    desk.road.error = Transient("mail-connect", "Away.")
    desk.minutes(10)
    desk.road.error = Misconfigured("mail-tls", "Not trusted.")
    desk.minutes(1)

    assert ["mail-tls"] == [condition.code for condition in desk.conditions()]


def test_a_road_that_is_taken_away_takes_its_trouble_along(desk: Desk) -> None:
    """
    From the next look on.
    """
    desk.road.error = Transient("mail-connect", "Away.")
    desk.minutes(10)
    desk.roads.use([], timedelta(minutes=10))

    assert (0, []) == (desk.roads.run(), desk.conditions())


def test_a_road_that_is_mended_in_the_settings_is_tried_at_once(desk: Desk) -> None:
    """
    Nobody waits out the half hour that the old one had earned.
    """
    desk.road.error = Misconfigured("mail-tls", "Not trusted.")
    desk.minutes(10 + 1 + 2 + 4 + 8)
    desk.road.error = None
    desk.roads.use([cast(Road, desk.road)], timedelta(minutes=10))
    desk.minutes(1)

    assert ([desk.task.id], []) == (desk.road.sent, desk.conditions())


def test_a_shorter_wait_counts_from_the_next_look_on(desk: Desk) -> None:
    """
    `after_minutes` too is taken over while the engine runs.
    """
    desk.roads.use([cast(Road, desk.road)], timedelta(minutes=3))
    desk.minutes(3)

    assert [desk.task.id] == desk.road.sent


def test_a_message_in_the_pms_has_ids_alone(desk: Desk) -> None:
    """
    Once, over the connection for bookings; where the PMS is away it is tried again.
    """
    desk.roads = desk.made([MessageRoad(pms=desk.world.pms)])
    desk.world.pms.fail("leave_message", PMS_AWAY)
    desk.minutes(10)
    tried = desk.world.pms.calls.count("leave_message")
    desk.minutes(30)

    assert (1, 2) == (tried, desk.world.pms.calls.count("leave_message"))
    assert [desk.task.id] == list(desk.world.pms.messages)
    assert "Booking: 7" in desk.world.pms.messages[desk.task.id]


def test_both_roads_are_taken(desk: Desk, mail: MailServer, receiver: Receiver) -> None:
    """
    Each by itself: one that is away does not hold up the other.
    """
    receiver.status = 503
    desk.roads = desk.made([by_mail(mail), by_webhook(receiver)])
    desk.minutes(10)
    receiver.status = 204
    desk.minutes(1)

    assert (1, 2, []) == (len(mail.messages), len(receiver.posted), desk.conditions())

"""
Writing through Open Dental's API: what it is asked, and answers that are lost, refused or too late.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from opendental_api import KEYS, StandIn, opendental_api
from opendental_practice import PROVIDER, UNSCHEDULED, OpenDentalDesk, OpenDentalPractice
from sample_rows import NEW_PATIENT, TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, CancelResult, NotFree, NotThere, Overlapped
from agent.domain.days import DateRange
from agent.domain.errors import FrontdeskError, Misconfigured, OutcomeUnknown, Transient
from agent.domain.masked import Secret
from agent.pms.sql.apis.opendental import OpenDentalApi
from agent.pms.sql.pms import SqlPms
from agent.ports.pms import MAY_NOT_WRITE

NINE, FIVE = 9 * 60, 17 * 60
BOOK, CREATE = ("POST", "/appointments"), ("POST", "/patients")
BREAK, NOTE = ("PUT", "/appointments/*/Break"), ("PUT", "/appointments/*")

pytestmark = pytest.mark.servers


@pytest.fixture
def desk(opendental: OpenDentalPractice) -> OpenDentalDesk:
    """
    A dentist at work in one operatory, a second who may come in, a hygienist at work in another.
    """
    desk = opendental.desk
    desk.add_location("1", "Op 1")
    desk.add_location("2", "Op 2")
    desk.add_practitioner("1")
    desk.add_practitioner("3")
    desk.insert("provider", ProvNum=2, FName="Bea", LName="Hygienist", IsSecondary=1)
    desk.change_operatory("2", ProvDentist=1, ProvHygienist=2, IsHygiene=1)
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, NINE, FIVE)
    desk.add_schedule(PROVIDER, TUESDAY, NINE, FIVE, practitioner_id="2")
    return desk


@pytest.fixture
def pms(opendental: OpenDentalPractice, api: StandIn, desk: OpenDentalDesk) -> SqlPms:
    return opendental.pms(api=OpenDentalApi(api.url, Secret(KEYS)))


def rows(desk: OpenDentalDesk) -> int:
    return int(desk.value("SELECT COUNT(*) FROM appointment"))


def patients(desk: OpenDentalDesk) -> int:
    return int(desk.value("SELECT COUNT(*) FROM patient"))


def test_what_is_asked(pms: SqlPms, api: StandIn) -> None:
    """
    A dentist's appointment, then a hygienist's: with the dentist who looks in, in patterns of five minutes.
    """
    pms.book(booking(minutes=40))
    pms.book(booking(502, practitioner_id="2", location_id="2", minutes=12, type_id=""))

    assert [BOOK, BOOK] == api.calls
    assert {
        "PatNum": 7,
        "Op": 1,
        "AptDateTime": "2026-12-01 10:00:00",
        "AptStatus": "Scheduled",
        "Pattern": "XXXXXXXX",
        "ProvNum": 1,
        "ProvHyg": 0,
        "IsHygiene": "false",
        "IsNewPatient": "false",
        "AppointmentTypeNum": 1,
    } == {name: value for name, value in api.bodies[0].items() if name != "Note"}
    assert {"ProvNum": 1, "ProvHyg": 2, "IsHygiene": "true", "Pattern": "XXX", "AppointmentTypeNum": 0}.items() <= dict(
        api.bodies[1]
    ).items()
    assert str(api.bodies[0]["Note"]).endswith("HE:501;")


def test_a_new_patient_with_letters_that_it_cannot_keep(pms: SqlPms, desk: OpenDentalDesk) -> None:
    """
    A letter of four bytes would cut the text there, and the reference with it.
    """
    booked = pms.book(booking(patient_id="", note="Sore 😀 tooth"))

    assert isinstance(booked, Booked)
    assert "Zoë ?" == desk.value("SELECT FName FROM patient WHERE PatNum = ?", int(booked.patient_id))
    assert desk.value("SELECT Note FROM appointment").endswith("HE:501;")
    assert isinstance(pms.find_booked(501), Booked)


def test_the_answer_to_a_booking_is_lost(pms: SqlPms, api: StandIn, desk: OpenDentalDesk) -> None:
    """
    It may be there: asked again, it is found and not put in again.
    """
    api.lose.add(BOOK)
    with pytest.raises(OutcomeUnknown):
        pms.book(booking())
    found = pms.find_booked(501)
    again = pms.book(booking())

    assert isinstance(found, Booked)
    assert found == again
    assert 1 == rows(desk)


def test_the_answer_to_a_new_patient_is_lost(pms: SqlPms, api: StandIn, desk: OpenDentalDesk) -> None:
    """
    The record is found by matching. Who was not matched is refused as known already, and reception is asked.
    """
    api.lose.add(CREATE)
    with pytest.raises(OutcomeUnknown):
        pms.book(booking(patient_id=""))
    (candidates,) = pms.find_patients([NEW_PATIENT])
    with pytest.raises(Misconfigured) as caught:
        pms.book(booking(patient_id=""))
    booked = pms.book(booking(patient_id=candidates[0].id))

    assert caught.value.code in MAY_NOT_WRITE
    assert isinstance(booked, Booked)
    assert (2, 1) == (patients(desk), rows(desk))


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_it_is_refused(pms: SqlPms, api: StandIn, desk: OpenDentalDesk, status: int) -> None:
    """
    Nothing was written and nothing would be: the code that leaves the booking to reception.
    """
    api.refuse[BOOK] = status
    with pytest.raises(Misconfigured) as caught:
        pms.book(booking())

    assert caught.value.code in MAY_NOT_WRITE
    assert caught.value.remedy
    assert KEYS not in f"{caught.value!r} {caught.value.message}"
    assert NotThere() == pms.find_booked(501)
    assert 0 == rows(desk)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, Transient), (500, OutcomeUnknown), (503, OutcomeUnknown), (302, OutcomeUnknown)]
)
def test_it_may_be_another_time(pms: SqlPms, api: StandIn, status: int, kind: type[FrontdeskError]) -> None:
    """
    Too many calls were surely not done; of a failing server nobody knows.
    """
    api.refuse[BOOK] = status
    with pytest.raises(kind):
        pms.book(booking())
    api.refuse.clear()

    assert isinstance(pms.book(booking()), Booked)


def test_it_does_not_run(opendental: OpenDentalPractice, desk: OpenDentalDesk) -> None:
    """
    What was never sent was surely not done, and what needs no API goes on.
    """
    with opendental_api(desk) as gone:
        pms = opendental.pms(api=OpenDentalApi(gone.url, Secret(KEYS)))
    with pytest.raises(Transient, match="pms-api-away"):
        pms.book(booking())

    assert 1 == len([s for s in pms.diary(DateRange.of_days(TUESDAY, 1)).sessions if s.practitioner_id == "1"])
    assert ["api"] == [line.operation for line in pms.check() if not line.ok]
    pms.close()


def test_checking_the_keys(opendental: OpenDentalPractice, api: StandIn, pms: SqlPms) -> None:
    """
    `check` asks for something that changes nothing.
    """
    stranger = opendental.pms(api=OpenDentalApi(api.url, Secret("wrong/keys")))
    good = {line.operation: line for line in pms.check()}["api"]
    bad = {line.operation: line for line in stranger.check()}["api"]
    stranger.close()

    assert (True, 1) == (good.ok, good.rows)
    assert not bad.ok
    assert "pms-api-keys" in bad.remedy
    assert {"GET"} == {method for method, _ in api.calls}


@pytest.mark.parametrize("who", ["1", "3"], ids=["the same dentist", "another in the same chair"])
def test_the_desk_is_as_fast(pms: SqlPms, api: StandIn, desk: OpenDentalDesk, who: str) -> None:
    """
    The API asks nobody whether the time is free: ours is taken off the book again, without its mark.
    """
    api.meanwhile[BOOK] = lambda: desk.add_appointment(who, TEN + timedelta(minutes=5), location_id="1")
    result = pms.book(booking())
    later = pms.book(booking(502, start=TEN + timedelta(hours=1)))

    assert isinstance(result, NotFree)
    assert NotThere() == pms.find_booked(501)
    assert 1 == desk.value("SELECT COUNT(*) FROM appointment WHERE AptStatus = ?", UNSCHEDULED)
    assert isinstance(later, Booked)


def test_too_late_to_withdraw(pms: SqlPms, api: StandIn, desk: OpenDentalDesk) -> None:
    """
    Both stay, and a person decides.
    """
    api.meanwhile[BOOK] = lambda: desk.add_appointment("1", TEN)

    assert isinstance(pms.book(booking(withdraw_within=timedelta(0))), Overlapped)
    assert isinstance(pms.find_booked(501), Booked)


@pytest.mark.parametrize("call", [BREAK, NOTE], ids=["to break it", "to take its mark away"])
def test_the_answer_to_a_withdrawal_is_lost(pms: SqlPms, api: StandIn, desk: OpenDentalDesk, call: tuple[str, str]) -> None:
    """
    Whatever was lost, ours is off the book, and found by its mark as long as that is not sure.
    """
    api.meanwhile[BOOK] = lambda: desk.add_appointment("1", TEN)
    api.lose.add(call)
    with pytest.raises(OutcomeUnknown):
        pms.book(booking())

    assert 1 == desk.value("SELECT COUNT(*) FROM appointment WHERE AptStatus = ?", UNSCHEDULED)
    assert (call == BREAK) == isinstance(pms.find_booked(501), Booked)


def test_the_answer_to_a_cancellation_is_lost(pms: SqlPms, api: StandIn, desk: OpenDentalDesk) -> None:
    """
    Asked again, it was cancelled already; one that the API refuses is left to a person.
    """
    first, second = desk.add_appointment("1", TEN), desk.add_appointment("1", TEN + timedelta(hours=1))

    def cancel(number: str, hours: int) -> CancelResult:
        start = TEN + timedelta(hours=hours)
        return pms.cancel(number, patient_id="7", start=start, after=TEN - timedelta(days=1))

    api.lose.add(BREAK)
    with pytest.raises(OutcomeUnknown):
        cancel(first, 0)
    assert CancelResult.ALREADY is cancel(first, 0)
    api.refuse[BREAK] = 400
    with pytest.raises(Misconfigured) as caught:
        cancel(second, 1)

    assert caught.value.code in MAY_NOT_WRITE


@pytest.mark.parametrize("address", ["http://od.example.com/api/v1", "ftp://localhost/", "localhost:30223", ""])
def test_keys_go_nowhere_unprotected(address: str) -> None:
    """
    Plain HTTP is for this machine alone.
    """
    with pytest.raises(Misconfigured, match="pms-api-url"):
        OpenDentalApi(address, Secret(KEYS))


def test_a_certificate_that_nobody_trusts(
    opendental: OpenDentalPractice, desk: OpenDentalDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It is refused before anything is sent, and accepted once the system trusts it.
    """
    context, certificate = self_signed(tmp_path)
    with opendental_api(desk, context) as api:
        pms = opendental.pms(api=OpenDentalApi(api.url, Secret(KEYS)))
        with pytest.raises(Misconfigured, match="pms-api-tls"):
            pms.book(booking())
        assert [] == api.calls
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        trusting = opendental.pms(api=OpenDentalApi(api.url, Secret(KEYS)))
        assert isinstance(trusting.book(booking()), Booked)
        pms.close()
        trusting.close()


def self_signed(folder: Path) -> tuple[ssl.SSLContext, str]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names, "-out", certificate, "-keyout", key],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate

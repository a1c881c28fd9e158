"""
What a booking carries, put where a practice's profile says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from practices import Practice, sqlite_practice
from sample_rows import TUESDAY, request

from agent.domain.booking import Booked, BookRequest
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.errors import Misconfigured

LINK = "https://video.example/room/123456"


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    made = sqlite_practice(tmp_path, "sqlite")
    made.desk.add_practitioner("1")
    made.desk.add_type("1")
    made.desk.add_type("9")
    made.desk.add_patient("7")
    made.desk.add_session("1", TUESDAY, 540, 1020)
    return made


def own(practice: Practice, folder: Path, settings: str, **files: str) -> Practice:
    """
    Lay a practice's own profile over the built-in one.
    """
    profile = folder / "own"
    profile.mkdir(mode=0o755)
    (profile / "profile.toml").write_text(settings)
    for name, text in files.items():
        (profile / f"{name}.sql").write_text(text)
    return replace(practice, folders=(*practice.folders, profile))


def carrying(**changes: Any) -> BookRequest:
    made: BookRequest = replace(request(note="Booked online"), **changes)
    return made


def notes(practice: Practice) -> str:
    return str(practice.desk.value("SELECT notes FROM appointments"))


def test_everything_in_the_note(practice: Practice) -> None:
    """
    The sample practice has one free text: link, reason and comments stand in it, and the reference is last.
    """
    sent = carrying(reason="knee\nleft", comments="Standard", telehealth_url=LINK, is_new_patient=True)

    assert isinstance(practice.pms().book(sent), Booked)
    assert f"Booked online, new patient\nTelehealth: {LINK}\nknee\nleft\nStandard HE:501;" == notes(practice)


def test_over_long_text(practice: Practice) -> None:
    """
    The words are cut; the link and the reference are not.
    """
    practice.pms().book(carrying(reason="膝" * 5000, comments="é" * 5000, telehealth_url=LINK))
    found = notes(practice)

    assert 500 == len(found)
    assert f"Telehealth: {LINK}\n" in found
    assert found.endswith("… HE:501;")


def test_a_type_for_bookings_without_one(practice: Practice, tmp_path: Path) -> None:
    """
    A PMS that must have a type gets the profile's.
    """
    fitted = own(practice, tmp_path, '[carries]\ntype = { fallback = "9" }\n')

    fitted.pms().book(carrying(type_id=""))

    assert 9 == practice.desk.value("SELECT type_id FROM appointments")


def test_fields_of_their_own(practice: Practice, tmp_path: Path) -> None:
    """
    A profile may give each item its field, with a limit, and let the note take what is too long.
    """
    practice.desk.run("ALTER TABLE appointments ADD COLUMN why VARCHAR(20)")
    practice.desk.run("ALTER TABLE appointments ADD COLUMN video VARCHAR(100)")
    practice.desk.run("ALTER TABLE appointments ADD COLUMN is_new INTEGER")
    fitted = own(
        practice,
        tmp_path,
        '[carries]\nreason = { field = "own", limit = 20, fallback = "note", lines = false }\n'
        'telehealth = { field = "own", limit = 100 }\nnew_patient = { field = "own" }\ncomments = { field = "nowhere" }\n',
        book="-- step: next_id expects=one\nSELECT COALESCE(MAX(id), 0) + 1 AS appointment_id FROM appointments\n\n"
        "-- step: insert expects=count\nINSERT INTO appointments (id, practitioner_id, location_id, patient_id, type_id,"
        " starts_at, minutes, status, notes, version, why, video, is_new)\n VALUES (:appointment_id, :practitioner_id,"
        " :location_id, :patient_id, :type_id, :start, :length, 0, :note, 1, :reason, :telehealth_url, :is_new_patient)\n",
    )
    pms = fitted.pms()

    pms.book(carrying(reason="knee\nleft", comments="Standard", telehealth_url=LINK, is_new_patient=True))
    assert "Booked online HE:501;" == notes(practice)
    assert f"knee / left, {LINK}, 1" == practice.desk.value("SELECT why || ', ' || video || ', ' || is_new FROM appointments")

    pms.book(replace(request(502, start=request().start.replace(hour=11), note="Booked online"), reason="k" * 21))
    assert f"Booked online\n{'k' * 21} HE:502;" == practice.desk.value("SELECT notes FROM appointments WHERE id = 2")


def test_a_field_that_book_does_not_fill(practice: Practice, tmp_path: Path) -> None:
    """
    A profile that promises a field and does not fill it would lose the text: it is refused.
    """
    with pytest.raises(Misconfigured, match=r":reason"):
        own(practice, tmp_path, '[carries]\nreason = { field = "own" }\n').pms()


def test_links_of_the_practice(practice: Practice, tmp_path: Path) -> None:
    """
    A PMS with video rooms of its own gives their links; an appointment without one has none.
    """
    practice.desk.run("CREATE TABLE rooms (appointment_id INTEGER, room VARCHAR(40))")
    practice.desk.run("INSERT INTO rooms VALUES (2, 'blue')")
    fitted = own(
        practice,
        tmp_path,
        "",
        links="SELECT appointment_id AS id, 'https://video.example/' || room AS patient_link, 'Bring your card.' AS"
        " patient_description, '' AS practitioner_link, '' AS practitioner_description FROM rooms"
        " WHERE appointment_id IN (:ids)",
    )
    pms = fitted.pms()

    assert (True, False) == (pms.capabilities.links, practice.pms().capabilities.links)
    assert NO_LINKS == pms.links(["1"]) == practice.pms().links(["2"])
    assert AppointmentLinks(patient_link="https://video.example/blue", patient_description="Bring your card.") == pms.links(
        ["1", "2"]
    )
    assert [] == [line for line in pms.check() if not line.ok]

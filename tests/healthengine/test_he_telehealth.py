"""
Telehealth links on their way to Healthengine.
"""

from __future__ import annotations

from agent.domain.carrying import AppointmentLinks
from agent.healthengine import bodies


def test_links_go_with_the_confirmation() -> None:
    """
    Each under the definition's own name; what there is not is left out, never sent empty.
    """
    links = AppointmentLinks(
        patient_link="https://video.example/a",
        patient_description="Bring your card.",
        practitioner_link="https://video.example/b",
    )

    assert (
        b'{"pmsAppointmentIds":["9"],"pmsPatientId":"p1","patientAppointmentLink":"https://video.example/a",'
        b'"patientAppointmentDescription":"Bring your card.","practitionerAppointmentLink":"https://video.example/b"}'
    ) == bodies.confirm(["9"], "p1", links)
    assert b'{"pmsAppointmentIds":["9"],"pmsPatientId":"p1"}' == bodies.confirm(["9"], "p1")

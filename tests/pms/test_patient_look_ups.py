"""
Candidates for matching in the sample practice: by index, in every usual form, on every kind of database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from practices import Practice

from agent.domain.patients import PatientDetails

NOBODY = PatientDetails(first_name="A", last_name="B")


def test_candidates_are_found_by_what_is_known(practice: Practice) -> None:
    """
    Birthday (day and month swapped too), phone, e-mail, card and names find a record, in other forms than its own.
    """
    desk = practice.desk
    desk.add_patient("7")
    desk.add_patient("8", last_name="Ng", date_of_birth=None, phone="0400 111 222", email="ng@example.com")
    desk.add_patient("9", last_name="Old", date_of_birth=date(1901, 1, 1), mobile="0491 570 156", medicare_number="2123456701")
    pms = practice.pms()

    def found(details: PatientDetails) -> set[str]:
        return {patient.id for patient in pms.find_patients([details])[0]}

    assert {"7"} == found(replace(NOBODY, date_of_birth=date(1980, 2, 3)))
    assert {"7"} == found(replace(NOBODY, date_of_birth=date(1980, 3, 2)))
    assert {"8"} == found(replace(NOBODY, phone="+61 400 111 222"))
    assert {"9"} == found(replace(NOBODY, phone="0491570156"))
    assert {"8"} == found(replace(NOBODY, email="NG@example.com"))
    assert {"9"} == found(replace(NOBODY, medicare_number="2123 45670 3"))
    assert {"9"} == found(replace(NOBODY, first_name="ANN", last_name="old"))
    assert {"7", "8"} == found(replace(NOBODY, date_of_birth=date(1980, 2, 3), phone="0400111222"))
    assert set() == found(NOBODY)
    pms.close()


def test_what_else_is_known_is_read(practice: Practice) -> None:
    """
    The columns that a profile need not give are read where it gives them.
    """
    practice.desk.add_patient("9", mobile="0491 570 156", medicare_number="2123456701", active=False, deceased=True)
    pms = practice.pms()

    [known] = pms.patients(["9"])

    assert ("0491 570 156", "2123456701", "") == (known.mobile, known.medicare_number, known.merged_into)
    assert known.deceased
    assert not known.active
    pms.close()


def test_no_look_up_reads_every_patient(local_practice: Practice) -> None:
    """
    Each look-up goes by an index, as the database itself says.
    """
    known: defaultdict[str, Any] = defaultdict(lambda: ("1", "2"))
    connection = local_practice.open_desk()

    for statement in local_practice.profile.statements["find_patients"]:
        text, values = statement.bind(known)
        plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]

        assert [line for line in plan if "INDEX" in line]
        assert [] == [line for line in plan if line.startswith("SCAN")]
    connection.close()


@pytest.mark.servers
@pytest.mark.parametrize(
    ("system", "patients"),
    [
        ("openemr", "patient_data (pid, fname, lname, DOB, phone_cell, phone_home, phone_biz, email)"),
        ("opendental", "patient (PatNum, FName, LName, Birthdate, WirelessPhone, HmPhone, WkPhone, Email)"),
    ],
    ids=["openemr", "opendental"],
)
def test_no_look_up_reads_every_patient_of_a_real_system(system: str, patients: str, request: pytest.FixtureRequest) -> None:
    """
    Each look-up goes by an index that narrows it down, of the vendor's tables or of `grants.sql`.
    """
    practice: Practice = request.getfixturevalue(system)
    known: defaultdict[str, Any] = defaultdict(lambda: ("A1", "A2"), birthdays=(date(1980, 2, 3), date(1980, 3, 2)))
    connection = practice.open_desk()
    text = "CONCAT('A', seq MOD 400)"
    connection.execute(
        f"INSERT INTO {patients} SELECT 1000 + seq, {text}, {text}, '1930-01-01' + INTERVAL 7 * seq DAY, {text}, {text}, {text}, "  # noqa: S608 - names of the test's own
        f"{text} FROM seq_1_to_4000"
    )

    for statement in practice.profile.statements["find_patients"]:
        sql, values = statement.bind(known)
        (plan,) = connection.execute(f"EXPLAIN {sql}", values).fetchall()
        assert plan.key, statement.name
        assert int(str(plan.rows).split()[0]) < 100, statement.name  # beside it stands how many of them a filter leaves
    connection.close()


def test_several_are_looked_for_together(practice: Practice) -> None:
    """
    Each is found what would be found for that person alone, whoever else is looked for.
    """
    desk = practice.desk
    desk.add_patient("7")
    desk.add_patient("8", last_name="Ng", date_of_birth=None, phone="0400 111 222", email="ng@example.com")
    desk.add_patient("9", last_name="Old", date_of_birth=date(1901, 1, 1), mobile="0491 570 156", medicare_number="2123456701")
    desk.add_patient("10", first_name="Zoë", last_name="O’Brien", date_of_birth=date(1980, 2, 3))
    pms = practice.pms()
    people = [
        replace(NOBODY, date_of_birth=date(1980, 3, 2)),
        replace(NOBODY, phone="+61 400 111 222", email="NG@example.com"),
        replace(NOBODY, first_name="ANN", last_name="old"),
        replace(NOBODY, first_name="Zoë", last_name="O’Brien"),
        replace(NOBODY, first_name="Zoë", last_name="Old"),  # nobody, though each name is somebody's
        replace(NOBODY, medicare_number="2123 45670 3"),
        NOBODY,
    ]

    together = [{patient.id for patient in found} for found in pms.find_patients(people)]

    assert [{patient.id for patient in pms.find_patients([one])[0]} for one in people] == together
    assert [{"7", "10"}, {"8"}, {"9"}, {"10"}, set(), {"9"}, set()] == together
    pms.close()

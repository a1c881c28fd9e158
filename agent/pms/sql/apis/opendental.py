"""
Open Dental's API, by its documented calls: patients and appointments are created, appointments broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from agent.domain.errors import ContractBroken, OutcomeUnknown
from agent.domain.masked import Secret
from agent.pms.sql import normalise
from agent.pms.sql.apis.http import JsonCaller
from agent.pms.sql.normalise import Place, Unit
from agent.pms.sql.parameters import Bound
from agent.pms.sql.running import Outcome

MINUTES_PER_CHARACTER = 5

WITHDRAWN = "Withdrawn: the time was taken"

_GENDERS = {"0": "Male", "1": "Female"}

_PATIENT = {
    "LName": "last_name",
    "FName": "first_name",
    "WirelessPhone": "phone",
    "Email": "email",
    "Address": "address",
    "City": "suburb",
}


class OpenDentalApi:
    """
    Implements `agent.pms.sql.apis.Api`.

    Args:
        base_url: For example `http://localhost:30223/api/v1`.
        keys: Developer key and customer key, with a slash between.
    """

    def __init__(self, base_url: str, keys: Secret) -> None:
        self._caller = JsonCaller(base_url, Secret(f"ODFHIR {keys.reveal()}"))

    def run(self, operation: str, bound: Bound) -> Outcome:
        """
        Do what a writing operation says.
        """
        if operation == "create_patient":
            return _made("patient_id", self._caller.call("POST", "/patients", _patient(bound)), "PatNum")
        if operation == "book":
            return _made("appointment_id", self._caller.call("POST", "/appointments", _appointment(bound)), "AptNum")
        path = f"/appointments/{bound['appointment_id']}"
        self._caller.call("PUT", f"{path}/Break", {"sendToUnscheduledList": "true"})
        if operation == "withdraw":  # the mark goes last: until then it can be found again, whatever is lost on the way
            self._caller.call("PUT", path, {"Note": WITHDRAWN})
        return Outcome({}, 1)

    def check(self) -> int:
        """
        Ask for the operatories.
        """
        found = self._caller.call("GET", "/operatories")
        if not isinstance(found, list):
            raise ContractBroken("pms-api-answer", "The API's answer for /operatories is no list.", remedy="Check api_url.")
        return len(found)


def _text(value: object) -> str:
    # Letters of four bytes would end a text in most of its databases, and with it the reference at the end of a note.
    return "".join(letter if letter <= "\uffff" else "?" for letter in str(value))


def _patient(bound: Bound) -> dict[str, object]:
    told: dict[str, object] = {name: _text(bound[parameter]) for name, parameter in _PATIENT.items() if bound.get(parameter)}
    if (sex := _GENDERS.get(str(bound.get("sex")))) is not None:
        told["Gender"] = sex
    if isinstance(born := bound.get("date_of_birth"), date):
        told["Birthdate"] = born.strftime("%Y-%m-%d")
    return told


def _appointment(bound: Bound) -> dict[str, object]:
    # In a hygiene appointment the hygienist is whom it is for, and the operatory's dentist looks in.
    who = bound["practitioner_id"]
    (minutes,) = normalise.lengths([bound["length"]], Place("book", "length"), Unit.MINUTES, least=MINUTES_PER_CHARACTER)
    is_hygiene = bool(bound["is_hygiene"])
    return {
        "PatNum": bound["patient_id"],
        "Op": bound["location_id"],
        "AptDateTime": f"{bound['start']:%Y-%m-%d %H:%M:%S}",
        "AptStatus": "Scheduled",
        "Pattern": "X" * -(-minutes // MINUTES_PER_CHARACTER),
        "Note": _text(bound["note"]),
        "ProvNum": bound["dentist"] or who if is_hygiene else who,
        "ProvHyg": who if is_hygiene else 0,
        "IsHygiene": "true" if is_hygiene else "false",
        "IsNewPatient": "true" if bound["is_new_patient"] else "false",
        "AppointmentTypeNum": bound["type_id"] or 0,
    }


def _made(parameter: str, answer: Any, column: str) -> Outcome:
    number = answer.get(column) if isinstance(answer, Mapping) else None
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise OutcomeUnknown("pms-outcome-unknown", f"The API's answer has no {column}.")
    return Outcome({parameter: number}, 1)

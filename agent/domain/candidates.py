"""
Who a booking may be for, told apart for a person who has to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.domain.patients import PmsPatient
from agent.domain.tasks import Candidate, Detail


@dataclass(frozen=True, slots=True)
class _Trait:
    label: str
    of: Callable[[PmsPatient], str]
    is_always_told: bool = False


def _record_of(patient: PmsPatient) -> str:
    if patient.merged_into:
        return f"merged into {patient.merged_into}"
    if patient.deceased:
        return "deceased"
    return "" if patient.active else "not in use"


_TRAITS = (
    _Trait("born", lambda p: f"{p.date_of_birth:%d/%m/%Y}" if p.date_of_birth else "", is_always_told=True),
    _Trait("sex", lambda p: p.sex),
    _Trait("called", lambda p: p.preferred_name),
    _Trait("formerly", lambda p: p.former_name),
    _Trait("phone", lambda p: ", ".join(dict.fromkeys(filter(None, (p.mobile, p.phone, p.other_phone))))),
    _Trait("e-mail", lambda p: p.email),
    _Trait("address", lambda p: ", ".join(filter(None, (p.address, f"{p.suburb} {p.postcode}".strip())))),
    _Trait("medicare", lambda p: " ".join(filter(None, (p.medicare_number, p.medicare_irn and f"IRN {p.medicare_irn}")))),
    _Trait("record", _record_of),
)
"""What a record is known by, in the order in which people ask."""


def tell_apart(records: Sequence[PmsPatient]) -> tuple[Candidate, ...]:
    """
    Return *records* with their birth dates and with whatever else is not the same in all of them; a single one with all it has.
    """
    told = [
        trait for trait in _TRAITS if trait.is_always_told or len(records) == 1 or len({_plain(trait.of(p)) for p in records}) > 1
    ]
    return tuple(
        Candidate(
            patient_id=record.id,
            name=f"{record.first_name} {record.last_name}".strip(),
            details=tuple(Detail(label=trait.label, text=text) for trait in told if (text := trait.of(record))),
        )
        for record in records
    )


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()

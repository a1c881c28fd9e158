# ruff: noqa: INP001 - a script, run by the build
"""
Entry of the windowed program `frontdesk-tray`.
"""

from __future__ import annotations

import sys

from agent.ui.main import main

sys.exit(main())

# ruff: noqa: INP001 - a script, run by the build
"""
Entry of the console program `frontdesk`: command line, engine and PMS workers.
"""

from __future__ import annotations

import sys

from agent.cli.main import main

sys.exit(main())

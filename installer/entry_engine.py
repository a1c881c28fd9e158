# ruff: noqa: INP001 - a script, run by the build
"""
Entry of the console program `frontdesk`: command line, engine and PMS workers.
"""

from __future__ import annotations

import sys

if sys.argv[1:] == ["pms-worker"]:  # which a patient may be waiting for: it loads no more than it needs
    from agent.cli.worker import run_worker as main
else:
    from agent.cli.main import main

sys.exit(main())

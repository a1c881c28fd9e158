"""
`python -m agent` is `frontdesk`.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if sys.argv[1:] == ["pms-worker"]:  # which a patient may be waiting for: it loads no more than it needs
        from agent.cli.worker import run_worker as main
    else:
        from agent.cli.main import main
    sys.exit(main())

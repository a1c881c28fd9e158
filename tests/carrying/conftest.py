from __future__ import annotations

import sys
from pathlib import Path

for folder in ("pms", "pms/fakes"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))  # for the sample practice and the fake

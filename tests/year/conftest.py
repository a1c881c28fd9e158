from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "pms"))  # `practices`, a database with the sample schema
sys.path.insert(0, str(Path(__file__).parents[1] / "pms" / "fakes"))

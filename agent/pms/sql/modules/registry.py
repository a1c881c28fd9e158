"""
Which modules there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.pms.sql.modules import Module, openemr

MODULES: Mapping[str, Module] = {"openemr": openemr.MODULE}
"""Every module by the name that a profile uses."""

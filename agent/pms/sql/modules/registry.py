"""
Which modules there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.pms.sql.modules import Module, opendental, openemr

MODULES: Mapping[str, Module] = {"opendental": opendental.MODULE, "openemr": openemr.MODULE}
"""Every module by the name that a profile uses."""

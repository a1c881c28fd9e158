"""
Local state in SQLite: ledger, published, tasks, conditions, uptime, activity.
"""

from agent.store.store import Store

__all__ = ["Store"]

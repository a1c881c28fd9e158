"""
Local state in SQLite: ledger, published, tasks, uptime, activity.
"""

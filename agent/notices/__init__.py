"""
Other roads on which a task that nobody takes leaves: e-mail and webhook, ids alone.
"""

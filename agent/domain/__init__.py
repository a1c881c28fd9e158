"""
Values and rules.

Nothing in here reads a clock, a file, a database or a socket, starts a thread, or imports another package of ours.
Local times are minutes from local midnight (`int`) or naive `datetime`s in the location's zone; instants are aware UTC.
Ranges are half-open.
"""

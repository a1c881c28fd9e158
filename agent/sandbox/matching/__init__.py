"""
Invented patients and bookings, with the truth about who is who: for the tests of matching and for its benchmark.
"""

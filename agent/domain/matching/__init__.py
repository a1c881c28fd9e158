"""
The right patient: which record of the PMS, if any, is the person of a booking.

`decide.match` is what the use cases call. `docs/matching.md` explains the evidence model.
"""

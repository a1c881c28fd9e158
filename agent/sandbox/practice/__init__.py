"""
A sample practice: a database made by code, the people at its front desk, and an audit of what is in it at the end.

Every person is invented. Telephone numbers come from the ranges that the regulator keeps for fiction, e-mail addresses from
the domains kept for examples, and Medicare numbers begin with a digit that no real one begins with.
"""

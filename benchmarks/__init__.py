"""
How fast the agent is, against the least that could be done. `make bench` runs everything.
"""

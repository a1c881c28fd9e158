"""
A practice's year, lived through in minutes: the real parts of the agent on a clock that jumps, and somebody who looks at it all.
"""

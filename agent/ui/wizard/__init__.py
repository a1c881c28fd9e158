"""
The set-up wizard: asks, and has each step carried out by the command line, in a process of its own. Nothing is changed before
*Go live*.
"""

"""
The window of the settings: pages over `frontdesk settings`. It shows and asks; what may be is decided by the command.
"""

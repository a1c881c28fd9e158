"""
Ticking, channels, pause, health, recovery, lifetime.
"""

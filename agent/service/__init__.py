"""
Running as a Windows service or a systemd unit.
"""

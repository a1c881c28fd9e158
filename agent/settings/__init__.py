"""
Typed configuration, the home folder, credentials.
"""

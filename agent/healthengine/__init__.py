"""
Adapter to where the data goes: wire models and client. No rules.
"""

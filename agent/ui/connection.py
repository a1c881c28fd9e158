"""
Stub.
"""

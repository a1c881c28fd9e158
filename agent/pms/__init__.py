"""
Adapters to where the practice's data comes from; one folder each.
"""

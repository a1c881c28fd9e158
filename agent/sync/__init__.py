"""
The use cases: each plans (pure), then applies.
"""

"""
What the use cases need from the outside world, as protocols. Adapters implement them; tests have fakes.
"""

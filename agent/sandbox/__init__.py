"""
A Healthengine simulator and a sample practice, for the demo and the tests alone.
"""

"""
PMSs reached by SQL: profiles (data), carriers (what runs them), worker processes.
"""

"""
Everything that can die does, again and again, while patients book: is anything lost, doubled or left unanswered?
"""

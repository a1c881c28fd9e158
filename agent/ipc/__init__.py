"""
Between the engine and its clients: messages, server, client. No Qt.
"""

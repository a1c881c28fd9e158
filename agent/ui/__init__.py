"""
The tray and its window. The only place that knows Qt.
"""

"""
The composition root, and the only place that knows all parts: opens the adapters that the settings name (`adapters`), wires the
engine to them (`core`, `running`), and tries them without an engine (`checking`, `previewing`).
"""

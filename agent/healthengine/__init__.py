"""
Healthengine's PMS API: the link (`transport`), what its answers mean (`failures`), the wire format (`wire`, `bodies`), paging and
the client that puts them together. No rules: what to do with an answer is decided by the use cases.
"""

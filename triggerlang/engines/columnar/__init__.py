"""The columnar engine: the network as flat arrays, run by compiled kernels over events in contact order.

All that a contact did is known when its rules are asked, so nothing is kept up to date event by event. A pattern's events of a contact
are a stream: their slots in order. A window is a range of a stream. A measure is a question about a range. So what no rule asks for costs
nothing, and only runs and the entries of rules have a memory.
"""

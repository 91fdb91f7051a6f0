"""The peers for abandoned carts: each module finds what was not followed in time.

In: a log as Parquet, rows in the order of their times, and rules (`bench.chains.Absence`). Out: the entries as Parquet, as event row, rule
number and time in microseconds, in the order of the language: by time, then by event, then by rule. A module's `answer` does it;
`python -m bench.peers.absence MODULE LOG RULES OUT` runs one in a process of its own.
"""

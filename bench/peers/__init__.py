"""The peers: each module answers the same question with another tool.

In: a log as Parquet, rules as plain data. Out: the entries as Parquet, as event row and rule number, in the order of the language: by
event, then by rule. A module's `answer` does it; `python -m bench.peers MODULE LOG RULES OUT` runs one in a process of its own.
"""

"""Rules against a log: what they ask for that the log does not have."""

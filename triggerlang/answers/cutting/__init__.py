"""Cutting: a contact's history cut down to a test block that tells one of its triggers."""

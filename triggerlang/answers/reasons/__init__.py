"""Reasons: why a rule let a contact enter at a time, or did not, as one tree. What is shown of a trigger is made of it."""

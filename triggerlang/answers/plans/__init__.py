"""What a change of rules would do: entries of old rules and new ones over one log, or the rules themselves."""

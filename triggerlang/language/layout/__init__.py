"""The canonical layout: where a statement's lines begin, and how those that are too long are broken."""

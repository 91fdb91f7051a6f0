"""Why a contact entered an automation, or did not: answered, and shown in each format."""

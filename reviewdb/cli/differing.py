"""The command that compares: diff."""

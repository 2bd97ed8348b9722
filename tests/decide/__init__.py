"""From what would happen to what to do."""

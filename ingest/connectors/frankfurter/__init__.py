"""Euro reference rates by an interface, day by day."""

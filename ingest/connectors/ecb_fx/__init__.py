"""Euro reference rates of the European Central Bank, as one bulk file."""

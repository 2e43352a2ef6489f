"""The book of options of Deribit, as it is now."""

"""News by the search of GDELT: how many articles it has seen in each quarter of an hour."""

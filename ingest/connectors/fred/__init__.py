"""Series of FRED with their vintages, by its API and a key."""

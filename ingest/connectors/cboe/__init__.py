"""The daily history of the Cboe Volatility Index, as its publisher gives it out."""

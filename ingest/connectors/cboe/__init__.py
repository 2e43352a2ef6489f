"""Daily histories of the volatility indices of Cboe and of its SKEW, as their publisher gives them out."""

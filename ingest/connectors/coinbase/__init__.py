"""Candles of Coinbase Exchange, by its public market-data endpoint."""

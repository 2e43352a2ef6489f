"""Candles of Binance spot, by the host that gives out market data alone."""

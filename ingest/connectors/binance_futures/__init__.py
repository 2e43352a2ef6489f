"""Funding and open interest of the last days, by the futures interface of Binance."""

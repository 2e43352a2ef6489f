"""Files of Binance: minutes of spot, open interest and funding of perpetual futures, for any day of the past."""

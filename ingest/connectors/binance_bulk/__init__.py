"""Files of Binance: minutes of spot; open interest, ratios and funding of perpetual futures; any day of the past."""

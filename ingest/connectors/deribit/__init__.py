"""The volatility index, perpetuals and the futures curve of Deribit."""

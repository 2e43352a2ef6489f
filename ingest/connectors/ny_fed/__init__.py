"""The Secured Overnight Financing Rate, by the Federal Reserve Bank of New York."""

"""Commitments of Traders: who holds which futures, by the Commodity Futures Trading Commission."""

"""Yields of Japanese government bonds, by the Ministry of Finance."""

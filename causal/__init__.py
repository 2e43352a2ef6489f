"""Beliefs, and how evidence moves them: pure functions of their arguments, no I/O, no clock, no log."""

"""Positions of futures traders by the files of the CFTC: a year in one, and the latest week."""

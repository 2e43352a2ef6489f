"""Flows of US crypto funds, from the tables of Farside Investors."""

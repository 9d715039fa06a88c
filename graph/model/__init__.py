"""Frozen values for every noun of the graph. Pure: no clock, no input or output."""

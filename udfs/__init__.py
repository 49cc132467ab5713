"""Pandas UDFs and the plain-Python logic they call."""

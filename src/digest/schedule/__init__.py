"""Newsletters and the clock in, editions out at their hour."""

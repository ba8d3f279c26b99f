"""Ranked stories in, the content of an edition out.  Pure."""

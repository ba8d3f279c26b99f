"""Bytes of a message that came in, and keys, in; what it says, whose it is and what follows out.  Pure."""

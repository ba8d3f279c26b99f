"""A mail as it would be sent in, what is wrong with it out: where, why it matters, and how to mend it.  Pure."""

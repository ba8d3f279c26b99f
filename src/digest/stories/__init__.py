"""Articles in, ranked stories with the ledger of each score out.  Pure."""

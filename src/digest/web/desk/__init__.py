"""The editor's desk: pages in which an edition is looked at, changed and signed off."""

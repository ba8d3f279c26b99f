"""How editions, readers and sources are doing, for an operator to look at: figures in SQL, charts in SVG, no script."""

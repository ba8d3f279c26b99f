"""What `bench_stories.py` is made of."""

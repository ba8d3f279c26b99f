"""The main job on sample articles: import, rank, build, send to a mail server inside the process, show the inbox."""

from digest.demo.show import Demo

__all__ = ["Demo"]

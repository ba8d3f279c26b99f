"""A number and what it counts, for people."""


def counted(number: int, noun: str, nouns: str = "") -> str:
    """As in "1 story", "1,200 stories"; the plural ends in s unless it is given."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"

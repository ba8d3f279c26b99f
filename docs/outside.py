"""A page in, the same with links out of docs/ leading to the repository out: the site has only what is in docs/."""

import re
from typing import Any


def on_page_markdown(markdown: str, *, config: Any, **_: Any) -> str:
    return re.sub(r"\]\(\.\./", f"]({config.repo_url.rstrip('/')}/blob/main/", markdown)

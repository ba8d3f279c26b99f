"""`digest opml`: what it prints is a configuration, and what it writes can be read again."""

import tomllib
from pathlib import Path

OPML = """<opml version="2.0"><body><outline text="Märkte \\ &quot;x&quot;">
<outline text="Wire" xmlUrl="https://wire.example/feed"/></outline><outline text="Bad" xmlUrl="ftp://x"/></body></opml>"""


def test_import_prints_what_is_new_and_export_writes_it(digest):
    Path("in.opml").write_text(OPML, encoding="utf-8")
    before = Path("config.toml").read_text(encoding="utf-8")
    printed = digest("opml", "import", "in.opml")
    assert printed.code == 0
    assert "feed 2" in printed.err
    assert Path("config.toml").read_text(encoding="utf-8") == before
    (source,) = tomllib.loads(printed.out)["sources"]
    assert source == {"name": "Wire", "url": "https://wire.example/feed", "section": 'Märkte \\ "x"'}
    Path("config.toml").write_text(before + printed.out, encoding="utf-8")
    assert digest("opml", "import", "in.opml").out == ""
    assert digest("opml", "export", "out.opml").code == 0
    assert "https://wire.example/feed" in Path("out.opml").read_text(encoding="utf-8")
    assert digest("opml", "export", "out.opml").code == 1


def test_a_file_without_feeds_is_an_error(digest):
    Path("in.opml").write_text("<html/>")
    said = digest("opml", "import", "in.opml")
    assert (said.code, said.out) == (1, "")

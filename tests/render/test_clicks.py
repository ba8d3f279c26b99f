"""Links of a newsletter that counts clicks: signed, of no reader, the same in both parts, and none on the page."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from build import KEY
from digest import links
from digest.render.render import render


def stories(text, base="https://news.example.org/r/"):
    return re.findall(re.escape(base) + r"[^\s\"<>]+", unescape(text))


def test_every_link_to_a_story_is_counted_in_the_mail_alone(full, site, newsletter):
    site = site.model_copy(update={"secrets": (SecretStr(KEY),)})
    done = render(full, site=site, newsletter=newsletter.model_copy(update={"count_clicks": True}))
    assert not stories(done.web)
    assert set(stories(done.html)) == set(stories(done.text))  # a picture has the link of its story
    led = {}
    for one in stories(done.text):
        parts = urlsplit(one)
        _, _, name, day, story, token = parts.path.split("/")
        (target,) = parse_qs(parts.query)["to"]
        assert links.is_click([KEY], f"{name}/{day}", story, target, token)
        led[story] = target
    assert led == {item.story: item.url for item in full.items}
    direct = re.findall(r'href="(https://example\.org/news/\d+)"', done.html)
    assert direct == []


def test_without_the_setting_or_a_key_links_lead_straight_on(full, site, newsletter):
    keyed = site.model_copy(update={"secrets": (SecretStr(KEY),)})
    assert not stories(render(full, site=keyed, newsletter=newsletter).html)
    assert not stories(render(full, site=site, newsletter=newsletter.model_copy(update={"count_clicks": True})).html)

"""A link opens what it was made for, and nothing else; what does not open says nothing."""

import hmac
from base64 import urlsafe_b64decode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import links

PURPOSES = ("confirm", "unsubscribe", "preferences", "resubscribe", "address")


def wrong_tokens(town, purpose):
    signed_for = "unsubscribe" if purpose == "resubscribe" else purpose
    right = town.token(signed_for, "pending" if purpose == "confirm" else "confirmed")
    others = [town.token(other) for other in ("confirm", "unsubscribe", "preferences") if other != signed_for]
    stranger = links.sign(["x" * 40], links.Purpose(signed_for), "daily", town.person("confirmed").uid)
    nobody = links.sign(["x" * 40], links.Purpose(signed_for), "daily", "00" * 8)
    flipped = right[:-1] + ("A" if right[-1] != "A" else "B")
    return [*others, stranger, nobody, flipped, right[:-1], right[:31] + "=", right + "A", "%00", "é" * 32, "0" * 32]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_wrong_tokens_get_one_answer(town, purpose):
    """Of another purpose, key or newsletter, cut off, forged, of nobody: the same 404, and nothing happens."""
    before = town.rows()
    elsewhere = town.token("unsubscribe", newsletter="daily")
    paths = [f"/{purpose}/daily/{token}" for token in wrong_tokens(town, purpose)]
    paths += [f"/{purpose}/{newsletter}/{elsewhere}" for newsletter in ("weekly", "no-such", "..%00", "Daily")]
    methods = ("POST",) if purpose == "resubscribe" else ("GET", "POST")
    answers = [town.client.request(method, path) for path in paths for method in methods]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert town.rows() == before


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_made_up_token_opens_anything(small_town, token):
    from urllib.parse import quote

    answer = small_town.client.get(f"/unsubscribe/daily/{quote(token, safe='')}")
    assert answer.status_code == 404


def test_a_newsletter_that_is_gone_can_still_be_left(small_town):
    """A link that was sent works for ever."""
    gone = small_town.settings.model_copy(update={"newsletters": {"weekly": small_town.settings.newsletters["weekly"]}})
    later = type(small_town)(gone, small_town.database, small_town.clock)
    assert later.client.post(later.path("unsubscribe")).status_code == 200
    assert later.subscription().left_at is not None


def test_the_mac_is_hmac_sha_256_for_keys_of_any_length():
    for length in (1, 32, 64, 65, 200):
        key = "k" * length
        text = b"digest\0unsubscribe\0daily\0" + b"ab" * 8 + b"\x000"
        wanted = hmac.digest(key.encode(), text, "sha256")[: links.MAC_BYTES]
        assert urlsafe_b64decode(links.sign([key], links.Purpose.UNSUBSCRIBE, "daily", "ab" * 8))[8:] == wanted

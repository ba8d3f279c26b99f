"""What looks at a page, be it a reader, a scanner or a prefetching mail program, changes nothing."""

import pytest

from digest.store import moves

SCANNERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",  # Safe Links
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Barracuda Sentinel (EE)",
    "facebookexternalhit/1.1",
    "",
)
TOKENS = ("confirm", "unsubscribe", "resubscribe", "preferences", "address")


def pages(town):
    """The routes for people; what programs may do with a token is in test_api.py."""
    return [route for route in town.app.routes if not route.path.startswith("/api/")]


def waiting(town):
    """A reader waits to be asked at another address; what that link's token is made with."""
    with town.database.begin() as db:
        person = town.person("confirmed")
        moves.ask(db, person.id, "daily", "another@example.net", now=town.clock())
        return moves.find(db, person.uid, now=town.clock()).nonce


def addresses(town):
    """An address for each page of the table, its places filled in with what works."""
    made = []
    for route in pages(town):
        purpose = route.path.split("/")[1]
        values = {"newsletter": "daily", "day": "2026-11-23", "name": "nothing.jpg", "story": "s1", "token": "x"}
        if purpose in TOKENS:
            who = "pending" if purpose == "confirm" else "confirmed"
            generation = waiting(town) if purpose == "address" else 0
            purpose = "unsubscribe" if purpose == "resubscribe" else purpose
            values["token"] = town.token(purpose, who, generation=generation)
        made.append(route.path.format(**values))
    return made


def test_no_get_head_or_options_changes_anything(town):
    """Over the whole route table, with tokens that work, as a browser and as several scanners."""
    paths = addresses(town)
    before = town.rows()
    answered = 0
    for path in paths:
        for agent in SCANNERS:
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = town.client.request(
                    method, f"{path}?List-Unsubscribe=One-Click", headers={"user-agent": agent}
                )
                answered += answer.status_code == 200
    assert town.rows() == before
    assert not town.woken
    # All but the page that is only for POST, pictures and counted links, of which there are none, and figures, which
    # few may see, answer GET and HEAD: the paths above did reach their handlers.
    assert answered == (len(pages(town)) - 4) * len(SCANNERS) * 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
def test_every_answer_is_safe_to_show(small_town, method):
    """Headers on every route and method, errors too; no cookie and no redirect anywhere."""
    for path in [*addresses(small_town), "/nothing-here", "/unsubscribe/daily/wrong", "/editions/daily/"]:
        answer = small_town.client.request(method, path)
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers.get("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "set-cookie" not in answer.headers
        assert "location" not in answer.headers
        if path.split("/")[1] in TOKENS:
            assert answer.headers["cache-control"] == "no-store"
            told = answer.headers.get_list("x-robots-tag")
            assert {f"{name}: noindex" for name in ("Googlebot", "bingbot")} <= set(told)


def test_the_methods_of_a_route_are_what_it_has_handlers_for(small_town):
    assert small_town.client.get(small_town.path("unsubscribe").replace("unsub", "resub", 1)).status_code == 405
    assert small_town.client.post("/").status_code == 405
    allowed = small_town.client.put("/subscribe/daily").headers["allow"]
    assert set(allowed.split(", ")) == {"GET", "HEAD", "POST"}

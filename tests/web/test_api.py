"""The web API: what a token may do, one answer for everyone, and for whatever is sent, what is wrong with it."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build import NOW
from digest.config import Joining
from digest.model import Scope, SubscriptionState
from digest.store import api_tokens, subscribers
from digest.web.api import OPERATIONS
from digest.web.entry import document

ROOT = "/api/v1"
JOIN, LOOK_UP, LEAVE = f"{ROOT}/subscriptions", f"{ROOT}/subscriptions/lookup", f"{ROOT}/subscriptions/leave"
EDITIONS = f"{ROOT}/newsletters/daily/editions"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def token(town, *scopes, name="shop"):
    with town.database.begin() as db:
        return api_tokens.add(db, name, scopes or list(Scope), now=NOW)


def ask(town, method, path, body=None, *, key="", **more):
    headers = {"authorization": f"Bearer {key or token(town)}"} | more
    if body is None:
        return town.client.request(method, path, headers=headers)
    return town.client.request(method, path, json=body, headers=headers)


def wish(name="ada", **over):
    form = {"form": "https://shop.example.org/checkout", "wording": "Send me the daily.", "ip": "192.0.2.7"}
    return {"address": f"{name}@example.net", "newsletter": "daily", "user_agent": "Browser/1"} | form | over


# --- what it does ----------------------------------------------------------------------------------------------------


def test_a_program_has_somebody_asked_and_its_evidence_is_kept(town):
    answer = ask(town, "POST", JOIN, wish(language="de"))
    assert (answer.status_code, answer.json()) == (202, {"newsletter": "daily", "state": "asked"})
    kept = town.subscription("ada")
    assert kept.state is SubscriptionState.UNCONFIRMED
    assert kept.subscriber.language == "de"
    assert json.loads(kept.consent) == {
        "wording": "Send me the daily.",
        "form": "https://shop.example.org/checkout",
        "at": NOW.isoformat(),
        "ip": "192.0.2.7",
        "user_agent": "Browser/1",
        "api_token": "shop",
    }
    assert town.woken == [1]
    with town.database.begin() as db:
        due = subscribers.due_confirmations(db, now=NOW, limit=9, lease=timedelta(minutes=30))
    assert "ada@example.net" in {one.subscriber.address for one in due}


def test_a_mailbox_in_any_letters_joins_and_leaves_where_the_mail_server_can_take_it(small_town):
    far = wish(address="jürgen@example.net")
    assert ask(small_town, "POST", JOIN, far).status_code == 422
    smtp = small_town.settings.smtp.model_copy(update={"smtputf8": True})
    settings = small_town.settings.model_copy(update={"smtp": smtp})
    wide = type(small_town)(settings, small_town.database, small_town.clock)
    key = token(wide, name="wide")
    assert ask(wide, "POST", JOIN, far, key=key).status_code == 202
    gone = ask(wide, "POST", LEAVE, {"address": "jürgen@example.net", "newsletter": "daily"}, key=key)
    assert gone.status_code == 200
    assert wide.subscription("jürgen").state is SubscriptionState.UNSUBSCRIBED


def test_a_program_learns_nothing_by_asking_to_join(town):
    key = token(town, Scope.SUBSCRIBE)
    names = ("new", "pending", "confirmed", "left", "suppressed", "CONFIRMED")
    answers = [ask(town, "POST", JOIN, wish(name), key=key) for name in names]
    assert {(one.status_code, one.text) for one in answers} == {(202, answers[0].text)}


def test_limits_count_for_programs_too(town):
    joining = Joining(per_network=1)
    town = type(town)(town.settings.model_copy(update={"joining": joining}), town.database, town.clock)
    key = token(town)
    answers = [ask(town, "POST", JOIN, wish(name), key=key) for name in ("a", "b")]
    assert [one.status_code for one in answers] == [202, 429]
    assert answers[1].headers["retry-after"] == "3600"
    assert town.person("b") is None


def test_an_address_is_looked_up(town):
    key = token(town, Scope.READ)
    known = ask(town, "POST", LOOK_UP, {"address": "Confirmed@example.net"}, key=key).json()
    assert known["subscriber"] == town.person("confirmed").uid
    assert [(one["newsletter"], one["state"]) for one in known["subscriptions"]] == [("daily", "confirmed")]
    nobody = ask(town, "POST", LOOK_UP, {"address": "nobody@example.net"}, key=key).json()
    assert nobody == {"subscriber": "", "suppressed": False, "subscriptions": []}
    assert ask(town, "POST", LOOK_UP, {"address": "suppressed@example.net"}, key=key).json()["suppressed"]


def test_a_program_lets_somebody_leave_at_once_and_again(town):
    key = token(town, Scope.UNSUBSCRIBE)
    body = {"address": "confirmed@example.net"}
    assert ask(town, "POST", LEAVE, body | {"newsletter": "weekly"}, key=key).json() == {"left": []}
    assert [ask(town, "POST", LEAVE, body, key=key).json() for _ in range(2)] == [{"left": ["daily"]}, {"left": []}]
    assert town.subscription().state is SubscriptionState.UNSUBSCRIBED
    assert ask(town, "POST", LEAVE, {"address": "nobody@example.net"}, key=key).json() == {"left": []}


def test_editions_are_listed_with_their_pages(town):
    (one,) = ask(town, "GET", EDITIONS).json()["editions"]
    assert one == {
        "edition": "daily/2026-11-23",
        "day": "2026-11-23",
        "subject": "Central bank holds rates, and three more stories",
        "url": "https://news.example.org/editions/daily/2026-11-23",
    }


# --- who may, and what is wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)
def test_nothing_is_done_without_a_token_for_it(town, one):
    path = ROOT + one.path.format(newsletter="daily")
    body = {"subscriptions": wish(), "lookup": {"address": "confirmed@example.net"}}.get(path.split("/")[-1])
    body = body or ({"address": "confirmed@example.net"} if one.takes else None)
    others = token(town, *(scope for scope in Scope if scope is not one.scope), name="others")
    ended = token(town, name="ended")
    with town.database.begin() as db:
        assert api_tokens.revoke(db, "ended")
    before = town.rows()
    for key, status in ((others, 403), (ended, 401), ("dgt_nonsense", 401), (others[:-1], 401)):
        answer = ask(town, one.method, path, body, key=key)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert ("www-authenticate" in answer.headers) == (status == 401)
    assert town.client.request(one.method, path).status_code == 401
    assert town.rows() == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"address": "a b@example.net"}, "#/address"),
        ({"address": 5}, "#/address"),
        ({"address": "a@example.net\u0000"}, "#/address"),
        ({"wording": ""}, "#/wording"),
        ({"language": "xx"}, "#/language"),
        ({"newsletter": "Not a name"}, "#/newsletter"),
        ({"extra": 1}, "#/extra"),
    ],
)
def test_a_fault_is_told_with_its_place_and_without_its_value(small_town, body, pointer):
    before = small_town.rows()
    answer = ask(small_town, "POST", JOIN, wish() | body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert "@" not in answer.text
    assert small_town.rows() == before


@pytest.mark.parametrize(
    ("what", "content", "kind", "status"),
    [
        (("POST", JOIN), b"{", "application/json", 400),
        (("POST", JOIN), b'{"address": "\\ud800"}', "application/json", 400),
        (("POST", JOIN), b"\xff", "application/json; charset=utf-8", 400),
        (("POST", JOIN), b"[" * 4000, "application/json", 400),
        (("POST", JOIN), b"a=b", "application/x-www-form-urlencoded", 415),
        (("POST", JOIN), b" " * 9000, "application/json", 413),
        (("POST", JOIN), json.dumps(wish(newsletter="nothing")).encode(), "application/json", 404),
        (("GET", JOIN), b"", "application/json", 405),
        (("GET", f"{ROOT}/newsletters/nothing/editions"), b"", "application/json", 404),
        (("GET", f"{ROOT}/newsletters/%00/editions"), b"", "application/json", 404),
        (("GET", f"{ROOT}/nothing"), b"", "application/json", 404),
        (("GET", ROOT), b"", "application/json", 404),
    ],
)
def test_whatever_is_wrong_is_a_problem_of_rfc_9457(small_town, what, content, kind, status):
    headers = {"authorization": f"Bearer {token(small_town)}", "content-type": kind}
    answer = small_town.client.request(*what, content=content, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["title"]
    assert problem["detail"]


def test_a_token_is_kept_as_a_hash(town):
    key = token(town)
    assert key.startswith("dgt_")
    with town.database.read() as db:
        kept = db.exec_driver_sql("SELECT * FROM api_tokens").all()
        assert key not in str(kept)
        assert [one.name for one in api_tokens.listing(db)] == ["shop"]
        assert api_tokens.find(db, key).scopes == frozenset(Scope)
    assert token(town) is None, "a name is given once"


def test_answers_are_not_kept_and_name_no_page_to_scripts(town):
    for answer in (ask(town, "GET", EDITIONS), town.client.get(EDITIONS)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


# --- the document ----------------------------------------------------------------------------------------------------


def test_the_document_tells_of_each_operation(small_town):
    described = small_town.client.get(f"{ROOT}/openapi.json").json()
    assert described == document("https://news.example.org", ["daily", "weekly"])
    assert described["openapi"].startswith("3.1.")
    assert described["servers"] == [{"url": "https://news.example.org/api/v1"}]
    told = {(path, method) for path, item in described["paths"].items() for method in item}
    assert told == {(one.path, one.method.lower()) for one in OPERATIONS}
    shapes = described["components"]["schemas"]
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named <= set(shapes)
    assert shapes["Joining"]["properties"]["newsletter"]["enum"] == ["daily", "weekly"]
    closed = {name for name, one in shapes.items() if one.get("additionalProperties") is False}
    assert set(shapes) - closed == {"Problem", "SubscriptionState"}


def test_the_docs_name_each_operation_and_scope():
    text = DOCS.read_text(encoding="utf-8")
    for one in OPERATIONS:
        assert f"| `{one.method} {one.path}` | `{one.scope}` |" in text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "address": st.emails() | st.text(max_size=300) | JSON,
        "newsletter": st.sampled_from(["daily", "weekly", "nothing"]) | JSON,
        "language": st.sampled_from(["de", "ar", "xx"]) | JSON,
        "form": st.text(max_size=50) | JSON,
        "wording": st.text(min_size=1, max_size=50) | JSON,
        "ip": st.ip_addresses().map(str) | st.text(max_size=45),
        "user_agent": st.text(max_size=300),
    },
)


@given(path=st.sampled_from([JOIN, LOOK_UP, LEAVE]), body=FIELDS | JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_is_a_fault_of_ours(small_town, path, body):
    """What schemathesis does in full (bench/bench_api.py)."""
    if not hasattr(small_town, "key"):
        small_town.key = token(small_town)
    answer = ask(small_town, "POST", path, body, key=small_town.key)
    described = document("", [])["paths"][path.removeprefix(ROOT)]["post"]["responses"]
    assert str(answer.status_code) in described
    assert answer.status_code < 500

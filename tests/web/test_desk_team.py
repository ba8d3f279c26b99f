"""The desk behind `digest serve`: for editors who have signed in, or whom a proxy names."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from build import NOW, ToldTime
from digest.config import Desk
from digest.store import editions, editors, operations
from digest.web.app import Site
from digest.web.desk import passwords, session
from newsroom import KEY, fill

PASSWORD = "a long and silent river"
ORIGIN = "https://news.example.org"
OURS = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "accept": "application/json"}
HASH = passwords.hashed(PASSWORD)


class Office:
    """A site with a desk, its editor Ada, and her browser."""

    def __init__(self, settings, database, **table) -> None:
        self.settings = settings.model_copy(update={"desk": Desk(serve=True, **table)})
        self.database, self.clock = database, ToldTime()
        fill(database, self.settings)
        self.password(HASH)
        self.client = self.browser()

    def browser(self, **how):
        site = Site(self.settings, self.database, clock=self.clock) if not hasattr(self, "site") else self.site
        self.site = site
        return TestClient(site, base_url=ORIGIN, follow_redirects=False, **how)

    def password(self, hash_):
        with self.database.begin() as db:
            editors.put(db, name="ada", password=hash_, now=NOW)

    def sign_in(self, name="ada", password=PASSWORD, *, headers=OURS, client=None):
        return (client or self.client).post("/desk/sign-in", data={"name": name, "password": password}, headers=headers)

    def page(self, **how):
        return self.client.get(f"/desk/{KEY}/", **how)

    def drop(self, *, headers=OURS, csrf=None):
        page = self.page().text
        token = csrf or (re.search(r'data-csrf="([^"]+)"', page) or [None, "none"])[1]
        story = (re.search(r'value="drop ([^"]+)"', page) or [None, "s1"])[1]
        fields = {"csrf": token, "revision": "0", "do": f"drop {story}"}
        return self.client.post(f"/desk/{KEY}/do", data=fields, headers=headers)

    def decided(self):
        with self.database.read() as db:
            return [one.who for one in operations.of(db, editions.get(db, KEY).id)]


@pytest.fixture
def office(settings, sqlite_database):
    return Office(settings, sqlite_database)


def test_there_is_no_desk_unless_it_is_asked_for(settings, sqlite_database):
    client = TestClient(Site(settings, sqlite_database, clock=ToldTime()), base_url=ORIGIN)
    assert client.get("/desk/").status_code == 404
    assert client.get("/healthz").text == "ok\n"


def test_who_has_not_signed_in_sees_a_form_and_nothing_else(office):
    for path in ("/desk/", f"/desk/{KEY}/", f"/desk/{KEY}/mail.html", f"/desk/{KEY}/message.eml"):
        answer = office.client.get(path)
        assert answer.status_code == 401
        assert 'name="password"' in answer.text
        assert "Marenne" not in answer.text
    assert office.client.get(f"/desk/{KEY}/events").status_code == 403
    assert office.client.get(f"/desk/{KEY}/state", headers={"accept": "application/json"}).status_code == 401
    assert office.drop().status_code in {401, 403}
    assert office.decided() == []
    assert office.client.get("/").status_code == 200, "the public pages stay public"


def test_an_editor_signs_in_decides_by_name_and_leaves(office):
    answer = office.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-digest-desk=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Marenne" in office.page().text
    assert 'href="/desk/dashboard"' in office.client.get("/desk/").text
    assert office.drop().status_code == 200
    assert office.decided() == ["ada"]
    assert office.client.post("/desk/sign-out", headers=OURS).status_code == 303
    assert office.page().status_code == 401


def test_a_page_of_a_session_that_is_over_learns_the_token_of_the_next_one(office):
    office.sign_in()
    old = re.search(r'data-csrf="([^"]+)"', office.page().text)[1]
    office.clock.now = NOW + timedelta(minutes=1)
    office.sign_in()
    assert office.drop(csrf=old).status_code == 403
    new = office.client.get(f"/desk/{KEY}/state", headers={"accept": "application/json"}).json()["csrf"]
    assert office.drop(csrf=new).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_forms_of_other_sites_do_nothing(office, headers):
    assert office.sign_in(headers=headers).status_code == 403
    office.sign_in()
    assert office.drop(headers=headers).status_code == 403
    assert office.client.post("/desk/sign-out", headers=headers).status_code == 403
    assert office.drop(csrf="of another session").status_code == 403
    assert office.decided() == []
    assert office.page().status_code == 200


@pytest.mark.parametrize("change", ["password", "removal", "time", "forged", "other key"])
def test_a_session_ends(office, change):
    office.sign_in()
    if change == "password":
        office.password(passwords.hashed("another long river"))
    elif change == "removal":
        with office.database.begin() as db:
            assert editors.remove(db, "ada")
    elif change == "time":
        office.clock.now += session.LIFE
    else:
        key = "x" * 40 if change == "other key" else office.settings.site.keys[0]
        cookie = session.issue([key], "ada", HASH, now=NOW)
        cookie = cookie if change == "other key" else cookie[:-1] + ("0" if cookie[-1] != "0" else "1")
        office.client = office.browser(cookies={"__Host-digest-desk": cookie})
    assert office.page().status_code == 401


def test_who_guesses_has_to_wait(office):
    for _ in range(session.TRIES):
        assert office.sign_in(password="wrong river, wrong").status_code == 401
    answer = office.sign_in()
    assert answer.status_code == 429
    assert "15 minutes" in answer.text
    office.clock.now += session.SPAN + timedelta(seconds=1)
    assert office.sign_in().status_code == 303


def test_nobody_is_kept_out_by_a_few_wrong_tries_from_elsewhere():
    tries = session.Tries()
    for _ in range(session.TRIES):
        tries.failed("address 192.0.2.1", "name ada", now=NOW)
    assert tries.waits("address 192.0.2.1", "name ada", now=NOW) == session.SPAN
    assert not tries.waits("address 192.0.2.2", "name ada", now=NOW)
    for number in range(session.FOR_NAME - session.TRIES):
        tries.failed(f"address 198.51.100.{number}", "name ada", now=NOW)
    assert tries.waits("address 192.0.2.2", "name ada", now=NOW) == session.SPAN


def test_whether_there_is_such_an_editor_is_not_said(office):
    known = office.sign_in(password="wrong river, wrong")
    unknown = office.sign_in(name="eve", password="wrong river, wrong")
    assert known.text.replace("ada", "") == unknown.text.replace("eve", "")
    assert known.status_code == unknown.status_code == 401


@pytest.mark.parametrize("cookie", ["", ".", "a.b.c", "YWRh", "YWRh.x.y", "YWRh.1.é", "%.1.2", "YWRh.99999999999999.x"])
def test_what_is_no_cookie_of_ours_opens_nothing(cookie):
    name = session.name_of(cookie)
    assert not session.holds(["k" * 40], cookie, name, HASH, now=NOW)


def test_a_proxy_may_do_the_signing_in(settings, sqlite_database):
    office = Office(settings, sqlite_database, user_header="X-Forwarded-User")
    assert office.page().status_code == 401
    office.client.headers["x-forwarded-user"] = "bela"
    assert "Marenne" in office.page().text
    assert office.drop().status_code == 200
    assert office.decided() == ["bela"]
    assert "Sign out" not in office.client.get("/desk/").text


def test_a_password_is_kept_as_its_hash_alone():
    assert HASH.startswith("$argon2id$")
    assert PASSWORD not in HASH
    assert passwords.fits(PASSWORD, HASH)
    assert not passwords.fits("wrong", HASH)
    assert not passwords.fits(PASSWORD, "no hash")
    for bad in ("short", "x" * 201):
        with pytest.raises(ValueError, match="12 to 200"):
            passwords.check(bad)

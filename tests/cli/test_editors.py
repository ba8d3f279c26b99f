"""Accounts of the desk, by the command line."""

PASSWORD = "a long and silent river"


def add(digest, name, password=PASSWORD, **how):
    return digest("editors", "add", name, "--password-stdin", stdin=f"{password}\n", **how)


def test_an_account_is_made_changed_listed_and_taken_away(digest):
    assert add(digest, "ada").out == "ada: added\n"
    assert add(digest, "ada", "another long river").out == "ada: has another password\n"
    listed = digest("editors", "list", "--json")
    assert [one["name"] for one in listed.json["editors"]] == ["ada"]
    assert "argon2" not in listed.out
    assert "ada" in digest("editors", "list").out
    assert digest("editors", "remove", "ada").out == "ada: removed\n"
    assert "nobody" in digest("editors", "list").out


def test_what_will_not_do_is_refused_in_one_line(digest):
    short = add(digest, "ada", "short")
    assert (short.code, short.err) == (1, "digest: a password has 12 to 200 characters; this one has 5\n")
    assert "a name has 1 to 64" in add(digest, "ada lovelace").err
    assert "no editor eve" in digest("editors", "remove", "eve").err

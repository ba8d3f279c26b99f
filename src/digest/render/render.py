"""An edition in, its mail and its web page out, once for all readers.  Personal links hold `links.Token` markers."""

from dataclasses import replace
from email.utils import parseaddr

from jinja2 import Environment

from digest import config, languages, links
from digest.model import Edition, Rendered
from digest.render import view
from digest.render.clicks import counted
from digest.render.environment import environment as new_environment
from digest.render.inline import inline


def render(
    edition: Edition,
    *,
    site: config.Site,
    newsletter: config.Newsletter,
    variant: str = "default",
    mail: Edition | None = None,
    late: bool = False,
    web: bool = True,
    environment: Environment | None = None,
) -> Rendered:
    """Subject, HTML, text and web page of `edition`.

    Args:
        mail: What HTML and text hold of it, where that is less; they say how many stories more the web page has.
        late: HTML and text say that they come later than usual.
        web: Make the page too: everyone who opens the edition in a browser sees the same one.
        environment: Saves reading the templates again; its language is that of the words around the stories.
    """
    language = edition.language or site.language
    templates = environment or new_environment(site.templates, language=language, brand=site.brand)
    zone, voice = config.zone(newsletter), languages.spoken(templates)
    whole = view.page(edition, site=site, zone=zone, voice=voice)
    more = len(edition.items) - len(mail.items) if mail else 0
    mailed = view.page(mail, site=site, zone=zone, voice=voice, more=more) if mail else whole
    if newsletter.count_clicks and site.keys:
        mailed = counted(mailed, edition.key, site)
    mailed = replace(mailed, late=late)
    name, base = edition.newsletter, site.base_url
    personal = {
        "unsubscribe_url": links.unsubscribe_url(base, name, links.Token.UNSUBSCRIBE),
        "preferences_url": links.preferences_url(base, name, links.Token.PREFERENCES),
    }
    return Rendered(
        variant=variant,
        subject=mailed.subject,
        preheader=mailed.preheader,
        html=inline(templates.get_template("edition.html.j2").render(page=mailed, **personal)),
        text=templates.get_template("edition.txt.j2").render(page=mailed, **personal),
        web=templates.get_template("web.html.j2").render(page=whole) if web else "",
    )


def confirmation(
    url: str,
    *,
    site: config.Site,
    newsletter: config.Newsletter,
    language: str = "",
    environment: Environment | None = None,
) -> Rendered:
    """The mail that asks whether an address wants `newsletter`; `url` confirms it.

    `language`: what its reader asked for; the newsletter's where there are no words in it.
    Nothing that was typed into the form is in it: otherwise the form would send anyone's words to anyone.
    """
    assert view.web_url(url) == url, "the confirm URL has to be an absolute web address"
    templates = environment or _speaking(language, site, newsletter)
    voice = languages.spoken(templates)
    values = {
        **_imprint(site, newsletter),
        "subject": voice.gettext("Please confirm: %(title)s", title=view.clean(newsletter.title)),
        "preheader": voice.gettext("One click, and it is on its way to you."),
        "url": url,
    }
    return Rendered(
        variant="confirmation",
        subject=values["subject"],
        preheader=values["preheader"],
        html=inline(templates.get_template("confirm.html.j2").render(values)),
        text=templates.get_template("confirm.txt.j2").render(values),
        web="",
    )


def moving(url: str, *, site: config.Site, newsletter: config.Newsletter, language: str = "") -> Rendered:
    """The mail that asks at a new address whether it is the reader's; `url` confirms it; `language` as above."""
    assert view.web_url(url) == url, "the URL has to be an absolute web address"
    return _move("move", site=site, newsletter=newsletter, language=language, url=url)


def moved(*, site: config.Site, newsletter: config.Newsletter, language: str = "") -> Rendered:
    """The mail that tells the old address.  It does not name the new one: who reads it may be somebody else by now."""
    return _move("moved", site=site, newsletter=newsletter, language=language, contact=parseaddr(site.contact)[1])


def _move(name: str, *, site: config.Site, newsletter: config.Newsletter, language: str, **more: str) -> Rendered:
    templates = _speaking(language, site, newsletter)
    gettext = languages.spoken(templates).gettext
    subjects = {"move": gettext("Is this your new address?"), "moved": gettext("Your address has been changed")}
    values = {**_imprint(site, newsletter), "subject": subjects[name], **more}
    return Rendered(
        variant=name,
        subject=subjects[name],
        preheader="",
        html=inline(templates.get_template(f"{name}.html.j2").render(values)),
        text=templates.get_template(f"{name}.txt.j2").render(values),
        web="",
    )


def _speaking(language: str, site: config.Site, newsletter: config.Newsletter) -> Environment:
    own = languages.tongue(language, languages.available(site.templates)) if language else ""
    return new_environment(site.templates, language=own or newsletter.language or site.language, brand=site.brand)


def _imprint(site: config.Site, newsletter: config.Newsletter) -> dict[str, str]:
    return {
        "title": view.clean(newsletter.title),
        "site": view.clean(site.name),
        "postal_address": view.clean(site.postal_address),
    }

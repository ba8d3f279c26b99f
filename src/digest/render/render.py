"""An edition in, its mail and its web page out, once for all readers.  Personal links hold `links.Token` markers."""

from jinja2 import Environment

from digest import config, links
from digest.model import Edition, Rendered
from digest.render import view
from digest.render.environment import environment as new_environment
from digest.render.inline import inline


def render(
    edition: Edition,
    *,
    site: config.Site,
    newsletter: config.Newsletter,
    variant: str = "default",
    mail: Edition | None = None,
    environment: Environment | None = None,
) -> Rendered:
    """Subject, HTML, text and web page of `edition`.

    Args:
        mail: What HTML and text hold of it, where that is less; they say how many stories more the web page has.
        environment: Saves reading the templates again.
    """
    templates = environment or new_environment(site.templates)
    zone = config.zone(newsletter)
    mailed = view.page(mail or edition, site=site, zone=zone, more=len(edition.items) - len((mail or edition).items))
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
        web=templates.get_template("web.html.j2").render(page=view.page(edition, site=site, zone=zone)),
    )


def confirmation(
    url: str, *, site: config.Site, newsletter: config.Newsletter, environment: Environment | None = None
) -> Rendered:
    """The mail that asks whether an address wants `newsletter`; `url` confirms it.

    Nothing that was typed into the form is in it: otherwise the form would send anyone's words to anyone.
    """
    assert view.web_url(url) == url, "the confirm URL has to be an absolute web address"
    templates = environment or new_environment(site.templates)
    language = newsletter.language or site.language
    values = {
        "title": view.clean(newsletter.title),
        "site": view.clean(site.name),
        "postal_address": view.clean(site.postal_address),
        "language": language,
        "direction": view.direction(language),
        "url": url,
    }
    html, text = templates.get_template("confirm.html.j2"), templates.get_template("confirm.txt.j2")
    strings = templates.get_template("_strings.j2").module.__dict__["t"]
    return Rendered(
        variant="confirmation",
        subject=strings["confirm_subject"] % values,
        preheader=strings["confirm_preheader"] % values,
        html=inline(html.render(values)),
        text=text.render(values),
        web="",
    )

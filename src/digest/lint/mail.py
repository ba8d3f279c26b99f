"""The bytes of a message in, its HTML, text and header fields out, each with its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from enum import StrEnum

from lxml.html import HtmlElement

from digest.lint.markup import Markup, parse


class Part(StrEnum):
    HTML = "html"
    TEXT = "text"
    HEADER = "header"
    MESSAGE = "message"  #: its bytes, header and parts, as they go over the wire


@dataclass(frozen=True, kw_only=True)
class Place:
    mail: str = ""  #: which one, where it is not the edition
    part: Part
    line: int = 0  #: of the decoded part, or of the message, from 1; 0 where there is none
    column: int = 0  #: from 1
    name: str = ""  #: of a header field

    def __str__(self) -> str:
        where = [self.name, f"line {self.line}" if self.line else "", f"column {self.column}" if self.column else ""]
        return ", ".join(filter(None, [self.mail, self.part, *where]))


@dataclass(frozen=True, kw_only=True)
class Field:
    """A header field as it goes over the wire, unfolded but not decoded."""

    name: str
    value: str

    @property
    def place(self) -> Place:
        return Place(part=Part.HEADER, name=self.name)


@dataclass(frozen=True, kw_only=True)
class Own:
    """How the addresses begin that are a reader's own; several where it may be any newsletter's.

    The mail that asks to confirm has only `confirm`: who gets it is on no list that could be left.
    """

    unsubscribe: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.unsubscribe, *self.preferences, *self.confirm)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What a mail may use, and which programs lack it."""

    title: str
    url: str
    lacking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What the rules look at.  Without a text, or a header, nothing is said of it."""

    html: Markup
    own: Own
    text: str | None = None
    fields: tuple[Field, ...] | None = None
    wire: bytes = b""  #: the whole message
    support: Mapping[str, Feature] = field(default_factory=dict)  #: what the operator's data says

    def place(self, element: HtmlElement | None) -> Place:
        """Of an element's start tag; of the HTML as a whole without one."""
        line, column = self.html.starts[element] if element is not None else (0, 0)
        return Place(part=Part.HTML, line=line, column=column)

    def within(self, element: HtmlElement, offset: int) -> Place:
        """Of a character in the text of an element that holds nothing else, such as a style block."""
        line, column = self.html.texts.get(element) or self.html.starts[element]
        before = (element.text or "")[:offset]
        below = before.count("\n")
        column = offset - before.rfind("\n") if below else column + offset
        return Place(part=Part.HTML, line=line + below, column=column)


def read_html(html: str, *, own: Own, support: Mapping[str, Feature] | None = None) -> Mail:
    return Mail(html=parse(html), own=own, support=support or {})


def read_message(wire: bytes, *, own: Own, support: Mapping[str, Feature] | None = None) -> Mail:
    """The parts of a message; one without an HTML part has an empty one."""
    message = message_from_bytes(wire)
    return Mail(
        html=parse(_body(message, "text/html")),
        own=own,
        text=_body(message, "text/plain"),
        fields=_fields(wire),
        wire=wire,
        support=support or {},
    )


def _body(message: Message, kind: str) -> str:
    part = next((one for one in message.walk() if one.get_content_type() == kind), None)
    raw = part.get_payload(decode=True) if part else None
    return raw.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(raw, bytes) else ""


def _fields(wire: bytes) -> tuple[Field, ...]:
    head = re.split(rb"\r?\n\r?\n", wire, maxsplit=1)[0].decode("utf-8", "replace")
    lines = (line.partition(":") for line in re.sub(r"\r?\n(?=[ \t])", "", head).splitlines())
    return tuple(Field(name=name, value=value.strip()) for name, _, value in lines)

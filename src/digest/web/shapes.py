"""What programs send to the web API and what they get, as types: they check requests, and OpenAPI shows them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from digest.config import NewsletterName
from digest.model import SubscriptionState

Address = Annotated[str, Field(min_length=3, max_length=254, json_schema_extra={"format": "email"})]
Text = Annotated[str, StringConstraints(max_length=1000)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Joining(Shape):
    """Somebody who wants to join, and the evidence of that."""

    address: Address
    newsletter: NewsletterName
    language: Annotated[str, StringConstraints(max_length=35)] = Field(
        default="", description="Of the words around the stories; one that there are words in. Empty: the newsletter's."
    )
    form: Text = Field(description="The address of the form they filled in.")
    wording: Text = Field(description="What they agreed to.", min_length=1)
    ip: Annotated[str, StringConstraints(max_length=45)] = Field(
        default="", description="Theirs, not that of your server: limits count by it."
    )
    user_agent: Annotated[str, StringConstraints(max_length=300)] = ""


class Asked(Shape):
    """If this address can be mailed, a confirmation mail is on its way. The same whoever it is."""

    newsletter: str
    state: Literal["asked"] = "asked"


class Somebody(Shape):
    address: Address


class Subscribed(Shape):
    newsletter: str
    state: SubscriptionState
    frequency: str
    hour: str = Field(description="Of delivery, by their own clock, as in 18:00. Empty: the newsletter's.")
    sections: tuple[str, ...]
    asked_at: datetime | None
    confirmed_at: datetime | None
    left_at: datetime | None
    paused_until: datetime | None


class Status(Shape):
    """What is known of an address; of one that is unknown nothing."""

    subscriber: str = Field(description="As webhooks name them; empty where nobody has this address.")
    suppressed: bool = Field(description="This address gets no mail at all.")
    subscriptions: tuple[Subscribed, ...]


class Leaving(Shape):
    address: Address
    newsletter: NewsletterName | None = Field(default=None, description="This one alone; without it all of them.")


class Left(Shape):
    """The newsletters that were left by this request; none where there was nothing to leave."""

    left: tuple[str, ...]


class Published(Shape):
    edition: str
    day: date
    subject: str
    url: str


class Editions(Shape):
    """The newest first."""

    editions: tuple[Published, ...]

"""The nouns, one word for one thing.  Values only: no behaviour that needs a clock, a socket or a database.

    Source → Article → Story → Edition → Rendered → Delivery → Outcome

Every moment is an aware `datetime` in UTC; `day` is the local date of a newsletter.
"""

from digest.model.article import (
    Alias,
    Article,
    Image,
    Marked,
    Rejection,
    Role,
    Seen,
    Source,
    shared_section,
)
from digest.model.delivery import FINAL, WAITING, Delivery, DeliveryState, Outcome, Slot, Stage, Tally
from digest.model.edition import (
    EDITION_KEY,
    Cadence,
    Edition,
    EditionState,
    EditionStatus,
    Item,
    Markets,
    Quote,
    Rendered,
    Section,
    Sponsor,
    edition_key,
)
from digest.model.polling import Health, Known, Memory
from digest.model.reader import (
    Circle,
    EventKind,
    NewSubscriber,
    Reason,
    Scope,
    Subscriber,
    Subscription,
    SubscriptionState,
    Suppression,
    Wish,
)
from digest.model.story import Bar, EditorAction, PastStory, Point, Standing, Story, StoryState

__all__ = [
    "EDITION_KEY",
    "FINAL",
    "WAITING",
    "Alias",
    "Article",
    "Bar",
    "Cadence",
    "Circle",
    "Delivery",
    "DeliveryState",
    "Edition",
    "EditionState",
    "EditionStatus",
    "EditorAction",
    "EventKind",
    "Health",
    "Image",
    "Item",
    "Known",
    "Marked",
    "Markets",
    "Memory",
    "NewSubscriber",
    "Outcome",
    "PastStory",
    "Point",
    "Quote",
    "Reason",
    "Rejection",
    "Rendered",
    "Role",
    "Scope",
    "Section",
    "Seen",
    "Slot",
    "Source",
    "Sponsor",
    "Stage",
    "Standing",
    "Story",
    "StoryState",
    "Subscriber",
    "Subscription",
    "SubscriptionState",
    "Suppression",
    "Tally",
    "Wish",
    "edition_key",
    "shared_section",
]

"""Values in, the JSON shapes that scripts rely on out."""

from dataclasses import asdict
from typing import Any

from digest.lint.finding import Finding
from digest.model import Decided, Edition, EditionStatus, Story, Verdict
from digest.pipeline.ranking import Ranking
from digest.stories.change import change


def story_json(story: Story) -> dict[str, Any]:
    """A story as the contract has it."""
    return {
        "rank": story.rank,
        "id": story.id,
        "score": round(story.score, 6),
        "headline": story.lead.title,
        "url": story.lead.url,
        "section": story.lead.section,
        "sources": story.sources,
        "state": story.state,
        "ledger": [
            {"signal": p.signal, "value": p.value, "points": round(p.points, 6), "sentence": p.sentence}
            for p in story.ledger
        ],
        "articles": [
            {"url": a.url, "title": a.title, "source": a.source, "published": a.published} for a in story.articles
        ],
    }


def change_json(story: Story, ranking: Ranking) -> dict[str, Any]:
    """How a story stands to the edition, and what would have changed it."""
    standing = ranking.selection.standings[story.id]
    found = change(story, standing, ranking.desk.options)
    return {
        "in": found.is_in,
        "bar": standing.bar,
        "reason": standing.sentence,
        "points": None if found.points is None else round(found.points, 6),
        "signal": found.signal,
        "from": found.before,
        "to": found.after,
        "sentence": found.sentence,
    }


def finding_json(one: Finding) -> dict[str, object]:
    place = one.place
    where = {
        "mail": place.mail or "edition",
        "part": place.part,
        "line": place.line or None,
        "column": place.column or None,
        "name": place.name or None,
    }
    said = {"wrong": one.wrong, "why": one.why, "source": one.source, "mend": one.mend}
    return {"rule": one.rule, "severity": one.severity, **where, **said}


def decided_json(one: Decided, verdict: Verdict | None) -> dict[str, object]:
    """An operation, who made or undid it, and what became of it."""
    undone = None if one.undone is None else {"revision": one.undone, "who": one.undone_by, "at": one.undone_at}
    return {
        "number": one.number,
        "operation": asdict(one.operation),
        "who": one.who,
        "at": one.at,
        "undone": undone,
        "fate": verdict.fate if verdict else None,
        "reason": verdict.sentence if verdict else "",
    }


def edition_json(status: EditionStatus) -> dict[str, object]:
    return {
        "edition": status.key,
        "cadence": status.cadence,
        "state": status.state,
        "hold": status.hold,
        "due_at": status.due_at,
        "subject": status.content.subject,
        "preheader": status.content.preheader,
        "stories": stories_json(status.content),
    }


def stories_json(edition: Edition) -> list[dict[str, object]]:
    return [
        {
            "rank": number,
            "id": item.story,
            "headline": item.headline,
            "url": item.url,
            "section": item.section,
            "sources": item.sources,
            "update": item.update,
        }
        for number, item in enumerate(edition.items, 1)
    ]

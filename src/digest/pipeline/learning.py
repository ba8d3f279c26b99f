"""Editions of the past, or a file of picks, in; the weights of a newsletter's desk out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from digest.config import Newsletter, Settings, load, pick_newsletter
from digest.errors import ConfigError, DigestError, Refused
from digest.model import EditionState, Rejection, Story
from digest.pipeline.articles import configured_sources
from digest.pipeline.ranking import rank_options
from digest.store import articles, decisions, editions, sources
from digest.store.database import Database
from digest.stories import learn, subjects
from digest.stories.learn import Day, Learnt
from digest.stories.rank import rank_stories
from digest.stories.signals import RankOptions

MOST_EDITIONS = 400
ALIKE = 0.5  #: share of common words (Jaccard) from which a picked title is an article's

_TOLD = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """What a newsletter's desk taught."""

    newsletter: str
    learnt: Learnt
    rejected: tuple[Rejection, ...] = ()  #: rows of the file


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """What was chosen of the window that ends at a moment."""

    at: datetime
    urls: frozenset[str]
    titles: tuple[str, ...] = ()


def from_editions(settings: Settings, database: Database, name: str | None = None) -> Lessons:
    """From the editions that an editor had a hand in.  One that nobody touched says only what the ranking thinks.

    Raises:
        Refused: they teach too little, or nothing that holds.
    """
    name, newsletter = pick_newsletter(settings, name)
    with database.read() as db:
        told = [
            one for one in editions.listing(db, newsletter=name, waves=False, limit=MOST_EDITIONS) if one.state in _TOLD
        ]
        touched = decisions.of(db, name).keys()
    choices = [
        _Choice(at=one.content.built_at, urls=frozenset(item.url for item in one.content.items))
        for one in reversed(told)
    ]
    days = _days(
        settings, database, newsletter, choices, lambda story: any(one.url in touched for one in story.articles)
    )
    return Lessons(newsletter=name, learnt=_learn(days, newsletter))


def from_file(settings: Settings, database: Database, path: Path, name: str | None = None) -> Lessons:
    """From a file of picks: JSON lines with `day` and `url` or `title`; the articles of those days have to be stored.

    Raises:
        DigestError: the file cannot be read.
        Refused: it teaches too little, or nothing that holds.
    """
    name, newsletter = pick_newsletter(settings, name)
    picks, rejected = _read(path)
    choices = [_choice(day, picks[day], newsletter) for day in sorted(picks)]
    days = _days(settings, database, newsletter, choices, lambda _story: True)
    return Lessons(newsletter=name, learnt=_learn(days, newsletter), rejected=tuple(rejected))


def tables(lessons: Lessons) -> str:
    """What was learnt, as tables of the configuration."""
    options = lessons.learnt.options
    found = {"weights": options.weights, "subjects": options.subjects, "words": options.words}
    return "\n".join(_table(f"newsletters.{lessons.newsletter}.{name}", rows) for name, rows in found.items() if rows)


def _table(name: str, rows: Mapping[str, float]) -> str:
    lines = (f"{_key(key)} = {value:g}\n" for key, value in sorted(rows.items()))
    return f"[{name}]\n{''.join(lines)}"


def write(lessons: Lessons, path: Path) -> None:
    """Append the tables to the configuration.

    Raises:
        Refused: it has such tables already, or would not be valid with them; nothing is changed then.
    """
    before = path.read_text(encoding="utf-8")
    after = f"{before.rstrip()}\n\n# Learnt by `digest rank learn`.\n{tables(lessons)}"
    trial = path.with_name(f"{path.name}.new")
    trial.write_text(after, encoding="utf-8")
    try:
        load(trial)
    except ConfigError:
        trial.unlink()
        where = f"newsletters.{lessons.newsletter}"
        raise Refused(
            f"{path} has weights, subjects or words in {where}: take them out, or copy the new ones"
        ) from None
    trial.chmod(path.stat().st_mode)
    trial.replace(path)


def _learn(days: Sequence[Day], newsletter: Newsletter) -> Learnt:
    learnt = learn.learn(days, _options(newsletter))
    if isinstance(learnt, Learnt):
        return learnt
    raise Refused(f"nothing was learnt: {learnt.reason}")


def _options(newsletter: Newsletter) -> RankOptions:
    return rank_options(newsletter, hours=newsletter.window_hours)


def _days(
    settings: Settings,
    database: Database,
    newsletter: Newsletter,
    choices: Sequence[_Choice],
    counts: Callable[[Story], bool],
) -> list[Day]:
    """The windows with a story that `counts`, ranked without what editors decided: that is what shall be learnt."""
    with database.read() as db:
        known = {one.name: one for one in sources.all_sources(db)} | configured_sources(settings)
    found = []
    for choice in choices:
        with database.read() as db:
            window = articles.window(db, start=choice.at - timedelta(hours=newsletter.window_hours), end=choice.at)
        stories = rank_stories(window, now=choice.at, options=_options(newsletter), sources=known)
        if any(map(counts, stories)):
            found.append(Day(stories=stories, chosen=_chosen(stories, choice)))
    return found


def _chosen(stories: Sequence[Story], choice: _Choice) -> frozenset[str]:
    wanted = [words for title in choice.titles if (words := subjects.title_words(title))]
    return frozenset(
        story.id
        for story in stories
        if any(one.url in choice.urls or _is_one_of(one.title, wanted) for one in story.articles)
    )


def _is_one_of(title: str, wanted: Sequence[frozenset[str]]) -> bool:
    own = subjects.title_words(title)
    return any(len(own & other) >= ALIKE * len(own | other) for other in wanted)


def _choice(day: date, picks: Sequence[Mapping[str, str]], newsletter: Newsletter) -> _Choice:
    return _Choice(
        at=datetime.combine(day, newsletter.send_at, ZoneInfo(newsletter.timezone)),
        urls=frozenset(pick["url"] for pick in picks if "url" in pick),
        titles=tuple(pick["title"] for pick in picks if "title" in pick),
    )


def _read(path: Path) -> tuple[dict[date, list[Mapping[str, str]]], list[Rejection]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DigestError(f"{path}: {error}") from None
    picks: dict[date, list[Mapping[str, str]]] = {}
    rejected = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            day, pick = _pick(line)
        except ValueError as error:
            rejected.append(Rejection(path=str(path), where=f"line {number}", error=str(error)))
        else:
            picks.setdefault(day, []).append(pick)
    return picks, rejected


def _pick(line: str) -> tuple[date, Mapping[str, str]]:
    try:
        row: Any = json.loads(line)
    except ValueError:
        raise ValueError("not JSON") from None
    texts = {key: value for key, value in row.items() if isinstance(value, str)} if isinstance(row, dict) else {}
    try:
        day = date.fromisoformat(texts.get("day", ""))
    except ValueError:
        raise ValueError('no "day" with a date, as in {"day": "2026-11-23", "url": "https://…"}') from None
    named = {key: texts[key] for key in ("url", "title") if texts.get(key)}
    if not named:
        raise ValueError('neither "url" nor "title"')
    return day, named


def _key(name: str) -> str:
    return name if name.replace("_", "").isascii() and name.replace("_", "").isalnum() else json.dumps(name)

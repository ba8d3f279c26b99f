"""The name of a profile and what its owner changed in, the options of ranking out.  Pure.

What matters is each desk's own decision (bench/README.md: weights that follow one desk's choices harm the agreement
with another's).  So there are three plain profiles, and every weight of them can be set.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from digest.stories.signals import SECTION_PRIOR, SUBJECT_PRIOR, RankOptions


def _sections(points: Mapping[str, float]) -> Mapping[str, float]:
    """Points for sections by the words for them in several languages."""
    names = {
        "economy": ("economy", "wirtschaft", "économie", "economía", "economia"),
        "business": ("business", "unternehmen", "entreprises", "empresas"),
        "companies": ("companies", "firmen"),
        "markets": ("markets", "finance", "finanzen", "märkte", "marchés", "mercados"),
        "technology": ("technology", "tech", "technik", "technologie", "tecnología"),
        "world": ("world", "international", "welt", "ausland", "monde", "mundo", "mondo"),
        "politics": ("politics", "politik", "politique", "política", "politica"),
    }
    return {name: value for section, value in points.items() for name in names[section]}


PROFILES: Mapping[str, RankOptions] = MappingProxyType(
    {
        "balanced": RankOptions(),
        "world": RankOptions(
            sections={**SECTION_PRIOR, **_sections({"world": 1.5, "politics": 0.5})},
            subjects={**SUBJECT_PRIOR, "states": 1.3, "force": 1.2, "disaster": 1.4, "court": 0.3},
        ),
        "business": RankOptions(
            sections={
                **SECTION_PRIOR,
                **_sections({"economy": 1.5, "business": 1.5, "companies": 1.5, "markets": 1.5, "technology": 0.7}),
                **_sections({"world": 0.3, "politics": 0.3}),
            },
            subjects={
                **SUBJECT_PRIOR,
                "economy": 1.5,
                "states": 0.3,
                "force": 0.2,
                "disaster": 0.3,
                "rule": 0.5,
                "court": 0.4,
            },
        ),
    }
)


def options(
    profile: str,
    *,
    window_hours: float,
    weights: Mapping[str, float],
    sections: Mapping[str, float],
    subjects: Mapping[str, float],
    words: Mapping[str, float],
) -> RankOptions:
    """A profile with the owner's word over it.

    Args:
        profile: One of `PROFILES`.
        window_hours: Of the newsletter.
        weights: By signal, instead of the profile's.
        sections: Points by section, instead of the profile's.
        subjects: Points by subject, instead of the profile's.
        words: Points of single words, or of beginnings of words (``climat*``), instead of their subject's.
    """
    chosen = PROFILES[profile]
    return replace(
        chosen,
        window_hours=window_hours,
        weights={**chosen.weights, **weights},
        sections={**chosen.sections, **_folded(sections)},
        subjects={**chosen.subjects, **subjects},
        words={**chosen.words, **_folded(words)},
    )


def _folded(table: Mapping[str, float]) -> dict[str, float]:
    return {name.casefold(): points for name, points in table.items()}

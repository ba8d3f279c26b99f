"""What makes a mail look like its publication: a logo, a colour, typefaces.  Checked before anything is sent."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from markupsafe import Markup
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from digest.colours import READABLE, contrast, parsed

PAPER, PAPER_DARK = "#ffffff", "#1c1c1a"  #: as templates/email has it: _mail.css and _dark.css, _colours.css for pages

Typeface = Literal["georgia", "times", "palatino", "arial", "helvetica", "verdana", "tahoma", "trebuchet"]

#: Typefaces that come with systems, as mail programs load no others, each with what stands in for it.
STACKS: dict[Typeface, str] = {
    "georgia": "Georgia, 'Times New Roman', serif",
    "times": "'Times New Roman', Times, serif",
    "palatino": "'Palatino Linotype', Palatino, Georgia, serif",
    "arial": "Arial, Helvetica, sans-serif",
    "helvetica": "Helvetica, Arial, sans-serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "tahoma": "Tahoma, Verdana, sans-serif",
    "trebuchet": "'Trebuchet MS', Tahoma, sans-serif",
}


def _colour(value: str) -> str:
    parsed(value)
    return value.lower()


def _logo(value: str) -> str:
    if value and (urlsplit(value).scheme != "https" or not value.isascii() or set(value) & set("<>\"' ")):
        raise ValueError("not an https address; mail programs load no other")
    return value


class Brand(BaseModel):
    """The table `[site.brand]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    logo: Annotated[str, AfterValidator(_logo)] = ""
    logo_width: int = Field(default=180, ge=1, le=552)
    logo_height: int = Field(default=40, ge=1, le=200)
    accent: Annotated[str, AfterValidator(_colour)] = "#8c1d18"
    accent_dark: Annotated[str, AfterValidator(_colour)] = "#ff9d92"
    headlines: Typeface = "georgia"
    text: Typeface = "georgia"
    small: Typeface = "arial"

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for key, colour, paper in (
            ("accent", self.accent, PAPER),
            ("accent_dark", self.accent_dark, PAPER_DARK),
        ):
            found = contrast(parsed(colour), parsed(paper))
            if found < READABLE:
                raise ValueError(
                    f"{key}: {colour} on {paper} has a contrast of {found:.1f}, and {READABLE} is the least"
                )
        return self

    @property
    def stacks(self) -> dict[str, Markup]:
        """The `font-family` of each use, as a template may write it into a style."""
        return {
            use: Markup(STACKS[face])  # noqa: S704 - from our own list
            for use, face in (("headlines", self.headlines), ("text", self.text), ("small", self.small))
        }

    @property
    def variables(self) -> dict[str, object]:
        """What templates of mail and pages know of it."""
        return {"brand": self, "font": self.stacks}


PLAIN = Brand()  #: of a publication that has set nothing

"""The files that are not Python are where the program looks for them, and the wheel is told of each."""

import re
import tomllib

import pytest

from digest import assets

ROOT = assets.ROOT


@pytest.mark.parametrize(
    "path", [assets.TEMPLATES, assets.MIGRATIONS, assets.EXAMPLE_CONFIG, assets.CATALOGUES, assets.SAMPLES]
)
def test_each_asset_is_there(path):
    assert path.exists()


def test_the_wheel_carries_each_asset():
    """An editable install runs from the checkout, so a forgotten one would show only after a release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    known = {value for name, value in vars(assets).items() if re.fullmatch("[A-Z][A-Z_]+", name) and name != "ROOT"}
    known -= {assets.CATALOGUES}  # they stand in the package itself
    assert {(ROOT / source).resolve() for source in carried} == {path.resolve() for path in known}
    assert all(target == f"digest/_assets/{source}" for source, target in carried.items())


def test_the_source_archive_carries_each_asset():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = set(project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"])
    assert {"src", "templates", "alembic", "samples", "tests", "docs", "config.example.toml"} <= carried


def test_there_are_migrations_and_no_package_that_would_hide_alembic():
    """With an `alembic/__init__.py`, `import alembic` from the checkout would find this folder."""
    assert list((assets.MIGRATIONS / "versions").glob("*.py"))
    assert not (assets.MIGRATIONS / "__init__.py").exists()


def test_there_are_templates_for_mail_and_web():
    for part in ("email", "web"):
        assert list((assets.TEMPLATES / part).glob("*.j2")), part

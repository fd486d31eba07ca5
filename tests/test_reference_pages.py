"""The reference pages that are made from schemas/ and examples/ are as the files say now."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def pages(root):
    path = root / "tools" / "reference_pages.py"
    if not path.exists():
        pytest.skip("tools/ is not part of the source archive")
    spec = importlib.util.spec_from_file_location("reference_pages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["structures", "definitions", "packs"])
def test_the_page_is_current(root, pages, name):
    written = (root / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")

    assert getattr(pages, f"{name}_page")() == written, "run python tools/reference_pages.py"

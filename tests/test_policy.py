"""The content-security-policy: on every page, and in a real browser it stops what slipped in."""

import re

import pytest

from defacto.press.policy import PolicyError, policed, policy

PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title><script>let a = 1;</script></head><body>{}</body></html>'


def test_inline_scripts_are_named_by_their_hash_and_data_is_not():
    text = policy(PAGE.format('<script type="application/json">{"a": 1}</script><script src="x.js"></script>'))
    assert text.count("sha256-") == 1 and "script-src 'self'" in text and "http" not in text
    assert policy(PAGE.format("")) == policy(PAGE.format("<p>other text</p>"))
    assert policy(PAGE.format("")) != policy(PAGE.format("<script>let b;</script>"))


def test_writing_the_policy_twice_changes_nothing():
    once = policed(PAGE.format(""))
    assert policed(once) == once and once.index("charset") < once.index("Content-Security-Policy")


@pytest.mark.parametrize(
    ("page", "what"),
    [(PAGE.format('<b onclick="x()">b</b>'), "handler"), (PAGE.format("<img src=x onerror=alert(1)>"), "handler"), ("<p>", "head")],
)  # fmt: skip
def test_what_a_page_may_not_hold(page, what):
    with pytest.raises(PolicyError, match=f"p.html: .*{what}"):
        policed(page, "p.html")


def test_every_page_has_one(built):
    pages = [p for p in (built / "html").rglob("*.html") if "_static" not in p.parts]
    for path in pages:
        text = path.read_text("utf-8")
        found = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert found == [policy(text)], path.name
    assert len(pages) > 10


@pytest.mark.parametrize("address", ["served", "folder"])
def test_the_browser_refuses_what_is_not_of_the_site(browser, served, built, address):
    """A script written into the page, a handler and a picture from elsewhere do nothing; the page's own scripts work."""
    page = "notebooks/06b_ledger.html"
    tab = browser.new_context().new_page()
    refused: list[str] = []
    tab.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)
    tab.goto(f"{served}/{page}" if address == "served" else (built / "html" / page).as_uri())
    tab.wait_for_selector("div.defacto-rows fieldset")
    assert not refused, refused
    tab.evaluate(
        "() => { window.ran = 0; const s = document.createElement('script'); s.textContent = 'window.ran += 1'; document.body.append(s);"
        " document.body.insertAdjacentHTML('beforeend', '<img src=\"http://192.0.2.1/x.png\" onerror=\"window.ran += 1\">'); }"
    )
    tab.wait_for_timeout(300)
    assert tab.evaluate("window.ran") == 0 and len(refused) >= 2
    tab.context.close()

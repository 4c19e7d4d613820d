"""The control of long tables in a real browser: what narrows and sorts is what is asked for."""

from defacto.figures import MIME
from defacto.press.extension import bundles


def test_every_long_table_with_a_control_narrows_and_sorts(browser, served, built):
    """Each control on each page: every value of each list keeps some rows, all rows come back, headers sort."""
    found = 0
    for page in sorted((built / "html/notebooks").glob("*.html")):
        tab = browser.new_context().new_page()
        tab.goto(f"{served}/notebooks/{page.name}", wait_until="networkidle")
        for box in tab.locator("div.defacto-rows").all():
            found += 1
            table = box.locator("xpath=..").locator("table").first
            rows = table.locator("tbody tr")
            shown = rows.filter(visible=True)
            whole = rows.count()
            assert shown.count() == whole > 0
            for select in box.locator("select").all():
                values = select.locator("option").evaluate_all("options => options.map(o => o.value).filter(v => v)")
                assert len(set(values)) == len(values) > 0, page.name
                select.select_option(values[0])
                assert 0 < shown.count() <= whole
                assert all(values[0] in text for text in shown.all_text_contents()), (page.name, values[0])
                select.select_option("")
            box.locator("input[type=search]").fill("no such words anywhere")
            assert shown.count() == 0 and "0 of" in box.get_by_role("status").text_content()
            box.locator("input[type=search]").fill("")
            assert shown.count() == whole
            head = table.locator("thead th:has(button)").first
            place = head.evaluate("h => h.cellIndex")
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == "ascending"
            up = rows.evaluate_all("(rows, n) => rows.map(r => r.cells[n].textContent.trim())", place)
            head.locator("button").click()
            down = rows.evaluate_all("(rows, n) => rows.map(r => r.cells[n].textContent.trim())", place)
            assert head.get_attribute("aria-sort") == "descending" and sorted(up) == sorted(down)
            assert up == down or up[0] != down[0] or up[-1] != down[-1]
        tab.context.close()
    controls = [d[MIME] for d in bundles().values() if d[MIME].get("control", {}).get("kind") == "rows"]
    assert found == len(controls) + 1  # the ledger's own table has one too


def test_numbers_sort_by_size_and_missing_values_come_last(browser, served):
    """The order is that of the numbers a reader sees: thousands, true minus, per cent; dashes last both ways."""
    tab = browser.new_context().new_page()
    tab.goto(f"{served}/notebooks/06b_ledger.html", wait_until="networkidle")
    script = (
        "([cells, down]) => { const t = document.createElement('table'); t.innerHTML = '<thead><tr><th>N</th></tr></thead><tbody>'"
        " + cells.map(c => `<tr><td>${c}</td></tr>`).join('') + '</tbody>'; const box = document.createElement('div');"
        " const div = document.createElement('div'); div.className = 'defacto-rows'; div.innerHTML ="
        ' \'<script type="application/json">{"noun":"rows","filter":[]}</scr\' + \'ipt>\'; box.append(div, t); document.body.append(box);'
        " return new Promise(done => { const s = document.createElement('script'); s.src = '../_static/tables.js?again';"
        " s.onload = () => { const b = t.querySelector('th button'); b.click(); if (down) b.click();"
        " done([...t.tBodies[0].rows].map(r => r.textContent)); }; document.querySelectorAll('div.defacto-rows').forEach(d => d === div || d.remove());"
        " document.body.append(s); }); }"
    )
    cells = ["1,200", "–", "−3.5", "9\u00a0%", "20"]
    assert tab.evaluate(script, [cells, False]) == ["−3.5", "9\u00a0%", "20", "1,200", "–"]
    assert tab.evaluate(script, [cells, True]) == ["1,200", "20", "9\u00a0%", "−3.5", "–"]
    tab.context.close()

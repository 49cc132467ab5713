"""The page: everything in it, everything escaped, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from jobs.runtime.report.facts import facts_of
from jobs.runtime.report.page import page
from tests.numbers_at_random import cpr_of
from tests.run_records import Records, check, score

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def html(last_run) -> str:
    return page(last_run, "acme")


def scripts(html: str) -> list[str]:
    return re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)


def without_scripts(html: str) -> str:
    return re.sub(r"(<script[^>]*>).*?(</script>)", r"\1\2", html, flags=re.DOTALL)


def cells(html: str, row: str) -> list[list[str]]:
    """The rows of tables that hold a text, as what their cells say."""
    found = re.findall(r"<tr>(.*?)</tr>", without_scripts(html), re.DOTALL)
    told = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r, re.DOTALL) for r in found if row in r]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in r] for r in told]


def test_the_head_tells_the_run(html):
    text = without_scripts(html)
    assert "<title>pipeline stopped, 2 February 2026, 02:00:00 – Atlas</title>" in text
    for told in ("<code>three</code>", "<dd>acme</dd>", "2 February 2026, 02:00:12 UTC", "12.0 s"):
        assert told in text
    assert "orders: held: amount_plausible is 12, allowed = 0; deliver better rows" in text
    assert re.findall(r"<dd>([\d,.]+)<small>", text) == [
        "6,000", "940", "55", "5,005", "0.9400", "1,241"
    ]  # fmt: skip


def test_who_ran_it_and_where_is_not_told(html):
    assert "somebody" not in without_scripts(html) and "a-host" not in without_scripts(html)


def test_the_tables_have_the_numbers(html):
    assert cells(html, ">amount_plausible<")[0] == [
        "fail", "orders", "published", "amount_plausible", "validity", "error", "12", "= 0", "12",
        "5,000",
    ]  # fmt: skip
    assert ["silver.customers", "delivered", "0.9630", *"–––––", "0.9730"] in cells(
        html, "silver.customers"
    )
    assert ["customers", "1,000", "900", "40", "30", "5", "20", "5", "0"] in cells(
        html, ">customers<"
    )
    assert cells(html, "required: customer_id") == [["customers", "required: customer_id", "3"]]
    assert cells(html, "EMAIL_ADDRESS")[0] == ["EMAIL_ADDRESS", "1,234", "1,234"]
    assert cells(html, "start Spark") == [["start Spark", "3.5"]]


def test_only_its_own_scripts_may_run_and_nothing_is_fetched(html):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    told = policy[1].replace("&#39;", "'")
    assert told.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in told.replace("style-src 'unsafe-inline'", "")
    data, *code = scripts(html)
    for script in code:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in told
    assert json.loads(data)["flow"]["customers"]["layout"]["height"] > 0
    outside = without_scripts(html)
    assert not re.search(r"\b(src|href|srcset|action|data)=|@import|url\(|https?:", outside)


def test_names_from_contracts_and_messages_are_only_text(tmp_path):
    records = Records(tmp_path)
    records.batch("run", 2, HOSTILE, 1, "held", HOSTILE, held=3)
    records.batch("run", 2, "orders", 1, quarantined=1)
    records.quarantine("orders", 1, {(HOSTILE, HOSTILE): 1})
    records.detections("run", "orders", 1, {(HOSTILE, HOSTILE, HOSTILE): 1})
    measured = check("published", HOSTILE, outcome="fail", threshold=HOSTILE)
    records.metrics("run", 1, HOSTILE, measured, score("published", "overall", 1.0))
    record = records.run("run", 0, 3, job=HOSTILE, message=HOSTILE, seconds={HOSTILE: 1.0})
    html = page(facts_of(records.lake, record), HOSTILE)
    assert len(scripts(html)) == 3
    assert "alert(1)" in without_scripts(html)
    for markup in ("<script>alert", "<img", "onerror=alert(2)>{{", ">49"):
        assert markup not in without_scripts(html)
    told = json.loads(scripts(html)[0])
    assert "<" not in scripts(html)[0] and HOSTILE in told["flow"]


def test_a_file_named_after_somebody_is_not_told(tmp_path):
    cpr, mail = cpr_of(5, "report"), "bodil.planted@example.dk"
    records = Records(tmp_path)
    told = f"customers: customers-{cpr}-{mail}.csv: is empty"
    records.run("job", 1, 2, parent="run", job="ingest", status="failed", message=told)
    record = records.run("run", 0, 3, status="failed", message=told)
    html = page(facts_of(records.lake, record), "default")
    assert cpr not in html and mail not in html
    assert html.count("customers: &lt;redacted&gt;: is empty") == 2


def test_a_run_without_anything_says_so(tmp_path):
    records = Records(tmp_path)
    record = records.run("run", 0, 1, status="killed", message="killed in stage merge orders")
    html = without_scripts(page(facts_of(records.lake, record), "default"))
    for told in ("killed in stage merge orders", "This run measured no quality",
                 "This run refined no rows", "There is nothing to compare with yet",
                 "None: no row was treated", "No stage was timed"):  # fmt: skip
        assert told in html
    assert "namespace" not in html and 'class="chart' not in html


def test_a_value_that_json_cannot_tell_is_left_out(tmp_path):
    records = Records(tmp_path)
    nan = float("nan")
    overall = score("published", "overall", 1.0) | {"value": nan}
    records.metrics("run", 1, "orders", overall, check("published", "mean", value=nan))
    html = page(facts_of(records.lake, records.run("run", 0, 2)), "default")
    assert json.loads(scripts(html)[0])["scores"]["silver.orders"]["data"][0]["x"] == [None]
    assert ["silver.orders", "published", *"–––––––"] in cells(html, "silver.orders")

"""The picture's page: everything escaped, nothing from elsewhere, readable, whole or not there."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.runtime.lineage.model import ColumnName, Edge, Origin, PiiColumn, PiiState
from jobs.runtime.lineage.picture import SCRIPTS, lineage_page, write_picture
from jobs.runtime.report.reports import write_report
from tests.lineage_sample import sample_columns, sample_edges
from tests.run_records import three_runs

HOSTILE = "</script><img src=x onerror=alert(1)>\"'{{ 7 * 7 }}<!-- <script>\u2028"


@pytest.fixture(scope="module")
def html() -> str:
    return lineage_page(sample_columns(), sample_edges())


def scripts(html: str) -> list[str]:
    return re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)


def without_scripts(html: str) -> str:
    return re.sub(r"(<script[^>]*>).*?(</script>)", r"\1\2", html, flags=re.DOTALL)


def test_only_its_own_scripts_may_run_and_nothing_is_fetched(html):
    told = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    told = told.replace("&#39;", "'")
    assert told.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in told.replace("style-src 'unsafe-inline'", "")
    _, *code = scripts(html)
    assert len(code) == len(SCRIPTS)
    for script in code:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in told
    outside = without_scripts(html)
    assert not re.search(r"\b(src|srcset|action|data)=|href=\"[^#]|@import|url\(|https?:", outside)


def test_no_script_makes_html_of_a_name():
    for name in SCRIPTS:
        code = (files("jobs.runtime.lineage") / f"{name}.js").read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function"
            r"|DOMParser|fetch\(|XMLHttp|WebSocket|import\(",
            code,
        )


def test_names_are_only_text():
    column = ColumnName(f"silver.{HOSTILE}", HOSTILE)
    source = ColumnName(f"bronze.{HOSTILE}", HOSTILE)
    origin = Origin(source, HOSTILE, (HOSTILE,))
    told = PiiColumn(column, PiiState.LEAK, (origin,), HOSTILE, HOSTILE, HOSTILE)
    edge = Edge(source, column, "DIRECT", HOSTILE, HOSTILE, HOSTILE)
    html = lineage_page([told], [edge], namespace=HOSTILE)
    assert len(scripts(html)) == 1 + len(SCRIPTS)
    outside = without_scripts(html)
    assert "&lt;/script&gt;&lt;img src=x" in outside
    for markup in ("<img", "alert(1)>", "49", "<!-- "):
        assert markup not in outside
    data = scripts(html)[0]
    assert not set("<>&'\u2028") & set(data)
    read = json.loads(data)
    assert [one["name"] for one in read["columns"]] == ["*", HOSTILE, "*", HOSTILE]
    assert read["edges"][0]["how"] == [{"subtype": HOSTILE, "treatment": HOSTILE, "job": HOSTILE}]
    assert read["columns"][3]["origins"][0]["treatments"] == [HOSTILE]


def test_the_counts_are_of_what_is_shown(html):
    outside = without_scripts(html)
    assert "8 tables, 102 columns, 102 edges" in outside
    assert "8 technical columns" in outside
    rows = re.findall(r'<tr><th scope="row">(\w+)</th>(.*?)</tr>', outside)
    counts = {layer: re.findall(r">([\d,]+)<", cells) for layer, cells in rows}
    assert counts == {
        "source": ["10", "0", "0", "0", "11", "0"],
        "bronze": ["10", "0", "0", "0", "11", "0"],
        "silver": ["0", "10", "2", "0", "11", "0"],
        "gold": ["0", "4", "0", "0", "33", "0"],
    }
    assert "without a treatment</h3>" not in outside


def test_a_leak_is_named_at_once():
    leak = PiiColumn(ColumnName("gold.t", "a b"), PiiState.LEAK)
    outside = without_scripts(lineage_page([leak], []))
    assert '<a href="#gold.t.a%20b">gold.t.a b</a>' in outside


def test_without_lineage_the_page_says_so():
    assert "0 tables, 0 columns, 0 edges" in lineage_page([], [])


def luminance(colour: str) -> float:
    def part(at: int) -> float:
        value = int(colour[at : at + 2], 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_written_can_be_read(dark):
    """WCAG 2.2, AA: 4.5 to 1 for text."""
    css = (files("jobs.runtime.lineage") / "picture.css").read_text(encoding="utf-8")
    light, night = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"(--[\w-]+): (#\w{6})", light + (night if dark else "")))
    on = {
        "--card": ["--text", "--muted", "--accent", "--none", "--leak"],
        "--headed": ["--text", "--muted"],
        "--page": ["--text", "--muted"],
        "--lit": ["--text", "--muted", "--accent"],
        **{f"--{state}": ["--on-sign"] for state in ("clear", "treated", "derived", "leak")},
    }
    for back, texts in on.items():
        for text in texts:
            low, high = sorted((luminance(colours[back]), luminance(colours[text])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, back)


def test_it_lies_among_the_reports(tmp_path):
    settings = load_settings(lake=str(tmp_path / "lake"), namespace="acme")
    path = write_picture(settings, sample_columns(), sample_edges())
    assert path == tmp_path / "reports" / "acme" / "lineage.html"
    assert "of acme</small>" in path.read_text(encoding="utf-8")
    other = write_picture(settings, [], [], path=tmp_path / "else" / "where.html")
    assert other.name == "where.html" and [p.name for p in other.parent.iterdir()] == [other.name]


def test_one_that_cannot_be_written_leaves_the_one_before(tmp_path):
    settings = load_settings(lake=str(tmp_path / "lake"))
    path = write_picture(settings, sample_columns(), sample_edges())
    before = path.read_bytes()
    path.with_suffix(".part").mkdir()
    with pytest.raises(OSError):
        write_picture(settings, [], [])
    assert path.read_bytes() == before


@pytest.mark.parametrize("made", [True, False])
def test_a_run_s_report_links_to_it_if_it_is_there(tmp_path, made):
    lake = three_runs(tmp_path)
    if made:
        write_picture(lake.settings, sample_columns(), sample_edges())
    (record,) = lake.query("ops.pipeline_runs", "select * from t where run_id = 'three'")
    page = write_report(lake.settings, lake, record)
    links = re.findall(r'<a href="([^"]*)">', without_scripts(page.read_text(encoding="utf-8")))
    assert links == (["lineage.html"] if made else [])
    assert all(Path(page.parent, link).is_file() for link in links)

"""The picture of the lineage in a real browser, with the network cut: what a click lights up."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from jobs.runtime.lineage.model import ColumnName, Edge, Origin, PiiColumn, PiiState
from jobs.runtime.lineage.picture import lineage_page
from tests.browser import driven, opened
from tests.lineage_sample import direct, indirect, large, name, sample_columns, sample_edges

pytestmark = pytest.mark.full

WINDOW = {"width": 1440, "height": 900}
HOSTILE = "</script><img src=x onerror=\"document.title='run'\"><a href='javascript:alert(1)'>x</a>"
REVENUE = "gold.customer_360.total_revenue"
SCORES = ("monetary_score", "rfm_score")
WAY_OF_REVENUE = {
    *(f"{layer}.orders.order_amount" for layer in ("source", "bronze", "silver")),
    REVENUE, "gold.customer_360.segment", *(f"gold.customer_360.{score}" for score in SCORES),
    "gold.customer_features.total_revenue", "gold.customer_features.revenue_per_month",
    *(f"gold.customer_features.{score}" for score in SCORES),
}  # fmt: skip
ONLY_DECIDING = {
    "bronze.orders.order_id", "bronze.orders.status", "silver.orders",
    "silver.orders.status", "silver.orders.customer_id", "silver.customers.customer_id",
    "gold.customer_360",
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with driven() as found:
        yield found


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> str:
    return written(tmp_path_factory.mktemp("sample"), sample_columns(), sample_edges())


@pytest.fixture(scope="module")
def lake_of_60(tmp_path_factory) -> str:
    return written(tmp_path_factory.mktemp("large"), *large(60, 25))


def written(folder: Path, columns: list[PiiColumn], edges: list[Edge]) -> str:
    path = folder / "lineage.html"
    path.write_text(lineage_page(columns, edges), encoding="utf-8")
    return path.as_uri()


def window(browser: Browser, url: str, **more: object) -> AbstractContextManager[Page]:
    return opened(browser, url, **{"viewport": WINDOW, **more})


def row(page: Page, key: str):
    return page.locator(f'#world [data-key="{key}"]')


def keys(page: Page, how: str) -> set[str]:
    of = page.locator(f"#world [data-key].{how}")
    return set(of.evaluate_all("rows => rows.map((row) => row.dataset.key)"))


def lines(page: Page, how: str) -> set[tuple[str, str]]:
    ends = "lines => lines.map((line) => [line.dataset.from, line.dataset.to])"
    return {(a, b) for a, b in page.locator(f"#lines path.{how}").evaluate_all(ends)}


def chosen(page: Page) -> set[str]:
    return keys(page, "chosen")


def expected_lines(on: set[str], decided: set[str]) -> tuple[set, set]:
    """What the fixture says of lines between columns that light up."""
    pairs = {(str(e.source), str(e.target).removesuffix(".*"), e.type) for e in sample_edges()}
    strong = {(a, b) for a, b, kind in pairs if kind == "DIRECT" and {a, b} <= on}
    weak = {
        (a, b) for a, b, kind in pairs if kind == "INDIRECT" and a in decided and b in on | decided
    }
    return strong, weak


def test_a_click_lights_up_a_column_s_whole_way_and_nothing_else(browser, sample):
    with window(browser, sample) as page:
        assert keys(page, "on") == keys(page, "weak") == lines(page, "on") == set()
        row(page, REVENUE).click()
        assert chosen(page) == {REVENUE}
        assert keys(page, "on") == WAY_OF_REVENUE
        assert keys(page, "weak") == ONLY_DECIDING
        strong, weak = expected_lines(WAY_OF_REVENUE, ONLY_DECIDING)
        assert lines(page, "on") == strong and len(strong) == 10
        assert lines(page, "weak") == weak
        assert weak == {
            ("bronze.orders.order_id", "silver.orders"), ("bronze.orders.status", "silver.orders"),
            ("silver.orders.status", REVENUE), ("silver.orders.customer_id", "gold.customer_360"),
            ("silver.customers.customer_id", "gold.customer_360"),
        }  # fmt: skip
        dashed = page.locator("#lines path.weak").evaluate_all(
            "lines => lines.map((line) => getComputedStyle(line).strokeDasharray)"
        )
        assert set(dashed) == {"5px, 4px"}
        dimmed = row(page, "silver.customers.city").locator(".name")
        assert float(dimmed.evaluate("one => getComputedStyle(one).opacity")) < 0.5
        assert page.url.endswith(f"#{REVENUE}")


def test_the_panel_tells_what_is_known_of_it(browser, sample):
    with window(browser, f"{sample}#silver.customers.birth_year") as page:
        told = page.inner_text("#panel")
        for text in ("birth_year", "in silver.customers", "every way from personal data leads",
                     "Year of birth.", "source.customers.date_of_birth",
                     "pii-indirect → generalize year", "5 years after the last order",
                     "bronze.customers.date_of_birth", "gold.customer_360.birth_year",
                     "bronze.customers.customer_id\nwindow, by refine"):  # fmt: skip
            assert text in told
        page.click("#panel >> text=source.customers.date_of_birth")
        assert chosen(page) == {"source.customers.date_of_birth"}
        assert "personal data as it came" in page.inner_text("#panel")
        page.go_back()
        page.wait_for_function("location.hash.endsWith('birth_year')")
        assert chosen(page) == {"silver.customers.birth_year"}


def test_a_table_s_head_lights_up_all_of_it(browser, sample):
    with window(browser, sample) as page:
        row(page, "silver.orders").click()
        on = keys(page, "on")
        own = {key for key in on if key.startswith("silver.orders")}
        assert len(own) == 9 and "silver.customers.city" not in on
        assert {"source.orders.currency", "gold.customer_360.segment"} <= on
        assert ("bronze.orders.status", "silver.orders") in lines(page, "weak")
        told = page.inner_text("#panel")
        assert (
            "MADE FROM\nbronze.orders\nREAD FOR\ngold.customer_360\ngold.customer_features" in told
        )
        assert "2 treated" in told and "6 none" in told


def test_by_keys_alone(browser, sample):
    with window(browser, sample) as page:
        page.keyboard.press("/")
        page.keyboard.type("order_am")
        offered = "items => items.map((item) => item.innerText.replaceAll('\\n', ' '))"
        assert page.locator("#found li").evaluate_all(offered) == [
            f"– order_amount {layer}.orders" for layer in ("source", "bronze", "silver")
        ]
        page.keyboard.press("ArrowDown")
        assert page.get_attribute("#search", "aria-activedescendant") == "hit-1"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        assert chosen(page) == {"silver.orders.order_amount"}
        assert page.locator("#found").is_hidden()
        focused = "document.activeElement.dataset.key"
        for key, there in (
            ("ArrowRight", "gold.customer_360.total_revenue"),
            ("ArrowDown", "gold.customer_360.avg_order_value"),
            ("ArrowRight", "gold.customer_features.avg_order_value"),
            ("ArrowLeft", "gold.customer_360.avg_order_value"),
            ("ArrowUp", "gold.customer_360.total_revenue"),
        ):
            page.keyboard.press(key)
            assert page.evaluate(focused) == there
        assert chosen(page) == {"silver.orders.order_amount"}
        page.keyboard.press("Enter")
        assert keys(page, "on") == WAY_OF_REVENUE
        assert page.locator("#world [tabindex='0']").count() == 1
        page.keyboard.press("Escape")
        assert keys(page, "on") == keys(page, "weak") == chosen(page) == set()
        assert "#" not in page.url.removesuffix("#")
        assert "Pick a column" in page.inner_text("#panel")


def test_the_search_finds_tables_and_says_when_there_is_nothing(browser, sample):
    with window(browser, sample) as page:
        page.fill("#search", "customer_360")
        assert page.locator("#found li").first.inner_text().split() == [
            "▤",
            "gold.customer_360",
            "table",
        ]
        page.locator("#found li").first.click()
        assert "gold.customer_360" in chosen(page)
        page.fill("#search", "gold tier")
        assert page.locator("#found li").count() == 1
        page.fill("#search", "nowhere")
        assert page.inner_text("#found") == "No column or table has this in its name."
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert page.input_value("#search") == "" and "gold.customer_360" in chosen(page)


def test_layers_and_technical_columns_come_and_go(browser, sample):
    with window(browser, sample) as page:
        drawn = lines(page, "line")
        assert row(page, "bronze.orders._bronze_row").count() == 0
        page.click("#layers >> text=technical columns")
        assert row(page, "bronze.orders._bronze_row").is_visible()
        added = lines(page, "line") - drawn
        assert added == {
            (f"bronze.{table}._bronze_{column}", f"silver.{table}")
            for table in ("customers", "orders") for column in ("delivery", "row")
        }  # fmt: skip
        page.click("#layers >> text=source")
        assert row(page, "source.orders").count() == 0
        assert not any(a.startswith("source") for a, _ in lines(page, "line"))
        page.click("#layers >> text=technical columns")
        page.click("#layers >> text=source")
        assert lines(page, "line") == drawn
        page.click("#layers >> text=gold")
        page.evaluate(f"location.hash = '{REVENUE}'")
        page.wait_for_selector(".chosen")
        assert page.get_attribute("[data-layer=gold]", "aria-pressed") == "true"
        page.evaluate("location.hash = 'bronze.orders._bronze_row'")
        page.wait_for_selector('.chosen[data-key="bronze.orders._bronze_row"]')
        page.evaluate("location.hash = '%E0%A4%A'")
        page.wait_for_function("!document.querySelector('.chosen')")


def test_it_is_moved_and_zoomed_and_a_drag_chooses_nothing(browser, sample):
    with window(browser, sample) as page:
        where = row(page, REVENUE).bounding_box()
        page.mouse.move(where["x"] + 20, where["y"] + 5)
        page.mouse.down()
        page.mouse.move(where["x"] - 40, where["y"] + 65, steps=4)
        page.mouse.up()
        moved = row(page, REVENUE).bounding_box()
        assert (moved["x"] - where["x"], moved["y"] - where["y"]) == pytest.approx((-60, 60), abs=1)
        assert chosen(page) == set()
        page.mouse.wheel(0, -400)
        assert row(page, REVENUE).bounding_box()["width"] > 1.5 * where["width"]
        page.click("#fit")
        assert row(page, REVENUE).bounding_box() == pytest.approx(where, abs=1)
        row(page, REVENUE).click()
        assert chosen(page) == {REVENUE}


CROSSINGS = """() => {
  const tables = [...document.querySelectorAll(".box")].map((box) =>
    [box.offsetLeft, box.offsetTop, box.offsetLeft + box.offsetWidth, box.offsetTop + box.offsetHeight]);
  const found = [];
  for (const line of document.querySelectorAll("#lines path")) {
    const length = line.getTotalLength();
    for (let at = 2; at < length - 2; at += 6) {
      const { x, y } = line.getPointAtLength(at);
      if (tables.some(([l, t, r, b]) => x > l + 1 && x < r - 1 && y > t && y < b))
        found.push(`${line.dataset.from} ${line.dataset.to}`);
    }
  }
  const over = tables.filter((one, n) => tables.some((other, m) => m > n
    && one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]));
  return [[...new Set(found)], over.length];
}"""


def at_random(seed: int) -> tuple[list[PiiColumn], list[Edge]]:
    """Tables in all layers, some of ops, that lead to each other over any distance, some backwards."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    names = [
        f"{layer}.t{n}" for layer in ("source", "bronze", "silver", "gold", "ops") for n in range(5)
    ]
    columns = [f"{table}.c{n}" for table in names for n in range(chance.randint(1, 14))]
    edges = []
    for _ in range(240):
        source, target = sorted(chance.sample(columns, 2), key=columns.index)
        if chance.random() < 0.05:
            source, target = target, source
        edges.append(chance.choice([direct, direct, indirect])(source, target, "JOIN"))
    return [PiiColumn(name(column), PiiState.NONE) for column in columns], edges


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_no_line_crosses_a_table_and_no_table_another(browser, sample, tmp_path, seed):
    url = sample if seed is None else written(tmp_path, *at_random(seed))
    with window(browser, url) as page:
        drawn = page.locator("#lines path").count()
        assert drawn > 60
        assert page.evaluate(CROSSINGS) == [[], 0]
        page.locator(".fold:enabled").evaluate_all("all => all.forEach((fold) => fold.click())")
        assert page.evaluate(CROSSINGS) == [[], 0]
        assert page.locator("#lines path").count() != drawn
        page.evaluate("document.querySelector('.title').click()")
        page.click("text=Only its way")
        assert page.evaluate(CROSSINGS) == [[], 0]


def test_names_stay_text_and_run_nothing(browser, tmp_path):
    column, source = (
        ColumnName(f"silver.{HOSTILE}", HOSTILE),
        ColumnName(f"bronze.{HOSTILE}", HOSTILE),
    )
    origin = Origin(source, HOSTILE, (HOSTILE,))
    told = PiiColumn(column, PiiState.LEAK, (origin,), HOSTILE, HOSTILE, HOSTILE)
    edges = [
        Edge(source, column, kind, HOSTILE, HOSTILE, HOSTILE) for kind in ("DIRECT", "INDIRECT")
    ]
    with window(browser, written(tmp_path, [told], edges)) as page:
        page.click("#panel a")  # the leak
        assert page.locator(".chosen .name").inner_text() == HOSTILE
        page.fill("#search", "onerror")
        assert page.locator("#found li").count() == 4
        page.keyboard.press("Enter")
        assert HOSTILE in page.inner_text("#panel")
        assert page.title() == "Column lineage – Atlas"
        assert page.locator("img, a[href^=javascript]").count() == 0


def test_sixty_tables_with_1500_columns(browser, lake_of_60, capsys):
    begun = time.perf_counter()
    with window(browser, lake_of_60) as page:
        page.wait_for_selector("body[data-drawn]")
        ready = time.perf_counter() - begun
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        assert page.locator(".box").count() == 60 and page.locator(".row").count() == 60 * 8
        clicked = page.evaluate(
            """() => { const begun = performance.now();
              document.querySelector('[data-key="gold.table_03.column_03"]').click();
              document.body.getBoundingClientRect();
              return performance.now() - begun; }"""
        )
        with capsys.disabled():
            print(f"\n60 tables, 1,500 columns: first paint {paint:.0f} ms, drawn {ready:.2f} s, "
                  f"a click {clicked:.0f} ms")  # fmt: skip
        on = {
            f"{layer}.table_{n}.column_03"
            for layer in ("source", "bronze", "silver")
            for n in ("03", "09")
        }
        assert keys(page, "on") == on | {"gold.table_03.column_03"}
        assert keys(page, "weak") == {
            "gold.table_03", *(f"silver.table_{n:02}.column_00" for n in range(6, 12))
        }  # fmt: skip
        page.click("text=Only its way")
        assert page.locator(".row").count() == 7 + 6
        assert page.locator(".box").count() == 2 + 2 + 7 + 1
        page.keyboard.press("Escape")
        assert page.locator(".row").count() == 60 * 8


def test_a_closed_table_shows_what_is_on_the_way_and_opens(browser, lake_of_60):
    with window(browser, f"{lake_of_60}#silver.table_05.column_01") as page:
        box = page.locator('.box:has([data-key="silver.table_05"])')
        assert row(page, "silver.table_05.column_01").is_visible()
        assert row(page, "source.table_05.column_01").count() == 1
        assert row(page, "silver.table_05.column_02").count() == 0
        box.locator(".more").click()
        assert row(page, "silver.table_05.column_02").is_visible()
        box.locator(".fold").click()
        assert row(page, "silver.table_05.column_02").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_screen(browser, sample, scheme):
    small = {"width": 390, "height": 800}
    with window(browser, f"{sample}#{REVENUE}", viewport=small, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        panel, place = page.locator("#panel").bounding_box(), row(page, REVENUE).bounding_box()
        assert panel["width"] == 390 and panel["height"] < 400
        assert place["x"] >= 0 and place["x"] + place["width"] <= 390
        assert place["y"] + place["height"] < panel["y"]
        back = page.evaluate("getComputedStyle(document.querySelector('.box')).backgroundColor")
        assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(24, 32, 42)"}[scheme]
        page.click("#panel >> text=Clear")
        assert page.locator("#panel").is_hidden()


def test_without_lineage_it_is_empty_and_whole(browser, tmp_path):
    with window(browser, written(tmp_path, [], [])) as page:
        page.keyboard.press("Escape")
        page.fill("#search", "a")
        page.click("#fit")
        assert page.locator(".box").count() == 0

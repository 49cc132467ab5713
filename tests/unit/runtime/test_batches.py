"""Batches: recorded before any write, done again with the same bounds."""

import dataclasses

import pytest

from jobs.runtime.batches import Batches, BatchStatus, Recipe
from jobs.runtime.counts import TableCounts
from jobs.runtime.deliveries import DeliveryStatus
from tests.unit.runtime.test_deliveries import arrival, deliveries, lake  # noqa: F401

RECIPE = Recipe("contract", "detector", "key")


def receive(lake, *names: str) -> None:  # noqa: F811
    book = deliveries(lake)
    for record in book.open_for([arrival(name, name) for name in names]):
        book.close(record, DeliveryStatus.RECEIVED, rows=1)


def batches(lake) -> Batches:  # noqa: F811
    return Batches(lake, "orders", "run")


def test_a_batch_covers_what_came_since_the_last_one(lake):  # noqa: F811
    receive(lake, "a", "b")
    book = batches(lake)
    first = book.next(deliveries(lake), RECIPE)
    assert (first.number, first.deliveries) == (1, (1, 2))
    book.close(first, BatchStatus.PUBLISHED, TableCounts(read=2, inserted=2))
    assert book.next(deliveries(lake), RECIPE) is None
    receive(lake, "c")
    second = batches(lake).next(deliveries(lake), RECIPE)
    assert (second.number, second.deliveries) == (2, (3,))


def test_an_open_batch_keeps_its_bounds_though_more_came(lake):  # noqa: F811
    receive(lake, "a")
    batches(lake).next(deliveries(lake), RECIPE)
    receive(lake, "b")
    again = batches(lake).next(deliveries(lake), RECIPE)
    assert (again.number, again.deliveries) == (1, (1,))


@pytest.mark.parametrize("changed", ["contract_sha256", "pii_version", "key_fingerprint"])
def test_a_changed_recipe_abandons_the_batch_and_covers_its_deliveries_anew(lake, changed):  # noqa: F811
    receive(lake, "a")
    batches(lake).next(deliveries(lake), RECIPE)
    other = batches(lake).next(deliveries(lake), dataclasses.replace(RECIPE, **{changed: "other"}))
    assert (other.number, other.deliveries) == (2, (1,))
    assert [b["status"] for b in batches(lake).all] == ["abandoned", "open"]


def test_a_delivery_whose_fate_is_unknown_is_waited_for(lake):  # noqa: F811
    receive(lake, "a")
    deliveries(lake).open_for([arrival("b", "b")])  # registered, perhaps half written
    assert batches(lake).next(deliveries(lake), RECIPE).deliveries == (1,)


def test_failed_deliveries_are_not_refined(lake):  # noqa: F811
    book = deliveries(lake)
    bad, good = book.open_for([arrival("bad", "x"), arrival("good", "y")])
    book.close(bad, DeliveryStatus.FAILED)
    book.close(good, DeliveryStatus.RECEIVED, rows=1)
    assert batches(lake).next(deliveries(lake), RECIPE).deliveries == (2,)


def test_only_published_batches_are_believed(lake):  # noqa: F811
    receive(lake, "a")
    book = batches(lake)
    book.close(book.next(deliveries(lake), RECIPE), BatchStatus.HELD, TableCounts(read=1, held=1))
    receive(lake, "b")
    book.close(
        book.next(deliveries(lake), RECIPE), BatchStatus.PUBLISHED, TableCounts(read=1, inserted=1)
    )
    assert book.published == [2]


OTHER = dataclasses.replace(RECIPE, contract_sha256="corrected")


def hold(lake, name: str) -> None:  # noqa: F811
    receive(lake, name)
    book = batches(lake)
    book.close(book.next(deliveries(lake), RECIPE), BatchStatus.HELD, TableCounts(read=1, held=1))


def test_a_held_batch_waits_until_something_is_corrected(lake):  # noqa: F811
    hold(lake, "a")
    assert batches(lake).next(deliveries(lake), RECIPE) is None
    again = batches(lake).next(deliveries(lake), OTHER)
    assert (again.number, again.deliveries) == (2, (1,))
    assert [b["status"] for b in batches(lake).all] == ["abandoned", "open"]


def test_a_held_batch_is_done_again_though_later_ones_were_published(lake):  # noqa: F811
    hold(lake, "a")
    receive(lake, "b")
    book = batches(lake)
    book.close(
        book.next(deliveries(lake), RECIPE), BatchStatus.PUBLISHED, TableCounts(read=1, inserted=1)
    )
    receive(lake, "c")
    book = batches(lake)
    numbers = []
    while batch := book.next(deliveries(lake), OTHER):
        numbers.append((batch.number, batch.deliveries))
        book.close(batch, BatchStatus.PUBLISHED, TableCounts(read=1, inserted=1))
    assert numbers == [(3, (1,)), (4, (3,))]
    assert book.published == [2, 3, 4]


def test_one_done_again_and_changed_once_more_loses_no_delivery(lake):  # noqa: F811
    hold(lake, "a")
    receive(lake, "b")
    book = batches(lake)
    book.close(
        book.next(deliveries(lake), RECIPE), BatchStatus.PUBLISHED, TableCounts(read=1, inserted=1)
    )
    batches(lake).next(deliveries(lake), OTHER)  # and the run is killed
    third = dataclasses.replace(RECIPE, contract_sha256="third")
    again = batches(lake).next(deliveries(lake), third)
    assert (again.number, again.deliveries) == (4, (1,))

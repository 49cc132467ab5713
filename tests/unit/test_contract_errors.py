"""Every kind of wrong contract gives one error with file, place, what was found and allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conf.contract_problems import closest
from conf.contract_reader import load_contracts
from conf.contract_words import ColumnWords, TableWords
from conf.errors import UsageError
from tests.unit.contract_texts import (
    Words,
    column,
    document,
    key,
    properties,
    table,
    write,
    write_text,
)

HASH = {"treatment": "hash"}
AMOUNT = column(
    "amount",
    "number",
    {"goldRole": "amount"},
    physicalType="decimal(18,2)",
    classification="internal",
)
DAY = column("day", "date", {"goldRole": "order_date"}, classification="internal")
WHO = column("who", words={"treatment": "hash", "goldRole": "customer"})


def problems(folder: Path) -> list[str]:
    """What is told, one line a problem, without the file's path."""
    with pytest.raises(UsageError) as error:
        load_contracts(folder)
    return [re.sub(r"^\s*\S*/", "", line) for line in str(error.value).splitlines()[1:]]


def orders(*columns: Words, **words: Any) -> Words:
    return table("sales", [key(), *columns], {"role": "orders", "currency": "DKK", **words})


KEPT = {"classification": "internal"}


def jdbc(**words: Any) -> Words:
    """A table of a database; a word that is None is left out."""
    columns = [
        key(),
        column("changed", "timestamp", **KEPT),
        column("number", "integer", **KEPT),
        column("note", **KEPT),
        column("born", "date", {"treatment": "redact"}, classification="pii-indirect"),
    ]
    told = {"format": "jdbc", "jdbcTable": "public.t", **words}
    return table("t", columns, {name: value for name, value in told.items() if value is not None})


def gold(k_anonymity: object, *marked: str) -> Words:
    """A Gold table whose columns `marked` are quasi-identifiers."""
    columns = [key(), column("a"), column("price", "number")]
    for one in columns:
        one |= {"customProperties": properties({"quasiIdentifier": one["name"] in marked})}
    told = properties({"kAnonymity": k_anonymity}) if k_anonymity is not None else []
    return {"name": "gold.t", "properties": columns, "customProperties": told}


ONE_TABLE = [
    # our words
    (table("t", [key()], {"delimeter": ";"}), "t.delimeter: unknown word; did you mean delimiter?"),
    (table("t", [key()], {"Role": "orders"}), "t.Role: unknown word; did you mean role?"),
    (
        table("t", [key(), column("a", words={"treatment": "hsah"})]),
        "t.a.treatment: found 'hsah'; did you mean hash? allowed are keep, hash, mask, redact, generalize, drop and detect",
    ),
    (
        table("t", [key(), column("a", words={"treatmnt": "hash"})]),
        "t.a.treatmnt: unknown word; did you mean treatment?",
    ),
    (
        table("t", [key(), column("a", words={"form": "mail"})]),
        "t.a.form: found 'mail'; did you mean email?",
    ),
    (table("t", [key()], {"format": "cvs"}), "t.format: found 'cvs'; did you mean csv?"),
    (
        {"name": "t", "properties": [key()]},
        "t.format: missing; allowed are csv, jsonl, parquet, fixed-width and jdbc",
    ),
    (jdbc(jdbcTable=None), "t: format jdbc takes one of jdbcTable and jdbcQuery, found neither"),
    (jdbc(jdbcQuery="select 1"), "t: format jdbc takes one of jdbcTable and jdbcQuery, found both"),
    (jdbc(jdbcTable='"a"."b"'), 't.jdbcTable: found \'"a"."b"\'; allowed is table or schema.table'),
    (
        jdbc(jdbcTable=None, jdbcQuery="select 1; drop table t"),
        "t.jdbcQuery: allowed is one SELECT; it holds a semicolon",
    ),
    (jdbc(delimiter=";"), "t.delimiter: is for csv, not for jdbc"),
    (jdbc(files="t*.csv"), "t.files: is for csv, jsonl, parquet and fixed-width, not for jdbc"),
    (table("t", [key()], {"watermark": "id"}), "t.watermark: is for jdbc, not for csv"),
    (jdbc(connection="CRM"), "t.connection: found 'CRM'; allowed is lower-case letters"),
    (jdbc(watermark="chnged"), "t.watermark: no column chnged; did you mean changed?"),
    (
        jdbc(watermark="note"),
        "t.watermark: note is a string; allowed are integer, number, date and timestamp",
    ),
    (
        jdbc(watermark="born"),
        "t.watermark: born has treatment redact; its last value is recorded: allowed is keep",
    ),
    (jdbc(overlap="1 hour"), "t.overlap: needs a watermark: without one every pull takes all rows"),
    (
        jdbc(watermark="changed", overlap="an hour"),
        "t.overlap: found 'an hour'; allowed is a time such as 30 minutes",
    ),
    (
        jdbc(watermark="changed", overlap=100),
        "t.overlap: found '100' for type timestamp; allowed is a time such as 1 hour",
    ),
    (
        jdbc(watermark="number", overlap="1 hour"),
        "t.overlap: found '1 hour' for type integer; allowed is a whole number",
    ),
    (jdbc(partitions=4), "t.partitions: needs a partitionColumn to divide the rows by"),
    (jdbc(partitionColumn="id"), "t.partitionColumn: needs partitions, their number: 2 to 256"),
    (
        jdbc(partitionColumn="di", partitions=4),
        "t.partitionColumn: no column di; allowed are id, changed",
    ),
    (jdbc(partitionColumn="id", partitions=1), "t.partitions: found 1; input should be greater"),
    (
        table(
            "t",
            [column("a", **KEPT)],
            {"format": "jdbc", "jdbcTable": "t", "delivery": "increment"},
        ),
        "t.delivery: a pull may hold rows of the one before it, which would be new each time",
    ),
    (
        table("t", [key()], {"heldDeliveries": "wiat"}),
        "t.heldDeliveries: found 'wiat'; did you mean wait? allowed are pass and wait",
    ),
    (
        table("t", [key(), column("a", words={"treatment": "keep", "lateParent": "wait"})]),
        "t.a.lateParent: is for a column that names its parent (relationships)",
    ),
    (
        table("corrections", [key()]),
        "corrections: the name is that of Bronze's table of corrected values",
    ),
    (table("t", [key()], {"deletes": "tombstone"}), "t.deletes: not yet: the word is reserved"),
    (table("t", [key()], {"scd2": True}), "t.scd2: not yet: the word is reserved"),
    (table("t", [key()], {"clusterBy": ["a"]}), "t.clusterBy: not yet: the word is reserved"),
    (
        table("t", [key()], {"retention": {"years": 5}}),
        "t.retention: not yet: retention is a text for the register",
    ),
    (
        table("t", [key()], {"delivery": "delta"}),
        "t.delivery: found 'delta'; allowed are full and increment",
    ),
    (
        table("t", [key()], {"delimiter": "||"}),
        "t.delimiter: found '||'; string should have at most 1 character",
    ),
    (table("t", [key()], {"quote": ","}), "t.quote: found ',', which is the delimiter too"),
    (
        table("t", [key()], {"format": "jsonl", "delimiter": ";"}),
        "t.delimiter: is for csv, not for jsonl",
    ),
    (
        table("t", [key()], {"format": "parquet", "encoding": "UTF-8"}),
        "t.encoding: is for csv, jsonl and fixed-width, not for parquet",
    ),
    (
        table("t", [key()], {"encoding": "windows-1253"}),
        "t.encoding: found 'windows-1253'; did you mean windows-125",
    ),
    (table("t", [key()], {"encoding": "cp037"}), "t.encoding: found 'cp037'; allowed are UTF-8, "),
    (
        table("t", [key()], {"currency": "kr"}),
        "t.currency: found 'kr'; allowed is a currency code such as DKK",
    ),
    # ODCS's words
    (
        table("t", [key(), column("a", requird=True)]),
        "t.a.requird: unknown word; did you mean required?",
    ),
    (
        table("t", [key(), column("a", "text")]),
        "t.a.logicalType: found 'text'; allowed are string, date, timestamp",
    ),
    (
        table("t", [key(), column("a", "object")]),
        "t.a.logicalType: object: not yet; allowed are string, integer, number, boolean, date and timestamp",
    ),
    (table("t", [key(), {"name": "a"}]), "t.a.logicalType: missing; string, for example"),
    (
        table("t", [key(), column("a", required="yes")]),
        "t.a.required: found 'yes'; it must be of type boolean",
    ),
    (
        table("t", [key(), column("a", unique=True)]),
        "t.a.unique: not yet: only a primaryKey is made unique",
    ),
    (
        table("t", [key(), column("a", "integer", logicalTypeOptions={"maximum": 3})]),
        "t.a.maximum: not yet; allowed are format and defaultTimezone; write a rule for anything else",
    ),
    (
        table("t", [key(), column("a", quality=[{"type": "text", "dimension": "validity"}])]),
        "dimension: found 'validity'; write conformity, ODCS's word for it;",
    ),
    (
        table("t", [key(), column("a", enum=[{"value": True}])]),
        "t.a.enum: found True, not of the column's type; quote texts",
    ),
    (table("t", [key(), column("a", "date", enum=[{"value": "2024-01-01"}])]), "t.a.enum: "),
    (
        table("t", [key()], relationships=[{"from": "t.id", "to": "u.id"}]),
        "t.relationships: not yet for a table",
    ),
    # names
    (
        table("Kunder", [key()]),
        "Kunder: a table's name is lower-case letters, digits and _, a letter first",
    ),
    (table("t", []), "t: it has no columns (properties)"),
    (
        table("t", [key(), column("_a")]),
        "t._a: a column's name is letters, digits and _, a letter first",
    ),
    (table("t", [key(), column("årlig")]), "t.årlig: a column's name is letters, digits and _"),
    (
        table("t", [key(), column("A"), column("a")]),
        "t.A: two columns have this name (upper and lower case are one",
    ),
    (
        table("t", [key(), column("a", physicalName="X"), column("b", physicalName="X")]),
        "t.b: 'X' is the source name of two columns",
    ),
    (
        table("t", [key(), column("a", words={"silverName": "b"}), column("b")]),
        "t: two columns of Silver are called b; silverName or validFlag can say otherwise",
    ),
    (
        table("t", [key(), column("a", words={"silverName": "_b"})]),
        "t.a.silverName: found '_b'; allowed is letters, digits and _, a letter first",
    ),
    (
        table("t", [key(), column("a", words={**HASH, "form": "email", "validFlag": "id"})]),
        "t.a.validFlag: found id, which is a column",
    ),
    (
        table("t", [key(), column("a", words={**HASH, "validFlag": "ok"})]),
        "t.a.validFlag: needs a form: email, phone or cpr",
    ),
    # privacy
    (
        table("t", [column("id", primaryKey=True)]),
        "t.id: a key needs a classification or a treatment: keep, hash, mask, redact, generalize, drop and detect",
    ),
    (
        orders(column("who", words={"goldRole": "customer"}), DAY, AMOUNT),
        "sales.who: goldRole customer needs a classification or a treatment",
    ),
    (
        table("t", [key(), column("a", classification="pii-direct")]),
        "t.a.classification: pii-direct needs a treatment: keep, hash",
    ),
    (
        table("t", [key(), column("a", classification="pii_direct")]),
        "t.a.classification: found 'pii_direct'; did you mean pii-direct?",
    ),
    (
        table(
            "t", [key(), column("a", classification="pii-sensitive", words={"treatment": "keep"})]
        ),
        "t.a.treatment: found keep, but pii-sensitive may not stand in Silver as clear text",
    ),
    (
        table("t", [key(), column("a", words={"treatment": "keep", "form": "cpr"})]),
        "t.a.treatment: found keep for form cpr; allowed with classification public, internal and confidential only",
    ),
    (
        table("t", [column("id", words={"treatment": "redact"}, primaryKey=True)]),
        "t.id.treatment: found redact; a key allows hash and keep",
    ),
    (
        table("t", [key(), column("a", words={"treatment": "generalize"})]),
        "t.a.treatment: generalize needs the word generalize: year or prefix:N",
    ),
    (
        table("t", [key(), column("a", words={"treatment": "generalize", "generalize": "month"})]),
        "t.a.generalize: found 'month'; allowed is year or prefix:N",
    ),
    (
        table("t", [key(), column("a", words={"treatment": "generalize", "generalize": "year"})]),
        "t.a.generalize: year is for dates and timestamps, found string",
    ),
    (
        table(
            "t", [key(), column("a", "date", {"treatment": "generalize", "generalize": "prefix:4"})]
        ),
        "t.a.generalize: prefix is for strings, found date",
    ),
    (
        table(
            "t",
            [
                key(),
                column(
                    "a",
                    "date",
                    {"treatment": "generalize", "generalize": "year"},
                    logicalTypeOptions={"format": "dd-MM-yy"},
                ),
            ],
        ),
        "t.a.generalize: year needs formats with yyyy: with yy everyone is born after 2000",
    ),
    (
        table("t", [key(), column("a", words={"domain": "people"})]),
        "t.a.domain: is for treatment hash, found detect",
    ),
    # types, dates
    (
        table(
            "t",
            [key(), column("a", "number", physicalType="decimal(40,2)", classification="internal")],
        ),
        "t.a.physicalType: found 'decimal(40,2)'; allowed are double and decimal(p,s), p to 38",
    ),
    (
        table(
            "t",
            [key(), column("a", "number", {"decimalSeparator": ",", "thousandsSeparator": ","})],
        ),
        "t.a.thousandsSeparator: found ',', which is the decimal separator too",
    ),
    (
        table("t", [key(), column("a", words={"decimalSeparator": ","})]),
        "t.a: decimal and thousands separators are for numbers, found string",
    ),
    (
        table("t", [key(), column("a", "integer", {"form": "phone"})]),
        "t.a.form: phone is for strings, found integer",
    ),
    (
        table("t", [key(), column("a", "date", logicalTypeOptions={"format": "yyyy-mm-dd"})]),
        "t.a.format: format 'yyyy-mm-dd': it has no month (MM; mm is the minute)",
    ),
    (
        table("t", [key(), column("a", logicalTypeOptions={"format": "email"})]),
        "t.a.format: is for dates and timestamps, found string",
    ),
    (
        table(
            "t",
            [
                key(),
                column(
                    "a", "timestamp", logicalTypeOptions={"defaultTimezone": "Europe/Kopenhagen"}
                ),
            ],
        ),
        "t.a.defaultTimezone: found 'Europe/Kopenhagen'; allowed are IANA zones such as Europe/Copenhagen or UTC",
    ),
    # versions
    (
        table("t", [key(), column("seen")], {"sequenceBy": "sen"}),
        "t.sequenceBy: no column sen; did you mean seen?",
    ),
    (
        table("t", [key(), column("seen", words=HASH)], {"sequenceBy": "seen"}),
        "t.sequenceBy: seen has treatment hash; Silver keeps a sequence as it is: allowed is keep",
    ),
    (
        table("t", [column("seen", classification="public")], {"sequenceBy": "seen"}),
        "t.sequenceBy: needs a primaryKey",
    ),
    # fixed width
    (table("t", [key()], {"format": "fixed-width"}), "t.id: fixed-width needs start and width"),
    (
        table("t", [key(), column("a", words={"start": 1, "width": 2})]),
        "t.a: start and width are for fixed-width, not csv",
    ),
    (
        table(
            "t",
            [
                column("a", words={"start": 1, "width": 4}),
                column("b", words={"start": 4, "width": 1}),
            ],
            {"format": "fixed-width"},
        ),
        "t.b.start: found 4, but a reaches to character 4",
    ),
    (
        table("t", [column("a", words={"start": 0, "width": 1})], {"format": "fixed-width"}),
        "t.a.start: found 0; input should be greater than or equal to 1",
    ),
    # rules
    (
        table(
            "t",
            [key(), column("amount", "number")],
            {"rules": [{"name": "r", "expression": "amout >= 0"}]},
        ),
        "t.rules.r: no column amout; did you mean amount?",
    ),
    (
        table(
            "t",
            [key()],
            {
                "rules": [
                    {"name": "r", "expression": "id > ''"},
                    {"name": "r", "expression": "id < ''"},
                ]
            },
        ),
        "t.rules.r: two rules have this name",
    ),
    (table("t", [key()], {"rules": [{"name": "r"}]}), "t.rules.0.expression: missing"),
    # roles
    (table("t", [key()], {"role": "order"}), "t.role: found 'order'; did you mean orders?"),
    (orders(WHO), "sales.role: orders: no column has goldRole order_date and amount"),
    (
        orders(WHO, DAY, AMOUNT, currency=None),
        "sales.role: orders: give a column goldRole currency, or the table a constant currency",
    ),
    (
        orders(
            WHO,
            DAY,
            AMOUNT,
            column("valuta", words={"goldRole": "currency"}, classification="public"),
        ),
        "sales.currency: found DKK, but valuta has goldRole currency",
    ),
    (
        orders(WHO, DAY, AMOUNT, column("more", words={"goldRole": "amont", "treatment": "keep"})),
        "sales.more.goldRole: found 'amont'; did you mean amount?",
    ),
    (
        orders(
            WHO,
            DAY,
            AMOUNT,
            column("day2", "date", {"goldRole": "order_date"}, classification="public"),
        ),
        "sales.role: orders: goldRole order_date is given to day and day2; one may have it",
    ),
    (
        orders(
            WHO, DAY, column("amount", "number", {"goldRole": "amount"}, classification="internal")
        ),
        "sales.amount.physicalType: found double; an amount must fit decimal(18,2)",
    ),
    (
        orders(WHO, DAY, column("amount", words={"goldRole": "amount"}, classification="internal")),
        "sales.amount.goldRole: amount of type string; allowed are number and integer",
    ),
    (
        orders(
            WHO, AMOUNT, column("day", "date", {"goldRole": "order_date", "treatment": "redact"})
        ),
        "sales.day.goldRole: order_date with treatment redact; allowed are keep",
    ),
    (
        orders(WHO, DAY, AMOUNT, revenueStatuses=["paid"]),
        "sales.revenueStatuses: no column has goldRole status",
    ),
    (
        orders(
            WHO,
            DAY,
            AMOUNT,
            column("status", words={"goldRole": "status"}, classification="public"),
        ),
        "sales.status.goldRole: status: revenueStatuses must say which of them are revenue",
    ),
    (
        orders(
            WHO,
            DAY,
            AMOUNT,
            column(
                "status",
                words={"goldRole": "status"},
                classification="public",
                enum=[{"value": "paid"}],
            ),
            revenueStatuses=["payed"],
        ),
        "sales.revenueStatuses: found 'payed'; did you mean paid?",
    ),
    (
        table("t", [key()], {"currency": "DKK"}),
        "t.currency: is for the role orders; the table has no role",
    ),
    (
        table("t", [key(), column("a", words={"goldRole": "city", "treatment": "keep"})]),
        "t.a.goldRole: found city; the table has no role: add customers or orders",
    ),
    (
        table("people", [key(), WHO], {"role": "customers"}),
        "people.who.goldRole: customer must be the table's primary key; it is id",
    ),
    (
        table(
            "people",
            [
                column("id", primaryKey=True, words={**HASH, "goldRole": "customer"}),
                column("born", "date", {"goldRole": "birth_date", "treatment": "keep"}),
            ],
            {"role": "customers"},
        ),
        "people.born.goldRole: birth_date with treatment keep; allowed are generalize",
    ),
    (
        table(
            "people",
            [key() | {"customProperties": [{"property": "goldRole", "value": "customer"}]}],
            {"role": "customers", "currency": "DKK"},
        ),
        "people.currency: is for the role orders; the table has the role customers",
    ),
    (
        table("t", [column("id", primaryKey=True, relationships=[{"to": "t.id"}])]),
        "t.id.relationships: the column refers to itself",
    ),
    (table("t", [column("a", words={"treatment": "drop"})]), "t: every column has treatment drop"),
    # Silver and Gold
    (
        {"name": "gold.T", "properties": [column("a")]},
        "gold.T: a table's name is lower-case letters",
    ),
    ({"name": "gold.t", "properties": []}, "gold.t: it has no columns (properties)"),
    (
        {"name": "gold.t", "properties": [column("a"), column("A")]},
        "gold.t: two columns are called a",
    ),
    (
        {"name": "gold.t", "properties": [column("a", "time")]},
        "gold.t.a.logicalType: found 'time'; ",
    ),
    (
        {"name": "gold.t", "properties": [column("a", classification="pii")]},
        "gold.t.a.classification: found 'pii'; ",
    ),
    ({"name": "silver.t", "properties": [column("a")]}, "silver.t: no source contract; "),
    (
        {"name": "brass.t", "properties": [column("a")]},
        "brass.t: found layer 'brass'; allowed are silver and gold",
    ),
    ({"name": "gold.t", "properties": [column("_a")]}, "gold.t: _a: columns with _ are technical"),
    (
        {"name": "gold.t", "properties": [column("a", words=HASH)]},
        "gold.t.a.treatment: unknown word; allowed are ",
    ),
    (
        {"name": "gold.t", "properties": [column("a", words={"derived": "flags"})]},
        "gold.t.a.derived: found 'flags'; did you mean flag? allowed are flag, count and bucket",
    ),
    (
        {"name": "gold.t", "properties": [column("a", words={"derived": "flag"})]},
        "gold.t.a.derived: found flag of type string; a flag is boolean",
    ),
    (
        {"name": "gold.t", "properties": [column("a", "number", {"derived": "count"})]},
        "gold.t.a.derived: found count of type double; a count is bigint or int",
    ),
    (
        table("t", [key(), column("a", "boolean", {"derived": "flag", "treatment": "keep"})]),
        "t.a.derived: unknown word",
    ),
    (gold({"k": 5}), "gold.t.kAnonymity: no column says quasiIdentifier: true; mark those"),
    (gold(None, "a"), "gold.t.a.quasiIdentifier: needs kAnonymity of the table, with k"),
    (gold({"k": 5}, "id"), "gold.t.id.quasiIdentifier: is the key: each row would be a group"),
    (gold({"k": 5}, "price"), "gold.t.price.quasiIdentifier: is a double, of which hardly two"),
    (gold({"atMost": 0.1}, "a"), "gold.t.kAnonymity.k: missing"),
    (
        gold({"k": 1}, "a"),
        "gold.t.kAnonymity.k: found 1; input should be greater than or equal to 2",
    ),
    (
        gold({"k": 5, "atMost": 5}, "a"),
        "gold.t.kAnonymity.atMost: found 5; input should be less than or equal to 1",
    ),
    (
        gold({"k": 5, "atmost": 0.1}, "a"),
        "gold.t.kAnonymity.atmost: unknown word; did you mean atMost?",
    ),
    (
        gold({"k": 5, "severity": "warn"}, "a"),
        "gold.t.kAnonymity.severity: found 'warn'; did you mean warning?",
    ),
    (gold(5, "a"), "gold.t.kAnonymity: found 5; input should be a valid dictionary"),
    (
        {"name": "gold.t", "properties": [key(), column("a", words={"quasiIdentifer": True})]},
        "gold.t.a.quasiIdentifer: unknown word; did you mean quasiIdentifier?",
    ),
    (
        {"name": "gold.t", "properties": [key(), column("a", words={"quasiIdentifier": "some"})]},
        "gold.t.a.quasiIdentifier: found 'some'; input should be a valid boolean",
    ),
    (
        {"name": "gold.t", "properties": [column("a", "integer", physicalType="smallint")]},
        "gold.t.a.physicalType: found 'smallint'; allowed are bigint and int",
    ),
]


@pytest.mark.parametrize(("wrong", "told"), ONE_TABLE, ids=[told[:50] for _, told in ONE_TABLE])
def test_a_wrong_table_is_told_in_one_problem(tmp_path: Path, wrong: Words, told: str) -> None:
    write(tmp_path, wrong)
    found = problems(tmp_path)
    assert len(found) == 1, found
    file, place = found[0].split(": ", 1)
    assert re.fullmatch(r"t\.odcs\.yaml:\d+", file)
    assert place.startswith(told) or (told in place and told.startswith("dimension"))


CUSTOMERS = table("people", [column("id", primaryKey=True, words=HASH), column("name")])


def refer(to: str, logical: str = "string", words: Words | None = None) -> Words:
    return table("visits", [key(), column("who", logical, words, relationships=[{"to": to}])])


TWO_TABLES = [
    (refer("peple.id"), "visits.who.relationships: no table peple; did you mean people?"),
    (refer("people.nr"), "visits.who.relationships: no column nr in people; its key is id"),
    (
        refer("people.name"),
        "visits.who.relationships: people.name is not the key of people; that is id",
    ),
    (
        refer("people.id", "integer"),
        "visits.who.relationships: type integer here, string in people.id",
    ),
    (
        refer("people.id", words={"treatment": "keep"}),
        "visits.who.relationships: treatment keep here, hash in people.id; leave it out here",
    ),
    (
        refer("people.id", words={"domain": "staff"}),
        "visits.who.relationships: domain staff here, people.id in people.id; leave it out here",
    ),
    (
        refer("people.id", words={"form": "cpr"}),
        "visits.who.relationships: form cpr here, text in people.id; leave it out here",
    ),
    (
        table("visits", [key(), column("who", relationships=[{"to": ["people.id"]}])]),
        "visits.who.relationships: allowed is one target, written table.column",
    ),
    (
        refer("people.id", words={"lateParent": "fail"}),
        "visits.who.lateParent: found 'fail'; allowed are pass and wait",
    ),
    (
        table(
            "staff",
            [
                key(),
                column("boss", words={"lateParent": "wait"}, relationships=[{"to": "staff.id"}]),
            ],
        ),
        "staff.boss.relationships: lateParent wait, but the parent is of staff itself",
    ),
    (table("people", [key()]), "people: told already by"),
    (table("gold.customer_360", [key()]), "gold.customer_360: told already by"),
]


@pytest.mark.parametrize(("wrong", "told"), TWO_TABLES, ids=[told[:50] for _, told in TWO_TABLES])
def test_tables_that_do_not_fit_together(tmp_path: Path, wrong: Words, told: str) -> None:
    write(tmp_path, CUSTOMERS, file="a")
    write(tmp_path, wrong, file="b")
    if wrong["name"].startswith("gold."):
        wrong.pop("customProperties")
        write(tmp_path, wrong, file="b")
    assert [p.split(": ", 1)[1][: len(told)] for p in problems(tmp_path)] == [told]


def test_foreign_keys_in_a_circle(tmp_path: Path) -> None:
    def linked(name: str, to: str) -> Words:
        return table(name, [column("id", primaryKey=True, relationships=[{"to": f"{to}.id"}])])

    write(tmp_path, linked("a", "b"), linked("b", "a"))
    told = [p.split(": ", 1)[1] for p in problems(tmp_path)]
    assert told == [f"{t}.id.relationships: the foreign keys run in a circle" for t in "ab"]


def test_a_role_and_a_file_pattern_belong_to_one_table(tmp_path: Path) -> None:
    for name in ("a", "b"):
        sales = orders(WHO, DAY, AMOUNT, files="x*.csv") | {"name": name}
        write(tmp_path, sales, file=name)
    assert problems(tmp_path) == [
        "b.odcs.yaml:11: b.role: role orders is that of a already; one table may have it",
        "b.odcs.yaml:15: b.files: file pattern x*.csv is that of a already; one table may have it",
    ]


def test_orders_must_find_their_customers(tmp_path: Path) -> None:
    who = column("id", primaryKey=True, words={**HASH, "goldRole": "customer"})
    write(tmp_path, table("people", [who], {"role": "customers"}), orders(WHO, DAY, AMOUNT))
    assert [p.split(": ", 1)[1] for p in problems(tmp_path)] == [
        "sales.who.goldRole: customer must refer to people.id (relationships), or no order finds its customer"
    ]


def test_one_domain_has_one_form(tmp_path: Path) -> None:
    mail = column("mail", words={**HASH, "domain": "mail", "form": "email"})
    raw = column("raw", words={**HASH, "domain": "mail"})
    write(tmp_path, table("t", [key(), mail, raw]))
    assert problems(tmp_path)[0].endswith(
        "t.raw: form text, but t.mail of the same domain has email"
    )


def test_a_silver_contract_must_agree_with_its_source(tmp_path: Path) -> None:
    write(tmp_path, table("t", [key(), column("a", "integer"), column("b")]), file="t")
    silver = {
        "name": "silver.t",
        "properties": [column("id"), column("a"), column("c", primaryKey=True)],
    }
    write(tmp_path, silver, file="s")
    assert [p.split(": ", 1)[1] for p in problems(tmp_path)] == [
        "silver.t: b missing; the source contract gives them",
        "silver.t: found key c; the source contract gives id",
        "silver.t.a: found type string; the source contract gives bigint",
        "silver.t.c: the source contract gives no such column; allowed are id, a and b",
    ]


def test_k_anonymity_is_for_gold(tmp_path: Path) -> None:
    write(tmp_path, table("t", [key(), column("a")]), file="t")
    words = properties({"kAnonymity": {"k": 5}})
    columns = [key(), column("a", words={"quasiIdentifier": True})]
    write(
        tmp_path, {"name": "silver.t", "properties": columns, "customProperties": words}, file="s"
    )
    assert [p.split(": ", 1)[1] for p in problems(tmp_path)] == [
        "silver.t.a.quasiIdentifier: is for Gold: it is measured as Gold is published",
        "silver.t.kAnonymity: is for Gold: it is measured as Gold is published",
    ]


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        table("a", [key(), column("x", words={"treatment": "hsah"})], {"scd2": True}),
        file="a",
    )
    write(tmp_path, table("b", [column("id", primaryKey=True)]), file="b")
    write_text(tmp_path, "schema:\n  - name: [c\n", file="c")
    told = problems(tmp_path)
    assert [line.split(": ")[0] for line in told] == [
        "a.odcs.yaml:11",
        "a.odcs.yaml:21",
        "b.odcs.yaml:12",
        "c.odcs.yaml:3",
    ]


def test_nothing_is_said_about_tables_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    write_text(tmp_path, "schema: [", file="people")
    write(tmp_path, refer("people.id"), file="visits")
    assert [p.split(":")[0] for p in problems(tmp_path)] == ["people.odcs.yaml"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "kind: DataContract\nid: [x\n",
            "t.odcs.yaml:3: not YAML: did not find expected ',' or ']'",
        ),
        ("kind: a\nid: x\nkind: b\n", "t.odcs.yaml:3: not YAML: the key kind stands twice"),
        ("just text", "t.odcs.yaml: found 'just text'; it must be of type object"),
        ("", "t.odcs.yaml: found None; it must be of type object"),
        ("id: \x00", "t.odcs.yaml:1: not YAML: "),
        (
            "id: !!python/object/apply:os.system [ls]",
            "t.odcs.yaml:1: not YAML: could not determine a constructor",
        ),
    ],
)
def test_a_file_that_is_no_contract(tmp_path: Path, text: str, told: str) -> None:
    write_text(tmp_path, text)
    assert problems(tmp_path)[0].startswith(told)


def test_a_contract_without_tables(tmp_path: Path) -> None:
    write(tmp_path)
    assert problems(tmp_path) == ["t.odcs.yaml: no tables: schema is missing or empty"]


def test_a_contract_without_its_head(tmp_path: Path) -> None:
    write_text(tmp_path, "kind: DataContract")
    assert problems(tmp_path)[0].startswith(
        "t.odcs.yaml: version is missing, apiVersion is missing"
    )


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "t.odcs.yaml").mkdir()
    assert problems(tmp_path) == ["t.odcs.yaml: cannot be read (IsADirectoryError)"]


def test_words_of_the_whole_contract(tmp_path: Path) -> None:
    told = document(table("t", [key()]), customProperties=[{"property": "role", "value": "orders"}])
    write_text(tmp_path, yaml.safe_dump(told))
    assert "role: no word has a meaning here" in problems(tmp_path)[0]


def test_a_word_twice(tmp_path: Path) -> None:
    wrong = table("t", [key()])
    wrong["customProperties"] *= 2
    write(tmp_path, wrong)
    assert problems(tmp_path)[0].endswith("t.format: stands twice; write it once")


def test_a_folder_without_contracts(tmp_path: Path) -> None:
    (tmp_path / "customers.yaml").write_text("")
    assert problems(tmp_path) == [
        f"{tmp_path.name}: no *.odcs.yaml in it; give a folder of contracts",
        "customers.yaml: a contract's file is named TABLE.odcs.yaml",
    ]
    assert problems(tmp_path / "no") == ["no: no such folder; give a folder of contracts"]


WORDS = sorted({*TableWords.model_fields, *ColumnWords.model_fields} - {"start", "form", "role"})


@given(st.sampled_from(WORDS), st.data())
def test_a_slip_of_the_finger_is_understood(word: str, data: Any) -> None:
    at = data.draw(st.integers(1, len(word) - 2))
    for slip in (word[:at] + word[at + 1 :], word[: at + 1] + word[at] + word[at + 1 :]):
        if slip not in WORDS:
            assert closest(slip, WORDS).startswith(f"did you mean {word}?")

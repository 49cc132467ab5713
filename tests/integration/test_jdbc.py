"""Tables of a real PostgreSQL, pulled into the lake."""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conf.contract_reader import load_contracts
from conf.errors import TransientError
from conf.settings import load_settings
from jobs.runtime.infrastructure import infrastructure
from jobs.runtime.jars import jdbc_jars, resolved_jars
from jobs.runtime.postgres import Snapshot
from jobs.runtime.pulls import opened_pull
from tests.crashes import Crash, Crashes
from tests.lakes import content, counts, rows, run_pipeline, same_key
from tests.leaks import Needles, leaks_in, scan
from tests.submitted import ROOT, submit
from tests.submitted import Place as Submitted
from tests.unit.contract_texts import column, key, table, write
from tests.watching import command_lines

pytestmark = pytest.mark.full

KEEP = {"classification": "internal"}


@pytest.fixture(autouse=True)
def _connection(postgres, monkeypatch):
    for name, value in postgres.settings().items():
        monkeypatch.setenv(name, value)


class Place:
    """A lake and its contracts; a run pulls what they say."""

    def __init__(self, spark, folder: Path) -> None:
        self._spark, self.folder, self.lake = spark, folder, folder / "lake"
        self.contracts = folder / "contracts"
        self.contracts.mkdir()

    def run(self, lake: Path | None = None, **options):
        return run_pipeline(
            self._spark,
            self.folder / "none",
            lake or self.lake,
            contracts=self.contracts,
            **options,
        )

    def contract(self, name: str, columns: list, **words) -> None:
        write(self.contracts, table(name, columns, {"format": "jdbc", **words}), file=name)

    def bronze(self, name: str, *columns: str) -> list[tuple]:
        told = rows(self.lake, f"bronze.{name}")
        told.sort(key=lambda r: (r["_bronze_delivery"], r["_bronze_row"]))
        return [tuple(r[c] for c in columns) for r in told]

    def deliveries(self, name: str) -> list[dict]:
        """The last event of each delivery."""
        events = rows(self.lake, "ops.deliveries", "select * from t order by recorded_at")
        return list({e["delivery"]: e for e in events if e["table"] == name}.values())


@pytest.fixture
def place(spark, tmp_path):
    return Place(spark, tmp_path)


TYPES = [
    # name, type, value in SQL, its text in Bronze
    ("small", "smallint", "-7", "-7"),
    ("big", "bigint", "9007199254740993", "9007199254740993"),
    ("money_like", "numeric(12,4)", "1.10", "1.1000"),
    ("wide", "numeric", "123456789012345678901234567890.000000000000000000012300",
     "123456789012345678901234567890.000000000000000000012300"),
    ("not_a_number", "numeric", "'NaN'", "NaN"),
    ("single", "real", "0.1", "0.1"),
    ("twice", "double precision", "0.1::float8 + 0.2::float8", "0.30000000000000004"),
    ("cash", "money", "'1234.50'", "$1,234.50"),
    ("yes", "boolean", "true", "true"),
    ("day", "date", "'2024-02-29'", "2024-02-29"),
    ("old_day", "date", "'0044-03-15 BC'", "0044-03-15 BC"),
    ("moment", "timestamptz", "'2024-07-01 12:00:00.123456+02'", "2024-07-01 10:00:00.123456+00"),
    ("local", "timestamp", "'2024-07-01 12:00:00'", "2024-07-01 12:00:00"),
    ("forever", "timestamptz", "'infinity'", "infinity"),
    ("clock", "time", "'23:59:59.5'", "23:59:59.5"),
    ("span", "interval", "'1 year 2 days 03:04:05'", "1 year 2 days 03:04:05"),
    ("bytes", "bytea", r"'\x00ff41'", r"\x00ff41"),
    ("doc", "json", """'{"b": 1.10,  "a": [null]}'""", '{"b": 1.10,  "a": [null]}'),
    ("docb", "jsonb", """'{"b": 1.10,  "a": [null]}'""", '{"a": [null], "b": 1.10}'),
    ("list", "text[]", """array['a,b', null, 'NULL', '', E'q"\\\\']""", r'{"a,b",NULL,"NULL","","q\"\\"}'),
    ("grid", "int[]", "'{{1,2},{3,4}}'", "{{1,2},{3,4}}"),
    ("id", "uuid", "'0b5c8f8e-6f0c-4f0e-9a35-3a0f8f1f3f0e'", "0b5c8f8e-6f0c-4f0e-9a35-3a0f8f1f3f0e"),
    ("host", "inet", "'10.0.0.1/8'", "10.0.0.1/8"),
    ("bits", "bit varying", "B'0101'", "0101"),
    ("mood", "mood", "'so-so'", "so-so"),
    ("period", "daterange", "'[2024-01-01,2024-02-01)'", "[2024-01-01,2024-02-01)"),
    ("spot", "point", "'(1.5,-2)'", "(1.5,-2)"),
    ("pair", "pair", """row(1, 'a "b"')""", '(1,"a ""b""")'),
    ("nothing", "text", "null", None),
    ("empty", "text", "''", ""),
    ("blanks", "text", "'  x  '", "  x  "),
    ("lines", "text", r"E'a\r\nb\tc\\d'", "a\r\nb\tc\\d"),
    ("danish", "text", "'Blåbærgrød 𝄞 ''q'''", "Blåbærgrød 𝄞 'q'"),
    ("Odd \"Name'", "text", "'quoted'", "quoted"),
]  # fmt: skip


def test_a_value_of_every_type_comes_as_the_database_writes_it(postgres, place):
    """Whatever the server's own settings are (German dates, New York, escaped bytes)."""
    columns = ", ".join(f'"{n.replace(chr(34), chr(34) * 2)}" {t}' for n, t, _, _ in TYPES)
    postgres.sql("create type mood as enum ('so-so'); create type pair as (a int, b text)")
    postgres.sql(f"create table kinds (no int primary key, {columns})")
    postgres.sql(f"insert into kinds values (1, {', '.join(v for _, _, v, _ in TYPES)})")
    told = [
        column(f"c{n}", physicalName=name, words={"treatment": "keep"}, **KEEP)
        for n, (name, *_) in enumerate(TYPES)
    ]
    place.contract("kinds", [key("no"), *told], jdbcTable="kinds")
    run = place.run()
    assert (run.exit_code, run.message) == (0, "")
    (found,) = place.bronze("kinds", *(f"c{n}" for n in range(len(TYPES))))
    assert dict(zip([n for n, *_ in TYPES], found, strict=True)) == {n: v for n, *_, v in TYPES}
    assert counts(run, "kinds") == {"read": 1, "inserted": 1}


def test_increments_take_what_is_new_and_the_overlap_again(postgres, place):
    postgres.sql(
        "create table visits (no int primary key, email text, seen timestamptz);"
        "insert into visits values (1, 'a@example.com', '2024-05-01 10:00:00.5+00'),"
        "(2, 'b@example.com', '2024-05-01 11:00+00'), (3, null, null), (4, '', '2999-01-01 00:00+00')"
    )
    columns = [
        key("no"),
        column("email", words={"treatment": "hash"}, classification="pii-direct"),
        column("seen", "timestamp", words={"treatment": "keep"}, **KEEP),
    ]
    place.contract("visits", columns, jdbcTable="public.visits", watermark="seen", overlap="1 hour")
    assert counts(place.run(), "visits") == {"read": 4, "inserted": 4}
    assert place.bronze("visits", "_bronze_row", "no", "email", "seen") == [
        (1, "1", "a@example.com", "2024-05-01 10:00:00.5+00"),
        (2, "2", "b@example.com", "2024-05-01 11:00:00+00"),
        (3, "3", None, None),
        (4, "4", "", "2999-01-01 00:00:00+00"),
    ]
    (told,) = place.deliveries("visits")
    assert (told["status"], told["records"], told["rows"]) == ("received", 4, 4)
    assert told["watermark"] == "seen=2024-05-01 11:00:00+00", "a time to come is no watermark"
    assert (told["path"], told["source_name"]) == (postgres.url, "default:public.visits")

    assert (place.run().tables, len(place.deliveries("visits"))) == ({}, 1), "nothing is new"

    # A row that came late, a row that came later than the overlap allows for, and a change.
    postgres.sql(
        "insert into visits values (5, 'e@example.com', '2024-05-01 10:30+00'),"
        "(6, 'f@example.com', '2024-05-01 09:00+00');"
        "update visits set email = 'new@example.com', seen = '2024-05-01 11:30+00' where no = 1"
    )
    changed = {"read": 5, "inserted": 1, "updated": 1, "unchanged": 3}
    assert counts(place.run(), "visits") == changed
    assert [r[0] for r in place.bronze("visits", "no")[4:]] == ["1", "2", "3", "4", "5"]
    assert place.run().tables == {}
    assert place.deliveries("visits")[-1]["watermark"] == "seen=2024-05-01 11:30:00+00"

    again = place.run(redeliver=True)
    assert counts(again, "visits") == {"read": 6, "inserted": 1, "unchanged": 5}
    silver = rows(place.lake, "silver.visits", "select no, seen from t order by no")
    assert [r["no"] for r in silver] == ["1", "2", "3", "4", "5", "6"]
    assert silver[0]["seen"].isoformat() == "2024-05-01T11:30:00+00:00"


def test_without_a_watermark_a_pull_is_all_there_is_if_it_changed(postgres, place):
    postgres.sql("create table colours (no int, name text); insert into colours values (1, 'red')")
    place.contract(
        "colours", [key("no"), column("name", **KEEP)],
        jdbcQuery="select no, name, no * 2 as twice from colours -- all of them",
    )  # fmt: skip
    found = []
    for name in ("red", "red", "blue", "red"):
        postgres.sql(f"update colours set name = '{name}'")
        found.append(counts(run, "colours") if (run := place.run()).tables else None)
    read = {"read": 1}
    assert found == [read | {"inserted": 1}, None, read | {"updated": 1}, read | {"updated": 1}]
    rescued = [dict(r) for (r,) in place.bronze("colours", "_bronze_rescued")]
    assert rescued == [{"twice": "2"}] * 3
    postgres.sql("delete from colours")
    assert place.run().tables == {}


OF_A_TYPE = [
    # type, the value of row n, the greatest watermark of 40 rows
    ("smallint", "n", "40"),
    ("int", "n", "40"),
    ("bigint", "n * 10000000000", "400000000000"),
    ("numeric", "case n when 40 then 'NaN' else n / 4.0 end", "9.7500000000000000"),
    ("date", "case n when 40 then 'infinity' else date '2024-01-01' + n end", "2024-02-09"),
    ("timestamp", "timestamp '2024-01-01' + n * interval '1.5 s'", "2024-01-01 00:01:00"),
    ("timestamptz", "timestamptz '2024-01-01 00:00+00' + n * interval '1 s'", "2024-01-01 00:00:40+00"),
    ("uuid", "gen_random_uuid()", None),
    ("text", "E'it''s \\\\ ' || n", None),
    ("varchar(9)", "n", None),
    ("char(9)", "n", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "greatest"), OF_A_TYPE, ids=[k for k, *_ in OF_A_TYPE])
def test_a_column_of_each_type_divides_and_bounds(spark, postgres, place, kind, value, greatest):
    """Nulls and equal values among them."""
    postgres.sql(
        f"create table divided (no int, by {kind}); insert into divided "
        f"select n, {value} from generate_series(1, 40) n; insert into divided values (0, null);"
        "insert into divided select no + 100, by from divided"
    )
    logical = {"date": "date", "timestamp": "timestamp", "timestamptz": "timestamp"}
    keep = {"treatment": "keep"}
    by = column("by", logical.get(kind, "integer"), words=keep, **KEEP)
    bounds = {"watermark": "by"} if greatest else {}
    place.contract(
        "divided", [key("no"), by], jdbcTable="divided", partitionColumn="by", partitions=4, **bounds
    )  # fmt: skip
    known = load_contracts(place.contracts).sources["divided"]
    last = None
    try:
        for expected in (82, 2 + (2 if "infinity" in value or "NaN" in value else 0)):
            with opened_pull(spark, known, load_settings().databases, last) as pull:
                told = {"delivery": 1, "run_id": "run", "ingested_at": datetime.now(UTC)}
                found = [(r["_bronze_row"], r["no"]) for r in pull.bronze(**told).collect()]
            if last is None:
                assert len(pull.predicates) == 4
            assert sorted(n for n, _ in found) == list(range(1, expected + 1))
            assert len({no for _, no in found}) == expected == pull.arrival.records
            assert pull.is_new_after(last) is (last is None)
            if greatest is None:
                break
            assert pull.arrival.watermark == f"by={greatest}"
            last = asdict(pull.arrival)
    finally:
        postgres.sql("drop table divided")


@pytest.fixture
def accounts(postgres, place):
    """2,000 accounts of 100 each; a transfer keeps their sum."""
    postgres.sql(
        "create table accounts (no int primary key, owner text, amount int, changed bigint);"
        "insert into accounts select n, 'owner ' || n % 97, 100, n from generate_series(1, 2000) n"
    )
    columns = [
        key("no"),
        column("owner", words={"treatment": "hash"}, classification="pii-direct"),
        column("amount", "integer", **KEEP),
        column("changed", "integer", words={"treatment": "keep"}, **KEEP),
    ]
    place.contract(
        "accounts", columns, jdbcTable="accounts", watermark="changed", overlap=10,
        partitionColumn="owner", partitions=4,
    )  # fmt: skip
    yield postgres
    postgres.sql("drop table accounts")


TRANSFER = """
update accounts set amount = amount - 1 where no <= 1000;
update accounts set amount = amount + 1 where no between 1001 and 2000;
insert into accounts select max(no) + 1, 'new', 0, max(changed) + 1 from accounts
"""


def test_all_partitions_see_one_moment(accounts, place, monkeypatch):
    """Transfers between the accounts go on, from before the rows are counted until they are read."""
    ended, sums = threading.Event(), []
    read = Snapshot.frame

    def after_a_transfer(held, sql, predicates):
        assert len(predicates) == 4
        accounts.sql(TRANSFER)
        sums.append(accounts.sql("select sum(amount) from accounts where no <= 1000")[0][0])
        return read(held, sql, predicates)

    def transfers():
        while not ended.is_set():
            accounts.sql(TRANSFER)

    monkeypatch.setattr(Snapshot, "frame", after_a_transfer)
    writer = threading.Thread(target=transfers)
    writer.start()
    try:
        run = place.run()
    finally:
        ended.set()
        writer.join()
    assert (run.exit_code, run.message) == (0, "")
    found = place.bronze("accounts", "_bronze_row", "no", "amount")
    assert [n for n, *_ in found] == list(range(1, len(found) + 1))
    assert len({no for _, no, _ in found}) == len(found) == counts(run, "accounts")["inserted"]
    assert sum(int(amount) for *_, amount in found) == 2_000 * 100
    # Each transfer takes 1 from each of the lower accounts and opens a new one.
    lower = sum(int(amount) for _, no, amount in found if int(no) <= 1_000)
    assert lower == 1_000 * (100 - (len(found) - 2_000)) > int(sums[0])
    files = (place.lake / "bronze" / "accounts").glob("*.parquet")
    assert len(list(files)) == 4, "each partition was read by a task of its own"


def test_a_number_as_watermark_takes_rows_above_it_less_the_overlap(accounts, place):
    place.run()
    (told,) = place.deliveries("accounts")
    assert told["watermark"] == "changed=2000"
    accounts.sql("insert into accounts values (0, 'late', 1, 1995), (-1, 'lost', 1, 1990)")
    assert counts(place.run(), "accounts") == {"read": 11, "inserted": 1, "unchanged": 10}
    accounts.sql("update accounts set changed = 3000, amount = 5 where no = 7")
    assert counts(place.run(), "accounts") == {"read": 12, "updated": 1, "unchanged": 11}
    assert place.deliveries("accounts")[-1]["watermark"] == "changed=3000"


def test_a_connection_that_breaks_keeps_nothing_and_the_next_run_takes_it(
    accounts, place, monkeypatch
):
    read = Snapshot.frame

    def without_a_server(held, sql, predicates):
        frame = read(held, sql, predicates)
        accounts.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'atlas'"
        )
        return frame

    monkeypatch.setattr(Snapshot, "frame", without_a_server)
    run = place.run()
    assert run.exit_code == 1
    assert "accounts: jdbc:postgresql://127.0.0.1:" in run.message
    assert "does not answer or broke off (SQLSTATE 08006)" in run.message
    assert isinstance(run.problems[0], TransientError)
    assert rows(place.lake, "bronze.accounts") == []
    monkeypatch.setattr(Snapshot, "frame", read)
    assert counts(place.run(), "accounts") == {"read": 2_000, "inserted": 2_000}
    assert [d["status"] for d in place.deliveries("accounts")] == ["received"], "it was left open"


def test_a_connection_that_breaks_once_fails_no_run(accounts, place, monkeypatch):
    read, broken = Snapshot.frame, []

    def once_without_a_server(held, sql, predicates):
        frame = read(held, sql, predicates)
        if not broken:
            broken.append(True)
            accounts.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'atlas'"
            )
        return frame

    monkeypatch.setattr(Snapshot, "frame", once_without_a_server)
    assert counts(place.run(), "accounts") == {"read": 2_000, "inserted": 2_000}
    assert broken == [True]


WRONG = [
    ({"ATLAS_JDBC_PASSWORD": "wrong password"}, {}, "refuses the password or the user"),
    ({"ATLAS_JDBC_URL": "{url}x"}, {}, "does not exist there (SQLSTATE 3D000)"),
    ({"ATLAS_JDBC_URL": "jdbc:postgresql://127.0.0.1:9/x"}, {}, "is it up and reachable from here"),
    ({"ATLAS_JDBC_USER": "reader", "ATLAS_JDBC_PASSWORD": "{reader}"}, {"jdbcTable": "hidden"},
     "does not give the user the right to read this"),
    ({}, {"jdbcTable": "no_such"}, "has no such table (SQLSTATE 42P01); check jdbcTable"),
    ({}, {"jdbcTable": "nobody.hidden"}, "has no such table"),
    ({}, {"jdbcQuery": "select no, emial from hidden"}, "has no such column (SQLSTATE 42703)"),
    ({}, {"jdbcQuery": "selct 1"}, "cannot read the query (SQLSTATE 42601)"),
    ({}, {"jdbcQuery": "select no, no from hidden"}, "has no more than once"),
    ({}, {"jdbcQuery": "select 1 as other"}, "has no column no, the contract's primaryKey; it has other"),
    ({}, {"jdbcQuery": "select no, email::date from hidden"}, "raises an error for the query (SQLSTATE 22007)"),
    ({}, {"jdbcQuery": "select nextval('counter') as no"}, "would be written to by the query"),
    ({}, {"watermark": "seen"}, "has no column seen, the contract's watermark; it has no and email"),
    ({}, {"watermark": "number"}, "the watermark email is a text; allowed are int2, int4, int8 and numeric"),
    ({}, {"partitionColumn": "doc", "partitions": 2}, "the partitionColumn doc is a json; allowed are"),
]  # fmt: skip


@pytest.fixture(scope="module")
def hidden(postgres):
    password = postgres.reader()
    postgres.sql(
        "create sequence counter; create table hidden (no int, email text);"
        "insert into hidden values (1, 'planted@example.com'); revoke all on hidden from reader"
    )
    return password


@pytest.mark.parametrize(("settings", "words", "told"), WRONG, ids=[t[:40] for *_, t in WRONG])
def test_what_is_wrong_is_told_without_a_value(
    postgres, hidden, place, monkeypatch, settings, words, told
):
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(url=postgres.url, reader=hidden))
    others = [
        column("seen", "timestamp", words={"treatment": "keep"}, **KEEP),
        column("number", "integer", words={"treatment": "keep"}, physicalName="email", **KEEP),
    ]
    source = {} if {"jdbcQuery", "jdbcTable"} & set(words) else {"jdbcTable": "hidden"}
    if "partitionColumn" in words:
        source = {"jdbcQuery": "select no, '{}'::json as doc from hidden"}
        others.append(column("doc", **KEEP))
    place.contract("people", [key("no"), *others], **source, **words)
    run = place.run()
    assert (run.exit_code, str(run.status)) == (1, "failed")
    assert told in run.message and "people: jdbc:postgresql://127.0.0.1:" in run.message
    for secret in (postgres.password, hidden, "planted", "wrong password"):
        assert secret not in run.message
    assert rows(place.lake, "ops.deliveries") == []


def test_a_crash_at_every_write_of_a_pull(accounts, place, monkeypatch):
    """One after the other; in between nobody writes, so that the end is as undisturbed."""
    calm = place.folder / "calm"
    crashes = Crashes(monkeypatch)
    with same_key(place.folder):
        crashes.arm(None)
        assert place.run(calm).exit_code == 0
        moments = [
            m for m in crashes.seen if m.startswith(("before", "after append")) and
            ("deliveries" in m or "bronze" in m)
        ]  # fmt: skip
        assert moments == [
            "before deliveries registered 1", "before append bronze.accounts 1",
            "after append bronze.accounts 1", "before deliveries received 1",
        ]  # fmt: skip
        for moment in moments:
            crashes.arm(moment)
            with pytest.raises(Crash):
                place.run()
        crashes.arm(None)
        run = place.run()
    assert (run.exit_code, run.message) == (0, "")
    assert [(d["delivery"], d["status"]) for d in place.deliveries("accounts")] == [(1, "received")]
    for name in ("bronze.accounts", "silver.accounts"):
        assert content(place.lake, name).equals(content(calm, name)), name


def test_after_a_crash_a_database_that_went_on_is_read_as_it_is_now(accounts, place, monkeypatch):
    crashes = Crashes(monkeypatch)
    crashes.arm("before append bronze.accounts 1")
    with pytest.raises(Crash):
        place.run()
    crashes.arm(None)
    accounts.sql("update accounts set amount = 7, changed = 2001 where no = 5")
    assert counts(place.run(), "accounts") == {"read": 2_000, "inserted": 2_000}
    told = [(d["delivery"], d["status"], d["watermark"]) for d in place.deliveries("accounts")]
    assert told == [(1, "abandoned", "changed=2000"), (2, "received", "changed=2001")]
    assert {r[1] for r in place.bronze("accounts", "no", "amount") if r[0] == "5"} == {"7"}


def test_password_and_values_show_nowhere_after_bronze(postgres, tmp_path):
    """Not even those by which the rows were divided, or that an error of PostgreSQL tells."""
    place = Submitted(tmp_path / "a run")
    people = [f"person.{n}.{secrets.token_hex(6)}@example.com" for n in range(200)]
    values = ", ".join(f"({n}, '{email}', '2024-01-01')" for n, email in enumerate(people))
    postgres.sql("create table members (no int, email text, joined date)")
    postgres.sql(f"insert into members values {values}")
    contracts = place.root / "contracts"
    contracts.mkdir(parents=True)
    columns = [
        column("no", primaryKey=True, classification="pii-indirect", words={"treatment": "hash"}),
        column("email", words={"treatment": "hash", "form": "email"}, classification="pii-direct"),
        column("joined", "date", words={"treatment": "keep"}, **KEEP),
    ]
    divided = {"format": "jdbc", "partitionColumn": "email", "partitions": 4}
    write(
        contracts,
        table("members", columns, {**divided, "jdbcTable": "members", "watermark": "joined"}),
        table("broken", columns, {"format": "jdbc", "jdbcQuery": BROKEN}),
    )
    with pytest.raises(RuntimeError, match=people[0]):
        postgres.sql(BROKEN)
    (place.root / "password").touch(mode=0o600)
    (place.root / "password").write_text(postgres.password)
    (place.root / "password").rename(tmp_path / "password")
    settings = {name: v for name, v in postgres.settings().items() if "PASSWORD" not in name}
    with place.watcher(), command_lines() as commands:
        code = submit(
            place, ROOT / "tests" / "shown.py", "none", "--log-file", str(place.logs / "atlas.log"),
            conf={
                "spark.driver.extraClassPath": os.pathsep.join(map(str, [*resolved_jars(), *jdbc_jars()])),
                "spark.ui.enabled": "true", "spark.ui.port": "0",
            },
            env={
                **settings, "ATLAS_JDBC_PASSWORD_FILE": str(tmp_path / "password"),
                "ATLAS_LAKE": str(place.lake), "ATLAS_CONTRACTS": str(contracts),
                "ATLAS_LOG_LEVEL": "DEBUG", "SHOWN": str(place.logs / "shown"),
            },
        )  # fmt: skip
    told = place.text("stderr") + place.text("stdout")
    assert code == 1 and "raises an error for the query (SQLSTATE 22007)" in told, told[-2000:]
    assert len(rows(place.lake, "silver.members")) == 200
    assert "JDBCRelation" in (place.logs / "shown").read_text(), "the UI was looked at"
    (events,) = place.events.iterdir()
    assert "JDBCRelation" in events.read_text()
    needles = Needles([("password", postgres.password), *(("email", email) for email in people)])
    outside = [place.lake / "bronze"]
    assert scan(needles, place.kept, place.root, outside=outside) == []
    assert {leak.kind for leak in scan(needles, place.lake / "bronze")} == {"email"}, "a control"
    (tmp_path / "commands").write_text("\n".join(commands))
    assert list(leaks_in(needles, tmp_path / "commands", "command lines")) == []


BROKEN = "select no, email, email::date as joined from members order by no"


def test_a_database_that_contracts_name_is_tried(spark, postgres, hidden, place, monkeypatch):
    place.contract("people", [key("no")], jdbcTable="hidden")
    place.contract("others", [key("no")], jdbcTable="hidden", connection="crm")
    monkeypatch.setenv("ATLAS_CONTRACTS", str(place.contracts))
    monkeypatch.setattr("jobs.runtime.session.open_session", lambda *_, **__: spark)
    monkeypatch.setattr(spark, "stop", lambda: None)

    def told(**options) -> dict[str, tuple[str, str]]:
        checks = infrastructure(load_settings(lake=str(place.lake)), **options)
        return {c.part: (str(c.state), c.found) for c in checks if c.part.startswith("database ")}

    found = told()
    state, text = found["database default"]
    assert state == "ok" and text.startswith(f"{postgres.url}: PostgreSQL ")
    state, text = found["database crm"]
    assert state == "failed" and "known are default: add a section [crm] to" in text
    keys = place.folder / "connections"
    keys.touch(mode=0o600)
    keys.write_text(f"[crm]\nurl = {postgres.url}\nuser = reader\npassword = {hidden}\n")
    monkeypatch.setenv("ATLAS_JDBC_CONNECTIONS_FILE", str(keys))
    assert told()["database crm"][0] == "ok"
    monkeypatch.setenv("ATLAS_JDBC_PASSWORD", "wrong password")
    assert told()["database default"] == (
        "failed",
        f"connection default: {postgres.url} (connection default): refuses the password or the user "
        "(SQLSTATE 28P01); check user and password of the connection",
    )
    assert told(with_spark=False)["database default"][0] == "warning"

"""Quality checks in a contract: what is wrong is told with file and line, before any data is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.contract import Dimension, Severity
from conf.contract_reader import load_contracts
from conf.errors import UsageError

TABLE = """\
apiVersion: v3.1.0
kind: DataContract
id: things
version: 1.0.0
status: active
schema:
  - name: things
    customProperties:
      - {property: format, value: csv}
    quality:
      - name: a_check
        type: custom
        engine: soda
        dimension: %s
        implementation: %s
    properties:
      - {name: id, logicalType: string, primaryKey: true, classification: internal}
      - {name: amount, logicalType: number, classification: internal}
"""


def loaded(folder: Path, implementation: str, dimension: str = "conformity"):
    (folder / "things.odcs.yaml").write_text(TABLE % (dimension, implementation))
    return load_contracts(folder).sources["things"].checks


def test_a_check_is_read_with_its_dimension_and_severity(tmp_path):
    (check,) = loaded(tmp_path, "{'invalid_percent(id) < 5%': {valid regex: '^a+$'}}")
    assert (check.name, check.check) == ("a_check", "invalid_percent(id) < 5%")
    assert (check.dimension, check.severity) == (Dimension.VALIDITY, Severity.WARNING)
    assert (check.metric, check.columns) == ("invalid_percent", ("id",))
    assert check.settings == {"valid regex": "^a+$"}


@pytest.mark.parametrize(
    ("implementation", "told"),
    [
        ("missing_count(amont) = 0", "no column amont; did you mean amount?"),
        ("missing_count(id = 0", 'SodaCL: Invalid check "missing_count(id = 0"'),
        ("missing_cnt(id) = 0", "no metric missing_cnt; did you mean missing_count?"),
        ('\'{"invalid_count(id) = 0": {valid regex: "[a"}}\'', "valid regex: does not compile"),
        ("avg(id) < 5", "avg is for integer and number, found id: string"),
        ("freshness(amount) < 2d", "freshness is for date and timestamp, found amount: number"),
        ("anomaly score for row_count < default", "needs Soda's cloud"),
        ("schema", "expects a nested object"),
        ("{failed rows: {fail query: select 1}}", "write a fail condition"),
        ("{failed rows: {fail condition: prise < 0}}", "no column prise"),
        ("{failed rows: {fail condition: cast(id as int) < 0}}", "write try_cast"),
        ("row_count = ${total}", "no variable total"),
        ("{'missing_count(id) = 0': {vald regex: a}}", "unsupported check configuration"),
        ("'[row_count > 0, row_count > 1]'", "one SodaCL check"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_line(tmp_path, implementation, told):
    with pytest.raises(UsageError) as error:
        loaded(tmp_path, implementation)
    assert told in str(error.value)
    assert "things.odcs.yaml:11: things.quality.a_check: " in str(error.value)


def test_dimensions_are_the_standard_s(tmp_path):
    with pytest.raises(UsageError, match="write conformity"):
        loaded(tmp_path, "row_count > 0", "validity")
    with pytest.raises(UsageError, match="allowed are completeness"):
        loaded(tmp_path, "row_count > 0", "coverage")

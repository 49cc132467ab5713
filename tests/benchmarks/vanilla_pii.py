"""Presidio as it comes, alone in a process: texts as JSON lines on stdin, one object
of CPU seconds and spans on stdout.

Beside Atlas it would not be as it comes: Presidio finds recognizers by class name among all that
are loaded.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine


def engine(model: str) -> AnalyzerEngine:
    """`AnalyzerEngine` with its default recognizers and every component of the model's pipe."""
    nlp = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model}])
    package = importlib.import_module(model)
    nlp.nlp = {"en": spacy.load(package.model_path() if hasattr(package, "model_path") else model)}
    nlp.ner_model_configuration = NerModelConfiguration()
    return AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])


def main() -> None:
    texts = [json.loads(line) for line in sys.stdin]
    analyzer = engine(sys.argv[1])
    analyzer.analyze(texts[0], language="en")
    started = time.process_time()
    found = [analyzer.analyze(text, language="en") for text in texts]
    seconds = time.process_time() - started
    spans = [[(r.start, r.end, r.entity_type, r.score) for r in results] for results in found]
    print(json.dumps({"seconds": seconds, "spans": spans}))


if __name__ == "__main__":
    main()

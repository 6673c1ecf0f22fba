"""Answers of a server that the tests make up, for what the real models do not show."""

import json
from typing import Any

from playwright.sync_api import Page, Route

MODEL = {
    "name": "made-up",
    "fingerprint": "0" * 64,
    "source_language": "ar",
    "target_language": "en",
    "max_text_characters": 100,
    "max_source_tokens": 20,
    "max_target_tokens": 20,
    "execution_provider": "CPUExecutionProvider",
    "runtime_version": "1",
    "producer_version": "1",
    "alignment_rule": "writes",
    "precision": "float32",
}


def event(name: str, data: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def token(piece: str, text: str, attention: list[float], log_prob: float = -0.1) -> dict[str, Any]:
    return {
        "id": 5,
        "piece": piece,
        "text": text,
        "log_prob": log_prob,
        "attention": attention,
        "best_position": 0,
        "alternatives": [],
        "segment": 0,
    }


def result(text: str, **fields: Any) -> dict[str, Any]:
    hypothesis = {
        "text": text,
        "log_prob": -1.0,
        "score": -1.0,
        "words": [],
        "alignment": [],
        "finish_reason": "FINISH_REASON_END_OF_SENTENCE",
        "tokens": [],
        "warnings": [],
        **fields,
    }
    return {
        "finish_reason": "FINISH_REASON_END_OF_SENTENCE",
        "hypotheses": [hypothesis],
        "timings": {"queued": 0.0, "first_token": 0.01, "total": 0.02},
        "model": "made-up",
        "model_fingerprint": "0" * 64,
        "seed": None,
    }


def source(text: str) -> dict[str, Any]:
    """A text of which each word is a token."""
    tokens, words, start = [], [], 0
    for index, word in enumerate(text.split(" ")):
        span = {"start": start, "end": start + len(word)}
        tokens.append({"id": index, "piece": f"▁{word}", "word": index, **span})
        words.append(span)
        start += len(word) + 1
    end = {"id": 3, "piece": "</s>", "start": len(text), "end": len(text), "word": None}
    return {"tokens": [*tokens, end], "words": words, "segments": [], "copied": []}


def serve(page: Page, stream: str) -> None:
    """Let the page get one model, and `stream` as every translation."""

    def models(route: Route) -> None:
        route.fulfill(json={"models": [MODEL]})

    def translate(route: Route) -> None:
        route.fulfill(body=stream, content_type="text/event-stream")

    page.route("**/v1/models", models)
    page.route("**/v1/translate", translate)

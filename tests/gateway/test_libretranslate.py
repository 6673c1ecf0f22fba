"""LibreTranslate's API."""

import asyncio
from typing import Any

import httpx
import pytest
from libretranslatepy import LibreTranslateAPI

TEXT = "나는 학생입니다"
REQUEST: dict[str, Any] = {"q": TEXT, "source": "ko", "target": "ko"}


async def test_libretranslatepy(gateway: str) -> None:
    """LibreTranslate's own client works unchanged."""
    api = LibreTranslateAPI(gateway)

    assert await asyncio.to_thread(api.translate, TEXT, "ko", "ko") == TEXT
    (language,) = await asyncio.to_thread(api.languages)
    assert language == {"code": "ko", "name": "Korean", "targets": ["ko"]}


async def test_json_and_forms(http: httpx.AsyncClient) -> None:
    """Requests are JSON or forms of both kinds; text in a form need not be percent-encoded."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plain = f"q={TEXT}&source=ko&target=ko".encode()

    answers = [
        await http.post("/translate", json=REQUEST),
        await http.post("/translate", data=REQUEST),
        await http.post("/translate", files={name: (None, REQUEST[name]) for name in REQUEST}),
        await http.post("/translate", content=plain, headers=form),
        await http.post("/translate", params=REQUEST),
    ]

    assert [answer.json() for answer in answers] == [{"translatedText": TEXT}] * 5


async def test_several_texts(http: httpx.AsyncClient) -> None:
    """An array is answered by an array; what has no text stays as it is."""
    answer = await http.post("/translate", json={**REQUEST, "q": [TEXT, "", " \n"]})

    assert answer.json() == {"translatedText": [TEXT, "", " \n"]}


async def test_automatic_source(http: httpx.AsyncClient) -> None:
    """The source language is that of the only model for the target language."""
    one = await http.post("/translate", json={**REQUEST, "source": "auto"})
    two = await http.post("/translate", json={**REQUEST, "source": "auto", "q": [TEXT, TEXT]})

    language = {"language": "ko", "confidence": 0.0}
    assert one.json() == {"translatedText": TEXT, "detectedLanguage": language}
    assert two.json()["detectedLanguage"] == [language, language]


async def test_alternatives(http: httpx.AsyncClient) -> None:
    """As many other translations as were asked for."""
    answer = (await http.post("/translate", json={**REQUEST, "alternatives": 2})).json()

    assert answer["translatedText"] == TEXT
    assert len(answer["alternatives"]) == 2
    assert TEXT not in answer["alternatives"]


async def test_html(http: httpx.AsyncClient) -> None:
    """Markup is kept."""
    text = f"<p>{TEXT}</p>"

    answer = await http.post("/translate", json={**REQUEST, "q": text, "format": "html"})

    assert answer.json() == {"translatedText": text}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"q": None}, "q"),
        ({"q": []}, "q"),
        ({"target": ""}, "target"),
        ({"target": "fr"}, "fr"),
        ({"format": "pdf"}, "format"),
        ({"alternatives": 99}, "alternatives"),
    ],
)
async def test_errors(change: dict[str, Any], says: str, http: httpx.AsyncClient) -> None:
    """Errors have LibreTranslate's form."""
    response = await http.post("/translate", json=REQUEST | change)

    assert response.status_code == 400
    assert list(response.json()) == ["error"]
    assert says in response.json()["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 100_000, b"\xff"])
async def test_bodies_that_are_not_json_objects(body: bytes, http: httpx.AsyncClient) -> None:
    """A body that is no JSON object is an error of the client."""
    headers = {"Content-Type": "application/json"}

    response = await http.post("/translate", content=body, headers=headers)

    assert response.status_code == 400
    assert "JSON" in response.json()["error"]


async def test_what_is_offered(http: httpx.AsyncClient) -> None:
    """Settings and health are those of LibreTranslate."""
    settings = (await http.get("/frontend/settings")).json()

    assert settings["charLimit"] == 300
    assert settings["language"]["target"] == {"code": "ko", "name": "Korean"}
    assert settings["supportedFilesFormat"] == [".txt", ".html"]
    assert (await http.get("/health")).json() == {"status": "ok"}


async def test_many_wrong_texts_are_one_error(http: httpx.AsyncClient) -> None:
    """A large array of what is no text is refused at its first element, with a short answer."""
    answer = await http.post("/translate", json={**REQUEST, "q": [1] * 200_000})

    assert answer.status_code == 400
    assert len(answer.content) < 1000

"""Files to translate."""

import httpx
import pytest

from jumok.gateway import translated_files
from jumok.gateway.translated_files import TranslatedFiles

TEXT = "나는 학생입니다"
LANGUAGES = {"source": "ko", "target": "ko"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", f"{TEXT}\n\n  {TEXT}\n"),
        ("b.TXT", f"{TEXT}\n" * 60),  # more than a request may have
        ("c.html", f"<html><body><p>{TEXT}</p></body></html>"),
        ("d.txt", "\n \n"),
        ("e.txt", ""),
    ],
)
async def test_file(name: str, content: str, http: httpx.AsyncClient) -> None:
    """A file is translated, and its translation is downloaded and never shown."""
    file = {"file": (name, content.encode())}

    answer = await http.post("/translate_file", data=LANGUAGES, files=file)
    download = await http.get(answer.json()["translatedFileUrl"])

    assert download.text == content
    stem, suffix = name.split(".")
    assert download.headers["content-disposition"].endswith(f"{stem}.ko.{suffix.lower()}")
    assert download.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("a.pdf", b"a", ".txt"), ("a.txt", b"\xff\xfe", "UTF-8"), ("a.txt", b"a" * 301, "301")],
)
async def test_wrong_files(name: str, content: bytes, says: str, http: httpx.AsyncClient) -> None:
    """Other files are refused with a sentence."""
    response = await http.post("/translate_file", data=LANGUAGES, files={"file": (name, content)})

    assert response.status_code == 400
    assert says in response.json()["error"]


async def test_file_that_is_not_kept(http: httpx.AsyncClient) -> None:
    """An unknown file is gone."""
    response = await http.get("/download_file/none")

    assert response.status_code == 410
    assert "error" in response.json()


def test_old_files_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no room, the oldest files are dropped first."""
    monkeypatch.setattr(translated_files, "_KEPT_BYTES", 10)
    files = TranslatedFiles()
    first, second = files.keep("1", b"1234"), files.keep("2", b"1234")

    third = files.keep("3", b"1234")

    assert files.find(first) is None
    assert files.find(second) is not None
    assert files.find(third) is not None


def test_files_are_kept_for_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is dropped after its time."""
    files = TranslatedFiles()
    key = files.keep("1", b"1234")

    monkeypatch.setattr(translated_files, "_KEPT_SECONDS", -1)

    assert files.find(key) is None

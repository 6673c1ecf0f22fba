"""Languages as LibreTranslate lists them."""

from jumok.client.events import Model
from jumok.gateway.languages import language_name, languages


def _model(source: str, target: str) -> Model:
    return Model("name", "ff", source, target, 1, 1, 1, "CPU", "1", "1", "reads", "int8")


def test_each_language_has_its_targets() -> None:
    """Each language is listed once, with what it can be translated to."""
    models = [_model("ko", "en"), _model("de", "en"), _model("ko", "de"), _model("ko", "en")]

    assert languages(models) == [
        {"code": "ko", "name": "Korean", "targets": ["en", "de"]},
        {"code": "de", "name": "German", "targets": ["en"]},
        {"code": "en", "name": "English", "targets": []},
    ]


def test_names() -> None:
    """A language is named in English, without its region; an unknown one by its tag."""
    assert language_name("pt-BR") == "Portuguese"
    assert language_name("tlh") == "tlh"

import os
from pathlib import Path

import pytest

from jumok.service import config as configuration
from jumok.service.config import check_bundle, load_config
from jumok.service.errors import StartupError


def test_flags_over_environment_over_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag overrides the environment, which overrides the default."""
    monkeypatch.setenv("JUMOK_LISTEN", "localhost:1")
    monkeypatch.setenv("JUMOK_MAX_ROWS", "17")
    config = load_config(listen="localhost:2", provider=None)
    assert (config.listen, config.max_rows, config.provider) == ("localhost:2", 17, "auto")


def test_invalid_value_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error for a wrong value is one line with the name of its environment variable."""
    monkeypatch.setenv("JUMOK_MAX_ROWS", "many")
    with pytest.raises(StartupError, match="JUMOK_MAX_ROWS") as error:
        load_config()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("listen", ["localhost", "localhost:99999", ":50051", "localhost:", "x:y"])
def test_an_address_must_be_host_and_port(listen: str) -> None:
    """An address that is not HOST:PORT is refused."""
    with pytest.raises(StartupError, match="HOST:PORT"):
        load_config(listen=listen)


def test_default_bundle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The default bundle is models/ko-en next to the packages, whatever the current folder."""
    monkeypatch.delenv("JUMOK_BUNDLE", raising=False)
    assert load_config().bundle == (Path(__file__).resolve().parents[2] / "models" / "ko-en",)


def test_missing_default_bundle_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If no bundle is named and none is installed, the error says how to name one."""
    monkeypatch.setattr(configuration, "DEFAULT_BUNDLE", tmp_path / "none")
    with pytest.raises(StartupError, match="no model of its own: name the folder"):
        check_bundle([tmp_path / "none"])
    check_bundle([tmp_path / "named"])  # `load_bundle` reports what is wrong with a named folder


def test_several_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, folders of bundles are separated as in PATH."""
    monkeypatch.setenv("JUMOK_BUNDLE", os.pathsep.join(("models/ko-en", "models/de-en", "")))
    assert load_config().bundle == (Path("models/ko-en"), Path("models/de-en"))
    monkeypatch.setenv("JUMOK_BUNDLE", "")
    with pytest.raises(StartupError, match="JUMOK_BUNDLE"):
        load_config()

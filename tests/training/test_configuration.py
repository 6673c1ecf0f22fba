"""The configuration of a training: valid and invalid files."""

from pathlib import Path

import pytest

from jumok.training.configuration import DEFAULT_CONFIGURATION, load_configuration
from jumok.training.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
SHIPPED = [DEFAULT_CONFIGURATION, *sorted(ROOT.glob("configs/*.toml"))]

SOUND = """\
name = "a"
[data]
source_language = "ko"
target_language = "en"
[[data.tsv]]
path = "a.tsv"
[tokenization]
vocabulary_size = 300
[training]
steps = 1
"""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped(path: Path) -> None:
    """Every configuration of the repository is valid."""
    assert load_configuration(path).training.steps


def test_default() -> None:
    """The default configuration needs no data files."""
    data = load_configuration(DEFAULT_CONFIGURATION).data
    assert data.embedded is not None
    assert not data.tsv + data.text


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("steps = 1", "steps = 1\nstep = 2", "training.step is not a known key"),
        ("path =", "pathh =", "data.tsv.0.pathh is not a known key"),
        ('name = "a"', 'name = "a"\n[modle]', "modle is not a known key"),
        ("steps = 1", "", "training.steps is missing"),
        ("steps = 1", "steps = 0", "training.steps must be at least 1, not 0"),
        ("steps = 1", 'steps = "many"', "training.steps must be a whole number, not 'many'"),
        ("steps = 1", "steps = 1\nseed = -1", "training.seed must be at least 0, not -1"),
        ("steps = 1", "steps = 1\nseed = 4294967296", "training.seed must be "),
        ("300", "259", "tokenization.vocabulary_size must be "),
        ('"a"', '"a b"', "name must match "),
        ('[[data.tsv]]\npath = "a.tsv"', "", "data: name at least one of"),
        ('"a.tsv"', '"a.tsv"\npart = "split"\ngroup = 3\ngroup_pattern = "("', "'(' is not a reg"),
        ('"a.tsv"', '"a.tsv"\ngroup = 3', "group needs part = 'split'"),
        ('"a.tsv"', '"a.tsv"\npart = "split"\ngroup_pattern = "a"', "group_pattern needs group"),
        ("[training]", "[model]\ntie_output = true\nembedding_size = 8\n[training]", "tie_output"),
        ("[training]", "[model]\ntie_embeddings = true\n[training]", "shared = true"),
        ('"a.tsv"', '"a.tsv"\nfinal = true', "training.final_steps and files with final = true"),
        ("steps = 1", "steps = 3\nfinal_steps = 3", "steps = 3 must be more than final_steps = 3"),
        ("steps = 1", "steps = 3\nfinal_steps = 1", "training.final_steps and files with final"),
        ('"ko"', '"fr"\nnumbers = { train = 9 }', "numbers are generated for ko to en and de to"),
    ],
)
def test_wrong_key(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    """An invalid or unknown key is refused with the file and the key, in one line."""
    path = tmp_path / "a.toml"
    path.write_text(SOUND, "utf-8")
    assert load_configuration(path).name == "a"
    assert old in SOUND
    path.write_text(SOUND.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_configuration(path)
    message = str(refused.value)
    assert message.startswith(f"{path}: ")
    assert complaint in message
    assert "\n" not in message


def test_every_problem(tmp_path: Path) -> None:
    """All invalid keys are reported at once."""
    path = tmp_path / "a.toml"
    path.write_text(SOUND.replace("steps = 1", "steps = 0\nstep = 1"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"training\.steps must .*; training\.step is not"):
        load_configuration(path)


@pytest.mark.parametrize("content", [b"steps: 1", b"a = ", b"\xff"])
def test_not_toml(tmp_path: Path, content: bytes) -> None:
    """A file that is not TOML is refused."""
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"a\.toml is not TOML: [^\n]+$"):
        load_configuration(path)


def test_missing(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigurationError, match=r"b\.toml cannot be read: No such file"):
        load_configuration(tmp_path / "b.toml")

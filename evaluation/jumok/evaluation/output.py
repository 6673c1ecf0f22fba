"""The output folder of an evaluation."""

import re
from collections.abc import Sequence
from pathlib import Path

from jumok.evaluation.evaluator import Measured
from jumok.evaluation.extremes import Extremes
from jumok.evaluation.length_picture import draw_lengths
from jumok.evaluation.markdown import SetPictures, to_markdown
from jumok.evaluation.reliability_picture import draw_reliability
from jumok.evaluation.report import Report, write_report
from jumok.evaluation.scoring.word_attention import word_map
from jumok.pictures.heat_map import draw

_MAPS = 3  # attention maps of the best sentences of a set


def write_output(folder: Path, report: Report, sets: Sequence[Measured], examples: int) -> set[str]:
    """Write `report.json`, `report.md` and its pictures.

    Args:
        folder: an existing folder.
        report: the report.
        sets: the results on each set.
        examples: number of best and of worst translations shown of each set.

    Returns:
        Characters that no installed font has; they are drawn as boxes.

    Raises:
        OSError: a file cannot be written.
        FontError: JUMOK_FONT is not a font file.
    """
    write_report(report, folder / "report.json")
    missing: set[str] = set()
    pictures = {}
    for number, found in enumerate(sets, start=1):
        stem = f"{number}-{_file_name(found.report.name)}"
        lengths = f"{stem}-lengths.png"
        draw_lengths({report.system.name: found.report.by_length}, folder / lengths)
        reliability = None
        if found.report.reliability is not None:
            reliability = f"{stem}-reliability.png"
            draw_reliability(found.report.reliability, folder / reliability)
        attention = {}
        if found.report.attention is not None:
            places = Extremes.of(found.report.translations, max(examples, _MAPS)).best_places
            for place in places[:_MAPS]:
                source = found.report.translations[place].source
                attention[source] = f"{stem}-attention-{place + 1}.png"
                drawn = word_map(source, found.translations[place])
                missing |= draw(drawn, folder / attention[source])
        pictures[found.report.name] = SetPictures(lengths, attention, reliability)
    text = to_markdown(report, pictures, max(examples, _MAPS))
    (folder / "report.md").write_text(text, "utf-8")
    return missing


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "set"

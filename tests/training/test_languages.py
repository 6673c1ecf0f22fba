"""Small trainings in languages without spaces, or with characters that NFKC would change."""

from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from jumok.training.checkpoint import load_checkpoint
from jumok.training.configuration import Configuration
from jumok.training.trainer import train


class Toy(NamedTuple):
    """Words whose combinations are the sentences of a toy corpus."""

    subjects: tuple[str, ...]
    objects: tuple[str, ...]
    verbs: tuple[str, ...]
    pattern: str


ENGLISH = Toy(
    ("I", "You", "We", "They", "The teacher", "The doctor", "My friend", "Everybody"),
    ("water", "books", "bread", "fish", "flowers", "rice", "paper", "music"),
    ("likes", "buys", "sees", "sells", "wants"),
    "{0} {2} {1}.",
)
LANGUAGES = {
    "ja": Toy(
        ("私", "あなた", "私たち", "彼ら", "先生", "医者", "友達", "みんな"),
        ("水", "本", "パン", "魚", "花", "お米", "紙", "音楽"),
        ("好みます", "買います", "見ます", "売ります", "欲しがります"),
        "{0}は、{1}を{2}。",
    ),
    "zh": Toy(
        ("我", "你", "我们", "他们", "老师", "医生", "朋友", "大家"),
        ("水", "书", "面包", "鱼", "花", "米饭", "纸", "音乐"),
        ("喜欢", "买", "看见", "卖", "想要"),
        "{0}啊，{2}{1}！",
    ),
    "th": Toy(
        ("ฉัน", "คุณ", "เรา", "พวกเขา", "ครู", "หมอ", "เพื่อน", "ทุกคน"),
        ("น้ำ", "หนังสือ", "ขนมปัง", "ปลา", "ดอกไม้", "ข้าว", "กระดาษ", "ดนตรี"),
        ("ชอบ", "ซื้อ", "เห็น", "ขาย", "ต้องการ"),
        "{0}{2}{1}",
    ),
    "fa": Toy(
        ("من", "تو", "ما", "آن‌ها", "معلم", "پزشک", "دوستم", "همه"),
        ("آب", "کتاب‌ها", "نان", "ماهی", "گل‌ها", "برنج", "کاغذ", "موسیقی"),
        ("می‌پسندد", "می‌خرد", "می‌بیند", "می‌فروشد", "می‌خواهد"),
        "{0} {1} را {2}؟",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_learns(tmp_path: Path, language: str) -> None:
    """Nearly all unseen combinations are translated exactly, and the best checkpoint is kept."""
    places = list(product(range(8), range(8), range(5)))
    source, target = (
        [
            toy.pattern.format(toy.subjects[one], toy.objects[two], toy.verbs[three])
            for one, two, three in places
        ]
        for toy in (ENGLISH, LANGUAGES[language])
    )
    held_out = [sum(place) % 9 == 0 for place in places]
    for part, wanted in (("train", False), ("dev", True)):
        rows = [
            f"{source[number]}\t{target[number]}\n"
            for number in range(len(places))
            if held_out[number] == wanted
        ]
        (tmp_path / f"{part}.tsv").write_text("".join(rows), "utf-8")
    configuration = Configuration.model_validate(
        {
            "name": "toy",
            "data": {
                "source_language": "en",
                "target_language": language,
                "tsv": [{"path": "train.tsv"}, {"path": "dev.tsv", "part": "dev"}],
            },
            "tokenization": {"vocabulary_size": 400},
            "model": {
                "embedding_size": 48,
                "encoder_size": 48,
                "decoder_size": 96,
                "attention_size": 48,
                "attentional_size": 48,
                "dropout": 0.1,
            },
            "training": {
                "steps": 1000,
                "batch_tokens": 500,
                "learning_rate": 1e-2,
                "warmup_steps": 30,
                "evaluate_every": 100,
                "averaging": "ema",
                "ema_decay": 0.98,
                "label_smoothing": 0.0,
                "device": "cpu",
                "threads": 1,
            },
        }
    )
    outcome = train(configuration, tmp_path, tmp_path / "run")
    best = load_checkpoint(tmp_path / "run")
    assert best.progress.metrics["dev/exact"] > 0.95
    assert best.progress.step == outcome.best_step > 100
    assert outcome.best_bleu > 90

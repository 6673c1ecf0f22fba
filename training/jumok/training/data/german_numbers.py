"""German sentences with numbers."""

from collections.abc import Mapping
from random import Random
from typing import Final

from num2words import num2words

from jumok.training.data.number_slots import (
    Pattern,
    Slot,
    date_slot,
    digits_slot,
    english_number,
    plural,
    sign,
)

_COUNTED: Final = (
    ("Brötchen", "roll"),
    ("Äpfel", "apple"),
    ("Eier", "egg"),
    ("Tassen Kaffee", "cup of coffee"),
    ("Flaschen Wasser", "bottle of water"),
    ("Stück Kuchen", "piece of cake"),
    ("Karten", "ticket"),
    ("Briefmarken", "stamp"),
    ("Gramm Käse", "gram of cheese"),
)


def _euros(generator: Random) -> tuple[str, str]:
    euros, cents = generator.randint(1, 200), generator.choice((0, 0, 50, 90, 99, 20))
    if not cents:
        word = str(num2words(euros, lang="de")) if euros > 1 else "einen"
        written = generator.choice((str(euros), word))
        return f"{written} Euro", f"{english_number(euros)} {plural(euros, 'euro')}"
    if generator.random() < 0.3:
        return f"{euros} Euro {cents}", f"{euros}.{cents:02} euros"
    return f"{euros},{cents:02} {generator.choice(('Euro', '€'))}", f"{euros}.{cents:02} euros"


def _clock(generator: Random) -> tuple[str, str]:
    hour = generator.randint(1, 12)
    after = hour % 12 + 1
    word = "eins" if hour == 1 else str(num2words(hour, lang="de"))
    following = "eins" if after == 1 else str(num2words(after, lang="de"))
    late = generator.randint(13, 23)
    minute = generator.choice((5, 10, 15, 20, 30, 45, 50))
    return generator.choice(
        (
            (f"{'ein' if hour == 1 else word} Uhr", f"{hour} o'clock"),
            (f"{hour} Uhr", f"{hour} o'clock"),
            (f"halb {following}", f"half past {num2words(hour)}"),
            (f"halb {following}", f"{hour}:30"),
            (f"Viertel nach {word}", f"a quarter past {num2words(hour)}"),
            (f"Viertel vor {following}", f"a quarter to {num2words(after)}"),
            (f"zehn vor {following}", f"ten to {num2words(after)}"),
            (f"fünf nach {word}", f"five past {num2words(hour)}"),
            (f"{late}:{minute:02} Uhr", f"{late - 12}:{minute:02} p.m."),
            (f"{hour}.{minute:02} Uhr", f"{hour}:{minute:02}"),
        )
    )


def _number(low: int, high: int) -> Slot:
    def draw(generator: Random) -> tuple[str, str]:
        number = generator.randint(low, high)
        word = str(num2words(number, lang="de"))
        return (str(number) if generator.random() < 0.5 else word), english_number(number)

    return draw


def _counted(generator: Random) -> tuple[str, str]:
    noun, english = generator.choice(_COUNTED)
    number = generator.choice((*range(2, 13), generator.randint(13, 40)))
    if "Gramm" in noun:
        number = 50 * generator.randint(1, 12)
    written = str(number) if generator.random() < 0.4 else str(num2words(number, lang="de"))
    return f"{written} {noun}", f"{english_number(number)} {plural(number, english)}"


def _ordinal(generator: Random) -> tuple[str, str]:
    number = generator.randint(1, 19)
    return str(num2words(number, lang="de", to="ordinal")), str(num2words(number, to="ordinal"))


def _year(generator: Random) -> tuple[str, str]:
    year = generator.randint(1800, 2030)
    word = str(num2words(year, lang="de", to="year"))
    return (word if generator.random() < 0.3 else str(year)), str(year)


PATTERNS: Final[tuple[Pattern, ...]] = (
    ("Das kostet {euros}.", "That costs {euros}."),
    ("Das macht {euros}.", "That's {euros}."),
    ("Ich habe {euros} bezahlt.", "I paid {euros}."),
    ("Die Miete beträgt {rent} Euro im Monat.", "The rent is {rent} euros a month."),
    ("Kannst du mir {euros} leihen?", "Can you lend me {euros}?"),
    ("Es ist {clock}.", "It's {clock}."),
    ("Wir treffen uns um {clock}.", "We're meeting at {clock}."),
    ("Der Zug fährt um {clock} ab.", "The train leaves at {clock}."),
    ("Ich stehe um {clock} auf.", "I get up at {clock}."),
    ("Der Laden schließt um {clock}.", "The store closes at {clock}."),
    ("Komm bitte um {clock}.", "Please come at {clock}."),
    ("Heute ist der {date}.", "Today is {date}."),
    ("Mein Geburtstag ist am {date}.", "My birthday is on {date}."),
    ("Der Termin ist am {date}.", "The appointment is on {date}."),
    ("Ich bin {age} Jahre alt.", "I'm {age} years old."),
    ("Meine Tochter ist {young}.", "My daughter is {young}."),
    ("Er wird nächste Woche {age}.", "He's turning {age} next week."),
    ("{counted}, bitte.", "{counted}, please."),
    ("Ich hätte gern {counted}.", "I'd like {counted}."),
    ("Wir brauchen noch {counted}.", "We still need {counted}."),
    ("Wir wohnen im {ordinal}n Stock.", "We live on the {ordinal} floor."),
    ("Das ist schon das {ordinal} Mal.", "This is already the {ordinal} time."),
    ("Nehmen Sie die {ordinal} Straße links.", "Take the {ordinal} street on the left."),
    ("Ich bin {year} geboren.", "I was born in {year}."),
    ("Das Haus wurde {year} gebaut.", "The house was built in {year}."),
    ("Meine Nummer ist {phone}.", "My number is {phone}."),
    ("Der Bus {bus} fährt zum Bahnhof.", "Bus {bus} goes to the train station."),
    ("Es dauert {age} Minuten.", "It takes {age} minutes."),
    ("Wir haben {young} Grad.", "It's {young} degrees."),
)
SLOTS: Final[Mapping[str, Slot]] = {
    "euros": _euros,
    "rent": _number(300, 1900),
    "clock": _clock,
    "date": date_slot("de"),
    "age": _number(2, 99),
    "young": _number(2, 38),
    "counted": _counted,
    "ordinal": _ordinal,
    "year": _year,
    "phone": digits_slot("017# #######"),
    "bus": sign,
}

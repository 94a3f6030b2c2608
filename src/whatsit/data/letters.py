"""Letters that look Latin and are not: a Cyrillic а in a word is another letter than a, and nobody sees it."""

from __future__ import annotations

import unicodedata

# Letters of other alphabets, and the Latin one that each looks like in most fonts: from confusables.txt of Unicode
# Technical Standard 39, those that are taken for Latin in words.
_CYRILLIC = ("АВЕЅІЈКМНОРСТУХҮԚԜаеѕіјорсухһԁԛԝѵ", "ABESIJKMHOPCTYXYQWaesijopcyxhdqwv")
_GREEK = ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρια", "ABEZHIKMNOPTYXovpia")
_LATIN_OF = {letter: latin for alphabet in (_CYRILLIC, _GREEK) for letter, latin in zip(*alphabet, strict=True)}
_TO_LATIN = str.maketrans(_LATIN_OF)


def write_as_seen(name: str) -> str:
    """A name in Latin letters, wherever others look like them."""
    return unicodedata.normalize("NFC", name).translate(_TO_LATIN)


def describe_letters(name: str) -> tuple[str, ...]:
    """The letters in a name that only look Latin, and what they are: `а (cyrillic small letter a)`."""
    odd = dict.fromkeys(letter for letter in unicodedata.normalize("NFC", name) if letter in _LATIN_OF)
    return tuple(f"{letter} ({unicodedata.name(letter).lower()})" for letter in odd)


def mixes_alphabets(word: str) -> bool:
    """Whether a word has Latin letters and such that only look like them."""
    letters = unicodedata.normalize("NFC", word)
    return any(letter in _LATIN_OF for letter in letters) and any(
        "LATIN" in unicodedata.name(letter, "") for letter in letters
    )

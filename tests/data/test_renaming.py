from __future__ import annotations

import pytest

from drawing import class_folders
from whatsit.data.readers import read
from whatsit.data.renaming import parse_mapping, refuse_near, rename_classes
from whatsit.errors import UserError


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("", {}),
        ("cats=cat, dogs = dog", {"cats": "cat", "dogs": "dog"}),
        ('"cats, small=cat",a=b=c', {"cats, small": "cat", "a": "b=c"}),
    ],
)
def test_a_mapping_is_written_as_pairs(text, mapping):
    assert parse_mapping(text) == mapping


@pytest.mark.parametrize("text", ["cats", "=cat", "cats=", "cats=cat,cats=dog", '"cats=cat'])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(UserError) as refusal:
        parse_mapping(text)
    assert refusal.value.hint == "As in: --classes cats=cat,dogs=dog"


def test_classes_are_renamed_and_put_together(tmp_path):
    data = rename_classes(
        read(class_folders(tmp_path, "Cats", "Kittens", "Dogs")), {"Cats": "cat", "Kittens": "cat"}
    )
    assert data.classes == ("cat", "Dogs")
    assert data.counts().tolist() == [6, 3]
    with pytest.raises(UserError, match="has no class 'Birds' to be called 'bird'"):
        rename_classes(data, {"Birds": "bird"})


def test_near_names_are_asked_about_until_somebody_says_what_they_are():
    with pytest.raises(
        UserError, match="has the class 'Cats', and the model's are called otherwise: 'cat'"
    ) as refusal:
        refuse_near("pets", ["Cats", "fox", "Dogs"], ["cat", "dog"], {}, "the model's")
    assert "--classes 'Cats=cat,Dogs=dog'" in refusal.value.hint
    refuse_near("pets", ["Cats", "fox"], ["cat", "dog"], {"Cats": "Cats"}, "the model's")


def test_a_name_in_letters_of_another_alphabet_is_offered_with_the_letter_that_differs() -> None:
    with pytest.raises(UserError, match="cyrillic small letter a") as error:
        refuse_near("photos", ["c\u0430t"], ["cat", "dog"], {}, "the model's")
    assert error.value.hint.startswith("If they are the same: --classes 'c\u0430t=cat'.")

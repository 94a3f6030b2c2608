from __future__ import annotations

from whatsit.errors import UserError, missing_extra, suggest_nearest


def test_an_error_reads_as_its_sentence_and_its_hint() -> None:
    error = UserError("There is no net 'fats'.", hint="There are: fast.")
    assert (error.sentence, error.hint) == ("There is no net 'fats'.", "There are: fast.")
    assert str(error) == "There is no net 'fats'. There are: fast."
    assert str(UserError("Too few.")) == "Too few."


def test_a_misspelt_name_is_answered_with_what_it_may_have_meant() -> None:
    assert suggest_nearest("fats", ["simple", "fast"]) == "Did you mean 'fast'? There are: fast, simple."
    assert suggest_nearest("zzz", ["simple", "fast"]) == "There are: fast, simple."


def test_what_is_not_installed_is_named_with_its_command() -> None:
    error = missing_extra("torch", "train", "Training")
    assert error.sentence == "Training needs torch, which is not installed."
    assert error.hint == "Install it with: pip install 'whatsit[train]'"

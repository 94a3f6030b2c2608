"""The same file again."""

from __future__ import annotations

from pathlib import Path

from checked import found


def test_a_copy_in_the_same_class_is_an_exact_duplicate(folder: Path) -> None:
    (folder / "cat" / "9.jpg").write_bytes((folder / "cat" / "1.jpg").read_bytes())
    assert found(folder, "exact-duplicate") == {"cat/9.jpg": "the same file as cat/1.jpg"}
    assert found(folder, "class-conflict") == {}


def test_of_copies_in_train_and_test_the_one_in_test_is_kept(folder: Path, tmp_path: Path) -> None:
    parted = tmp_path / "parted"
    for part in ("train", "test"):
        parted.mkdir(exist_ok=True)
        (parted / part).mkdir()
        for label in ("cat", "dog"):
            (parted / part / label).mkdir()
    for label in ("cat", "dog"):
        for number in range(3):
            content = (folder / label / f"{number}.jpg").read_bytes()
            (parted / "train" / label / f"{number}.jpg").write_bytes(content)
        other = (folder / label / "5.jpg").read_bytes()
        (parted / "test" / label / "5.jpg").write_bytes(other)
    leaked = (folder / "cat" / "2.jpg").read_bytes()
    (parted / "test" / "cat" / "2.jpg").write_bytes(leaked)
    assert found(parted, "exact-duplicate") == {"train/cat/2.jpg": "the same file as test/cat/2.jpg"}

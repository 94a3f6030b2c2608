"""A catalog that several people share: what begins it, who joins it, and what a database refuses or loses."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postgres import PASSWORD, ROLE, Postgres
from whatsit.data.catalog import Catalog, Decision, Finding, KnownPhoto, has_catalog, open_catalog, sharing
from whatsit.data.catalog.dialects import postgresql
from whatsit.data.catalog.dialects.postgresql import describe, schema_of, translate
from whatsit.errors import UserError

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"
PHOTO = KnownPhoto("cat/a.jpg", "00ff", 2**40, 80, 60, "JPEG", 1_764_500_000_123_456_789)


@pytest.fixture
def database(postgres: Postgres) -> str:
    return postgres.database()


def data_at(at: Path, name: str = "pets") -> Path:
    data = at / name
    data.mkdir(parents=True)
    return data


def schemas(postgres: Postgres, database: str) -> list[str]:
    query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'whatsit%' ORDER BY 1"
    return postgres.ask(database.rpartition("/")[2], query).splitlines()


def test_what_a_folder_knew_already_is_where_the_shared_catalog_begins(database: str, tmp_path: Path) -> None:
    data = data_at(tmp_path)
    with open_catalog(data) as own:
        own.put_photos([PHOTO])
        own.put_findings([], [Finding("cat/a.jpg", "dark", "hint", 0.1, None, "dark; 'very' 100 %?", {"of": "ü"})])
        last = [own.decide(Decision("cat/a.jpg", "keep", by="somebody")) for _ in range(3)][-1]
        own.add_candidate("cat", "https://example.org/a.jpg", 1, "urls", None)
        found = own.findings()
    with sharing(database), open_catalog(data) as known:
        assert (known.photos(), known.findings()) == ({"cat/a.jpg": PHOTO}, found)
        assert known.decisions()["cat/a.jpg"].id == last
        assert known.decide(Decision("b", "keep")) > last
        assert known.add_candidate("cat", "https://example.org/b.jpg", 2, "urls", None)
        assert not known.add_candidate("cat", "https://example.org/b.jpg", 3, "urls", None)
    with open_catalog(data) as own:  # left as it was
        assert own.decisions().keys() == {"cat/a.jpg"}


def test_two_data_sets_in_one_database_know_nothing_of_each_other(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    with sharing(database):
        for name in ("pets", "dogs"):
            with open_catalog(data_at(tmp_path, name)) as known:
                known.set_fact("name", name)
        with open_catalog(tmp_path / "pets") as known:
            assert known.fact("name") == "pets"
    assert schemas(postgres, database) == ["whatsit_dogs", "whatsit_pets"]


def test_another_folder_of_the_name_joins_only_where_somebody_says_so(database: str, tmp_path: Path) -> None:
    first, second = data_at(tmp_path / "here"), data_at(tmp_path / "there")
    with sharing(database):
        with open_catalog(first) as known:
            known.set_fact("a", "b")
        for ask in (has_catalog, lambda data: open_catalog(data).__enter__()):
            with pytest.raises(UserError, match="a data set called 'pets' already") as raised:
                ask(second)
            assert "#pets" in raised.value.hint
    with sharing(f"{database}#pets"), open_catalog(second) as known:
        assert known.fact("a") == "b"
    with sharing(database), open_catalog(second) as known:  # from now on without its name
        assert known.fact("a") == "b"


def test_a_folder_may_be_called_otherwise_there(database: str, postgres: Postgres, tmp_path: Path) -> None:
    with sharing(f"{database}#all%20pets"), open_catalog(data_at(tmp_path, "photos")) as known:
        assert known.place.endswith("#all pets")
    assert schemas(postgres, database) == ["whatsit_all pets"]


def test_the_password_is_said_and_written_nowhere(database: str, tmp_path: Path) -> None:
    data = data_at(tmp_path)
    with sharing(database), open_catalog(data) as known:
        assert known.place == f"postgresql://{database.partition('@')[2]}#pets"
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert kept
    assert PASSWORD.encode() not in kept
    assert PASSWORD.replace(" ", "%20").encode() not in kept


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "postgresql://a:secret@db.example:5432/photos?sslmode=require#pets",
            "postgresql://db.example:5432/photos",
        ),
        ("postgresql://a:s@cr/et@db.example/photos", "postgresql://…"),
        ("postgresql://a:se?cret@db.example/photos", "postgresql://…"),
        ("postgresql:///photos?host=/run&password=secret", "postgresql:///photos"),
    ],
)
def test_an_address_is_told_without_who_asks(address: str, told: str) -> None:
    assert describe(address) == told


def test_a_catalog_that_is_not_there_is_none(database: str, postgres: Postgres, tmp_path: Path) -> None:
    with sharing(database):
        assert not has_catalog(data_at(tmp_path))
    assert schemas(postgres, database) == []
    assert list((tmp_path / "pets").iterdir()) == []


def test_texts_are_ordered_by_their_bytes(database: str, tmp_path: Path) -> None:
    names = ["B", "a", "b/1", "b0", "Ä", "ä", "é", "Z", "_"]
    with sharing(database), open_catalog(data_at(tmp_path)) as known:
        known.put_photos(KnownPhoto(name, "", 1, 1, 1, "JPEG", 1) for name in names)
        assert list(known.photos()) == sorted(names, key=str.encode)


def test_names_of_any_length_and_kind_are_schemas_of_their_own(database: str, tmp_path: Path) -> None:
    names = ["x" * 90, "x" * 91, "ünïcode " * 6, 'with "quotes"', "with 'quotes'; DROP", "%s", "Pets", "pets"]
    with sharing(database):
        for name in names:
            with open_catalog(data_at(tmp_path, name)) as known:
                assert known.fact("name") == ""
                known.set_fact("name", name)
    assert all(len(schema_of(name).encode()) <= 63 for name in names)


@pytest.mark.parametrize("address", ["mysql://a:secret@b/c", "s3://bucket", "photos.sqlite", "postgresql"])
def test_another_kind_of_address_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="no address of a shared catalog") as raised, sharing(address):
        pass
    assert "secret" not in str(raised.value)


def test_an_address_that_cannot_be_read_is_refused_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'whatsit[postgresql]'")
    address = "postgresql://a:secret@h:5432/x?secret=secret"
    with sharing(address), pytest.raises(UserError, match="no address of a database") as raised:
        has_catalog(data_at(tmp_path))
    assert "secret" not in str(raised.value)


def test_a_wrong_password_is_a_sentence(database: str, tmp_path: Path) -> None:
    wrong = database.replace(PASSWORD.replace(" ", "%20"), "wrong")
    with pytest.raises(UserError, match="password authentication failed"), sharing(wrong):
        has_catalog(data_at(tmp_path))


def test_nobody_listening_is_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'whatsit[postgresql]'")
    with sharing("postgresql://a@127.0.0.1:1/photos"), pytest.raises(UserError, match="Connection refused"):
        has_catalog(data_at(tmp_path))


def test_without_psycopg_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with sharing("postgresql://a@127.0.0.1:1/photos"), pytest.raises(UserError, match="psycopg") as raised:
        has_catalog(data_at(tmp_path))
    assert raised.value.hint == "pip install 'whatsit[postgresql]'"


def test_who_may_not_make_a_schema_is_told(database: str, postgres: Postgres, tmp_path: Path) -> None:
    name = database.rpartition("/")[2]
    postgres.ask("postgres", f"ALTER DATABASE {name} OWNER TO postgres")
    with sharing(database), pytest.raises(UserError, match="does not let you") as raised:
        open_catalog(data_at(tmp_path)).__enter__()
    assert "who owns the database" in raised.value.hint
    assert schemas(postgres, database) == []


def test_a_role_each_is_refused_until_they_are_one_team(database: str, postgres: Postgres, tmp_path: Path) -> None:
    name = database.rpartition("/")[2]
    mine, team = f"member_{name}", f"team_{name}"
    postgres.ask("postgres", f"CREATE ROLE {mine} LOGIN PASSWORD '{PASSWORD}'")
    member, data = database.replace(f"{ROLE}:", f"{mine}:"), data_at(tmp_path)
    with sharing(database), open_catalog(data) as known:
        known.set_fact("a", "b")
    with sharing(member), pytest.raises(UserError, match="does not let you do this"):
        has_catalog(data)
    postgres.ask("postgres", f"CREATE ROLE {team}")
    postgres.ask("postgres", f"GRANT {team} TO {mine}")
    postgres.ask("postgres", f"GRANT CREATE ON DATABASE {name} TO {team}")
    postgres.ask("postgres", f"ALTER ROLE {mine} SET role = {team}")
    with sharing(f"{member}#theirs"), open_catalog(data):
        pass
    query = "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'whatsit_theirs'"
    assert postgres.ask(name, query) == team


def test_another_programs_schema_is_refused_and_left(database: str, postgres: Postgres, tmp_path: Path) -> None:
    name = database.rpartition("/")[2]
    postgres.ask(name, "CREATE SCHEMA whatsit_pets AUTHORIZATION reviewer")
    postgres.ask(name, "CREATE TABLE whatsit_pets.mine (x INTEGER)")
    with sharing(database), pytest.raises(UserError, match="another program's schema"):
        open_catalog(data_at(tmp_path)).__enter__()
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'whatsit_pets'"
    assert postgres.ask(name, query) == "mine"


def test_a_database_that_has_no_place_for_all_letters_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    latin = postgres.database(encoding="LATIN1")
    with sharing(latin), pytest.raises(UserError, match="keeps texts as LATIN1") as raised:
        open_catalog(data_at(tmp_path)).__enter__()
    assert "UTF8" in raised.value.hint
    assert schemas(postgres, latin) == []


def test_a_newer_format_is_refused(database: str, postgres: Postgres, tmp_path: Path) -> None:
    data = data_at(tmp_path)
    with sharing(database):
        with open_catalog(data):
            pass
        postgres.ask(database.rpartition("/")[2], "UPDATE whatsit_pets.whatsit SET format = 99")
        with pytest.raises(UserError, match=r"newer whatsit \(format 99"):
            open_catalog(data).__enter__()


def test_a_schema_of_an_earlier_format_is_brought_to_todays_by_whoever_comes_first(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    data, name = data_at(tmp_path), database.rpartition("/")[2]
    with sharing(database):
        with open_catalog(data) as known:
            known.decide_batch([Decision("a", "keep", by="review")])
            known.set_fact("a", "b")
        # as format 2 was: nobody's name with a decision
        postgres.ask(name, "ALTER TABLE whatsit_pets.decisions DROP COLUMN person")
        postgres.ask(name, "UPDATE whatsit_pets.whatsit SET format = 2")
        with ThreadPoolExecutor(4) as people:
            list(people.map(lambda _: open_catalog(data).__enter__(), range(4)))
        with open_catalog(data) as known:
            assert (known.decisions()["a"].person, known.fact("a")) == ("", "b")
            known.decide(Decision("b", "keep", person="A"))
            assert known.decisions()["b"].person == "A"


def test_a_schema_that_somebody_removed_midway_is_a_sentence(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    with sharing(database), open_catalog(data_at(tmp_path)) as known:
        postgres.ask(database.rpartition("/")[2], "DROP SCHEMA whatsit_pets CASCADE")
        with pytest.raises(UserError, match="not as whatsit made it"):
            known.photos()


def test_what_fails_halfway_is_not_there(database: str, tmp_path: Path) -> None:
    def half(known: Catalog) -> None:
        with known.together():
            known.set_fact("contact", "a@b.example")
            raise KeyboardInterrupt

    with sharing(database), open_catalog(data_at(tmp_path)) as known:
        with pytest.raises(KeyboardInterrupt):
            half(known)
        assert known.fact("contact") == ""


def test_a_database_that_goes_midway_keeps_whole_writes_and_is_found_again(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    def lose_midway(known: Catalog) -> None:
        with known.together():
            known.decide(Decision("b", "keep"))
            postgres.stop()
            known.decide(Decision("c", "keep"))

    with sharing(database), open_catalog(data_at(tmp_path)) as known:
        known.decide_batch([Decision("a", "keep", by="review")])
        with pytest.raises(UserError, match="does not answer"):
            lose_midway(known)
        with pytest.raises(UserError, match="does not answer"):
            known.decisions()
        postgres.start()
        assert known.decisions().keys() == {"a"}
        known.decide_batch([Decision("d", "keep", by="review")])
        assert known.undo_batch("review") == ["d"]


def test_who_writes_waits_for_who_writes_already_or_is_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_WAIT_S", 1)
    data = data_at(tmp_path)
    with sharing(database), open_catalog(data) as first, open_catalog(data) as second:
        with first.together():
            first.set_fact("a", "first")
            with pytest.raises(UserError, match="Another whatsit is writing"), second.together():
                pass
        with second.together():
            second.set_fact("a", "second")
        assert first.fact("a") == "second"


def test_processes_that_begin_at_once_make_one_catalog(database: str, tmp_path: Path) -> None:
    data = data_at(tmp_path)
    (data / ".whatsit").mkdir()
    script = (
        "import sys; from pathlib import Path; from whatsit.data.catalog import Decision, open_catalog, sharing\n"
        "with sharing(sys.argv[2]), open_catalog(Path(sys.argv[1])) as known:\n"
        "    known.decide_batch([Decision(sys.argv[3], 'keep', by='review')])"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", script, str(data), f"{database}#pets", str(number)])
        for number in range(4)
    ]
    assert [run.wait(60) for run in runs] == [0] * 4
    with sharing(database), open_catalog(data) as known:
        decisions = known.decisions()
    assert decisions.keys() == {"0", "1", "2", "3"}
    assert len({one.batch for one in decisions.values()}) == 4


def test_decisions_of_many_at_once_are_all_there_in_batches_of_their_own(database: str, tmp_path: Path) -> None:
    data = data_at(tmp_path)

    def decide(person: int) -> None:
        with open_catalog(data) as known:
            for number in range(50):
                known.decide_batch(Decision(f"{person}/{number}/{part}", "keep", by="review") for part in "ab")

    with sharing(database):
        with open_catalog(data), ThreadPoolExecutor(4) as people:
            list(people.map(decide, range(4)))
        with open_catalog(data) as known:
            decisions = sorted(known.decisions().values(), key=lambda one: one.batch)
    assert len(decisions) == 400
    batches = [list(some) for _, some in itertools.groupby(decisions, key=lambda one: one.batch)]
    assert {len({one.photo.rpartition("/")[0] for one in some}) for some in batches} == {1}
    assert len(batches) == 200


def test_who_is_killed_while_deciding_loses_nothing_that_was_acknowledged(database: str, tmp_path: Path) -> None:
    data = data_at(tmp_path)
    script = (
        "import sys; from pathlib import Path; from whatsit.data.catalog import Decision, open_catalog, sharing\n"
        "with sharing(sys.argv[2]), open_catalog(Path(sys.argv[1])) as known:\n"
        "    for number in range(10**6):\n"
        "        known.decide_batch([Decision(f'{number}/{part}', 'keep', by='review') for part in 'abcde'])\n"
        "        print(number, flush=True)"
    )
    command = [sys.executable, "-c", script, str(data), database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        for line in killed.stdout:
            if int(line) == 30:
                killed.kill()  # midway in one of the next; what it said until then is read to the end
            acknowledged = int(line)
    with sharing(database), open_catalog(data) as known:
        known.decide_batch([Decision("later", "keep", by="review")])  # nobody holds the lock any more
        parts = Counter(photo.partition("/")[0] for photo in known.decisions() if photo != "later")
    assert set(parts.values()) == {5}
    assert parts.keys() >= {str(number) for number in range(acknowledged + 1)}


def test_the_commands_of_the_page_run_as_written(postgres: Postgres, folder: Path) -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Several people")[2].partition("\n## ")[0]
    script = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    assert "review pets" in script
    # the page's own server has another address, and the review page would wait for Ctrl-C
    script = script.replace("@db.example/", f"@127.0.0.1:{postgres.port}/").replace("whatsit review", ": review")
    postgres.ask("postgres", f"CREATE ROLE reviewers LOGIN PASSWORD '{PASSWORD}'")
    places = [str(postgres.programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    owner = {"PGHOST": str(postgres.folder), "PGPORT": str(postgres.port), "PGUSER": "postgres"}
    done = subprocess.run(
        ["bash", "-ec", script],
        env={**os.environ, **owner, "PGPASSWORD": PASSWORD, "PATH": os.pathsep.join(places)},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert postgres.ask("photos", "SELECT count(*) > 0 FROM whatsit_pets.photos") == "t"
    assert not (folder / ".whatsit" / "catalog.sqlite").exists()


def test_values_and_percent_signs_are_put_as_psycopg_wants_them() -> None:
    assert translate("SELECT a FROM b WHERE c LIKE '../%' AND d = ?") == (
        "SELECT a FROM b WHERE c LIKE '../%%' AND d = %s"
    )

"""Names that look alike, in whichever script."""

import pytest

from dashboard.accounts.usernames import is_taken, look, mixes_scripts, normal
from tests.conftest import make_user

CYRILLIC_A = "\u0430"


@pytest.mark.parametrize(
    "name", [f"{CYRILLIC_A}dmin", "adm\u03b9n", f"a.b{CYRILLIC_A}", f"{CYRILLIC_A}dmin-2", "\u0561rmen", "\u13aanna"]
)
def test_a_word_with_letters_of_two_scripts_is_told(name):
    assert mixes_scripts(name)


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "jos\u00e9",
        "jose\u0301",
        "anna.\u0430\u043d\u043d\u0430",
        "\u7530\u4e2d\u304f\u3093\u30fc",
        "user42",
        "\uff41bc",
        "a_b+c-d",
        "",
    ],
)
def test_words_of_one_script_each_are_fine(name):
    assert not mixes_scripts(name)


def test_what_looks_the_same_is_the_same():
    assert look("ALICE") == look("\uff41lice") == look("alice")
    assert look("\u0441\u043e\u0441\u043e") == look("coco"), "all of it Cyrillic"
    assert look("stra\u00dfe") == look("STRASSE")
    assert look("alice") != look("alicia")
    assert normal("jose\u0301") == "jos\u00e9"


@pytest.mark.django_db
def test_a_name_is_taken_by_whatever_looks_like_it():
    make_user("coco")
    assert is_taken("\u0441\u043e\u0441\u043e")
    assert is_taken("CoCo")
    assert not is_taken("cocoa")

import re

import pytest
from argon2 import PasswordHasher

from lib.auth.passwords import Weakness, hash_password, one_time_password, verify, weaknesses

EMAIL = "Wang.Fang.Office@example.cn"


def test_hash_is_argon2id_salted_and_verifies() -> None:
    first, second = hash_password("correct horse 电池"), hash_password("correct horse 电池")
    assert first.startswith("$argon2id$")
    assert first != second
    assert verify("correct horse 电池", first) == (True, None)
    assert verify("Correct horse 电池", first) == (False, None)


def test_old_parameters_are_renewed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("correct horse")
    ok, renewed = verify("correct horse", weak)
    assert ok
    assert renewed is not None
    assert verify("correct horse", renewed) == (True, None)
    assert verify("wrong horse", weak) == (False, None)


@pytest.mark.parametrize("stored", [None, "", "plain text", "$argon2id$v=19$m=65536,t=3,p=4$broken"])
def test_nothing_matches_a_missing_or_damaged_hash(stored: str | None) -> None:
    assert verify("anything at all", stored) == (False, None)


def test_full_width_input_is_the_same_password() -> None:
    assert verify("ｃｏｒｒｅｃｔ１２３", hash_password("correct123")) == (True, None)


def test_lone_surrogates_do_not_break_it() -> None:
    assert verify("x\ud800", hash_password("x\ud800"))[0]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("a good passphrase", ()),
        ("钥匙在第三层的抽屉里", ()),
        ("abcdefghi", (Weakness.TOO_SHORT,)),
        ("x1y2z3a4b5" * 26, (Weakness.TOO_LONG,)),
        ("wang.fang.OFFICE@example.cn", (Weakness.IS_EMAIL,)),
        ("wang.fang.office", (Weakness.IS_EMAIL,)),
        ("Password123", (Weakness.COMMON,)),
        ("aaaaaaaaaaaa", (Weakness.COMMON,)),
        ("1212121212", (Weakness.COMMON,)),
        ("111", (Weakness.TOO_SHORT, Weakness.COMMON)),
        ("", (Weakness.TOO_SHORT, Weakness.COMMON)),
    ],
)
def test_weaknesses(password: str, expected: tuple[Weakness, ...]) -> None:
    assert weaknesses(password, EMAIL) == expected


def test_no_email_is_no_weakness() -> None:
    assert weaknesses("a good passphrase", "") == ()


def test_one_time_passwords_are_readable_strong_and_different() -> None:
    made = {one_time_password() for _ in range(300)}
    assert len(made) == 300
    assert all(re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", one) for one in made)
    assert not set("".join(made)) & set("0O1lIo")
    assert all(weaknesses(one, EMAIL) == () for one in made)

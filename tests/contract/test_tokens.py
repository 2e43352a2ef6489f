"""Access tokens against a provider on loopback: what is taken, every way to forge one, keys that change or are away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.errors import IssuerUnavailableError, UnauthenticatedError
from api.tokens import AGAIN_SECONDS, FRESH_SECONDS, LEEWAY_SECONDS, Issuer, SigningKeys, Tokens
from tests.issuer import AUDIENCE, Provider, providing, rsa_key


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(provider: Provider, clock: Clock) -> Tokens:
    issuer = Issuer(issuer=provider.url, audience=AUDIENCE)
    return Tokens(keys=SigningKeys(issuer=issuer, clock=clock))


async def refused(tokens: Tokens, token: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        await tokens.read(token)
    assert caught.value.given
    return str(caught.value)


async def test_a_right_token_names_its_subject_and_those_of_its_scopes_that_are_ours(
    tokens: Tokens, provider: Provider
) -> None:
    bearer = await tokens.read(provider.token(headers={"typ": "at+jwt"}))
    assert (bearer.subject, bearer.scopes) == ("desk-7", {"read", "cypher"})
    listed = await tokens.read(provider.token(scope=["whymove:ingest"]))
    assert listed.scopes == {"ingest"}


async def test_elliptic_keys_sign_as_well(tokens: Tokens, provider: Provider) -> None:
    provider.keys["e1"] = ec.generate_private_key(ec.SECP256R1())
    assert (await tokens.read(provider.token("e1", algorithm="ES256"))).subject == "desk-7"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"aud": "https://other.test"}, "another audience"),
        ({"aud": None}, "lacks a claim"),
        ({"iss": "https://other.test"}, "another issuer"),
        ({"exp": -LEEWAY_SECONDS - 60}, "has expired"),
        ({"exp": None}, "lacks a claim"),
        ({"iat": None}, "lacks a claim"),
        ({"iat": LEEWAY_SECONDS + 600}, "not yet valid"),
        ({"nbf": LEEWAY_SECONDS + 600}, "not yet valid"),
        ({"sub": None}, "lacks a claim"),
        ({"headers": {"typ": "logout+jwt"}}, "no access token"),
        ({"headers": {"crit": ["exp"]}}, ""),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(
    tokens: Tokens, provider: Provider, changes: dict[str, object], words: str
) -> None:
    now = int(time.time())  # seconds of `changes` are from now, which is not when tests were collected
    given = {name: now + value if isinstance(value, int) else value for name, value in changes.items()}
    assert words in await refused(tokens, provider.token(**given))


async def test_clocks_may_differ_by_the_leeway(tokens: Tokens, provider: Provider) -> None:
    now = int(time.time())
    assert await tokens.read(provider.token(exp=now - LEEWAY_SECONDS // 2, iat=now + LEEWAY_SECONDS // 2))


async def test_a_token_without_a_signature_is_refused(tokens: Tokens, provider: Provider) -> None:
    head, claims, _ = provider.token().split(".")
    unsigned = jwt.encode({"sub": "x"}, None, algorithm="none", headers={"kid": "k1"}).split(".")[0]  # type: ignore[arg-type]
    assert "algorithm" in await refused(tokens, f"{unsigned}.{claims}.")
    assert await refused(tokens, f"{head}.{claims}.")


async def test_the_public_key_is_no_shared_secret(tokens: Tokens, provider: Provider) -> None:
    public = provider.keys["k1"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","typ":"JWT","kid":"k1"}').decode()
    claims = provider.token().split(".")[1]
    signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = jwt.utils.base64url_encode(signer.sign(f"{head}.{claims}".encode(), pem)).decode()
    assert "algorithm" in await refused(tokens, f"{head}.{claims}.{signature}")


async def test_a_shared_key_in_the_set_signs_nothing(tokens: Tokens, provider: Provider) -> None:
    token = provider.token("shared", key=b"s" * 64, algorithm="HS256")
    assert "algorithm" in await refused(tokens, token)


async def test_another_key_under_a_known_name_is_refused(tokens: Tokens, provider: Provider) -> None:
    assert "signature" in await refused(tokens, provider.token(key=rsa_key()))


async def test_a_short_key_is_not_taken(tokens: Tokens, provider: Provider) -> None:
    provider.keys["short"] = rsa_key(1024)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = provider.token("short")
    assert "does not have" in await refused(tokens, token)


@pytest.mark.parametrize("text", ["a.b.c", "..", "x" * 9000, "e30.e30.e30", "\u00e9.\u00e9.\u00e9"])
async def test_what_is_no_token_is_refused_in_words_that_do_not_hold_it(tokens: Tokens, text: str) -> None:
    assert text not in await refused(tokens, text)


async def test_a_key_that_is_new_is_looked_for_and_one_that_was_taken_back_goes(
    tokens: Tokens, provider: Provider, clock: Clock
) -> None:
    old = provider.token()
    assert await tokens.read(old)
    provider.keys = {"k2": rsa_key()}
    clock.now += AGAIN_SECONDS
    assert await tokens.read(provider.token("k2"))
    assert "does not have" in await refused(tokens, old)
    assert provider.asked == 2


async def test_a_key_that_was_taken_back_goes_when_what_is_kept_is_old(
    tokens: Tokens, provider: Provider, clock: Clock
) -> None:
    old = provider.token()
    assert await tokens.read(old)
    provider.keys = {"k2": rsa_key()}
    assert await tokens.read(old)
    clock.now += FRESH_SECONDS
    assert "does not have" in await refused(tokens, old)


async def test_a_flood_of_unknown_keys_makes_one_look(tokens: Tokens, provider: Provider, clock: Clock) -> None:
    assert await tokens.read(provider.token())
    clock.now += AGAIN_SECONDS
    forged = [provider.token(key=provider.keys["k1"], headers={"kid": f"no-{number}"}) for number in range(50)]
    said = await asyncio.gather(*(refused(tokens, token) for token in forged))
    assert all("does not have" in words for words in said)
    assert provider.asked == 2


async def test_an_issuer_that_is_away_locks_nobody_out_whose_key_is_known(
    tokens: Tokens, provider: Provider, clock: Clock
) -> None:
    token = provider.token()
    assert await tokens.read(token)
    provider.up = False
    clock.now += FRESH_SECONDS
    assert await tokens.read(token)


async def test_an_issuer_that_never_answered_is_said_to_be_away(
    tokens: Tokens, provider: Provider, clock: Clock
) -> None:
    provider.up = False
    token = provider.token()
    for _ in range(20):
        with pytest.raises(IssuerUnavailableError):
            await tokens.read(token)
    provider.up = True
    clock.now += AGAIN_SECONDS
    assert await tokens.read(token)


async def test_the_discovery_document_of_another_issuer_is_not_followed(tokens: Tokens, provider: Provider) -> None:
    provider.claimed_issuer = "https://other.test"
    with pytest.raises(IssuerUnavailableError):
        await tokens.read(provider.token())
    assert provider.asked == 0

"""REC-5: what the broker signs verifies, and nothing else does."""

from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters import signatures


def test_signing_is_that_of_others() -> None:
    """REC-5: BLAKE2b with a key, as `openssl mac ... BLAKE2BMAC` has it, in a URL's base64."""
    signed = signatures.sign(b"Jefe", "what do ya want for nothing?")

    assert signed == "RKS35wu03PdBanZN28RIUjgoNgXdd4HcHqfhziJweDQ"


@given(text=st.text(), other=st.text(), secret=st.binary(min_size=1, max_size=63))
def test_a_signature_is_good_for_its_text_and_secret_only(
    text: str, other: str, secret: bytes
) -> None:
    """REC-5: for that file only."""
    signature = signatures.sign(secret, text)

    assert signatures.verify(secret, text, signature)
    assert signatures.verify(secret, other, signature) is (text == other)
    assert not signatures.verify(secret + b"x", text, signature)
    assert not signatures.verify(secret, text, signature[:-1])
    assert not signatures.verify(secret, text, signature + "=")


@given(garbage=st.text(st.characters()))
def test_a_signature_may_be_any_text(garbage: str) -> None:
    """REC-5: a made-up one is refused and is no error, lone surrogates included."""
    assert not signatures.verify(b"secret", "text", garbage)

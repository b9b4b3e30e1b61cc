"""All that a world keeps secret, behind one port: passwords, signatures, keys of recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from broker_sim.adapters import passwords, signatures, vault
from broker_sim.adapters.passwords import PasswordCost
from broker_sim.contract import limits, recording
from broker_sim.core.access import PortalKey


class WorldVault:
    """The vault of one world.

    Args:
        secret: 32 bytes; signs URLs and derives the keys of files. Random and kept in the
            database in a served world; made from the seed in a world for tests, whose keys
            are therefore known to whoever knows the seed.
        take: gives fresh random bytes.
        cost: how slow passwords are hashed. SEC-1.
    """

    def __init__(self, secret: bytes, take: Callable[[int], bytes], cost: PasswordCost) -> None:
        self._secret = secret
        self._keyed = signatures.keyed(secret)
        self._take = take
        self._cost = cost
        self._decoy = passwords.decoy(cost)

    def check_password(self, password: str, stored: str | None) -> bool:
        """Compare in constant time; for None do the same work and say no. LOGON-2."""
        right = passwords.check_password(password, stored or self._decoy)
        return right and stored is not None

    def checks_quickly(self, stored: str | None) -> bool:
        """Tell whether `check_password` takes too little time to be done in a thread."""
        return passwords.is_quick(stored or self._decoy)

    def hash_password(self, password: str) -> str:
        """Give a salted slow hash. SEC-1."""
        return passwords.hash_password(password, self._take(16), self._cost)

    def digest(self, secret: str) -> bytes:
        """Give the SHA-256 by which a secret is looked up."""
        return hashlib.sha256(secret.encode()).digest()

    def sign(self, text: str) -> str:
        """Give an unforgeable signature that may stand in a URL."""
        return signatures.sign_with(self._keyed, text)

    def verify(self, text: str, signature: str) -> bool:
        """Tell whether the signature is ours, in constant time."""
        return signatures.verify(self._secret, text, signature)

    def default_key(self, portal: str, version: int) -> PortalKey:
        """Make a default wrapping key; in one world, of one portal and version, always it."""
        kek, _ = vault.derive_file_secrets(self._secret, f"default key/{portal}/{version}")
        return PortalKey(version, secured=False, kek=kek, kdf=recording.KDF_DEFAULT_KEY)

    def secured_key(self, portal: str, version: int, passphrase: str) -> PortalKey:  # noqa: ARG002  the port names the portal; the salt makes the key its own
        """Make a wrapping key from a security key; slow."""
        salt = self._take(recording.SALT_BYTES)
        kek = vault.derive_kek(passphrase, salt)
        return PortalKey(version, secured=True, kek=kek, kdf=recording.KDF_SECURITY_KEY, salt=salt)

    def seal(
        self, key: PortalKey, key_id: str, plain: bytes, *, again: bool
    ) -> tuple[bytes, bytes]:
        """Seal a file; give the sealed bytes and the wrapped data key. REC-8.

        A data key that is drawn fresh is nowhere but in its wrapping. One that must come out
        the same again is derived from the world's secret, the key id and the text, so that
        no two texts share a nonce.
        """
        if again:
            digest = hashlib.sha256(plain).digest()
            dek, salt = vault.derive_file_secrets(self._secret, key_id, digest)
        else:
            dek, salt = self._take(recording.KEY_BYTES), self._take(recording.SALT_BYTES)
        return vault.seal_bytes(dek, salt, key_id, plain), vault.wrap(key.kek, dek)

    def seal_pieces(
        self, key: PortalKey, key_id: str, plain: Iterator[bytes]
    ) -> tuple[Iterator[bytes], bytes]:
        """Seal a file piece by piece; give the sealed pieces and the wrapped data key. REC-8."""
        dek, salt = self._take(recording.KEY_BYTES), self._take(recording.SALT_BYTES)
        return vault.seal(dek, salt, key_id, plain), vault.wrap(key.kek, dek)

    def content_key(self, key: PortalKey, wrapped: bytes) -> bytes | None:
        """Give the data key of one file; None where this key did not wrap it. REC-8."""
        try:
            return vault.unwrap(key.kek, wrapped)
        except vault.WrongKey:
            return None

    def seal_frame(self, key: bytes, bound: bytes, plain: bytes) -> bytes:
        """Seal a message for a session's channel. CHAN-1."""
        return vault.seal_frame(key, self._take(limits.CHANNEL_IV_BYTES), bound, plain)

    def open_frame(self, key: bytes, bound: bytes, frame: bytes) -> bytes | None:
        """Open a frame; None for one that was changed, or is tied to something else. CHAN-1."""
        try:
            return vault.open_frame(key, bound, frame)
        except vault.Damaged:
            return None

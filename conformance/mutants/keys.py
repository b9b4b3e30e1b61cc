"""Brokers that seal wrongly or give keys away: REC-2, REC-3, REC-4, REC-7, REC-8."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core.access import PortalKey
from broker_sim.core.record import Session
from broker_sim.core.refusal import Refused
from conformance.mutants.registry import Original, mutant

_ENCRYPTED: Final = "broker_sim.core.access.is_encrypted"
_SEAL: Final = "broker_sim.adapters.vault.seal_bytes"
_WORLD: Final = "broker_sim.adapters.world_vault.WorldVault"
_DERIVE: Final = "broker_sim.adapters.vault.derive_kek"
_SESSIONS: Final = "broker_sim.service.sessions"
_SCREENS: Final = ("LocalScreen", "RemoteScreen")


@mutant("REC-2", at=_ENCRYPTED)
def chats_are_never_sealed(_is_encrypted: Original) -> Original:
    """With a security key set, only the screens are encrypted."""
    return lambda channel, *, secured: channel in _SCREENS  # noqa: ARG005  the rule's own argument


@mutant("REC-2", at=_ENCRYPTED)
def nothing_is_sealed_without_a_security_key(is_encrypted: Original) -> Original:
    """Without a security key the screens are stored in clear, too."""
    return lambda channel, *, secured: secured and is_encrypted(channel, secured=True)


def _sealed(change: Callable[[bytes], bytes]) -> Callable[[Original], Original]:
    """Change every sealed file; its size and digest are told of what is sent."""

    def wrap(seal: Original) -> Original:
        return lambda *given: change(seal(*given))

    return wrap


@mutant("REC-3", at=_SEAL)
def recordings_are_cut_short(seal: Original) -> Original:
    """The end of a recording is missing, as after a crash, and it is handed out as whole."""
    return _sealed(lambda data: data[: len(data) * 2 // 3])(seal)


@mutant("REC-3", at=_SEAL)
def the_last_record_is_damaged(seal: Original) -> Original:
    """The tag of the last record is wrong."""
    return _sealed(lambda data: data[:-1] + bytes([data[-1] ^ 1]))(seal)


@mutant("REC-3", at="broker_sim.adapters.vault._bind")
def files_are_not_bound_to_their_names(bind: Original) -> Original:
    """A file's key is not tied to its name, so files could be swapped unnoticed."""
    return lambda dek, _key_id: bind(dek, "")


@mutant("REC-3", at="broker_sim.adapters.vault._delimiter")
def the_last_record_is_not_marked(_delimiter: Original) -> Original:
    """The last record looks like any other, so a cut at a record's border shows nowhere."""
    return lambda *, last: b"\x01"  # noqa: ARG005  the format's own argument


@mutant("REC-3", at="broker_sim.adapters.vault._Body._nonce")
def all_records_have_one_nonce(_nonce: Original) -> Original:
    """Every record of a file is sealed with the same nonce, so records could be exchanged."""
    return lambda body, _index: body.nonce.to_bytes(12, "big")


@mutant("REC-4", at=_DERIVE)
def passphrases_are_cut_at_a_space(derive: Original) -> Original:
    """Only the first word of a security key counts."""
    return lambda passphrase, salt: derive(passphrase.partition(" ")[0], salt)


@mutant("REC-4", at=f"{_SESSIONS}._after_recording")
def the_newest_key_seals_older_sessions(after_recording: Original) -> Original:
    """A file is sealed under the key of when it is first asked for, not of its session's end."""

    def newest(call: Any, held: Any) -> Any:
        return after_recording(call, replace(held, key_version=0))

    return newest


@mutant("REC-4", at=f"{_WORLD}.secured_key")
def the_first_security_key_stays(secured_key: Original) -> Original:
    """A security key that is set later is taken down and not used."""
    first: dict[str, str] = {}

    def stuck(vault: Any, portal: str, version: int, passphrase: str) -> Any:
        return secured_key(vault, portal, version, first.setdefault(portal, passphrase))

    return stuck


@mutant("REC-7", at="broker_sim.adapters.redaction.redact")
def the_journal_keeps_keys(_redact: Original) -> Original:
    """The journal keeps every message as it was."""
    return lambda body: body.decode(errors="replace")


@mutant("REC-7", at=f"{_SESSIONS}.get_default_key")
def a_fault_tells_the_key(get_default_key: Original) -> Original:
    """The fault that refuses a key has the key in its sentence."""

    def chatty(call: Any, key_version: int) -> Any:
        try:
            return get_default_key(call, key_version)
        except Refused as refused:
            key = call.tx.key(call.portal, key_version)
            if key is None:
                raise
            text = f"{refused.fault.text} ({key.kek.hex()})"
            raise Refused(replace(refused.fault, text=text), **refused.extra) from None

    return chatty


@mutant("REC-8", at=f"{_WORLD}.seal")
def all_files_share_a_data_key(seal: Original) -> Original:
    """All files of a portal are sealed under one data key and salt: a constant nonce."""

    def shared(vault: Any, key: PortalKey, key_id: str, plain: bytes, **more: Any) -> Any:
        vault = _Constant(vault, key)
        return seal(vault, key, key_id, plain, **{**more, "again": False})

    return shared


class _Constant:
    """A vault that draws the same bytes for the same key."""

    def __init__(self, vault: Any, key: PortalKey) -> None:
        self._vault = vault
        self._key = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)

    def _take(self, count: int) -> bytes:
        return bytes(reversed(self._key.kek))[:count]


@mutant("REC-8", at=f"{_SESSIONS}.get_default_key")
def security_keys_are_handed_out(get_default_key: Original) -> Original:
    """A wrapping key that was made from the security key is handed out like a default one."""

    def generous(call: Any, key_version: int) -> Any:
        key = call.tx.key(call.portal, key_version)
        if key is None or not key.secured:
            return get_default_key(call, key_version)
        return replace(get_default_key(_as_default(call), key_version), key=key.kek)

    return generous


def _as_default(call: Any) -> Any:
    """Give a call whose transaction takes every key for a default one."""

    class Lenient:
        def key(self, portal: str, version: int) -> Any:
            return replace(call.tx.key(portal, version), secured=False)

    return replace(call, tx=Lenient())


@mutant("REC-8", at=f"{_SESSIONS}.get_default_key")
def secured_versions_look_unknown(get_default_key: Original) -> Original:
    """A version made from a security key is refused as if there were none."""

    def vague(call: Any, key_version: int) -> Any:
        try:
            return get_default_key(call, key_version)
        except Refused as refused:
            if refused.fault is not faults.SECURITY_KEY_REQUIRED:
                raise
            reason = "the portal has no key of that version"
            raise Refused(faults.INVALID_ARGUMENT, field="keyVersion", reason=reason) from None

    return vague


@mutant("REC-8", at=f"{_SESSIONS}.with_urls")
def old_files_name_the_newest_key(with_urls: Original) -> Original:
    """Every file tells the portal's newest key version, whichever wrapped its key."""

    def renamed(world: Any, session: Session, now: datetime) -> Any:
        with world.store.reading() as tx:
            newest = tx.key(session.portal).version
        files: Sequence[Any] = [
            replace(file, key_version=newest) if file.encrypted else file for file in session.files
        ]
        return with_urls(world, replace(session, files=tuple(files)), now)

    return renamed


def _passphrase(change: Callable[[str], str]) -> Callable[[Original], Original]:
    """Make keys of a passphrase that was changed."""
    return lambda derive: lambda passphrase, salt: derive(change(passphrase), salt)


@mutant("REC-4", at=_DERIVE)
def passphrases_are_trimmed(derive: Original) -> Original:
    """Blanks around a security key do not count."""
    return _passphrase(str.strip)(derive)


@mutant("REC-4", at=_DERIVE)
def passphrases_have_no_case(derive: Original) -> Original:
    """Large letters of a security key are made small."""
    return _passphrase(str.lower)(derive)


@mutant("REC-4", at=_DERIVE)
def passphrases_are_cut_at_72_bytes(derive: Original) -> Original:
    """Of a security key the first 72 bytes count, as some hashes have it."""
    return _passphrase(lambda text: text.encode()[:72].decode("utf-8", "ignore"))(derive)


@mutant("REC-4", at=_DERIVE)
def passphrases_are_of_latin_1(derive: Original) -> Original:
    """Letters beyond ISO-8859-1 become question marks in a security key."""
    return _passphrase(lambda text: text.encode("latin-1", "replace").decode("latin-1"))(derive)


@mutant("REC-4", at=_DERIVE)
def passphrases_are_folded_too_far(derive: Original) -> Original:
    """A security key is brought into NFKC instead of NFC."""
    return _passphrase(lambda text: unicodedata.normalize("NFKC", text))(derive)


@mutant("REC-8", at=f"{_SESSIONS}.get_default_key")
def the_newest_default_key_is_handed_out(get_default_key: Original) -> Original:
    """Of whichever version a default key is asked for, the newest one comes."""

    def newest(call: Any, key_version: int) -> Any:
        told = get_default_key(call, key_version)
        last = call.tx.key(call.portal)
        return told if last.secured else replace(told, key=last.kek)

    return newest

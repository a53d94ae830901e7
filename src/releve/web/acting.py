"""How a form becomes an entry: hand it to the recorder, wait until it shows, say so; never repeat it blindly.

A page writes::

    draft = ...                                    # from its room's rules, author and source left empty
    receipt = record_act(request, draft)           # durable when it returns
    shown = wait_until_folded(receipt)
    return saved(request, receipt, "/ward/2140/", what=_("bed 207"), shown=shown)

What can go wrong is raised as `NotRecorded`, which the shell answers with a page in words. A form carries
`{% act_key %}`, so that pressing twice is one act.
"""

import logging
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from django.db import DatabaseError, connection, connections, router
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from releve.journal.entry import Draft, Receipt
from releve.journal.errors import (
    DraftRefused,
    JournalError,
    RecorderGone,
    RecorderUnreachable,
    StorageFailed,
    StorageFull,
)
from releve.web import settling
from releve.web.database import data_folder, follow_views
from releve.web.outbox.late import source_of
from releve.web.recorders import Appends, Recorders
from releve.web.runtime.tables import FormKey
from releve.web.shell import now_ms

__all__ = [
    "NotRecorded", "Saved", "new_key", "receipt_of", "record_act", "record_beside", "saved", "set_noticed",
    "take_receipt", "use_recorder", "wait_until_folded",
]  # fmt: skip

_log = logging.getLogger("releve.web")

# A workstation may be carried home in a bag over a long week-end with acts that wait in it.
_KEYS_KEPT_MS = 14 * 24 * 3600 * 1000
_FORGET_EVERY_SECONDS = 60.0
_POLL_SECONDS = 0.01
# How long the same form, pressed again, waits for what its first press becomes.
_TWIN_SECONDS = 2.0


class NotRecorded(Exception):
    """The recorder did not confirm. `may_have_arrived`: it may be there, look before repeating; `disk`: no room."""

    def __init__(self, *, may_have_arrived: bool, disk: bool = False) -> None:
        super().__init__("recorder: expected a receipt")
        self.may_have_arrived = may_have_arrived
        self.disk = disk


class Saved(NamedTuple):
    """What the next page says of an act: when it was recorded, what, and whether the pages already show it."""

    at_ms: int
    what: str
    shown: bool
    log: str = ""
    place: int | None = None  # its index in that log
    copied: bool = False  # from a paper form, whose number was typed

    @property
    def entry(self) -> str:
        """The place of the entry, as the next question about it is asked; "" when it is not known."""
        return f"{self.log}#{self.place}" if self.log else ""

    @property
    def noticed(self) -> str:
        """What is to be read again of the paper it was copied from, in words; "" for nothing. It stays as recorded."""
        return _noticed(self.entry) if self.copied and self.shown else ""


def _nothing(entry: str) -> str:
    return ""


_noticed: Callable[[str], str] = _nothing


def set_noticed(noticed: Callable[[str], str]) -> None:
    """Take the function that says what is to be read again of the paper an entry was copied from."""
    global _noticed
    _noticed = noticed


@lru_cache(maxsize=8)
def _client(socket: Path) -> Appends:
    from releve.journal.client import Recorder

    return Recorders(lambda: Recorder(socket))


def _over_the_socket() -> Appends:
    return _client(data_folder() / "runtime" / "recorder.sock")


_recorder: Callable[[], Appends] = _over_the_socket


def use_recorder(factory: Callable[[], Appends] | None) -> None:
    """Take another way to the recorder (commands that run inside it, tests); None goes back to the socket."""
    global _recorder
    _recorder = factory or _over_the_socket


def new_key() -> str:
    """Return a key that makes one form one act."""
    return secrets.token_urlsafe(18)


def _key_of(request: HttpRequest, who: str) -> str:
    key = (request.POST.get("act_key") or "")[:64]
    # The same words typed by another person are another act.
    return f"{who}.{key}"[:64] if key else ""


def _became(taken: FormKey) -> Receipt | None:
    if not taken.log:
        return None
    origin, _, epoch = taken.log.rpartition("/")
    return Receipt(origin, int(epoch), taken.index, taken.recorded_at_us)


def _keep(key: str, receipt: Receipt) -> None:
    FormKey.objects.filter(key=key).update(
        log=f"{receipt.origin}/{receipt.epoch}", index=receipt.index, recorded_at_us=receipt.recorded_at_us
    )


def _settled(key: str, act: str, who: str) -> Receipt | None:
    """Return what a form already became: as noted, or as the journal says where the note was lost.

    Raises:
        NotRecorded: the journal cannot be read either.
    """
    taken = FormKey.objects.filter(key=key).first()
    if taken is None:
        return None
    receipt = _became(taken)
    if receipt is None and act:
        try:
            receipt = settling.find_act(data_folder(), act, author=who, since_ms=taken.at_ms)
        except (JournalError, OSError) as error:
            raise NotRecorded(may_have_arrived=True) from error
        if receipt is not None:
            _keep(key, receipt)
    return receipt


def receipt_of(request: HttpRequest) -> Receipt | None:
    """Return the receipt of this very form when the person signed in has sent it before; None otherwise.

    Asked before the rules run: what the form records may by now be a reason to refuse it.

    Raises:
        NotRecorded: it was taken, and what became of it cannot be read.
    """
    person = getattr(request, "person", None)
    who = person.code if person else ""
    key = _key_of(request, who) if who else ""
    return _settled(key, request.POST.get("act_key", ""), who) if key else None


def _claim(key: str, act: str, who: str) -> Receipt | None:
    """Take the key, or return what the form already became.

    `act` is the key as the entry holds it, "" when it does not: only an entry that names its act can be looked for,
    and, not found after a while, be sent again (twice in the journal it would still be one act).

    Raises:
        NotRecorded: the key was taken and nobody knows yet what became of it.
    """
    _forget_old_keys()
    until = time.monotonic() + _TWIN_SECONDS
    while True:
        if _take(key):
            return None
        taken = FormKey.objects.filter(key=key).first()
        if taken is None:
            continue  # given back between the two questions
        receipt = _became(taken)
        if receipt is not None:
            return receipt
        # Pressed twice: the first press is on its way. Older: its process or its recorder died under it.
        if now_ms() - taken.at_ms > settling.IN_FLIGHT_MS:
            receipt = _settled(key, act, who)
            if receipt is not None:
                return receipt
            same = FormKey.objects.filter(key=key, log="", at_ms=taken.at_ms)
            if act and same.update(at_ms=now_ms()):
                return None
            raise NotRecorded(may_have_arrived=True)
        if time.monotonic() >= until:
            raise NotRecorded(may_have_arrived=True)
        time.sleep(_POLL_SECONDS)


def _take(key: str) -> bool:
    """Note the key and tell whether it was free: one statement, so that no thread sleeps while it holds the file."""
    with connections[router.db_for_write(FormKey)].cursor() as cursor:
        cursor.execute(
            'INSERT INTO runtime_form_key (key, log, "index", recorded_at_us, at_ms) '
            "VALUES (%s, '', -1, 0, %s) ON CONFLICT DO NOTHING",
            [key, now_ms()],
        )
        return bool(cursor.rowcount)


_forgot: tuple[Path | None, float] = (None, 0.0)


def _forget_old_keys() -> None:
    """Remove keys that no workstation holds any more; now and then, for each time takes the file for itself."""
    global _forgot
    data, now = data_folder(), time.monotonic()
    if _forgot[0] != data or now - _forgot[1] > _FORGET_EVERY_SECONDS:
        _forgot = (data, now)
        FormKey.objects.filter(at_ms__lt=now_ms() - _KEYS_KEPT_MS).delete()


def _give_back(key: str) -> None:
    FormKey.objects.filter(key=key).delete()


def record_act(request: HttpRequest, draft: Draft, *, author: str | None = None) -> Receipt:
    """Return the place the act durably has. Fills author (the person signed in) and source (this screen).

    `author` names somebody else only where nobody is signed in yet (first administrator).

    Raises:
        NotRecorded: no receipt came; the shell answers in words.
        DraftRefused: our own mistake, the recorder will never take it.
    """
    person = getattr(request, "person", None)
    who = author if author is not None else (person.code if person else "")
    filled = msgspec.structs.replace(draft, author=who, source=draft.source or source_of(request))
    key = _key_of(request, who)
    if key:
        before = _claim(key, settling.act_in(draft, request.POST.get("act_key", "")), who)
        if before is not None:
            return _given(request, before)
    try:
        (receipt,) = _recorder().append([filled])
    except StorageFull as error:
        _give_back(key)
        raise NotRecorded(may_have_arrived=False, disk=True) from error
    except DraftRefused:
        _give_back(key)
        raise
    except RecorderGone as error:
        never_sent = isinstance(error, RecorderUnreachable)
        if never_sent:
            _give_back(key)
        raise NotRecorded(may_have_arrived=not never_sent) from error
    except StorageFailed as error:
        raise NotRecorded(may_have_arrived=True, disk=True) from error
    except JournalError as error:
        _give_back(key)
        raise NotRecorded(may_have_arrived=False) from error
    if key:
        _keep(key, receipt)
    return _given(request, receipt)


def record_beside(request: HttpRequest, draft: Draft) -> Receipt:
    """Return the place of an entry that a form's own act needs first, such as the numbers it is given.

    Raises:
        NotRecorded: no receipt came; the act itself was not sent, so the form may be sent again.
    """
    person = getattr(request, "person", None)
    filled = msgspec.structs.replace(
        draft, author=person.code if person else "", source=draft.source or source_of(request)
    )
    try:
        (receipt,) = _recorder().append([filled])
    except JournalError as error:
        raise NotRecorded(
            may_have_arrived=False, disk=isinstance(error, StorageFull | StorageFailed)
        ) from error
    return receipt


def _given(request: HttpRequest, receipt: Receipt) -> Receipt:
    # Read by the outbox, which asks for receipts and not for pages.
    request.outbox_receipt = receipt  # type: ignore[attr-defined]
    return receipt


def _folded(log: str, index: int) -> bool:
    # Raw, not through the ORM: asked fifty times a second, and both keys are text and number on every engine.
    with connection.cursor() as cursor:
        cursor.execute('SELECT 1 FROM views_position WHERE log = %s AND "index" > %s', [log, index])
        if cursor.fetchone():
            return True
        cursor.execute('SELECT 1 FROM views_ahead WHERE log = %s AND "index" = %s', [log, index])
        return cursor.fetchone() is not None


def wait_until_folded(receipt: Receipt, seconds: float = 2.0) -> bool:
    """Tell whether the pages show this entry, waiting at most `seconds`. False is no failure: the entry is safe."""
    log = f"{receipt.origin}/{receipt.epoch}"
    until = time.monotonic() + seconds
    while True:
        try:
            follow_views()
            if _folded(log, receipt.index):
                return True
        except DatabaseError:
            # The views are being swapped or built; the entry does not depend on them.
            connection.close()
        if time.monotonic() >= until:
            return False
        time.sleep(_POLL_SECONDS)


def saved(
    request: HttpRequest, receipt: Receipt, to: str, *, what: str = "", shown: bool = True
) -> HttpResponseRedirect:
    """Return the redirect after an act; the next page says "saved here", once.

    `what` is words without a patient's values: sessions are not the journal.
    """
    request.session["receipt"] = [
        receipt.recorded_at_us // 1000, what, shown, f"{receipt.origin}/{receipt.epoch}", receipt.index,
        bool(request.POST.get("paper", "").strip()),
    ]  # fmt: skip
    return HttpResponseRedirect(to)


def take_receipt(request: HttpRequest) -> Saved | None:
    """Return what became of the act that led to this page and forget it; None when there was none."""
    session: Any = getattr(request, "session", None)
    if session is None or request.method != "GET":
        return None
    kept = session.pop("receipt", None)
    return Saved(*kept) if kept else None


def safe_next(request: HttpRequest, given: str | None, otherwise: str) -> str:
    """Return an address inside this island to go on to; anything else becomes `otherwise`."""
    if given and url_has_allowed_host_and_scheme(given, allowed_hosts=None) and given.startswith("/"):
        return given
    return otherwise


class Answers:
    """Middleware: answer `NotRecorded` with a page in words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self._next(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of an act that was not confirmed."""
        if not isinstance(exception, NotRecorded):
            return None
        from releve.web import errors

        _log.warning("an act was not confirmed by the recorder")
        return errors.cannot_record(request, may_have_arrived=exception.may_have_arrived, disk=exception.disk)
